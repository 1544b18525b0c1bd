"""What the search may change of the image network: sub-networks of the table that ships.

A study of a few tens of trials cannot tell thirteen stages' settings apart, and candidates drawn
with every stage free would all cost about the same. So width and depth are set for two halves
(Radosavovic et al., "Designing Network Design Spaces", 2020, restrict theirs for the same reason):
the shallow one ends where the stride reaches 16 and the channels 80.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product
from typing import Any

from ansa_train.models.block_tables import ARCHITECTURES, Architecture, round_channels

BASE = "mobilenetv3"
"""The table whose sub-networks are searched; EfficientNet-Lite0 starts it."""

SHALLOW, DEEP = (1, 2, 3), (4, 5, 6)
"""Stages of each half. Stage 0 has no expansion that could be narrower."""

SQUEEZE = {"none": (), "last": (5,), "late": (4, 5), "all": (0, 1, 2, 3, 4, 5, 6)}
"""Where squeeze-excite sits: stages, counted from 0; "late" is what ships."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sub-network at one resolution; without arguments, what ships.

    Attributes:
        size: side of the input, in pixels, a multiple of 32.
        shallow_width, deep_width: share of the expanded channels kept, in 0..1. What goes from
            block to block keeps its width, so residuals fit.
        shallow_drop, deep_drop: how many repeat blocks are dropped, the last of the longest stage
            first.
        squeeze: a key of :data:`SQUEEZE`.
    """

    size: int = 256
    shallow_width: float = 1.0
    deep_width: float = 1.0
    shallow_drop: int = 0
    deep_drop: int = 0
    squeeze: str = "late"

    def __post_init__(self) -> None:
        if self.size < 32 or self.size % 32:
            raise ValueError(f"size must be a multiple of 32, not {self.size}")
        for width in (self.shallow_width, self.deep_width):
            if not 0.0 < width <= 1.0:
                raise ValueError(f"a width is a share above 0 and at most 1, not {width}")
        if self.squeeze not in SQUEEZE:
            raise ValueError(f"squeeze: one of {', '.join(SQUEEZE)}, not {self.squeeze!a}")
        for stages, drop in ((SHALLOW, self.shallow_drop), (DEEP, self.deep_drop)):
            most = sum(len(stage) - 1 for i, stage in enumerate(_stages()) if i in stages)
            if not 0 <= drop <= most:
                raise ValueError(f"of {most} repeat blocks {drop} cannot be dropped")

    def kept(self) -> list[int]:
        """Which blocks of the base table are left, in order."""
        stages = [list(stage) for stage in _stages()]
        for half, drop in ((SHALLOW, self.shallow_drop), (DEEP, self.deep_drop)):
            for _ in range(drop):
                stages[max(half, key=lambda i: (len(stages[i]), i))].pop()
        return [block for stage in stages for block in stage]

    def architecture(self) -> Architecture:
        """The block table."""
        base = ARCHITECTURES[BASE]()
        stage_of = {block: i for i, stage in enumerate(_stages()) for block in stage}
        blocks = []
        for i in self.kept():
            block, stage = base.blocks[i], stage_of[i]
            expanded = block.expanded
            if stage in SHALLOW:
                expanded = round_channels(expanded * self.shallow_width)
            elif stage in DEEP:
                expanded = round_channels(expanded * self.deep_width)
            squeeze = max(4, expanded // 24) if stage in SQUEEZE[self.squeeze] else 0
            blocks.append(replace(block, expanded=expanded, squeeze=squeeze))
        return replace(base, blocks=tuple(blocks))

    def __str__(self) -> str:
        def half(width: float, drop: int) -> str:
            return f"{100 * width:.0f} %" + (f" - {drop} blocks" if drop else "")

        shallow = half(self.shallow_width, self.shallow_drop)
        deep = half(self.deep_width, self.deep_drop)
        return f"{self.size} px, shallow {shallow}, deep {deep}, gates {self.squeeze}"


@dataclass(frozen=True, slots=True)
class Space:
    """The values a study chooses among; attributes are named as those of :class:`Candidate`."""

    size: Sequence[int] = (160, 192, 224, 256, 288)
    shallow_width: Sequence[float] = (0.5, 0.75, 1.0)
    deep_width: Sequence[float] = (0.5, 0.75, 1.0)
    shallow_drop: Sequence[int] = (0, 1, 2)
    deep_drop: Sequence[int] = (0, 1, 2, 3)
    squeeze: Sequence[str] = ("none", "last", "late", "all")

    def __post_init__(self) -> None:
        for candidate in self.candidates():
            assert candidate  # made, so every value is possible

    def choices(self) -> dict[str, Sequence[Any]]:
        """The values by name."""
        return {f.name: tuple(getattr(self, f.name)) for f in fields(self)}

    def __contains__(self, candidate: Candidate) -> bool:
        return all(getattr(candidate, name) in values for name, values in self.choices().items())

    def candidates(self) -> list[Candidate]:
        """Every one."""
        choices = self.choices()
        return [Candidate(**dict(zip(choices, v, strict=True))) for v in product(*choices.values())]


@cache
def _stages() -> tuple[tuple[int, ...], ...]:
    """Blocks of the base table by stage: a stage is a run of blocks with one output width."""
    stages: list[list[int]] = []
    before = 0
    for i, block in enumerate(ARCHITECTURES[BASE]().blocks):
        if block.out != before:
            stages.append([])
        stages[-1].append(i)
        before = block.out
    return tuple(tuple(stage) for stage in stages)
