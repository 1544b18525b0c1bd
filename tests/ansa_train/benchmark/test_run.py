"""The whole measurement on a tiny bundle; times themselves are not looked at."""

import json
import platform
from pathlib import Path

import pytest

from ansa import Bundle
from ansa_train.benchmark.budget import Budget
from ansa_train.benchmark.report import to_markdown, write
from ansa_train.benchmark.run import BenchmarkSettings, measure
from ansa_train.benchmark.variants import in_float32
from ansa_train.export.bundle import put_heads
from tests.bundles import write_bundle

ONCE = BenchmarkSettings(rounds=1, repeats=1, burst=1, tries=1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("bundles") / "colours"))


@pytest.fixture(scope="module")
def budget(bundle: Bundle) -> Budget:
    return measure(bundle, [bundle], ONCE)


def test_everything_is_measured_side_by_side(budget: Budget) -> None:
    assert [row.name for row in budget.images] == [
        "as shipped",
        "in float32",
        "a network for each task",
        "colours",
    ]
    assert [row.name for row in budget.texts] == [
        "as shipped",
        "in float32",
        "colours",
        "colours in float32",
    ]
    for row in [*budget.images, *budget.texts]:
        assert 0 < row.one.median <= row.one.tail
        assert 0 < row.networks <= row.peak <= row.process
        assert row.disk > 0
    assert [part.name for part in budget.parts] == ["embedding"]


def test_the_page_has_every_bar_and_what_it_says_is_in_the_json(
    budget: Budget, tmp_path: Path
) -> None:
    page, document, picture = write(budget, tmp_path / "results" / "benchmark")
    text = page.read_text()
    for bar in budget.bars():
        assert f"| {bar.name} |" in text
        assert bar.passed is not None
    assert f"({picture.name})" in text
    values = json.loads(document.read_text())
    assert [bar["name"] for bar in values["bars"]] == [bar.name for bar in budget.bars()]
    for secret in (platform.node(), str(tmp_path), str(Path.home())):
        assert secret not in text + document.read_text() + picture.read_text()


def test_a_missed_bar_says_so(budget: Budget) -> None:
    verdicts = {bar.passed for bar in budget.bars()}
    assert verdicts <= {True, False}
    assert ("**missed**" in to_markdown(budget)) == (False in verdicts)


def test_what_is_taken_apart_or_unpacked_is_a_bundle_too(bundle: Bundle, tmp_path: Path) -> None:
    for made in (
        put_heads(bundle, [], tmp_path / "alone", keep=[]),
        in_float32(bundle, tmp_path / "float32"),
    ):
        made.verify()
        assert list(made.manifest.heads) == ["embedding"]
