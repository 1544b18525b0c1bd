"""The budget as a page to read, as JSON, and as a picture beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ansa.names import printable
from ansa_train.benchmark.budget import Budget, BudgetRow, BundlePart, Times
from ansa_train.benchmark.machine import QUIET_LOAD, describe
from ansa_train.benchmark.metric import Metric, number
from ansa_train.benchmark.plot import draw
from ansa_train.output_files import report_files


def write(budget: Budget, prefix: Path) -> list[Path]:
    """Writes PREFIX.md, PREFIX.json and PREFIX.svg; returns them."""
    page, document, picture = report_files(prefix)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    draw(budget, picture)
    page.write_text(to_markdown(budget, picture.name), "utf-8")
    document.write_text(json.dumps(budget.to_dict(), indent=1) + "\n", "utf-8")
    return [page, document, picture]


def to_markdown(budget: Budget, picture: str | None = None) -> str:
    """The page; ``picture`` is shown if it is the name of a file beside it."""
    one, every = budget.peaks
    threads = "two" if every.threads == 2 else str(every.threads)
    date = budget.to_dict()["date"]
    lines = [f"# What {printable(budget.bundle)} costs", ""]
    lines += [f"`{budget.command}`, {date}.", f"{describe(budget.machine)}.", ""]
    if budget.machine["load"] > QUIET_LOAD:
        lines += ["**The machine was busy at the start; times mean little.**", ""]
    if picture:
        lines += [f"![Disk, memory and time of everything, side by side]({picture})", ""]
    lines += ["| bar | measured | wanted | |", "|---|---:|---|---|"]
    lines += [_bar(bar) for bar in budget.bars()]
    lines += ["", "## A photo, every signal", "", *_rows(budget, budget.images, threads)]
    lines += ["", "## The share of each head", "", *_parts(budget)]
    words = len(budget.query.split())
    lines += ["", f"## A text of {words} words", "", *_rows(budget, budget.texts, threads)]
    began = budget.start
    lines += ["", "## A fresh process", ""]
    lines += ["| step | seconds |", "|---|---:|"]
    lines += [f"| importing everything | {began.imports:.3f} |"]
    lines += [f"| everything about the first photo, from its file | {began.photo:.3f} |"]
    lines += [f"| the first text's vector | {began.text:.3f} |"]
    image = budget.images[0]
    lines += ["", "## The physical floor", ""]
    lines += [
        "| threads | float32, G multiply-adds/s | int8, G multiply-adds/s | reading, GB/s "
        "| photo: arithmetic, ms | photo: reading its float32 weights, ms |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for peak in (one, every):
        arithmetic = peak.arithmetic(image.multiply_adds) * 1e3
        reading = peak.reading(image.parameters * 4) * 1e3
        cells = [peak.float32 / 1e9, peak.int8 / 1e9, peak.bandwidth / 1e9, arithmetic, reading]
        lines += [f"| {peak.threads} | {' | '.join(map(number, cells))} |"]
    lines += ["", *(f"- {note}" for note in _NOTES)]
    return "\n".join(lines) + "\n"


_NOTES = (
    "All of it is one run. What is timed takes turns; everything is loaded anew for each repeat, as"
    " where weights come to lie in memory changes a network's time by up to a tenth.",
    "Photos are already decoded and of the network's size; a text's time is that of all of"
    " `embed_text`. The tail is the 95th percentile.",
    "Memory is the peak of a fresh process that opens the bundle and uses it once, on a photo from"
    " its JPEG file: above what it was after importing numpy and the bare runtime (imports of ansa"
    " and Pillow count), above all imports (the networks, and the runtime's own), and the whole"
    " process. What the runtime itself takes to run a network of one node is mostly its own code,"
    " read from its file, and no network can take less.",
    "Variant float is used where nothing else was asked for or measured to be quicker. Variant"
    " small is int8 with only one of its stages in memory at a time: its time is that of loading"
    " them, too.",
    "x floor: the time on one thread, in times of what the network's own multiply-adds take at the"
    " rate of the fastest float32 matrix product on this machine. Reading: as if every weight came"
    " from memory once; in the caches it costs less.",
    "In float32: the same network, its weights stored as they are computed with. A network for each"
    " task: the backbone loaded once for the embedding and once for every head.",
    "What a head adds is the difference of two networks; a few hundredths of a millisecond are"
    " noise, and may be negative.",
)


def _bar(bar: Metric) -> str:
    measured = f"{number(bar.value)} {bar.unit}".strip()
    return f"| {bar.name} | {measured} | {bar.target} | {'met' if bar.passed else '**missed**'} |"


def _rows(budget: Budget, rows: Sequence[BudgetRow], threads: str) -> Iterator[str]:
    yield (
        "| | parameters, M | zeros, % | multiply-adds, M | disk, MB | peak above runtime, MB"
        " | above all imports, MB | process, MB | one thread, ms | tail | x floor |"
        f" {threads} threads, ms | tail |"
    )
    yield "|---|" + 12 * "---:|"
    for row in rows:
        cells = [
            f"{row.parameters / 1e6:.2f}",
            f"{row.zeros * 100:.1f}",
            f"{row.multiply_adds / 1e6:.0f}",
            f"{row.disk / 1e6:.2f}",
            *(f"{size / 1e6:.1f}" for size in (row.peak, row.networks, row.process)),
            *_times(row.one),
            f"{budget.floors(row):.2f}",
            *_times(row.every),
        ]
        yield f"| {printable(row.name)} | {' | '.join(cells)} |"


def _times(times: Times) -> tuple[str, str]:
    return f"{times.median * 1e3:.2f}", f"{times.tail * 1e3:.2f}"


def _parts(budget: Budget) -> Iterator[str]:
    yield "| | parameters, thousand | % | multiply-adds, M | % | disk, kB | % | time, ms | % |"
    yield "|---|" + 8 * "---:|"
    whole = budget.images[0]
    disk = sum(part.disk for part in budget.parts)

    def line(part: BundlePart) -> str:
        pairs = (
            (part.parameters / 1e3, part.parameters / whole.parameters, ",.0f"),
            (part.multiply_adds / 1e6, part.multiply_adds / whole.multiply_adds, ".2f"),
            (part.disk / 1e3, part.disk / disk, ",.0f"),
            (part.seconds * 1e3, part.seconds / whole.one.median, ".2f"),
        )
        cells = " | ".join(f"{value:{form}} | {share * 100:.1f}" for value, share, form in pairs)
        return f"| {printable(part.name)} | {cells} |"

    for part in budget.parts:
        yield line(part)
    yield line(
        BundlePart("all together", whole.parameters, whole.multiply_adds, disk, whole.one.median)
    )
