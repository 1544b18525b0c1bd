"""The aesthetics head learns pairs of pictures, the better one first."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ansa.model.heads import reader
from ansa_train.errors import TrainingError
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.aesthetics import (
    GROUPS,
    SPOILED,
    AestheticsHead,
    AestheticsSettings,
    pair_accuracy,
)
from ansa_train.heads.base import HeadContext
from tests.ansa_train.conftest import note, write_tar

SHAPES = {"features": (20,), "stride16": (6, 4, 4)}


@pytest.fixture
def head(tmp_path: Path) -> AestheticsHead:
    """On two composed photos and two of each group in each split."""
    kinds: list[dict[str, Any]] = [
        {"source": "coco"},
        {"source": "scenes6", "labels": ["sea"]},
        {"source": "clothing"},
        {"source": "weather", "labels": ["sunrise"]},
        {"source": "screens", "kind": "screenshot"},
    ]
    notes = [
        note(f"{i:03}", split=("train", "dev", "test")[i % 3], **kinds[i // 3 % 5])
        for i in range(30)
    ]
    write_tar(tmp_path / "photos.tar", notes)
    return AestheticsHead(
        HeadContext(tmp_path, tmp_path / "aesthetics", 64), AestheticsSettings(width=8)
    )


def test_the_registry_finds_it() -> None:
    assert find("aesthetics") is AestheticsHead


def test_the_unseen_groups_are_never_trained_on(head: AestheticsHead) -> None:
    train, test = head.pictures("train"), head.pictures("test")
    assert len(train.groups) == 2
    assert [len(group) for group in test.groups] == [2] * len(GROUPS)
    assert {s.source for s in (*train.photos, *train.whole)} == {"coco", "scenes6", "clothing"}


def test_every_spoiled_picture_knows_the_photo_as_it_was(head: AestheticsHead) -> None:
    pictures = head.pictures("train")
    for look in SPOILED:
        for row, original in zip(
            pictures.rows[look], pictures.original(pictures.rows[look]), strict=True
        ):
            assert pictures.looks[original] == (pictures.looks[row][0], "original")
    pixels = [pictures.render(row, 64) for row in (0, 1)]
    assert pixels[0].shape == (64, 64, 3)
    assert (pixels[0] != pixels[1]).any()
    np.testing.assert_array_equal(pixels[1], pictures.render(1, 64))


def test_a_batch_is_pairs_with_the_better_picture_first(head: AestheticsHead) -> None:
    pictures = head.pictures("train")
    rows = head.batch(len(pictures), 200, random.Random(0))
    assert len(rows) == 200
    kinds = set()
    for better, worse in zip(rows[0::2], rows[1::2], strict=True):
        if better in pictures.groups[0]:
            assert worse in pictures.groups[1]
        else:
            assert pictures.looks[better][1] == "original"
            kinds.add(pictures.looks[worse][1])
    assert kinds == set(SPOILED)


def test_it_learns_an_order(head: AestheticsHead) -> None:
    torch.manual_seed(0)
    network = head.network(SHAPES)
    branches = [torch.randn(16, *shape) * 20 for shape in SHAPES.values()]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    for _ in range(60):
        losses = head.loss(network(*branches), range(16), network)
        optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert losses["order"].item() < 0.05


def test_the_exported_graph_gives_what_the_reader_takes(head: AestheticsHead) -> None:
    graph = export_head(head.network(SHAPES), head.BRANCHES, SHAPES)
    raw = np.random.default_rng(0).normal(size=(50, 1)).astype(np.float32)
    read = reader("aesthetics", 1, graph.shape, head.calibrate(raw))
    scores = [read(each) for each in raw]
    assert np.array_equal(np.argsort(scores), np.argsort(raw[:, 0]))
    assert 0 < min(scores) < 0.1 < 0.9 < max(scores) < 1


def test_scores_that_are_all_the_same_are_calibrated_too(head: AestheticsHead) -> None:
    read = reader("aesthetics", 1, (1,), head.calibrate(np.zeros((9, 1))))
    assert 0 <= read(np.zeros(1, np.float32)) <= 1


def test_who_knows_the_answer_is_measured_as_perfect(head: AestheticsHead) -> None:
    pictures = head.pictures("test")
    raw = np.zeros((len(pictures), 1), np.float32)
    raw[[row for row, (_, look) in enumerate(pictures.looks) if look == "original"]] = 1
    for group in pictures.groups[0::2]:
        raw[list(group)] = 1
    read = reader("aesthetics", 1, (1,), {"quantiles": [0.0, 1.0]})
    assert set(head.measure(raw, read, "test").values()) == {1.0}
    ties = head.measure(np.zeros_like(raw), read, "test")
    assert set(ties.values()) == {0.5}


def test_ties_count_half() -> None:
    assert pair_accuracy(np.array([1.0, 1.0]), np.array([0.0, 1.0])) == 0.75


def test_photos_that_it_cannot_learn_from_are_refused(tmp_path: Path) -> None:
    write_tar(tmp_path / "photos.tar", [note(f"{i}", source="coco") for i in range(4)])
    head = AestheticsHead(
        HeadContext(tmp_path, tmp_path / "aesthetics", 64), AestheticsSettings(width=8)
    )
    with pytest.raises(TrainingError, match="lacks training photos for the head aesthetics"):
        head.pictures("train")
