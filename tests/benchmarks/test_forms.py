"""The page of what heads lose in 8 bits."""

from __future__ import annotations

from pathlib import Path

from ansa import Bundle
from ansa.model.variants import FLOAT, INT8
from ansa_train.compress.accuracy_drop import AccuracyDrop
from benchmarks.forms import page, report
from tests.bundles import write_bundle


def test_the_page_says_who_lost_too_much(tmp_path: Path) -> None:
    found = [
        AccuracyDrop(
            "saliency", 300, {"IoU": {FLOAT: 0.7, INT8: 0.698}, "MAE": {FLOAT: 0.1, INT8: 0.2}}
        ),
        AccuracyDrop("utility", 2000, {"balanced_accuracy": {FLOAT: 0.93, INT8: 0.92}}),
    ]
    data = report(found, Bundle.open(write_bundle(tmp_path / "bundle")), "test", 2)
    text = page(data)
    assert "| saliency | 300 | 0.20 | met |" in text
    assert "| utility | 2,000 | 1.00 | **missed** |" in text
    assert "| saliency | MAE | 0.1000 | 0.2000 |  |" in text
    assert "python -m benchmarks.forms DATA --split test --every 2" in text
