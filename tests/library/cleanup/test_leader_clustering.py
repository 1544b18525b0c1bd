"""Who is alike is found block by block, and the answer is that of comparing all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ansa.library.cleanup import leader_clustering as module
from ansa.library.cleanup.leader_clustering import Rows, cluster_by_leaders
from ansa.scene import Vector


def units(seed: int, count: int, dim: int = 6) -> Vector:
    made = np.random.default_rng(seed).standard_normal((count, dim), np.float32)
    unit: Vector = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def by_all_pairs(vectors: Vector, threshold: float) -> list[int]:
    """The same, as plainly as can be."""
    found: list[int] = []
    for row in range(len(vectors)):
        before = [other for other in range(row) if found[other] == other]
        near = [float(vectors[row] @ vectors[other]) for other in before]
        found.append(before[int(np.argmax(near))] if near and max(near) >= threshold else row)
    return found


@pytest.mark.parametrize("block", [1, 3, 7, 64, 500])
def test_the_size_of_blocks_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = units(1, 200)
    monkeypatch.setattr(module, "_BLOCK", block)
    leader, near = cluster_by_leaders(200, lambda rows: vectors[rows], 0.8)
    assert leader.tolist() == by_all_pairs(vectors, 0.8)
    own = np.sum(vectors * vectors[leader], axis=1)
    np.testing.assert_allclose(near, own, atol=1e-5)


def test_whoever_follows_is_directly_like_its_leader() -> None:
    angles = np.linspace(0, 1, 50)  # each a little like the next
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    leader, _ = cluster_by_leaders(50, lambda rows: vectors[rows], 0.99)
    assert len(set(leader.tolist())) > 3
    assert (np.sum(vectors * vectors[leader], axis=1) > 0.98999).all()


def test_what_must_stay_apart_does() -> None:
    vectors = np.ones((6, 1), np.float32)

    def needed(some: Rows, others: Rows) -> NDArray[np.float32]:
        different = some[:, None] % 2 != others[None] % 2
        return np.where(different, np.inf, 0.9).astype(np.float32)

    assert cluster_by_leaders(6, lambda rows: vectors[rows], 0.9, needed)[0].tolist() == [
        0,
        1,
        0,
        1,
        0,
        1,
    ]


def test_all_alike_and_none_at_all() -> None:
    same = np.ones((5000, 1), np.float32)
    assert cluster_by_leaders(5000, lambda rows: same[rows], 1.0)[0].max() == 0
    assert cluster_by_leaders(0, lambda rows: same[rows], 0.9)[0].tolist() == []
    assert cluster_by_leaders(1, lambda rows: same[rows], 0.9)[0].tolist() == [0]


def test_the_next_most_alike_leads_where_one_is_refused() -> None:
    angles = np.array([0.0, 0.3, 0.1])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    asked: list[tuple[int, int]] = []

    def accept(leader: int, row: int) -> bool:
        asked.append((leader, row))
        return leader == 1

    assert cluster_by_leaders(3, lambda rows: vectors[rows], 0.9, accept=accept)[0].tolist() == [
        0,
        1,
        1,
    ]
    assert asked == [(0, 1), (0, 2), (1, 2)]


def test_a_follower_may_lead_on() -> None:
    angles = np.array([0.0, 0.2, 0.3])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    found = cluster_by_leaders(3, lambda rows: vectors[rows], 0.9, leads_on=lambda row: row == 1)
    assert found[0].tolist() == [0, 0, 1]


@pytest.mark.parametrize("block", [3, 500])
def test_few_are_asked_for_each_photo_and_told_ahead(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    same = np.ones((200, 1), np.float32)
    asked: list[tuple[int, int]] = []
    ahead: set[tuple[int, int]] = set()

    def accept(leader: int, row: int) -> bool:
        asked.append((leader, row))
        return False

    found, _ = cluster_by_leaders(
        200, lambda rows: same[rows], 0.9, accept=accept, ahead=lambda pairs: ahead.update(pairs)
    )
    assert found.tolist() == list(range(200))
    assert len(asked) == len(set(asked)) == sum(min(row, 5) for row in range(200))
    assert len(ahead & set(asked)) >= 190


def test_patience_ends_with_thousands_of_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 100)
    same = np.ones((200, 1), np.float32)
    asked: list[int] = []

    def accept(leader: int, row: int) -> bool:
        asked.append(row)
        return False

    cluster_by_leaders(200, lambda rows: same[rows], 0.9, accept=accept)
    assert asked.count(10) == 5
    assert asked.count(150) == 1
