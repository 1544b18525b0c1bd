from __future__ import annotations

import numpy as np
import pytest
import torch

from ansa_train.losses.centernet import Grid, box_loss, heat_loss, targets

GRID = Grid(16, 0.1, 0.6)


def known(*rows: tuple[float, ...]) -> list[np.ndarray]:
    return [np.array(rows, np.float32).reshape(-1, 6)]


def test_an_object_is_a_peak_at_its_centre_as_high_as_it_is_sure() -> None:
    wanted = targets(known((0.25, 0.5, 0.5, 0.9, 0.7, 2)), GRID, 3)
    assert wanted.sure.nonzero().tolist() == [[0, 2, 11, 6]]
    assert wanted.sure[0, 2, 11, 6] == pytest.approx(0.7)
    assert wanted.near[0, 2, 11, 6] == 1
    assert 0 < wanted.near[0, 2, 12, 6] < 1
    assert wanted.near[0, :2].sum() == 0
    assert wanted.weight.sum() == pytest.approx(0.7, abs=1e-5)
    assert wanted.boxes[0, :, 11, 6].tolist() == pytest.approx([0.25, 0.5, 0.5, 0.9])


def test_an_object_of_another_size_is_for_another_grid() -> None:
    wanted = targets(known((0, 0, 0.9, 0.2, 1, 0), (0.5, 0.5, 0.55, 0.55, 1, 1)), GRID, 3)
    assert wanted.sure.sum() == 0
    assert wanted.near.sum() == 0


def test_what_is_not_to_be_learned_costs_nothing_whatever_is_said_of_it() -> None:
    wanted = targets(known((0.25, 0.25, 0.5, 0.5, 0, 1)), GRID, 3)
    logits = torch.full((1, 3, 16, 16), -20.0)
    logits[0, 1, 4:8, 4:8] = 5.0
    assert heat_loss(logits, wanted) < 1e-6
    logits[0, 0, 4:8, 4:8] = 5.0
    assert heat_loss(logits, wanted) > 10


def test_the_small_one_of_two_objects_at_one_place_keeps_its_box() -> None:
    wanted = targets(known((0.4, 0.4, 0.6, 0.6, 1, 1), (0.25, 0.25, 0.75, 0.75, 1, 0)), GRID, 3)
    assert wanted.sure.sum() == 2
    assert wanted.boxes[0, :, 8, 8].tolist() == pytest.approx([0.4, 0.4, 0.6, 0.6])


def test_an_unlikely_object_does_not_take_the_cells_of_another() -> None:
    wanted = targets(known((0.4, 0.4, 0.6, 0.6, 0.1, 1), (0.25, 0.25, 0.75, 0.75, 1, 0)), GRID, 3)
    assert wanted.boxes[0, :, 8, 8].tolist() == pytest.approx([0.25, 0.25, 0.75, 0.75])


def test_gradients_lead_to_the_boxes_and_the_classes() -> None:
    rows = known((0.1, 0.2, 0.45, 0.5, 1, 2), (0.6, 0.55, 0.9, 0.95, 1, 0))
    wanted = targets(rows, GRID, 3)
    logits = torch.full((1, 3, 16, 16), -2.0, requires_grad=True)
    boxes = torch.tensor([0.3, 0.3, 0.7, 0.7])[None, :, None, None].expand(1, 4, 16, 16)
    boxes = boxes.clone().requires_grad_()
    optimizer = torch.optim.Adam([logits, boxes], 0.1)
    for _ in range(150):
        loss = heat_loss(logits, wanted) + box_loss(boxes, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert logits.sigmoid()[0, 2, 5, 4] > 0.8
    assert logits.sigmoid()[wanted.near == 0].max() < 0.15
    assert boxes[0, :, 5, 4].tolist() == pytest.approx([0.1, 0.2, 0.45, 0.5], abs=0.05)


def test_pictures_without_objects_have_a_loss_too() -> None:
    wanted = targets([np.zeros((0, 6), np.float32)] * 2, GRID, 3)
    assert torch.isfinite(heat_loss(torch.zeros(2, 3, 16, 16), wanted))
    assert box_loss(torch.rand(2, 4, 16, 16), wanted) == 0
