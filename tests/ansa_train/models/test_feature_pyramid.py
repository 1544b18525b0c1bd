from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from ansa_train.export.heads import export_head
from ansa_train.models.feature_pyramid import Detector, Likeliest, mirrored

SHAPES = {
    "features": (16,),
    "stride8": (8, 8, 8),
    "stride16": (12, 4, 4),
    "stride32": (20, 2, 2),
}


def detector() -> Detector:
    torch.manual_seed(0)
    made = Detector(SHAPES, 16, 5, (0, 1, 2), 6)
    for parameter in made.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return made.eval()


def inputs(n: int) -> list[Tensor]:
    torch.manual_seed(n)
    return [torch.randn(n, *shape) for shape in SHAPES.values()]


@pytest.mark.parametrize("n", [1, 3])
def test_each_grid_gives_logits_and_boxes_around_its_cells(n: int) -> None:
    for (logits, boxes), side in zip(detector()(*inputs(n)), (8, 4, 2), strict=True):
        assert logits.shape == (n, 5, side, side)
        assert boxes.shape == (n, 4, side, side)
        middle = (torch.arange(side) + 0.5) / side
        assert (boxes[:, 0] < middle[None, None, :]).all()
        assert (boxes[:, 3] > middle[None, :, None]).all()


def test_what_ships_gives_what_was_trained_for_any_number_of_photos() -> None:
    shipped = Likeliest(detector(), 7)
    graph = export_head(shipped, tuple(SHAPES), SHAPES)
    assert graph.shape == (7, 6)
    session = onnxruntime.InferenceSession(graph.model, providers=["CPUExecutionProvider"])
    for n in (1, 3):
        values = inputs(n)
        feeds = {name: value.numpy() for name, value in zip(SHAPES, values, strict=True)}
        (found,) = session.run(None, feeds)
        with torch.no_grad():
            wanted = shipped(*values).numpy()
        np.testing.assert_allclose(found[:, :, 4], wanted[:, :, 4], atol=0.02)
        np.testing.assert_array_equal(found[:, 0, 5], wanted[:, 0, 5])


def test_mirrored_boxes_lie_around_the_mirrored_cells_and_twice_is_as_before() -> None:
    _, boxes = detector()(*inputs(2))[0]
    there = mirrored(boxes)
    middle = (torch.arange(8) + 0.5) / 8
    assert ((there[:, 0] < middle) & (middle < there[:, 2])).all()
    torch.testing.assert_close(there[:, 2] - there[:, 0], (boxes[:, 2] - boxes[:, 0]).flip(-1))
    torch.testing.assert_close(mirrored(there), boxes)


class Says(nn.Module):
    """In place of a detector: always the same."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, *_: Tensor) -> list[tuple[Tensor, Tensor]]:
        boxes = torch.tensor([-0.5, 0.25, 0.5, 2.0])[None, :, None, None].expand(1, 4, 4, 4)
        return [(self.logits, boxes)]


def test_of_places_side_by_side_one_counts_for_a_class_and_a_place_may_give_two() -> None:
    logits = torch.full((1, 2, 4, 4), -9.0)
    logits[0, 1, 1, 1], logits[0, 1, 1, 2], logits[0, 0, 1, 1] = 3.0, 2.0, 1.0
    first, second, third = Likeliest(Says(logits), 3)(*inputs(1))[0].tolist()
    assert first == pytest.approx([0, 0.25, 0.5, 1, 0.9526, 1], abs=1e-4)
    assert second[4:] == pytest.approx([0.7311, 0], abs=1e-4)
    assert third[4] < 0.01
