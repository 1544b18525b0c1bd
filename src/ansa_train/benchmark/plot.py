"""Disk, memory and time of everything, side by side, and the share of each head: one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from ansa.names import printable
from ansa_train.benchmark.budget import FLOORS, IMAGE_MB, PEAK_MB, QUERY, TEXT_MB, Budget, BudgetRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OURS, _OTHERS, _LIMIT = "#3b6ea5", "#b9c6d3", "#a5453b"
_PARTS = ("#b9c6d3", "#3b6ea5", "#c8763c", "#5a9367", "#8a5a9e", "#a5453b", "#c9b458", "#4f9ea8")
_ROW, _HEAD, _FOOT, _SHARES, _WIDTH = 0.26, 0.6, 0.35, 1.05, 9.0  # inches
_LEFT, _RIGHT, _GAP = 0.24, 0.96, 0.06  # shares of the width


@dataclass(frozen=True, slots=True)
class _Column:
    """One measure of every row; ``limit`` is what the bundle has to meet, if anything."""

    title: str
    values: Sequence[float]
    limit: float | None = None


def draw(budget: Budget, file: Path) -> None:
    """Writes the picture, SVG or what the suffix says; the same budget gives the same bytes."""
    arithmetic = budget.peaks[0].arithmetic(budget.images[0].multiply_adds)
    photo = _columns(budget.images, IMAGE_MB, PEAK_MB, FLOORS * arithmetic)
    text = _columns(budget.texts, TEXT_MB, None, QUERY * budget.dense_text.one.median)
    panels = [
        ("A photo, every signal", budget.images, photo),
        (f"A text of {len(budget.query.split())} words", budget.texts, text),
    ]
    frames = len(panels) * (_HEAD + _FOOT) + _HEAD + _SHARES + 2 * _FOOT
    height = frames + sum(len(rows) * _ROW for _, rows, _ in panels)
    figure = Figure(figsize=(_WIDTH, height))
    top = height
    for title, rows, columns in panels:
        tall = len(rows) * _ROW
        bottom = top - _HEAD - tall
        figure.text(0.01, (top - 0.28) / height, title, fontsize=10, fontweight="bold")
        wide = (_RIGHT - _LEFT - _GAP * (len(columns) - 1)) / len(columns)
        for place, column in enumerate(columns):
            left = _LEFT + place * (wide + _GAP)
            axes = figure.add_axes((left, bottom / height, wide, tall / height))
            _bars(axes, rows, column, named=place == 0)
        top = bottom - _FOOT
    figure.text(
        0.01, (top - 0.28) / height, "The share of each head", fontsize=10, fontweight="bold"
    )
    bottom = (top - _HEAD - _SHARES + 0.15) / height
    _shares(figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, _SHARES / height)), budget)
    figure.text(
        _RIGHT,
        0.1 / height,
        f"{printable(budget.bundle)}; dashed: at most so much",
        ha="right",
        fontsize=7,
    )
    with matplotlib.rc_context({"svg.hashsalt": "ansa", "svg.fonttype": "none"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else {})


def _columns(
    rows: Sequence[BudgetRow], disk: float, peak: float | None, seconds: float
) -> list[_Column]:
    return [
        _Column("disk, MB", [row.disk / 1e6 for row in rows], disk),
        _Column("peak above runtime, MB", [row.peak / 1e6 for row in rows], peak),
        _Column("one thread, ms", [row.one.median * 1e3 for row in rows], seconds * 1e3),
    ]


def _bars(axes: Axes, rows: Sequence[BudgetRow], column: _Column, named: bool) -> None:
    places = range(len(rows))
    colours = [_OURS if row.shipped else _OTHERS for row in rows]
    axes.barh(places, column.values, 0.7, color=colours)
    for place, value in zip(places, column.values, strict=True):
        axes.annotate(
            f"{value:.1f}",
            (value, place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )
    if column.limit is not None:
        axes.axvline(column.limit, color=_LIMIT, lw=1.0, ls="--")
    axes.set_xlim(0, 1.2 * max([*column.values, column.limit or 0.0]))
    names = [printable(row.name) for row in rows]
    axes.set_yticks(places if named else [], names if named else [], fontsize=7)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_title(column.title, loc="left", fontsize=8)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _shares(axes: Axes, budget: Budget) -> None:
    """A strip for each measure, cut up among the backbone and the heads."""
    measures = {
        "parameters": [float(part.parameters) for part in budget.parts],
        "multiply-adds": [float(part.multiply_adds) for part in budget.parts],
        "disk": [float(part.disk) for part in budget.parts],
        "time": [max(0.0, part.seconds) for part in budget.parts],
    }
    starts = [0.0] * len(measures)
    for place, part in enumerate(budget.parts):
        shares = [100 * values[place] / sum(values) for values in measures.values()]
        colour = _PARTS[place % len(_PARTS)]
        axes.barh(
            range(len(measures)), shares, 0.7, starts, color=colour, label=printable(part.name)
        )
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    axes.set_yticks(range(len(measures)), measures, fontsize=7)
    axes.set_ylim(len(measures) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=8, fontsize=7, frameon=False)
    axes.set_title("percent", loc="left", fontsize=8)
