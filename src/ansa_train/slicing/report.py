"""Slices as JSON and as a Markdown page: the worst first, gaps marked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.names import printable
from ansa_train.evaluate.report import figure_text, figure_values
from ansa_train.output_files import report_files
from ansa_train.slicing.gaps import ENOUGH, SliceFigure
from ansa_train.slicing.plot import draw
from ansa_train.slicing.run import SHOWN, SliceMeasurement, SliceResult

MARK = "**behind**"


@dataclass(frozen=True, slots=True)
class SliceReport:
    """What was measured, and how.

    Attributes:
        command: that made it.
        split: of the photos.
        measured: the slices.
    """

    command: str
    split: str
    measured: SliceMeasurement

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values; percent and points throughout, ``null`` where there is no figure."""
        found = self.measured
        return {
            "command": self.command,
            "split": self.split,
            "bundle": found.bundle,
            "photos": found.photos,
            "failed": [each.to_dict() for each in found.failed],
            "overall": {name: figure_values(value) for name, value in found.overall.items()},
            "slices": [_result(each) for each in found.slices],
            "made": [_result(each) for each in found.made],
        }

    def to_markdown(self, picture: str | None = None) -> str:
        """The page; ``picture`` is shown if it is the name of a file beside it."""
        found = self.measured
        lines = [f"# Slices of {printable(found.bundle)}", ""]
        lines += [f"Percent on the `{self.split}` split, with 95 % bootstrap intervals. Made by"]
        lines += ["", f"    {self.command}", ""]
        lines += [
            "A slice is compared with the other photos of its sources, weighted by source as the "
            f"slice is; a source with all others. {MARK} marks a gap whose whole interval is below "
            "zero; of figures without any gap, one in forty would be marked by chance. A slice "
            f"needs {ENOUGH} photos to have a figure.",
            "",
        ]
        if picture:
            lines += [f"![The worst slices with their intervals]({picture})", ""]
        lines += ["## Worst first", "", *_worst(found.worst()), ""]
        if sources := found.worst(sources=True):
            lines += ["## Sources, worst first", "", *_worst(sources), ""]
        if found.made:
            lines += ["## What a condition costs", ""]
            lines += ["The same photos, before and after they were put under the condition.", ""]
            lines += [*_table(found.made), ""]
        lines += ["## All photos", "", "| metric | |", "|---|---|"]
        lines += [f"| {name} | {figure_text(value)} |" for name, value in found.overall.items()]
        lines += ["", "## Every slice", ""]
        for group in dict.fromkeys(each.group for each in found.slices):
            some = [each for each in found.slices if each.group == group]
            lines += [f"### {group.capitalize()}", "", *_table(some), ""]
            if empty := [each for each in some if not each.figures]:
                names = ", ".join(
                    f"{printable(e.name)} ({e.photos:,}"
                    + (f", {e.unknown:,} unknown)" if e.unknown else ")")
                    for e in empty
                )
                lines += [f"Too few photos for a figure: {names}.", ""]
        lines += [f"{found.photos:,} photos looked at; {len(found.failed):,} not opened."]
        return "\n".join(lines) + "\n"


def _worst(rows: Sequence[tuple[SliceResult, SliceFigure]]) -> Iterator[str]:
    if not rows:
        yield "No slice has enough photos to be compared."
        return
    yield "| slice | metric | photos | slice | other photos | gap | |"
    yield "|---|---|---|---|---|---|---|"
    for each, figure in rows[:SHOWN]:
        yield f"| {_plain(each.name)} | {_figure(figure)} |"


def write(report: SliceReport, prefix: Path) -> list[Path]:
    """Writes PREFIX.md, PREFIX.json and PREFIX.svg; returns them."""
    page, document, picture = report_files(prefix)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    draw(report.measured, picture)
    page.write_text(report.to_markdown(picture.name), "utf-8")
    document.write_text(json.dumps(report.to_dict(), indent=1, allow_nan=False) + "\n", "utf-8")
    return [page, document, picture]


def _table(slices: Sequence[SliceResult]) -> Iterator[str]:
    yield "| slice | told by | metric | photos | slice | other photos | gap | |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in slices:
        name, told = _plain(each.name), f"{each.told_by}: {_plain(each.about)}"
        for figure in each.figures:
            yield f"| {name} | {told} | {_figure(figure)} |"
            name = told = ""


def _figure(figure: SliceFigure) -> str:
    mark = MARK if figure.behind else ""
    texts = (figure_text(figure.value), figure_text(figure.rest), figure_text(figure.gap, "+"))
    return " | ".join([figure.metric, f"{figure.photos:,}", *texts, mark])


def _result(each: SliceResult) -> dict[str, Any]:
    return {
        "name": printable(each.name),
        "group": each.group,
        "told_by": each.told_by,
        "about": each.about,
        "photos": each.photos,
        "unknown": each.unknown,
        "figures": {
            figure.metric: {
                "photos": figure.photos,
                "slice": figure_values(figure.value),
                "rest": figure_values(figure.rest) if figure.rest else None,
                "gap": figure_values(figure.gap) if figure.gap else None,
                "behind": figure.behind,
            }
            for figure in each.figures
        },
        "keys": [printable(key) for key in each.keys],
    }


def _plain(name: str) -> str:
    return printable(name).replace("|", r"\|").replace("<", "&lt;")
