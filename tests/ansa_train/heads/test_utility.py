"""The utility head learns kinds, and is judged by sources that it has learned nothing from."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ansa.model.heads import reader
from ansa_train.data.labels.utility_classes import KINDS
from ansa_train.data.synthetic.utility_pictures import DRAWN
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.utility import (
    UtilityHead,
    UtilitySettings,
    calibration_error,
    fit_temperature,
    threshold,
)
from ansa_train.models.feature_taps import session
from tests.ansa_train.conftest import note, write_tar

RULES = ({"keys": ["016", "017", "018", "019"], "source": "receipts"},)
SHAPES = {"features": (16,), "stride8": (5, 8, 8), "stride16": (4, 4, 4)}


@pytest.fixture
def head(tmp_path: Path) -> UtilityHead:
    """Photos and receipts of two sources each, of which one is held out."""
    notes = []
    for i in range(24):
        split = ("train", "train", "dev", "test")[i % 4]
        known = {"source": ("flickr8k", "coco", "clothing", "voc")[i // 4 % 4], "kind": "photo"}
        if i >= 16:
            known = {
                "source": ("utility", "pacs")[i // 4 % 2],
                "kind": ("receipt", "sketch")[i // 4 % 2],
            }
        notes.append(note(f"{i:03}", split=split, **known))
    write_tar(tmp_path / "photos.tar", notes)
    place = HeadContext(tmp_path, tmp_path / "utility", 64)
    return UtilityHead(
        place, UtilitySettings(held_out=("coco", "voc", "receipts"), rules=RULES, drawn=10, most=50)
    )


def answers(targets: NDArray[Any], right: float = 9.0) -> NDArray[np.float32]:
    """Logits of who knows."""
    logits = np.zeros((len(targets), len(KINDS)), np.float32)
    logits[np.arange(len(targets)), targets] = right
    return logits


def test_the_registry_finds_it() -> None:
    assert find("utility") is UtilityHead


def test_nothing_is_learned_from_a_source_that_is_held_out(head: UtilityHead) -> None:
    rows = head.batch(len(head.pictures("train")), 400, random.Random(0))
    items = [head.pictures("train").items[row] for row in rows]
    assert {i.source for i in items} == {"flickr8k", "clothing", "pacs", DRAWN}
    assert {i.kind for i in items} == set(KINDS)
    assert np.mean([i.kind == "photo" for i in items]) == pytest.approx(0.5, abs=0.08)


def test_drawn_pictures_count_only_where_no_real_source_is_held_out(head: UtilityHead) -> None:
    judged = head.judged("test")
    assert {source for kind, source in judged if kind == "photo"} == {"coco", "voc"}
    assert {source for kind, source in judged if kind == "receipt"} == {"receipts"}
    assert {source for kind, source in judged if kind == "document"} == {DRAWN}


def test_what_ships_says_what_was_learned(head: UtilityHead) -> None:
    torch.manual_seed(0)
    network = head.network(SHAPES)
    # A vector of length one beside maps whose values are far greater.
    branches = [
        torch.randn(64, *shape) * (30 * torch.rand(64, *shape)) ** (i > 0)
        for i, shape in enumerate(SHAPES.values())
    ]
    for _ in range(50):
        network(*branches)  # its mean and deviation
    network.eval()
    graph = export_head(network, head.BRANCHES, SHAPES)
    assert graph.shape == (len(KINDS),)
    feeds = {n: x.numpy() for n, x in zip(SHAPES, branches, strict=True)}
    (shipped,) = session(graph.model).run(None, feeds)
    np.testing.assert_allclose(shipped, network(*branches).detach(), atol=0.05)


def test_who_knows_the_kinds_is_measured_as_perfect(head: UtilityHead) -> None:
    settings = head.calibrate(answers(head.pictures("dev").targets))
    read = reader("utility", 1, (len(KINDS),), settings)
    metrics = head.measure(answers(head.pictures("test").targets), read, "test")
    assert metrics["balanced_accuracy"] == 1
    assert metrics["photos_called_utility"] == metrics["photos_unsure_called_utility"] == 0
    assert metrics["photos_called_clutter"] == 0
    assert metrics["ece"] < 0.05


def test_who_calls_all_one_kind_is_measured_as_that(head: UtilityHead) -> None:
    settings = {"kinds": list(KINDS), "temperature": 1.0, "threshold": 0.5}
    read = reader("utility", 1, (len(KINDS),), settings)
    all_receipts = answers(np.full(len(head.pictures("test")), KINDS.index("receipt")))
    metrics = head.measure(all_receipts, read, "test")
    assert metrics["recall_receipt"] == metrics["photos_called_utility"] == 1
    assert metrics["recall_photo"] == 0
    assert metrics["photos_called_clutter"] == 1
    assert metrics["balanced_accuracy"] == pytest.approx(1 / metrics_kinds(metrics))


def test_a_photo_called_a_drawing_is_wrong_but_no_clutter(head: UtilityHead) -> None:
    settings = {"kinds": list(KINDS), "temperature": 1.0, "threshold": 0.5}
    read = reader("utility", 1, (len(KINDS),), settings)
    all_drawn = answers(np.full(len(head.pictures("test")), KINDS.index("drawing")))
    metrics = head.measure(all_drawn, read, "test")
    assert metrics["photos_called_utility"] == 1
    assert metrics["photos_called_clutter"] == 0


def test_sources_can_be_chosen_and_left_out(head: UtilityHead) -> None:
    few = UtilitySettings(sources=("flickr8k", "clothing"), without=("clothing/photo",), drawn=1)
    items = UtilityHead(head.place, few).pictures("train").items
    assert {i.source for i in items} == {"flickr8k", DRAWN}


def metrics_kinds(metrics: dict[str, float]) -> int:
    return sum(name.startswith("recall_") for name in metrics)


def test_the_temperature_makes_too_proud_scores_honest() -> None:
    rng = np.random.default_rng(0)
    targets = np.arange(8000) % len(KINDS)
    logits = answers(targets, 2.0) + rng.gumbel(size=(8000, len(KINDS)))
    # The likelihood of a kind under this noise is not that of a softmax, but close to one.
    once = fit_temperature(logits, targets, 0.3)
    assert fit_temperature(logits * 5, targets, 0.3) == pytest.approx(5 * once, rel=0.02)


def test_at_most_so_many_wrong_scores_reach_the_threshold() -> None:
    wrong = np.array([0.55, 0.9, 0.7, 0.8])
    for allowed in range(5):
        assert (wrong >= threshold(wrong, allowed)).sum() <= allowed
    assert threshold(wrong, 4) == 0.5
    assert threshold(np.zeros(0), 0) == 0.5
    assert threshold(np.array([1.0]), 0) == 1.0


def test_the_calibration_error_is_how_far_scores_lie_from_the_truth() -> None:
    scores, right = np.full(100, 0.8), np.arange(100) < 80
    assert calibration_error(scores, right, np.ones(100)) == pytest.approx(0, abs=1e-9)
    assert calibration_error(scores, np.zeros(100, bool), np.ones(100)) == pytest.approx(0.8)
