"""What does every head lose in 8 bits?

    python -m benchmarks.forms DATA [--bundle FOLDER] [--cache FOLDER] [--split test] [--every 1]

Every head measures the outputs of both forms of the image network by its own metric, on the same
pictures; captions measure the embedding. Writes forms.md and forms.json. DATA are photos as heads
learn from, and the cache is the one of their recipes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansa import Bundle
from ansa.cli.output import print_progress
from ansa.model.variants import FLOAT, INT8, processor
from ansa_train.compress.accuracy_drop import AccuracyDrop, accuracy_drops

_POINTS = 0.5
"""What a head may lose."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a head loses too much."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="DATA", type=Path)
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--cache", metavar="FOLDER", type=Path, default=Path("runs/heads/cache"))
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--every", type=int, default=1, help="one of N photos is used (1)")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    bundle = Bundle.open(options.bundle)
    found = accuracy_drops(
        bundle,
        (FLOAT, INT8),
        options.data,
        options.cache,
        split=options.split,
        every=options.every,
        progress=print_progress,
    )
    data = report(found, bundle, options.split, options.every)
    options.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1) + "\n"
    (options.out / "forms.json").write_text(text, encoding="utf-8")
    (options.out / "forms.md").write_text(page(data), encoding="utf-8")
    print(page(data))
    return 0 if all(head["points lost"] <= _POINTS for head in data["heads"]) else 1


def report(found: Sequence[AccuracyDrop], bundle: Bundle, split: str, every: int) -> dict[str, Any]:
    """What was measured, JSON-ready."""
    return {
        "command": f"python -m benchmarks.forms DATA --split {split} --every {every}",
        "date": datetime.now(UTC).date().isoformat(),
        "bundle": {"name": bundle.manifest.name, "id": bundle.id},
        "cpu": processor(),
        "heads": [
            {
                "name": loss.head,
                "pictures": loss.pictures,
                "points lost": round(loss.points(INT8, FLOAT), 3),
                "counted": loss.counted(),
                "metrics": {
                    name: {form: round(value, 5) for form, value in values.items()}
                    for name, values in loss.figures.items()
                },
            }
            for loss in found
        ],
    }


def page(data: dict[str, Any]) -> str:
    """The report to read."""
    lines = [
        "# What does every head lose in 8 bits?",
        "",
        f"`{data['command']}`, {data['date']}, bundle {data['bundle']['name']}"
        f" ({data['bundle']['id'][:12]}), {data['cpu']}.",
        "",
        f"A head may lose {_POINTS} points: hundredths of the metrics that count, as their mean.",
        "",
        "| head | pictures | points lost | |",
        "|---|---:|---:|---|",
    ]
    for head in data["heads"]:
        verdict = "met" if head["points lost"] <= _POINTS else "**missed**"
        lost = f"{head['points lost']:.2f}"
        lines.append(f"| {head['name']} | {head['pictures']:,} | {lost} | {verdict} |")
    lines += ["", "| head | metric | float | 8 bits | counts |", "|---|---|---:|---:|---|"]
    for head in data["heads"]:
        for name, values in head["metrics"].items():
            counts = "yes" if name in head["counted"] else ""
            both = f"{values[FLOAT]:.4f} | {values[INT8]:.4f}"
            lines.append(f"| {head['name']} | {name} | {both} | {counts} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
