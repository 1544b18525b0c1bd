"""The print head learns that copies are one photo, and says how surely it can tell."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ansa.model.heads import reader
from ansa.model.heads.fingerprint import MAX_BYTES, similarity
from ansa_train.data.augment.copy_edits import TAUGHT, UNTAUGHT
from ansa_train.data.pack import Split
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.fingerprint import FingerprintHead, FingerprintNetwork, FingerprintSettings
from tests.ansa_train.conftest import note
from tests.ansa_train.data.test_distinct_photos import write_drawn

SHAPES = {"stride8": (6, 16, 16), "stride16": (8, 8, 8)}
SMALL = FingerprintSettings(
    photos=4, queries=2, dev_queries=2, query_looks=3, channels=16, places=4
)


@pytest.fixture
def head(tmp_path: Path) -> FingerprintHead:
    """On 12 photos, half of them to train on."""
    splits = ("train", "dev", "train", "test")
    kinds = ("photo", "photo", "receipt", "photo")
    write_drawn(
        tmp_path, [note(f"{i:03}", split=splits[i % 4], kind=kinds[i % 4]) for i in range(12)]
    )
    return FingerprintHead(HeadContext(tmp_path, tmp_path / "print", 64), SMALL)


def test_the_registry_finds_it() -> None:
    assert find("print") is FingerprintHead


def test_no_photo_it_is_judged_by_is_one_it_learned_from(head: FingerprintHead) -> None:
    taught = {s.key for s in head.pictures("train").photos}
    splits: tuple[Split, ...] = ("dev", "test")
    for split in splits:
        pictures = head.pictures(split)
        assert {s.split for s in pictures.photos} == {split}
        assert {s.kind for s in pictures.photos} == {"photo"}
        assert not taught & {s.key for s in (*pictures.photos, *pictures.others)}
    assert {s.split for s in head.pictures("test").others} == {"test", "train"}
    assert {s.split for s in head.pictures("dev").others} == {"dev"}


def test_sources_held_out_are_asked_for_but_not_learned(tmp_path: Path) -> None:
    splits = ("train", "dev", "test")
    notes = [
        note(f"{i:03}", split=splits[i % 3], source=("coco", "pets")[i // 3 % 2]) for i in range(18)
    ]
    write_drawn(tmp_path, notes)
    settings = replace(SMALL, held_out=("coco",), left_out=("*003",), others=1)
    head = FingerprintHead(HeadContext(tmp_path, tmp_path / "print", 64), settings)
    assert {s.source for s in head.pictures("train").photos} == {"pets"}
    assert {s.source for s in head.pictures("test").photos} == {"coco", "pets"}
    assert "003" not in {s.key for s in head.pictures("train").photos}
    assert len(head.pictures("test").others) == 1


def test_pairs_of_one_picture_are_named_by_the_recipe(head: FingerprintHead) -> None:
    twins = FingerprintHead(head.place, replace(SMALL, twins=("a/1 b/2",))).twins()
    assert twins == {frozenset({"a/1", "b/2"})}


def test_some_edits_are_only_tested(head: FingerprintHead) -> None:
    assert set(UNTAUGHT) <= set(head.pictures("test").edits)
    assert not set(UNTAUGHT) & set(head.pictures("train").edits)
    assert head.pictures("train").edits[: len(TAUGHT)] == TAUGHT


def test_a_step_sees_photos_with_all_their_copies(head: FingerprintHead) -> None:
    rows = head.batch(16, 9, random.Random(0))
    assert len(rows) == 8
    assert len({row // 4 for row in rows}) == 2


def test_it_learns_to_tell_a_few_photos_by_heart(head: FingerprintHead) -> None:
    torch.manual_seed(0)
    network = head.network(SHAPES)
    photos = [torch.randn(4, 1, *shape) for shape in SHAPES.values()]
    branches = [(p + torch.randn(4, 3, *p.shape[2:])).flatten(0, 1) for p in photos]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        total = sum(head.loss(network(*branches), range(12), network).values())
        assert isinstance(total, torch.Tensor)
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < 0.3 * losses[0]


def test_plain_margins_move_nothing_once_they_weigh_nothing() -> None:
    network = FingerprintNetwork(SHAPES, SMALL)
    weights = torch.rand(1, 8, 8)
    places = torch.randn(1, 4, 8, 8)
    framed = torch.nn.functional.pad(weights, (3, 2, 4, 1))
    wide = torch.nn.functional.pad(places, (3, 2, 4, 1), value=7.0)
    for plain, moved in zip(
        network.layout(places, weights), network.layout(wide, framed), strict=True
    ):
        torch.testing.assert_close(plain, moved)


def test_a_mirrored_map_has_the_same_layout() -> None:
    network = FingerprintNetwork(SHAPES, SMALL)
    weights, places = torch.rand(1, 8, 8), torch.randn(1, 4, 8, 8)
    for plain, moved in zip(
        network.layout(places, weights),
        network.layout(places.flip(3), weights.flip(2)),
        strict=True,
    ):
        torch.testing.assert_close(plain, moved)


def test_the_exported_graph_gives_prints_of_at_most_64_bytes(head: FingerprintHead) -> None:
    graph = export_head(head.network(SHAPES), head.BRANCHES, SHAPES)
    raw = np.random.default_rng(0).normal(size=(len(head.pictures("dev")), *graph.shape))
    raw = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    prints = [reader("print", 1, graph.shape, head.calibrate(raw))(row) for row in raw[:2]]
    assert len(prints[0]) <= MAX_BYTES
    assert similarity(prints[0], prints[0]) == pytest.approx(1)
    assert abs(similarity(*prints)) < 0.5


def test_who_knows_the_photos_finds_every_copy_and_nothing_else(head: FingerprintHead) -> None:
    def known(split: Split) -> NDArray[Any]:
        pictures = head.pictures(split)
        rng = np.random.default_rng(0)
        of = {s.key: rng.normal(size=128) for s in (*pictures.photos, *pictures.others)}
        rows = np.array([of[pictures.sample(i).key] for i in range(len(pictures))])
        units: NDArray[Any] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return units.astype(np.float32)

    read = reader("print", 1, (128,), head.calibrate(known("dev")))
    metrics = head.measure(known("test"), read, "test")
    assert metrics["recall_at_precision_999"] == metrics["recall"] == metrics["precision"] == 1
    assert metrics["bytes"] == 64
