"""The figures of a report as bars with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from ansa.names import printable
from ansa_train.evaluate.report import Report
from ansa_train.evaluate.task import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#3b6ea5", "#c8763c", "#5a9367", "#8a5a9e", "#a5453b", "#7a7a7a")
_BAR, _HEAD, _FOOT, _WIDTH = 0.17, 0.45, 0.5, 8.0  # inches


def draw(report: Report, file: Path) -> None:
    """Writes the picture, SVG or what the suffix says; the same report gives the same bytes."""
    panels = report.groups()
    heights = [_BAR * (_bars(panel) + len(panel)) + _HEAD for panel in panels.values()]
    height = sum(heights) + _FOOT + _BAR * len(report.bundles)
    figure = Figure(figsize=(_WIDTH, height))
    top = height - 0.1
    for (group, panel), tall in zip(panels.items(), heights, strict=True):
        bottom = top - tall
        axes = figure.add_axes((0.42, bottom / height, 0.5, (tall - _HEAD) / height))
        _draw_panel(axes, panel)
        axes.set_title(group.capitalize(), loc="left", fontsize=10, fontweight="bold")
        top = bottom
    if len(report.bundles) > 1:
        handles = [
            matplotlib.patches.Patch(color=_colour(i), label=printable(name))
            for i, name in enumerate(report.bundles)
        ]
        figure.legend(handles=handles, loc="lower left", fontsize=8, frameon=False)
    figure.text(
        0.92, 0.1 / height, f"percent, {report.split} split, 95 % intervals", ha="right", fontsize=8
    )
    with matplotlib.rc_context({"svg.hashsalt": "ansa", "svg.fonttype": "none"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else {})


def _bars(panel: Sequence[Sequence[Table]]) -> int:
    return sum(len(table.figures) for tables in panel for table in tables)


def _draw_panel(axes: Axes, panel: Sequence[Sequence[Table]]) -> None:
    place, ticks, names = 0.0, [], []
    for tables in panel:
        for name in tables[0].figures:
            ticks.append(place + (len(tables) - 1) / 2)
            names.append(f"{_short(tables[0])}, {name}")
            for i, table in enumerate(tables):
                value = table.figures[name].value
                if not math.isnan(value):
                    low, high = table.figures[name].interval
                    reach = [[max(0.0, value - low)], [max(0.0, high - value)]]
                    axes.barh(
                        place,
                        value,
                        0.8,
                        color=_colour(i),
                        xerr=reach,
                        error_kw={"lw": 1.0, "capsize": 2.0},
                    )
                    axes.annotate(
                        f"{value:.1f}",
                        (100, place),
                        xytext=(4, 0),
                        textcoords="offset points",
                        va="center",
                        fontsize=7,
                        annotation_clip=False,
                    )
                place += 1
        place += 1
    axes.set_yticks(ticks, names, fontsize=7)
    axes.set_ylim(place - 1.3, -0.7)
    axes.set_xlim(0, 100)
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", lw=0.4)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _short(table: Table) -> str:
    return printable(table.name)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
