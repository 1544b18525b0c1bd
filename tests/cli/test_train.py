from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs
import pytest

from ansa import Bundle
from ansa.cli import main
from ansa_train.checkpoint import load
from tests.ansa_train.conftest import SCRATCH_RECIPE, TINY_RECIPE, tiny_notes, write_tar


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    write_tar(folder / "data" / "album.tar", tiny_notes())
    file = folder / "recipe.toml"
    file.write_text(SCRATCH_RECIPE.format(data=folder / "data", folder=folder / "run"))
    return file


def test_a_recipe_is_trained_and_exported(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "pretrain", str(recipe), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["folder"] == str(recipe.parent / "run")
    assert said["step"] == 4
    assert said["photos_per_second"] > 0
    assert said["dev"].keys() >= {"t2i_r1", "i2t_r10"}

    assert main(["train", "pretrain", str(recipe)]) == 0
    assert f"{recipe.parent / 'run'}: step 4" in capsys.readouterr().out

    assert main(["export", str(recipe), str(recipe.parent / "bundle"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    bundle = Bundle.open(recipe.parent / "bundle")
    bundle.verify()
    assert said["id"] == bundle.id
    assert said["bytes"] > 100_000


@pytest.mark.parametrize("verb", [["train", "pretrain"], ["export"]])
def test_a_recipe_that_cannot_be_used_is_named(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text('data = "x"\nfolder = "y"\nrate = 3\n')
    bundle = [str(tmp_path / "bundle")] if verb == ["export"] else []
    assert main([*verb, str(file), *bundle]) == 1
    assert f"ansa: {file}: no such setting: rate" in capsys.readouterr().err


def test_a_run_that_has_not_begun_is_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(f'data = "{tmp_path}"\nfolder = "{tmp_path}"\n')
    assert main(["export", str(file), str(tmp_path / "bundle")]) == 1
    assert "there is no such checkpoint; train first" in capsys.readouterr().err


def test_only_what_can_be_trained_is_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "heads", "recipe.toml"])
    assert ended.value.code == 2
    assert "pretrain" in capsys.readouterr().err


def test_training_without_a_network_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tar(tmp_path / "data" / "album.tar", tiny_notes())
    file = tmp_path / "recipe.toml"
    file.write_text(TINY_RECIPE.format(data=tmp_path / "data", folder=tmp_path / "run"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    assert main(["train", "pretrain", str(file)]) == 1
    said = capsys.readouterr().err
    assert "could not be downloaded: pip says: " in said
    assert "connect to the network and run the same command again" in said
    assert len(said.splitlines()) == 1


def test_a_damaged_checkpoint_is_named_and_its_run_goes_on_from_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tar(tmp_path / "data" / "album.tar", tiny_notes())
    file = tmp_path / "recipe.toml"
    file.write_text(SCRATCH_RECIPE.format(data=tmp_path / "data", folder=tmp_path / "run"))
    assert main(["train", "pretrain", str(file)]) == 0
    checkpoint = tmp_path / "run" / "checkpoint.pt"
    os.truncate(checkpoint, checkpoint.stat().st_size // 2)
    assert main(["export", str(file), str(tmp_path / "bundle")]) == 1
    assert f"{checkpoint} is damaged" in capsys.readouterr().err
    assert main(["train", "pretrain", str(file)]) == 0
    assert f"{checkpoint} is damaged; going on from step 2" in capsys.readouterr().err
    assert load(checkpoint)["step"] == 4
