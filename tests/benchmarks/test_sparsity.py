from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ansa_train.compress.prune_text import TextPruningRecipe
from ansa_train.evaluate.bootstrap import Estimate
from benchmarks.sparsity import FIGURE, Row, write


def row(name: str, zeros: float, recall: float, megabytes: float | None = None) -> Row:
    drawn = recall + np.linspace(-1, 1, 101)
    found = {f"text to image R@{k}": Estimate(recall, drawn) for k in (1, 5, 10)}
    return Row(name, zeros, found, megabytes)


def test_the_page_shows_every_network_beside_the_dense_one(tmp_path: Path) -> None:
    rows = [row("dense", 0.0, 60.0), row("at once", 0.4, 55.0), row("fine-tuned", 0.4, 59.5)]
    rows.append(row("fine-tuned, int8", 0.4, 59.4, 13.3))
    judge = argparse.Namespace(photos=range(10), captions=range(50))
    recipe = TextPruningRecipe(tmp_path, tmp_path, tmp_path, tmp_path)
    write(rows, recipe, judge, "command", tmp_path)  # type: ignore[arg-type]
    page = (tmp_path / "text-sparsity.md").read_text()
    assert "| at once | 40% | 55.0 | 55.0 | 55.0 | -5.00 (-5.00 to -5.00) |  |" in page
    assert "| 13.3 |" in page
    document = json.loads((tmp_path / "text-sparsity.json").read_text())
    assert [each[FIGURE] for each in document["rows"]] == [60.0, 55.0, 59.5, 59.4]
    assert "<svg" in (tmp_path / "text-sparsity.svg").read_text()
