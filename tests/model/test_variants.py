"""Which variant of the image network is used, and that every one gives the same signals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import platformdirs
import pytest

from ansa import Analyzer, Bundle
from ansa.model.bundle import BundleError
from ansa.model.variants import (
    FLOAT,
    INT8,
    SMALL,
    VARIABLE,
    cache_choice,
    cached_choice,
    variants_of,
    wanted,
)
from tests.bundles import SIZE, edit_manifest, image_model, replace_file, write_bundle


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the user's own, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: folder / name)
    monkeypatch.delenv(VARIABLE, raising=False)
    return folder / "ansa" / "forms.json"


@pytest.fixture
def both(tmp_path: Path) -> Bundle:
    """A bundle whose network is there twice; the second one is told by its own name."""
    folder = write_bundle(tmp_path / "both")
    second = image_model()
    second.producer_name = "8 bits"
    return with_form(folder, second)


def with_form(folder: Path, model: onnx.ModelProto) -> Bundle:
    replace_file(folder, "image.int8.onnx", model.SerializeToString())
    edit_manifest(folder, lambda m: m["image"].update(forms={INT8: "image.int8.onnx"}))
    return Bundle.open(folder)


def test_a_bundle_with_one_network_has_one_form(tmp_path: Path) -> None:
    bundle = Bundle.open(write_bundle(tmp_path / "one"))
    assert list(variants_of(bundle)) == [FLOAT]
    with pytest.raises(ValueError, match="it has float"):
        Analyzer(bundle, variant=INT8)


@pytest.mark.parametrize("name", [FLOAT, INT8, SMALL])
def test_every_form_gives_the_same_signals(both: Bundle, name: str) -> None:
    photo = np.full((SIZE, SIZE, 3), (200, 30, 10), np.uint8)
    analyzer = Analyzer(both, variant=name)
    assert analyzer.variant.name == name
    wanted_vector = Analyzer(both, variant=FLOAT).analyze(photo).embedding
    np.testing.assert_allclose(analyzer.analyze(photo).embedding, wanted_vector, atol=1e-6)


def test_float_is_used_unless_something_else_was_asked_for(both: Bundle) -> None:
    assert wanted(both).name == FLOAT
    assert wanted(both, INT8).files == ("image.int8.onnx",)


def test_a_choice_is_remembered_for_this_bundle_only(both: Bundle, tmp_path: Path) -> None:
    cache_choice(both, INT8)
    other = Bundle.open(write_bundle(tmp_path / "other"))
    assert (wanted(both).name, wanted(other).name) == (INT8, FLOAT)
    cache_choice(other, FLOAT)
    assert cached_choice(both) == INT8


def test_the_variable_outdoes_the_choice_and_the_argument_outdoes_the_variable(
    both: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_choice(both, INT8)
    monkeypatch.setenv(VARIABLE, SMALL)
    assert wanted(both).name == SMALL
    assert wanted(both, FLOAT).name == FLOAT
    monkeypatch.setenv(VARIABLE, "fast")
    with pytest.raises(ValueError, match=f"{VARIABLE}: 'fast' .* it has float, int8, small"):
        Analyzer(both)


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": 1}', "[" * 100_000])
def test_a_damaged_choice_is_no_choice(both: Bundle, cache: Path, text: str) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text(text)
    assert wanted(both).name == FLOAT
    cache_choice(both, INT8)
    assert wanted(both).name == INT8


def test_a_choice_that_the_bundle_lacks_is_not_used(both: Bundle, cache: Path) -> None:
    cache_choice(both, INT8)
    cache.write_text(cache.read_text().replace(INT8, "other"))
    assert wanted(both).name == FLOAT


def test_a_form_with_other_outputs_is_refused(tmp_path: Path) -> None:
    bundle = with_form(write_bundle(tmp_path / "bad"), image_model(4))
    photo = np.zeros((SIZE, SIZE, 3), np.uint8)
    with pytest.raises(BundleError, match=r"image\.int8\.onnx"):
        Analyzer(bundle, variant=INT8).analyze(photo)


def test_a_form_must_be_listed(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "unlisted")
    edit_manifest(folder, lambda m: m["image"].update(forms={INT8: "image.int8.onnx"}))
    with pytest.raises(BundleError, match="not listed"):
        Bundle.open(folder)
