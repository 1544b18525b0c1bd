"""The report: every figure with its interval, as JSON, as a Markdown page and as a picture."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.names import printable
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.task import GROUPS, FailedPhoto, Table

SHOWN_TAGS = 5
"""How many of the best and of the worst tags the page names; JSON has all."""


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of one evaluation, with the command and the bundles.

    Attributes:
        command: that made it.
        split: what the figures are of.
        bundles: a name for each; with several, each is compared to the first.
        tables: for each task, a table a bundle.
        photos: how many were looked at.
        skipped: files that are no photos.
        refused: entries of captions that could not be used.
        failed: photos that could not be opened.
        left_out: what could not be measured, and why.
    """

    command: str
    split: str
    bundles: Sequence[str]
    tables: Sequence[Sequence[Table]]
    photos: int
    skipped: int
    refused: Sequence[FailedPhoto]
    failed: Sequence[FailedPhoto]
    left_out: Sequence[str]

    def groups(self) -> dict[str, list[Sequence[Table]]]:
        """The tables by what they measure, in the order of :data:`GROUPS`."""
        found = {group: [t for t in self.tables if t[0].group == group] for group in GROUPS}
        return {group: tables for group, tables in found.items() if tables}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values. Figures are in percent, ``null`` where there is none."""
        return {
            "command": self.command,
            "split": self.split,
            "bundles": list(self.bundles),
            "photos": self.photos,
            "skipped": self.skipped,
            "refused": [f.to_dict() for f in self.refused],
            "failed": [f.to_dict() for f in self.failed],
            "left_out": list(self.left_out),
            "tables": [_table(tables) for tables in self.tables],
        }

    def to_markdown(self, picture: str | None = None) -> str:
        """The page; ``picture`` is shown if it is the name of a file beside it."""
        title = "Quality" if len(self.bundles) > 1 else f"Quality of {self.bundles[0]}"
        lines = [f"# {title}", ""]
        lines += [f"Percent on the `{self.split}` split, with 95 % bootstrap intervals. Made by"]
        lines += ["", f"    {self.command}", ""]
        if len(self.bundles) > 1:
            lines += [f"- **{_letter(i)}**: {name}" for i, name in enumerate(self.bundles)]
            lines += ["", "Differences are paired: on the same draws of photos.", ""]
        if picture:
            lines += [f"![The figures with their intervals]({picture})", ""]
        for group, of_group in self.groups().items():
            lines += [f"## {group.capitalize()}", "", *self._rows(of_group), ""]
            for tables in of_group:
                lines += _tags(tables)
        lines += [f"{self.photos:,} photos looked at, {len(self.failed):,} of them not opened."]
        lines += [f"{len(self.refused):,} entries refused."] if self.refused else []
        lines += [f"Left out: {printable(reason)}." for reason in self.left_out]
        return "\n".join(lines) + "\n"

    def _rows(self, group: Sequence[Sequence[Table]]) -> Iterator[str]:
        names = list(dict.fromkeys(name for tables in group for name in tables[0].figures))
        yield f"| | measured on | {' | '.join(names)} |"
        yield f"|---|---|{'---|' * len(names)}"
        for tables in group:
            for i, table in enumerate(tables):
                row = [figure_text(table.figures.get(name)) for name in names]
                head = [_plain(table.name), table.about] if i == 0 else ["", ""]
                if len(tables) > 1:
                    head[0] = f"{head[0]} **{_letter(i)}**".strip()
                yield f"| {' | '.join([*head, *row])} |"
            for i, table in enumerate(tables[1:], start=1):
                pairs = [(table.figures.get(n), tables[0].figures.get(n)) for n in names]
                row = [figure_text(a.minus(b), "+") if a and b else "" for a, b in pairs]
                yield f"| {_letter(i)} - {_letter(0)} | | {' | '.join(row)} |"


def _table(tables: Sequence[Table]) -> dict[str, Any]:
    first = tables[0]
    document: dict[str, Any] = {
        "group": first.group,
        "name": printable(first.name),
        "about": first.about,
        "figures": {
            name: [
                figure_values(table.figures[name])
                | (
                    {"difference": figure_values(table.figures[name].minus(first.figures[name]))}
                    if table is not first
                    else {}
                )
                for table in tables
            ]
            for name in first.figures
        },
    }
    if first.tags:
        document["tags"] = {
            tag.name: {
                "photos": tag.photos,
                "zero_shot": [_rounded(table.tags[i].zero_shot) for table in tables],
                "linear": [_rounded(table.tags[i].linear) for table in tables],
            }
            for i, tag in enumerate(first.tags)
        }
    return document


def command_line(words: Sequence[str]) -> str:
    """A command as it can be given again, without the folders of one machine."""
    shown = (Path(word).name if Path(word).is_absolute() else word for word in words)
    return printable(shlex.join(shown))


def figure_values(figure: Estimate) -> dict[str, float | None]:
    """``{"value": 28.218, "low": 25.9, "high": 30.4}``, None where there is no figure."""
    low, high = figure.interval
    return {"value": _rounded(figure.value), "low": _rounded(low), "high": _rounded(high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 3)


def figure_text(figure: Estimate | None, sign: str = "") -> str:
    """``28.2 (25.9 to 30.4)``."""
    if figure is None or math.isnan(figure.value):
        return ""
    low, high = figure.interval
    return f"{figure.value:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})"


def _tags(tables: Sequence[Table]) -> Iterator[str]:
    """The best and the worst tags of the first bundle."""
    first = tables[0]
    ranked = sorted(first.tags, key=lambda tag: (-tag.linear, tag.name))
    few = len(ranked) <= 2 * SHOWN_TAGS
    for what, tags in (
        (("All", ranked),)
        if few
        else (("Best", ranked[:SHOWN_TAGS]), ("Worst", ranked[-SHOWN_TAGS:]))
    ):
        if tags:
            listed = ", ".join(f"{_plain(tag.name)} {tag.linear:.0f}" for tag in tags)
            yield f"{what} tags of {_plain(first.name)} (linear head): {listed}."
            yield ""


def _plain(name: str) -> str:
    """A name from outside inside a Markdown table."""
    return printable(name).replace("|", r"\|").replace("<", "&lt;")


def _letter(place: int) -> str:
    return chr(ord("A") + place)
