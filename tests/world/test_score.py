"""Scores are what their definitions say, on cases worked out by hand."""

from __future__ import annotations

import pytest

from tests.world.score import balanced_accuracy, clusters, links, matched, pairs

TRUE = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "2", "f": "3"}


def test_pairs_count_each_pair_once() -> None:
    score = pairs([["a", "b"], ["c", "d", "e"]], TRUE)
    assert (score.right, score.found, score.true) == (2, 4, 4)
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


def test_links_count_what_would_be_given_up() -> None:
    score = links([("a", ["b"]), ("c", ["d", "e"])], TRUE)
    assert (score.right, score.found, score.true) == (1, 3, 3)


def test_nothing_found_is_precise_and_finds_nothing() -> None:
    assert (pairs([], TRUE).precision, pairs([], TRUE).recall) == (1, 0)
    assert (pairs([], {"a": "1"}).recall, pairs([], {}).f1) == (1, 1)


def test_clusters_are_perfect_only_if_equal() -> None:
    assert clusters([["a", "b", "c"], ["d", "e"]], TRUE) == (1, 1)
    together = clusters([["a", "b", "c", "d", "e", "f"]], TRUE)
    assert together == pytest.approx(((9 + 4 + 1) / 36, 1))
    assert clusters([], TRUE) == pytest.approx((1, 0.5))


def test_a_set_matches_if_it_shares_more_than_half() -> None:
    found = [["a", "b", "x"], ["d", "f"], ["y"]]
    score = matched(found, TRUE, TRUE.keys())
    assert (score.right, score.found, score.true) == (1, 2, 3)


def test_clutter_and_photos_weigh_alike() -> None:
    clutter = {"a": True, "b": False, "c": False, "d": False, "e": False}
    assert balanced_accuracy(["a"], clutter) == 1
    assert balanced_accuracy([], clutter) == 0.5
    assert balanced_accuracy(["a", "b"], clutter) == pytest.approx((1 + 3 / 4) / 2)
