"""What fresh processes take."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ansa.model.variants import FLOAT
from ansa_train.benchmark.cold_start import empty, start
from tests.bundles import write_bundle


def test_the_runtime_itself_takes_some_megabytes() -> None:
    assert 1e6 < empty() < 50e6


def test_the_steps_of_a_process_add_up(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    photo = tmp_path / "red.jpg"
    Image.new("RGB", (60, 40), "red").save(photo)
    fresh = start([bundle], {"variant": FLOAT}, photo=photo, query="red")
    assert min(fresh.imports, fresh.photo, fresh.text) > 0
    assert fresh.runtime < fresh.imported < fresh.peak
