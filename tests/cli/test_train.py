from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansa import Bundle
from ansa.cli import main
from tests.factory.conftest import SCRATCH_RECIPE, tiny_notes, write_tar


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
