"""A light feature pyramid over three strides of the backbone, with a detector on it.

Liu et al., "Path Aggregation Network" (2018): what coarse maps know goes to the finer ones, and
what those then see goes back. Layers are depthwise 5 x 5 convolutions, which cost little and see
far. What the whole photo shows, its features, says beforehand which classes to expect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

RARE = -4.6
"""Logit at the start: one place in a hundred finds something."""


class SeparableBlock(nn.Module):
    """A depthwise and a pointwise convolution beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = _separable(width)

    def forward(self, values: Tensor) -> Tensor:
        """(n, width, h, w) -> the same shape."""
        return F.relu(values + self.layers(values))


def _separable(width: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 5, stride, padding=2, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
    )


class Grid(nn.Module):
    """One grid's scores and boxes.

    Args:
        width: channels of the pyramid.
        classes: how many there are.
        mixes: layers before the last.
    """

    def __init__(self, width: int, classes: int, mixes: int) -> None:
        super().__init__()
        self.tower = nn.Sequential(*(SeparableBlock(width) for _ in range(mixes)))
        self.scores = nn.Conv2d(width, classes, 1)
        self.sides = nn.Conv2d(width, 4, 1)
        nn.init.normal_(self.scores.weight, std=0.01)
        nn.init.constant_(self.scores.bias, RARE)  # type: ignore[arg-type]
        nn.init.normal_(self.sides.weight, std=0.01)
        nn.init.constant_(self.sides.bias, 0.5)  # type: ignore[arg-type]

    def forward(self, values: Tensor, expected: Tensor) -> tuple[Tensor, Tensor]:
        """(n, width, s, s), (n, classes) -> logits (n, classes, s, s), boxes (n, 4, s, s)."""
        values = self.tower(values)
        side = values.shape[-1]
        # In cells of the grid, so that one range of numbers suits all strides.
        reach = self.sides(values).clamp(max=4.0).exp() / side
        along = (torch.arange(side, dtype=values.dtype) + 0.5) / side
        x, y = along[None, None, :], along[None, :, None]
        left, top, right, bottom = reach.unbind(1)
        boxes = torch.stack([x - left, y - top, x + right, y + bottom], dim=1)
        return self.scores(values) + expected[:, :, None, None], boxes


class Detector(nn.Module):
    """Features and maps of three strides -> logits and boxes of three grids, finest first.

    Args:
        shapes: of one picture's branches, by name.
        width: channels of the pyramid.
        classes: how many there are.
        mixes: layers of each grid's own, finest first.
        context: numbers that sum up the features.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        width: int,
        classes: int,
        mixes: Sequence[int],
        context: int,
    ) -> None:
        super().__init__()
        names = ("stride8", "stride16", "stride32")
        # Bottlenecks of the backbone have no activation and reach +-60: normalise before all else.
        self.entries = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm2d(shapes[name][0]),
                nn.Conv2d(shapes[name][0], width, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            for name in names
        )
        self.down = nn.ModuleList(SeparableBlock(width) for _ in names)
        self.steps = nn.ModuleList(_separable(width, 2) for _ in names[1:])
        self.up = nn.ModuleList(SeparableBlock(width) for _ in names[1:])
        # Grids do not share layers: batch norms would see other statistics in each.
        self.grids = nn.ModuleList(Grid(width, classes, count) for count in mixes)
        self.context = nn.Sequential(
            nn.BatchNorm1d(shapes["features"][0]),
            nn.Dropout(0.2),
            nn.Linear(shapes["features"][0], context),
        )
        self.expected = nn.Linear(context, classes)
        self.around = nn.Sequential(nn.ReLU(), nn.Linear(context, width))
        nn.init.zeros_(self.expected.weight)

    def forward(
        self, features: Tensor, stride8: Tensor, stride16: Tensor, stride32: Tensor
    ) -> list[tuple[Tensor, Tensor]]:
        """Logits (n, classes, h, w) and boxes (n, 4, h, w) of each grid.

        In training, each picture is mirrored by chance, and its answer back again.
        """
        maps: Sequence[Tensor] = (stride8, stride16, stride32)
        if not self.training:
            return self._grids(features, maps)
        turned = torch.rand(len(features), 1, 1, 1) < 0.5
        given = self._grids(features, [torch.where(turned, x.flip(3), x) for x in maps])
        return [
            (
                torch.where(turned, logits.flip(3), logits),
                torch.where(turned, mirrored(boxes), boxes),
            )
            for logits, boxes in given
        ]

    def _grids(self, features: Tensor, maps: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        context = self.context(features)
        expected = self.expected(context)
        above: Tensor = self.around(context)[:, :, None, None]
        values: list[Tensor] = []
        for i, branch in reversed(list(enumerate(maps))):
            if self.training:  # a third less time, most of it in the depthwise convolutions
                branch = branch.contiguous(memory_format=torch.channels_last)
            here = self.down[i](self.entries[i](branch) + above)
            values.insert(0, here)
            above = F.interpolate(here, scale_factor=2.0, mode="nearest")
        for i, (step, mix) in enumerate(zip(self.steps, self.up, strict=True), 1):
            values[i] = mix(values[i] + step(values[i - 1]))
        return [grid(value, expected) for grid, value in zip(self.grids, values, strict=True)]


def mirrored(boxes: Tensor) -> Tensor:
    """Boxes (n, 4, s, s) of a grid, left, top, right, bottom in 0..1, of the mirrored picture."""
    left, top, right, bottom = boxes.flip(3).unbind(1)
    return torch.stack([1 - right, top, 1 - left, bottom], dim=1)


class Likeliest(nn.Module):
    """The detector as it ships: the likeliest boxes, (n, k, 6).

    A row is left, top, right, bottom in 0..1, score, class. A place may give several, of several
    classes; of one class, only if it is likelier there than at the eight places around it.
    """

    def __init__(self, detector: nn.Module, k: int) -> None:
        super().__init__()
        self.detector, self.k = detector, k

    def forward(
        self, features: Tensor, stride8: Tensor, stride16: Tensor, stride32: Tensor
    ) -> Tensor:
        """The likeliest boxes, (n, k, 6), of features and three maps."""
        heats, boxes = [], []
        for logits, where in self.detector(features, stride8, stride16, stride32):
            heat = logits.sigmoid()
            heats.append((heat * (F.max_pool2d(heat, 3, 1, 1) == heat)).flatten(2))
            boxes.append(where.flatten(2))
        heat, where = torch.cat(heats, 2), torch.cat(boxes, 2)
        # First the places, which leaves a ninth of the numbers to sort (150 places of 1,344):
        # none of the likeliest is at a place whose best is not among the best of all places.
        k = min(self.k, heat.shape[2])
        at = heat.amax(1).topk(k, dim=1).indices[:, None]
        heat = heat.gather(2, at.expand(-1, heat.shape[1], -1))
        score, which = heat.flatten(1).topk(self.k, dim=1)
        kind, place = which // k, at[:, 0].gather(1, which % k)
        corners = where.gather(2, place[:, None].expand(-1, 4, -1)).clamp(0.0, 1.0)
        found = torch.cat([corners, score[:, None], kind[:, None].to(score.dtype)], 1)
        return found.transpose(1, 2)
