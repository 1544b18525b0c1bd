from __future__ import annotations

import numpy as np
import pytest

from ansa.library.search.relevance import Baseline, baseline, relevance
from ansa.scene import Vector

DIM = 64


def unit(rng: np.random.Generator, n: int) -> Vector:
    rows = rng.normal(size=(n, DIM)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def judge(size: int, query: Vector, seed: int = 0, planted: float = 0.0) -> bool:
    """Whether the query finds something among random photos, one of them planted near it."""
    rng = np.random.default_rng(seed)
    photos, everyday = unit(rng, size), unit(rng, 300)
    photos[0] = photos[0] * (1 - planted) + query * planted
    photos[0] /= np.linalg.norm(photos[0])
    return relevance(photos @ query, baseline(photos, everyday)).good


@pytest.mark.parametrize("size", [5, 50, 2000])
def test_a_photo_that_matches_is_found_and_chance_is_not(size: int) -> None:
    rng = np.random.default_rng(1)
    queries = unit(rng, 40)
    found = [judge(size, query, seed, planted=0.6) for seed, query in enumerate(queries)]
    chance = [judge(size, query, seed) for seed, query in enumerate(queries)]
    assert np.mean(found) > 0.95
    assert np.mean(chance) < 0.25


def test_a_photo_near_every_text_is_no_match_for_that() -> None:
    """Hubs: their high cosine is their everyday one."""
    rng = np.random.default_rng(2)
    texts = unit(rng, 300) * 0.5 + unit(rng, 1)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    photos = unit(rng, 200)
    photos[0] = texts.mean(axis=0) / np.linalg.norm(texts.mean(axis=0))
    scores = photos @ texts[0]
    judged = relevance(scores, baseline(photos, texts[1:]))
    assert scores.argmax() == 0
    assert judged.margins[0] < 1.5
    assert not judged.good


def test_a_library_of_one_kind_still_says_what_it_holds() -> None:
    """Every photo matches, so that none stands out from the others."""
    rng = np.random.default_rng(3)
    dog, everyday = unit(rng, 1)[0], unit(rng, 300)
    photos = unit(rng, 50) * 0.7 + dog
    photos /= np.linalg.norm(photos, axis=1, keepdims=True)
    assert relevance(photos @ dog, baseline(photos, everyday)).good


def test_an_empty_library_matches_nothing() -> None:
    nothing = np.empty(0, np.float32)
    assert not relevance(nothing, Baseline(nothing, nothing)).good


def test_the_baseline_is_the_mean_and_spread_over_the_references() -> None:
    rng = np.random.default_rng(4)
    photos, references = unit(rng, 9000), unit(rng, 20)
    base = baseline(photos, references)
    scores = photos @ references.T
    assert np.allclose(base.mean, scores.mean(axis=1), atol=1e-6)
    assert np.allclose(base.spread, scores.std(axis=1), atol=1e-6)
