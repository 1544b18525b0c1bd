from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ansa_train.losses.task_alignment import AlignedTargets, box_loss, places, score_loss, targets

SIDES = (16, 8)
CENTRES, CELLS = places(SIDES)
CLASSES = 3


def known(*rows: tuple[float, ...]) -> list[np.ndarray]:
    return [np.array(rows, np.float32).reshape(-1, 6)]


def around(reach: float) -> Tensor:
    """Boxes that go as far to each side of every place, in its cells."""
    half = reach * CELLS[:, None]
    return torch.cat([CENTRES - half, CENTRES + half], dim=1).T[None]


def wanted(
    rows: list[np.ndarray], logits: Tensor | None = None, reach: float = 1.0
) -> AlignedTargets:
    if logits is None:
        logits = torch.full((len(rows), CLASSES, len(CELLS)), -4.0)
    boxes = around(reach).expand(len(rows), -1, -1)
    return targets(rows, logits, boxes, CENTRES, CELLS)


def test_places_are_the_middles_of_cells_row_by_row() -> None:
    assert CENTRES[1].tolist() == [1.5 / 16, 0.5 / 16]
    assert CENTRES[256 + 8].tolist() == [0.5 / 8, 1.5 / 8]
    assert CELLS[[0, 256]].tolist() == [1 / 16, 1 / 8]


def test_the_place_whose_box_fits_best_is_to_score_how_well_it_fits() -> None:
    # Just the box of one place of the coarse grid.
    x, y = CENTRES[256 + 27].tolist()
    made = wanted(known((x - 1 / 8, y - 1 / 8, x + 1 / 8, y + 1 / 8, 1, 2)))
    assert made.scores[0, 2].argmax() == 256 + 27
    assert made.scores[0, 2, 256 + 27] == pytest.approx(1, abs=1e-4)
    assert made.scores[0, :2].sum() == 0
    assert (made.scores > 0).sum() <= 9
    assert made.boxes[0, :, 256 + 27].tolist() == pytest.approx(
        [x - 1 / 8, y - 1 / 8, x + 1 / 8, y + 1 / 8]
    )


def test_an_object_that_is_only_likely_is_to_score_so_much_less() -> None:
    box = (0.25, 0.25, 0.5, 0.5)
    sure, likely = wanted(known((*box, 1, 0))), wanted(known((*box, 0.4, 0)))
    torch.testing.assert_close(likely.scores, 0.4 * sure.scores)


def test_of_places_that_fit_alike_the_one_that_knows_the_class_learns_most() -> None:
    logits = torch.full((1, CLASSES, len(CELLS)), -4.0)
    logits[0, 1, 5 * 16 + 6] = 2.0
    rows = known((0.3125, 0.25, 0.5625, 0.5, 1, 1))
    assert wanted(rows, logits, 2.0).scores[0, 1].argmax() == 5 * 16 + 6


@pytest.mark.parametrize("reach", [1e-3, 1.0])
def test_an_object_smaller_than_a_cell_is_learned_by_the_place_that_holds_it(reach: float) -> None:
    made = wanted(known((0.51, 0.51, 0.515, 0.515, 1, 0)), reach=reach)
    (where,) = torch.nonzero(made.weight[0], as_tuple=True)
    assert set(where.tolist()) <= {8 * 16 + 8, 256 + 4 * 8 + 4}
    assert len(where) > 0


def test_a_place_learns_one_of_two_objects_and_both_are_learned() -> None:
    rows = known((0.25, 0.25, 0.5, 0.5, 1, 0), (0.28, 0.25, 0.53, 0.5, 1, 1))
    made = wanted(rows)
    assert ((made.scores > 0).sum(dim=1) <= 1).all()
    assert (made.scores[0].amax(dim=1) > 0).tolist() == [True, True, False]


def test_what_is_not_to_be_learned_costs_nothing_whatever_is_said_of_it() -> None:
    made = wanted(known((0.25, 0.25, 0.5, 0.5, 0, 1)))
    inside = ((CENTRES > 0.25) & (CENTRES < 0.5)).all(dim=1)
    logits = torch.full((1, CLASSES, len(CELLS)), -20.0)
    logits[0, 1, inside] = 5.0
    assert score_loss(logits, made) < 1e-6
    logits[0, 0, inside] = 5.0
    assert score_loss(logits, made) > 10


def test_gradients_lead_to_the_boxes_and_the_classes() -> None:
    rows = known((0.1, 0.2, 0.45, 0.5, 1, 2), (0.6, 0.55, 0.9, 0.95, 1, 0))
    logits = torch.full((1, CLASSES, len(CELLS)), -2.0, requires_grad=True)
    boxes = around(1.0).clone().requires_grad_()
    optimizer = torch.optim.Adam([logits, boxes], 0.05)
    for _ in range(200):
        made = targets(rows, logits, boxes, CENTRES, CELLS)
        loss = score_loss(logits, made) + box_loss(boxes, made)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    for kind, box in ((2, [0.1, 0.2, 0.45, 0.5]), (0, [0.6, 0.55, 0.9, 0.95])):
        best = logits[0, kind].argmax()
        assert logits[0, kind, best].sigmoid() > 0.6
        assert boxes[0, :, best].tolist() == pytest.approx(box, abs=0.03)
    assert logits[0, 1].sigmoid().max() < 0.15


def test_pictures_without_objects_have_a_loss_too() -> None:
    made = wanted([np.zeros((0, 6), np.float32)] * 2)
    assert torch.isfinite(score_loss(torch.zeros(2, CLASSES, len(CELLS)), made))
    assert box_loss(torch.rand(2, 4, len(CELLS)), made) == 0
