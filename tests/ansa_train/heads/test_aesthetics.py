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
    framings,
    pair_accuracy,
)
from ansa_train.heads.base import HeadContext
from tests.ansa_train.conftest import box, note, write_tar

SHAPES = {"features": (20,), "stride16": (6, 4, 4)}


NAMED: dict[str, Any] = {
    "sources": ("coco",),
    "better": ("scenes6/sea",),
    "worse": ("clothing",),
    "unseen_better": ("weather/sunrise",),
    "unseen_worse": ("screens",),
    "width": 8,
}


@pytest.fixture
def head(tmp_path: Path) -> AestheticsHead:
    """On two composed photos and two of each group in each split."""
    kinds: list[dict[str, Any]] = [
        {"source": "coco", "boxes": [box("dog", 0.4, 0.4)]},
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
        HeadContext(tmp_path, tmp_path / "aesthetics", 64), AestheticsSettings(**NAMED)
    )


def test_the_registry_finds_it() -> None:
    assert find("aesthetics") is AestheticsHead


def test_the_unseen_groups_are_never_trained_on(head: AestheticsHead) -> None:
    train, test = head.pictures("train"), head.pictures("test")
    assert len(train.groups) == 2
    assert [len(group) for group in test.groups] == [2] * len(GROUPS)
    assert {s.source for s in (*train.photos, *train.whole)} == {"coco", "scenes6", "clothing"}


def test_sources_held_out_are_spoiled_in_the_test_and_nowhere_else(tmp_path: Path) -> None:
    notes = [
        note(f"{i:03}", source=("coco", "voc")[i % 2], split=("train", "test")[i // 4])
        for i in range(8)
    ]
    write_tar(tmp_path / "photos.tar", notes)
    place = HeadContext(tmp_path, tmp_path / "aesthetics", 64)
    head = AestheticsHead(place, AestheticsSettings(held_out=("voc",)))
    assert {s.source for s in head.pictures("train").photos} == {"coco"}
    assert {s.source for s in head.pictures("test").photos} == {"voc"}


def test_a_subject_is_framed_whole_and_cut_in_parts_of_one_size(head: AestheticsHead) -> None:
    pictures = head.pictures("train")
    assert len(pictures.framed) == 2
    for sample in pictures.boxed:
        found = framings(sample)
        assert found is not None
        whole, cut = (np.array(each) for each in found)
        subject = np.array(sample.boxes[0].box)
        assert (whole[:2] <= subject[:2]).all()
        assert (whole[2:] >= subject[2:]).all()
        np.testing.assert_allclose(whole[2:] - whole[:2], cut[2:] - cut[:2])
        both = np.minimum(cut[2:], subject[2:]) - np.maximum(cut[:2], subject[:2])
        assert 0.35 <= both.prod() / (subject[2:] - subject[:2]).prod() <= 0.65
        assert cut.min() >= 0
        assert cut.max() <= 1
    good, bad = (pictures.render(int(pictures.framed[0]) + i, 64) for i in (0, 1))
    assert (good != bad).any()


def test_a_photo_without_a_box_that_fits_is_not_framed(head: AestheticsHead) -> None:
    assert framings(head.pictures("train").whole[0]) is None


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
        elif better in pictures.framed:
            assert worse == better + 1
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
    raw[pictures.framed] = 1
    for group in pictures.groups[0::2]:
        raw[list(group)] = 1
    read = reader("aesthetics", 1, (1,), {"quantiles": [0.0, 1.0]})
    assert set(head.measure(raw, read, "test").values()) == {1.0}
    ties = head.measure(np.zeros_like(raw), read, "test")
    assert set(ties.values()) == {0.5}


def test_ties_count_half() -> None:
    assert pair_accuracy(np.array([1.0, 1.0]), np.array([0.0, 1.0])) == 0.75


def test_photos_that_it_cannot_learn_from_are_refused(tmp_path: Path) -> None:
    write_tar(tmp_path / "photos.tar", [note("000", source="coco")])
    place = HeadContext(tmp_path, tmp_path / "aesthetics", 64)
    with pytest.raises(TrainingError, match="lacks training photos for the head aesthetics"):
        AestheticsHead(place, AestheticsSettings()).pictures("train")
    with pytest.raises(TrainingError, match="setting worse"):
        AestheticsHead(place, AestheticsSettings(worse=("clothing",))).pictures("train")


def test_any_photos_will_do_where_no_source_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "photos.tar", [note(f"{i:03}") for i in range(4)])
    head = AestheticsHead(
        HeadContext(tmp_path, tmp_path / "aesthetics", 64), AestheticsSettings(width=8)
    )
    rows = head.batch(len(head.pictures("train")), 40, random.Random(0))
    assert len(rows) == 40
