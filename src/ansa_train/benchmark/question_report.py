"""What every question in ``benchmarks/`` shares: its options, and the report that it writes.

A report is a page to read and the same as JSON: the command, the machine (by its kind, never by
its name), each figure, and which of them meet the target they have.
"""

from __future__ import annotations

import argparse
import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ansa.atomic_write import write_atomically
from ansa.model.bundle import Bundle
from ansa_train.benchmark.machine import QUIET_LOAD, describe, machine
from ansa_train.benchmark.metric import Metric, number

_RESULTS = Path("results")


class QuestionReport:
    """The answer to one question.

    Args:
        name: of the benchmark and of the files it writes.
        text: its docstring, whose first line is the question.
        options: from :func:`parse`.
        module: the benchmark, if it writes files of another name.
    """

    def __init__(self, name: str, text: str | None, options: Namespace, module: str = "") -> None:
        self._name, self._module = name, module or name
        self._question = (text or "").partition("\n")[0]
        self._options = options
        self._machine = machine()
        self._figures: list[Metric] = []
        self._notes: list[str] = []
        if self._machine["load"] > QUIET_LOAD:
            self.note(
                "The load at the start was above 0.5. If more than the benchmark before this one"
                " ran then, these numbers mean little."
            )

    def add(self, name: str, value: float, unit: str = "", **target: float) -> None:
        """Takes in a figure, and shows it; ``at_most=`` or ``at_least=`` is its target."""
        figure = Metric(name, float(value), unit, **target)
        self._figures.append(figure)
        verdict = {None: "", True: "met", False: "MISSED"}[figure.passed]
        line = f"  {name}: {number(figure.value)} {unit}  {figure.target}  {verdict}"
        print(line.rstrip(), flush=True)

    def add_times(self, name: str, seconds: Sequence[float], **target: float) -> None:
        """Takes in the median and the 95th percentile of some times, in milliseconds."""
        self.add(f"{name}, median", np.median(seconds) * 1e3, "ms", **target)
        self.add(f"{name}, 95th percentile", np.percentile(seconds, 95) * 1e3, "ms", **target)

    def note(self, text: str) -> None:
        """Takes in what a reader must know about how it was measured."""
        self._notes.append(text)

    def write(self) -> int:
        """Writes NAME.md and NAME.json; 1 if a target was missed, else 0."""
        folder: Path = self._options.out
        folder.mkdir(parents=True, exist_ok=True)
        data = self.to_dict()
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        write_atomically(folder / f"{self._name}.json", text)
        write_atomically(folder / f"{self._name}.md", self._page(data))
        return 1 if any(figure.passed is False for figure in self._figures) else 0

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        bundle = Bundle.open(self._options.bundle)
        sizes = [f"--{name} {value}" for name, value in self._options.sizes.items()]
        return {
            "question": self._question,
            "command": " ".join([f"python -m benchmarks.{self._module}", *sizes]),
            "date": datetime.now(UTC).date().isoformat(),
            "bundle": {"name": bundle.manifest.name, "id": bundle.id},
            "machine": self._machine,
            "figures": [
                {
                    "name": figure.name,
                    "value": float(f"{figure.value:.5g}"),
                    "unit": figure.unit,
                    "target": figure.target or None,
                    "passed": figure.passed,
                }
                for figure in self._figures
            ],
            "notes": self._notes,
        }

    def _page(self, data: Mapping[str, Any]) -> str:
        on = self._machine
        lines = [
            f"# {data['question']}",
            "",
            f"`{data['command']}`, {data['date']}, bundle {data['bundle']['name']}"
            f" ({data['bundle']['id'][:12]}).",
            f"{describe(on)}.",
            "",
            "| figure | value | target | |",
            "|---|---:|---|---|",
        ]
        for figure in self._figures:
            verdict = {None: "", True: "met", False: "**missed**"}[figure.passed]
            value = f"{number(figure.value)} {figure.unit}".strip()
            lines.append(f"| {figure.name} | {value} | {figure.target} | {verdict} |")
        lines += ["", *(f"- {note}" for note in self._notes)]
        return "\n".join(lines).rstrip() + "\n"


def parse_photos(text: str | None, arguments: Sequence[str] | None, photos: int) -> Namespace:
    """The options of a benchmark of real photos: ``data``, a folder of tars, which is PACK in the
    command, ``split``, the usual number of ``photos``, ``bundle`` and ``out``."""
    parser = _parser(text)
    parser.add_argument("--data", type=Path, required=True, metavar="PACK", help="tars of photos")
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="of the pack")
    parser.add_argument("--photos", type=int, default=photos, help=f"usually {photos}")
    options = parser.parse_args(arguments)
    options.sizes = {"data": "PACK", "split": options.split, "photos": options.photos}
    return options


def parse(text: str | None, arguments: Sequence[str] | None, **sizes: int | str) -> Namespace:
    """The options of a benchmark: its sizes, each with its usual value, ``bundle`` and ``out``.

    An option that is usually empty is only part of the command where it is given.
    """
    parser = _parser(text)
    for name, usual in sizes.items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual, help=f"usually {usual!r}")
    options = parser.parse_args(arguments)
    given = {name: getattr(options, name) for name in sizes}
    options.sizes = {name: value for name, value in given.items() if value != ""}
    return options


def _parser(text: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=_RESULTS)
    return parser
