from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa.photo.pixels import resize_square
from ansa_train.data import feature_cache
from ansa_train.data.pack import Sample, read_pack
from ansa_train.data.view_cache import ViewCache
from ansa_train.errors import TrainingError
from ansa_train.models import warm_start
from ansa_train.models.mobilenet import Backbone, normalise
from ansa_train.models.teacher import Teacher
from ansa_train.recipe import View
from tests.ansa_train.random_parts import use_parts

LOOKS = [View(), View(scale=0.5, jitter=0.2)]

pytestmark = pytest.mark.usefixtures("parts")


@pytest.fixture(scope="module")
def samples(pack: Path) -> list[Sample]:
    return read_pack(pack, ["train"])[:5]


@pytest.fixture(scope="module")
def whole(
    samples: list[Sample], parts_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> ViewCache:
    """The views of all samples, built in one go."""
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        patch.setattr(feature_cache, "BATCH", 2)
        return _built(tmp_path_factory.mktemp("views") / "whole", samples)


@pytest.fixture
def copied(whole: ViewCache, tmp_path: Path) -> Path:
    """A folder with the same views, of a test's own."""
    return Path(shutil.copytree(whole.folder, tmp_path / "views"))


def _trunk() -> torch.nn.Sequential:
    backbone = Backbone("mobilenetv3")
    warm_start.efficientnet_lite("efficientnet-lite0", backbone)
    trunk = backbone.trunk[:6]
    assert isinstance(trunk, torch.nn.Sequential)
    return trunk


def _built(folder: Path, samples: list[Sample]) -> ViewCache:
    return ViewCache(folder, samples, LOOKS, _trunk(), 224, "efficientnet-lite2")


def test_views_hold_what_trunk_and_teacher_say_of_each_view(
    whole: ViewCache, samples: list[Sample]
) -> None:
    views = whole
    assert views.trunk.shape == (5, 2, 40, 28, 28)
    assert views.teacher.shape == (5, 2, 1000)
    read = [np.asarray(s.read()) for s in samples]
    photos = np.stack([resize_square(photo, 224) for photo in read])
    large = np.stack([resize_square(photo, Teacher.SIZE) for photo in read])
    with torch.inference_mode():
        exact = _trunk().eval()(normalise(torch.from_numpy(photos))).numpy()
        logits = Teacher()(large).numpy()
    kept = views.trunk[:, 0].astype(np.float32)
    assert np.corrcoef(kept.ravel(), exact.ravel())[0, 1] > 0.999  # bfloat16 on the way
    np.testing.assert_allclose(views.teacher[:, 0], logits, atol=0.05, rtol=0.05)
    assert not np.array_equal(views.trunk[:, 0], views.trunk[:, 1])


def test_views_built_after_an_interruption_equal_those_built_in_one_go(
    whole: ViewCache, tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_cache, "BATCH", 2)
    monkeypatch.setattr(feature_cache, "BATCHES_A_SAVE", 2)
    samples = read_pack(Path(shutil.copytree(pack, tmp_path / "pack")), ["train"])[:5]
    last, photo = samples[4], samples[4].read_bytes()
    _overwrite(last, bytes(last.size))
    with pytest.raises(OSError, match="cannot identify"):
        _built(tmp_path / "parts", samples)
    for name in ("trunk", "teacher"):
        assert json.loads((tmp_path / "parts" / f"{name}.json").read_text()) == {"done": 4}
    _overwrite(last, photo)
    resumed = _built(tmp_path / "parts", samples)
    assert np.array_equal(resumed.trunk, whole.trunk)
    assert np.array_equal(resumed.teacher, whole.teacher)


def _overwrite(sample: Sample, data: bytes) -> None:
    with sample.file.open("r+b") as tar:
        tar.seek(sample.offset)
        tar.write(data)


def test_views_that_stand_are_not_built_again(copied: Path, samples: list[Sample]) -> None:
    gone = [replace(s, file=copied / "gone.tar") for s in samples]
    _built(copied, gone)  # opens no photo


def test_views_that_an_earlier_version_built_are_used(copied: Path, samples: list[Sample]) -> None:
    state = json.loads((copied / "state.json").read_text())
    (copied / "state.json").write_text(json.dumps({"done": 10, **state}))
    for name in ("trunk", "teacher"):
        (copied / f"{name}.json").unlink()
    _built(copied, [replace(s, file=copied / "gone.tar") for s in samples])  # opens no photo


def test_views_of_other_photos_are_not_mixed(copied: Path, samples: list[Sample]) -> None:
    with pytest.raises(TrainingError, match="views of another recipe; remove it first"):
        _built(copied, samples[2:4])


def test_views_of_another_trunk_are_not_mixed(copied: Path, samples: list[Sample]) -> None:
    with pytest.raises(TrainingError, match="views of another recipe; remove it first"):
        ViewCache(copied, samples, LOOKS, _trunk()[:5], 224, "efficientnet-lite2")


def test_features_of_a_whole_network_are_kept_where_nothing_learns(
    tmp_path: Path, samples: list[Sample]
) -> None:
    backbone = Backbone("efficientnet-lite0-rich")
    warm_start.efficientnet_lite("efficientnet-lite0", backbone)
    exact = copy.deepcopy(backbone).eval()
    views = ViewCache(tmp_path, samples, [View()], backbone, 224, "efficientnet-lite2")
    assert views.trunk.shape == (5, 1, 3232)
    photos = np.stack([resize_square(np.asarray(s.read()), 224) for s in samples])
    with torch.inference_mode():
        wanted = exact(normalise(torch.from_numpy(photos))).numpy()
    kept = views.trunk[:, 0].astype(np.float32)
    assert np.corrcoef(kept.ravel(), wanted.ravel())[0, 1] > 0.999
