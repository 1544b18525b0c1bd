from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ansa_train.errors import TrainingError
from research.architecture_search.latency import Latency
from research.architecture_search.quality import Quality
from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.space import Candidate, Space
from research.architecture_search.study import Study
from research.architecture_search.trial import Diverged, Outcome


def _outcome(candidate: Candidate) -> Outcome:
    """Figures that follow from the candidate: small ones are fast and bad."""
    cost = candidate.size / 256 * (candidate.shallow_width + candidate.deep_width)
    ranks = np.arange(10) * round(10 / cost)
    recall = {k: 100.0 * float((ranks < k).mean()) for k in (1, 5, 10)}
    quality = Quality(recall, 1 / cost, 50.0, ranks)
    return Outcome(quality, Latency(cost, 5 * cost), 1000, 0.5, 1.0)


class _Killed(BaseException):
    pass


def _killed_after(count: int, tried: list[Candidate]) -> Callable[[Candidate], Outcome]:
    def attempt(candidate: Candidate) -> Outcome:
        if len(tried) == count:
            raise _Killed
        tried.append(candidate)
        return _outcome(candidate)

    return attempt


@pytest.fixture
def points(recipe: SearchRecipe) -> SearchRecipe:
    named = {"small": Candidate(size=64), "plain": Candidate(squeeze="none")}
    return replace(recipe, trials=6, points={**recipe.points, **named})


def test_points_come_first_and_nothing_is_tried_twice(points: SearchRecipe) -> None:
    tried: list[Candidate] = []
    study = Study(points)
    study.run(_killed_after(99, tried))
    assert tried[:3] == list(points.points.values())
    assert len(tried) == len(set(tried)) == 6
    assert [t.candidate for t in study.tried()] == tried
    assert [t.name for t in study.tried()[:4]] == ["shipped", "small", "plain", None]


@pytest.mark.parametrize("killed", [0, 2, 3, 5])
def test_a_killed_study_goes_on_and_repeats_no_finished_trial(
    points: SearchRecipe, killed: int
) -> None:
    before: list[Candidate] = []
    with pytest.raises(_Killed):
        Study(points).run(_killed_after(killed, before))
    after: list[Candidate] = []
    study = Study(points)
    study.run(_killed_after(99, after))
    assert not set(before) & set(after)
    assert len(before + after) == 6
    assert set(points.points.values()) <= set(before + after)
    for trial in study.tried():
        expected = _outcome(trial.candidate)
        assert trial.figures == expected.figures()
        assert trial.ranks.tolist() == expected.quality.ranks.tolist()


def test_the_trial_that_was_interrupted_is_tried_again(points: SearchRecipe) -> None:
    proposed: list[Candidate] = []

    def die_at_the_fourth(candidate: Candidate) -> Outcome:
        proposed.append(candidate)
        if len(proposed) == 4:
            raise _Killed
        return _outcome(candidate)

    with pytest.raises(_Killed):
        Study(points).run(die_at_the_fourth)
    again: list[Candidate] = []
    Study(points).run(_killed_after(99, again))
    assert again[0] == proposed[3]


def test_a_finished_study_can_be_given_more_trials(points: SearchRecipe) -> None:
    Study(points).run(_outcome)
    more: list[Candidate] = []
    Study(replace(points, trials=8)).run(_killed_after(99, more))
    assert len(more) == 2
    Study(replace(points, trials=8)).run(_killed_after(0, []))  # nothing is left to do


def test_a_study_on_other_terms_is_refused(points: SearchRecipe) -> None:
    Study(points)
    with pytest.raises(TrainingError, match="a study of another photos, rate"):
        Study(replace(points, photos=5, rate=1.0))


def test_a_candidate_that_diverges_is_listed_and_not_tried_again(points: SearchRecipe) -> None:
    def attempt(candidate: Candidate) -> Outcome:
        if candidate == Candidate(size=64):
            raise Diverged("the loss is nan at step 3")
        return _outcome(candidate)

    Study(points).run(attempt)
    again: list[Candidate] = []
    study = Study(replace(points, trials=7))
    study.run(_killed_after(99, again))
    assert study.given_up() == [(Candidate(size=64), "the loss is nan at step 3")]
    assert Candidate(size=64) not in again
    assert len(study.tried()) == 7


def test_a_space_that_is_searched_through_ends_the_study(recipe: SearchRecipe) -> None:
    space = Space(
        size=(64, 256),
        shallow_width=(1.0,),
        deep_width=(1.0,),
        shallow_drop=(0,),
        deep_drop=(0,),
        squeeze=("late",),
    )
    study = Study(replace(recipe, trials=5, space=space))
    study.run(_outcome)
    assert {t.candidate.size for t in study.tried()} == {64, 256}
