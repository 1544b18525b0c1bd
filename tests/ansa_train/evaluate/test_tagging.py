from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import Weights, estimate
from ansa_train.evaluate.tagging import (
    TaggedPhotos,
    Tagging,
    average_precision,
    box_tags,
    caption_tags,
    head_scores,
    map_of,
    mean_average_precision,
    tag_scores,
)


def _sample(key: str, **known: tuple[str, ...]) -> Sample:
    blank: dict[str, Any] = {"captions": (), "labels": (), "objects": ()}
    return Sample(
        key, "album", "train", "photo", file=Path("a.tar"), offset=0, size=1, **(blank | known)
    )


def _ap(scores: list[float], truth: list[int], weights: list[int] | None = None) -> float:
    counts = np.array([weights or [1] * len(scores)], np.float32)
    return float(average_precision(np.array(scores), np.array(truth, bool), counts)[0])


def test_a_ranking_worked_out_by_hand() -> None:
    # Right at places 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3.
    assert _ap([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0]) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert _ap([3, 2, 1], [1, 1, 0]) == 1.0
    assert _ap([5, 4, 3, 2], [0, 0, 0, 1]) == 0.25
    assert _ap([1, 1, 1, 1], [1, 0, 0, 0]) == 0.25  # ties count together
    assert np.isnan(_ap([1, 2], [0, 0]))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_scikit_learns_with_ties_and_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, truth = rng.integers(0, 12, 60).astype(float), rng.random(60) < 0.3
    weights = rng.multinomial(60, np.full(60, 1 / 60), size=4)
    found = average_precision(scores, truth, weights.astype(np.float32))
    wanted = [average_precision_score(truth, scores, sample_weight=w) for w in weights]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_the_mean_is_over_tags_that_are_there() -> None:
    scores = np.array([[3, 1, 0], [2, 2, 0], [1, 3, 0]], float)
    truth = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0]], bool)
    assert map_of(scores, truth) == pytest.approx((1 + 1 / 3) / 2)
    assert [tag.photos for tag in tag_scores(["a", "b", "c"], truth, scores, None)] == [1, 1, 0]


def test_the_interval_lies_around_the_mean_average_precision() -> None:
    # Rare tags: a photo that is drawn twice stands beside itself, which flatters every draw.
    rng = np.random.default_rng(0)
    truth = rng.random((300, 20)) < 0.03
    scores = rng.normal(size=truth.shape) + 1.5 * truth
    figure = mean_average_precision(scores, truth)
    low, high = figure.interval
    assert low < figure.value < high
    assert figure.drawn.mean() == pytest.approx(figure.value, abs=0.01)

    def drawn_as_they_come(weights: Weights) -> Weights:
        each = [average_precision(s, t, weights) for s, t in zip(scores.T, truth.T, strict=True)]
        mean: Weights = np.nanmean(each, 0)
        return mean

    assert estimate(drawn_as_they_come, 300).drawn.mean() > figure.value + 2


def test_a_head_finds_what_the_features_show_and_chooses_its_penalty_apart() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10))
    truth = x[:, :3] > 0.5
    for choose in (None, (x[:50], truth[:50])):
        scores = head_scores(x[:150], truth[:150], choose, x[150:])
        assert map_of(scores, truth[150:]) > 0.95
    nothing = (x[:50], np.zeros((50, 3), bool))
    assert head_scores(x[:150], truth[:150], nothing, x[150:]).shape == (50, 3)


def test_tags_are_nouns_that_two_captions_mention_and_labels_of_boxes() -> None:
    train = [
        _sample(f"t{i}", captions=("a dog on a beach", "the dog in the sea")) for i in range(6)
    ]
    test = [_sample("x", captions=("a dog", "a dog on a hill", "a hill"))]
    known, _, asked = caption_tags(train, [], test)
    assert set(known.tags) == {frozenset({"dog"})}
    assert asked.tags == [frozenset({"dog"})]  # nobody said "hill" in train
    assert box_tags([_sample("b", objects=("cat", "bed"))]).tags == [frozenset({"cat", "bed"})]


def test_a_tag_counts_when_enough_photos_show_it() -> None:
    def tagged(times: int, *tags: str) -> TaggedPhotos:
        return TaggedPhotos([_sample(f"{i}") for i in range(times)], [frozenset(tags)] * times)

    train, none = tagged(10, "dog", "cat"), tagged(0)
    assert Tagging("album", train, none, tagged(5, "dog", "bird")).names() == ["dog"]
    assert Tagging("album", train, none, tagged(4, "dog")).names() == []
    assert Tagging("album", tagged(9, "dog"), none, tagged(5, "dog")).names() == []
