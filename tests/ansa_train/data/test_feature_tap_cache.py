"""Each picture is looked at once, whoever asks, however often the building is stopped."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ansa import Bundle
from ansa.scene import Pixels
from ansa_train.data import feature_cache
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.errors import TrainingError
from ansa_train.models.feature_taps import FeatureTaps
from tests.bundles import write_bundle


class Shades:
    """Greys from black to white; says which of them were looked at."""

    name = "shades"

    def __init__(self, count: int, stop_after: int | None = None) -> None:
        self.count, self.stop_after = count, stop_after
        self.seen: list[int] = []

    def __len__(self) -> int:
        return self.count

    def identity(self) -> str:
        return f"{self.count} shades"

    def render(self, index: int, size: int) -> Pixels:
        if self.stop_after is not None and index >= self.stop_after:
            raise KeyboardInterrupt
        self.seen.append(index)
        return np.full((size, size, 3), 255 * index // max(1, self.count - 1), np.uint8)

    def shares(self) -> list[float]:
        return [255 * i // max(1, self.count - 1) / 255 for i in range(self.count)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture(autouse=True)
def _saves_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_cache, "BATCHES_A_SAVE", 1)


def means(cache: FeatureTapCache, name: str, rows: Sequence[int]) -> list[float]:
    (values,) = cache.rows([name], rows)
    return values.flatten(1).mean(1).tolist()


def test_rows_are_what_the_network_computes(bundle: Bundle, tmp_path: Path) -> None:
    pictures, branches = Shades(21), FeatureTaps(bundle, ["features", "stride8"])
    cache = FeatureTapCache(tmp_path, pictures, branches)
    rows = [20, 0, 7, 7]
    features, maps = cache.rows(["features", "stride8"], rows)
    assert features.shape == (4, 3)
    assert maps.shape == (4, 3, 4, 4)
    assert sorted(pictures.seen) == list(range(21))
    wanted = [pictures.shares()[i] for i in rows]
    np.testing.assert_allclose(maps.flatten(1).mean(1), wanted, atol=1e-3)
    np.testing.assert_allclose(features.mean(1), wanted, atol=1e-3)


def test_nothing_is_looked_at_twice(bundle: Bundle, tmp_path: Path) -> None:
    branches = FeatureTaps(bundle, ["features"])
    FeatureTapCache(tmp_path, Shades(21), branches)
    again = Shades(21)
    cache = FeatureTapCache(tmp_path, again, branches)
    assert again.seen == []
    np.testing.assert_allclose(means(cache, "features", [20]), 1)


def test_a_stopped_building_goes_on(bundle: Bundle, tmp_path: Path) -> None:
    branches = FeatureTaps(bundle, ["features", "stride16"])
    with pytest.raises(KeyboardInterrupt):
        FeatureTapCache(tmp_path, Shades(40, stop_after=17), branches)
    rest = Shades(40)
    cache = FeatureTapCache(tmp_path, rest, branches)
    assert min(rest.seen) == 16
    for name in ("features", "stride16"):
        np.testing.assert_allclose(means(cache, name, range(40)), rest.shares(), atol=1e-3)


def test_a_branch_of_one_head_is_there_for_another(bundle: Bundle, tmp_path: Path) -> None:
    first = FeatureTapCache(tmp_path, Shades(9), FeatureTaps(bundle, ["features"]))
    before = (first.folder / "features.f16").stat().st_mtime_ns
    second = FeatureTapCache(tmp_path, Shades(9), FeatureTaps(bundle, ["stride8", "features"]))
    assert second.folder == first.folder
    assert (first.folder / "features.f16").stat().st_mtime_ns == before
    third = Shades(9)
    FeatureTapCache(tmp_path, third, FeatureTaps(bundle, ["stride8"]))
    assert third.seen == []


def test_another_backbone_or_other_pictures_are_kept_apart(bundle: Bundle, tmp_path: Path) -> None:
    other = Bundle.open(write_bundle(tmp_path / "other", dim=16))
    caches = [
        FeatureTapCache(tmp_path / "cache", pictures, FeatureTaps(of, ["features"]))
        for pictures, of in ((Shades(9), bundle), (Shades(10), bundle), (Shades(9), other))
    ]
    assert len({cache.folder for cache in caches}) == 3


@pytest.mark.parametrize("damage", ["lost", "short", "no counts", "bad counts"])
def test_what_was_damaged_on_disk_is_made_again(
    bundle: Bundle, tmp_path: Path, damage: str
) -> None:
    branches = FeatureTaps(bundle, ["features"])
    folder = FeatureTapCache(tmp_path, Shades(9), branches).folder
    file, counts = folder / "features.f16", folder / "features.json"
    if damage == "lost":
        file.unlink()
    elif damage == "short":
        file.write_bytes(file.read_bytes()[:-6])
    elif damage == "no counts":
        counts.unlink()
    else:
        counts.write_text('{"done": 9')
    again = Shades(9)
    cache = FeatureTapCache(tmp_path, again, branches)
    assert sorted(again.seen) == list(range(9))
    np.testing.assert_allclose(means(cache, "features", range(9)), again.shares(), atol=1e-3)


def test_of_two_that_miss_the_same_one_builds_it(bundle: Bundle, tmp_path: Path) -> None:
    branches = FeatureTaps(bundle, ["features"])
    both = Shades(100), Shades(100)
    threads = [
        threading.Thread(target=FeatureTapCache, args=(tmp_path, pictures, branches))
        for pictures in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(pictures.seen) for pictures in both) == [0, 100]


def test_no_pictures_are_no_trouble(bundle: Bundle, tmp_path: Path) -> None:
    cache = FeatureTapCache(tmp_path, Shades(0), FeatureTaps(bundle, ["stride8"]))
    (none,) = cache.rows(["stride8"], [])
    assert none.shape == (0, 3, 4, 4)


def test_values_beyond_half_precision_are_kept_finite(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branches = FeatureTaps(bundle, ["features"])
    monkeypatch.setattr(feature_cache, "LARGEST", 0.5)  # no tiny network reaches 65504
    cache = FeatureTapCache(tmp_path, Shades(9), branches)
    assert max(means(cache, "features", range(9))) == 0.5


def test_a_full_disk_is_told_before_anything_is_written(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(TrainingError, match=r"shades-\w+ needs .* make room, or give the recipe"):
        FeatureTapCache(tmp_path, Shades(9), FeatureTaps(bundle, ["stride4"]))


def test_counts_never_go_back(bundle: Bundle, tmp_path: Path) -> None:
    """A branch asked for later is built from its own beginning, without a loss to the first."""
    folder = FeatureTapCache(tmp_path, Shades(30), FeatureTaps(bundle, ["features"])).folder
    (folder / "features.json").write_text(json.dumps({"done": 24}))
    both = FeatureTaps(bundle, ["features", "stride8"])
    with pytest.raises(KeyboardInterrupt):
        FeatureTapCache(tmp_path, Shades(30, stop_after=9), both)
    assert json.loads((folder / "features.json").read_text()) == {"done": 24}
    assert json.loads((folder / "stride8.json").read_text()) == {"done": 8}
