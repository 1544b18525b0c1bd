from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ansa_train.errors import TrainingError
from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.trial_data import TrialData, squares


@pytest.mark.usefixtures("parts")
def test_material_is_train_and_dev_photos_with_captions_asked_about_once(
    recipe: SearchRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe.folder.mkdir()
    made = TrialData.gather(recipe)
    assert {s.split for s in made.train} == {"train"}
    assert {s.split for s in made.dev} == {"dev"}
    assert all(s.captions for s in [*made.train, *made.dev])
    assert made.train_teacher.shape == (6, 1000)
    assert made.dev_teacher.shape == (3, 1000)
    assert len(made.dev_captions) == len(made.dev_owners) == sum(len(s.captions) for s in made.dev)
    assert np.linalg.norm(made.dev_captions, axis=1) == pytest.approx(1.0, abs=1e-5)

    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: "/nowhere")
    again = TrialData.gather(recipe)
    assert np.array_equal(again.train_teacher, made.train_teacher)
    assert np.array_equal(again.dev_owners, made.dev_owners)
    with pytest.raises(TrainingError, match=r"material\.npz is of other photos"):
        TrialData.gather(replace(recipe, photos=4))


def test_a_photo_that_cannot_be_decoded_is_named(recipe: SearchRecipe, pack: Path) -> None:
    from ansa_train.data.pack import read_pack

    broken = read_pack(pack, ["test"])
    with pytest.raises(TrainingError, match=r"album-\d\.tar: test030 cannot be decoded"):
        squares(broken, 64)


def test_a_pack_without_captions_is_refused(recipe: SearchRecipe, tmp_path: Path) -> None:
    from tests.ansa_train.conftest import note, write_tar

    write_tar(tmp_path / "bare" / "a.tar", [note("train000", labels=["dog"])])
    with pytest.raises(TrainingError, match="no train photos with captions"):
        TrialData.gather(replace(recipe, data=tmp_path / "bare"))
