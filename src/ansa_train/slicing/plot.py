"""The worst slices as gaps with their intervals."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from ansa.names import printable
from ansa_train.evaluate.plot import COLOURS
from ansa_train.slicing.run import SHOWN, SliceMeasurement

_ROW, _HEAD, _WIDTH = 0.22, 0.9, 8.5  # inches


def draw(measured: SliceMeasurement, file: Path) -> None:
    """Writes the picture, SVG or what the suffix says; the same figures give the same bytes."""
    rows = measured.worst()[:SHOWN]
    rows += [(each, figure) for each in measured.made for figure in each.figures if figure.gap][
        : 2 * SHOWN
    ]
    height = _ROW * max(1, len(rows)) + _HEAD
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.46, 0.5 / height, 0.5, 1 - _HEAD / height))
    for place, (each, found) in enumerate(rows):
        assert found.gap is not None
        low, high = found.gap.interval
        made = each.told_by == "made"
        axes.plot([low, high], [place, place], color=COLOURS[made], lw=2)
        axes.plot(found.gap.value, place, "o", color=COLOURS[made], ms=4)
    names = [f"{printable(each.name)}: {found.metric}" for each, found in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=6.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(0, color="#444444", lw=0.8)
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", lw=0.4)
    axes.set_title("points behind other photos (blue) or the same photos (orange)", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    with matplotlib.rc_context({"svg.hashsalt": "ansa", "svg.fonttype": "none"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else {})
