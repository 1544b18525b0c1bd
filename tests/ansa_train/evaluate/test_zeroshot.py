from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa import Analyzer
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.zeroshot import PROMPTS, class_vectors, top_k
from tests.bundles import COLOURS, write_bundle
from tests.cli.conftest import paint

EYE = np.eye(5, dtype=np.float32)


def _values(figures: dict[str, Estimate]) -> dict[str, float]:
    return {name: figure.value for name, figure in figures.items()}


def test_top_k_of_ranks_set_by_hand() -> None:
    classes = np.eye(6, dtype=np.float32)
    images = np.array([[6, 5, 4, 3, 2, 1]] * 6, np.float32)  # class c is always at rank c
    found = _values(top_k(images, classes, np.arange(6), ks=(1, 3, 5)))
    assert found == pytest.approx({"top-1": 100 / 6, "top-3": 50.0, "top-5": 500 / 6})


def test_ties_count_against_the_model() -> None:
    same = np.ones((4, 2), np.float32)
    assert _values(top_k(same, same, np.arange(4), ks=(1, 3))) == {"top-1": 0.0, "top-3": 0.0}


def test_five_of_five_classes_are_no_figure() -> None:
    assert _values(top_k(EYE, EYE, np.arange(5))) == {"top-1": 100.0}


def test_photos_of_colours_go_to_the_colour_they_show(tmp_path: Path) -> None:
    analyzer = Analyzer(write_bundle(tmp_path / "bundle"))
    names = list(COLOURS)
    classes = class_vectors(analyzer, names)
    assert classes.shape == (len(names), analyzer.dim)
    np.testing.assert_allclose(np.linalg.norm(classes, axis=1), 1, atol=1e-6)
    for name, colour in COLOURS.items():
        paint(tmp_path / f"{name}.png", colour)
    photos = analyzer.embed_image([tmp_path / f"{name}.png" for name in names])
    assert top_k(photos, classes, np.arange(len(names)))["top-1"].value == 100.0


def test_a_class_is_the_mean_of_its_sentences(tmp_path: Path) -> None:
    analyzer = Analyzer(write_bundle(tmp_path / "bundle"))
    (vector,) = class_vectors(analyzer, ["red"])
    mean = analyzer.embed_text(
        ["a photo of a red.", "a picture of a red.", "a close-up photo of a red.", "red"]
    ).mean(0)
    assert len(PROMPTS) == 4
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)
