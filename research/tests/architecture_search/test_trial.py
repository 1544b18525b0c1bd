from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.space import Candidate
from research.architecture_search.trial import Diverged, fine_tune, schedule
from research.architecture_search.weight_inheritance import ParentNetwork

_SMALL = Candidate(size=64, shallow_width=0.5, deep_width=0.5, shallow_drop=2, deep_drop=3)


def _photos(count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (count, 64, 64, 3), np.uint8)
    return pixels, np.tile(rng.normal(size=1000) * 3, (count, 1)).astype(np.float32)


def test_fine_tuning_brings_a_candidate_nearer_to_the_teacher(
    whole: ParentNetwork, recipe: SearchRecipe
) -> None:
    pixels, teacher = _photos()
    network, classifier = whole.part(_SMALL)
    before = fine_tune(network, classifier, pixels, teacher, replace(recipe, rate=0.0))
    after = fine_tune(network, classifier, pixels, teacher, replace(recipe, rate=1e-3))
    assert after < 0.9 * before


def test_an_equal_seed_gives_an_equal_candidate(whole: ParentNetwork, recipe: SearchRecipe) -> None:
    pixels, teacher = _photos(6)
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        losses.append(fine_tune(*whole.part(_SMALL), pixels, teacher, recipe))
    assert losses[0] == losses[1]


def test_a_loss_that_is_no_number_is_said_with_its_step(
    whole: ParentNetwork, recipe: SearchRecipe
) -> None:
    pixels, teacher = _photos(6)
    teacher[:] = np.nan
    with pytest.raises(Diverged, match="nan at step 1"):
        fine_tune(*whole.part(_SMALL), pixels, teacher, recipe)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [schedule(done, 0.1) for done in (0.05, 0.1, 0.5, 1.0)]
    assert rates == pytest.approx([0.5, 1.0, 0.587, 0.0], abs=0.01)
