"""The Pareto picture: quality against latency, every trial, the front, and what ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from ansa.names import printable
from research.architecture_search.latency import YARDSTICK_SIZE
from research.architecture_search.recipe import SHIPPED
from research.architecture_search.study import COST, QUALITY, FinishedTrial

_COLOURS = {160: "#8a5a9e", 192: "#3b6ea5", 224: "#5a9367", 256: "#c8763c", 288: "#a5453b"}
_OTHER = "#7a7a7a"
_MARKERS = {"none": "o", "last": "^", "late": "s", "all": "D"}


def draw(tried: Sequence[FinishedTrial], front: Sequence[FinishedTrial], file: Path) -> None:
    """Writes the picture, SVG or what the suffix says; the same trials give the same bytes."""
    figure = Figure(figsize=(8.0, 5.2), layout="constrained")
    axes = figure.add_subplot()
    axes.step(
        [t.figures[COST] for t in front],
        [t.figures[QUALITY] for t in front],
        where="post",
        color="#333333",
        lw=1.0,
        zorder=1,
        label="Pareto front",
    )
    named = sorted((t for t in tried if t.name), key=lambda t: t.figures[COST])
    for trial in tried:
        candidate = trial.candidate
        at = trial.figures[COST], trial.figures[QUALITY]
        axes.scatter(
            *at,
            s=45,
            marker=_MARKERS[candidate.squeeze],
            color=_COLOURS.get(candidate.size, _OTHER),
            zorder=2,
        )
        if trial.name == SHIPPED:
            axes.scatter(*at, s=240, facecolors="none", edgecolors="black", lw=1.6, zorder=3)
        if trial.name:
            above = named.index(trial) % 2 == 1  # neighbours would write over each other
            axes.annotate(
                printable(trial.name),
                at,
                xytext=(-5, 7) if above else (5, -8),
                rotation=-50,
                rotation_mode="anchor",
                ha="right" if above else "left",
                va="bottom" if above else "top",
                textcoords="offset points",
                fontsize=8,
                fontweight="bold" if trial.name == SHIPPED else "normal",
            )
    for size in sorted({t.candidate.size for t in tried}):
        axes.scatter([], [], color=_COLOURS.get(size, _OTHER), label=f"{size} px")
    for squeeze, marker in _MARKERS.items():
        axes.scatter([], [], color=_OTHER, marker=marker, label=f"squeeze-excite: {squeeze}")
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    axes.set_xlabel(f"latency, times a plain MobileNetV3-Large at {YARDSTICK_SIZE} px (one thread)")
    axes.set_ylabel("R@5 on dev captions after a short fine-tuning, %")
    axes.margins(0.08, 0.2)
    axes.grid(lw=0.4)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    with matplotlib.rc_context({"svg.hashsalt": "ansa"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else {})
