"""Pairs of cuts are counted by individual, and a threshold is right as often as it must be."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ansa.scene import Object
from benchmarks.who import at, halves, largest, pairs, sure_threshold


def test_the_threshold_is_the_lowest_that_is_right_often_enough() -> None:
    cosines = np.linspace(1, 0, 200)
    same = np.arange(200) < 100
    threshold = sure_threshold((cosines, same))
    precision, recall = at((cosines, same), threshold)
    assert precision == pytest.approx(0.95, abs=0.005)
    assert recall == 1


def test_there_is_no_threshold_where_none_is_right_often_enough() -> None:
    found = np.linspace(1, 0, 200), np.arange(200) % 2 == 0
    assert at(found, sure_threshold(found)) == (0, 0)


def test_pairs_are_of_the_individuals_of_one_album() -> None:
    vectors = {name: [np.eye(3, dtype=np.float32)[at]] * 2 for at, name in enumerate("abc")}
    cosines, same = pairs(vectors, random.Random(0))
    assert cosines[same].min() == 1
    assert cosines[~same].max() == 0
    assert same.mean() == pytest.approx(3 / 15)
    one, other = halves(vectors)
    assert (sorted(one), sorted(other)) == (["a", "c"], ["b"])


def test_the_largest_likely_one_is_cut_out_with_a_margin() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    objects = (
        Object("face", 0.9, (0.1, 0.1, 0.2, 0.3)),
        Object("face", 0.8, (0.5, 0.5, 0.9, 0.9)),
        Object("face", 0.2, (0, 0, 1, 1)),
        Object("dog", 0.9, (0, 0, 1, 1)),
    )
    cut = largest(pixels, objects, frozenset({"face"}))
    assert cut is not None
    assert cut.shape == (52, 104, 3)
    assert largest(pixels, objects, frozenset({"cat"})) is None
