from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ansa.library.search.match_calibration import MATCHES, SHIPPED
from ansa.library.search.ranking import RankedTerm, Ranking, newest, rank
from ansa.library.search.relevance import Baseline
from ansa.scene import Vector

BEACH, DOG, PEOPLE = np.eye(3, dtype=np.float32)


def photo(beach: float = 0.1, dog: float = 0.1, people: float = 0.1) -> Vector:
    vector = np.array([beach, dog, people], np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def library() -> Vector:
    """0 an empty beach, 1 a beach full of people, 2 a dog, 3 people, 4 a dog on a beach."""
    return np.stack(
        [photo(beach=1), photo(1, 0.1, 0.8), photo(dog=1), photo(people=1), photo(1, 1, 0.1)]
    )


def term(vector: Vector) -> RankedTerm:
    return RankedTerm(vector, Baseline(np.full(5, 0.3, np.float32), np.full(5, 0.2, np.float32)))


def best_first(ranking: Ranking) -> list[int]:
    return [int(row) for row in ranking.rows[np.argsort(-ranking.keys)]]


def ask(
    *wanted: Vector, unwanted: Vector | None = None, among: range = range(5), limit: int = 5
) -> Ranking:
    against = [] if unwanted is None else [term(unwanted)]
    terms = [term(vector) for vector in wanted]
    return rank(library(), terms, against, np.array(among, np.intp), limit)


def test_photos_come_by_the_chance_that_they_show_it() -> None:
    ranking = ask(BEACH)
    assert best_first(ranking)[:3] == [0, 1, 4]
    order = np.argsort(-ranking.keys)
    assert (np.diff(ranking.scores[order]) <= 0).all()
    assert (ranking.scores > 0).all()
    assert (ranking.scores < 1).all()
    assert ranking.best == ranking.scores.max()


def test_a_tag_that_is_absent_is_no_veto() -> None:
    everyday = Baseline(np.full(5, 0.3, np.float32), np.full(5, 0.2, np.float32))
    tags = np.zeros(5, np.float32)
    sure = np.zeros(5, np.bool_)
    tags[3] = 0.9
    tagged = RankedTerm(BEACH, everyday, tags=tags, sure=sure, named=1.0)
    ranking = rank(library(), [tagged], [], np.arange(5), 5)
    assert set(best_first(ranking)[:2]) == {0, 3}  # one by its looks, one by its tag
    assert ranking.best > 0.05


def test_a_name_counts_most() -> None:
    names = np.array([0, 0, 0, 1, 0], np.float32)
    named = RankedTerm(BEACH, term(BEACH).everyday, names=names)
    ranking = rank(library(), [named], [], np.arange(5), 5)
    assert best_first(ranking)[0] == 3


def test_a_name_that_says_all_is_meant_even_if_the_photo_shows_something_else() -> None:
    names = np.array([0, 0, 0, 0, 1], np.float32)
    everyday = term(BEACH).everyday
    unlike = -library()[4]  # "IMG_0042" looks like nothing
    found = rank(library(), [RankedTerm(unlike, everyday, names=names)], [], np.arange(5), 5)
    assert best_first(found)[0] == 4
    assert SHIPPED.grade(found.best) == MATCHES
    half = rank(
        library(),
        [RankedTerm(unlike, everyday, names=names * np.float32(0.5))],
        [],
        np.arange(5),
        5,
    )
    assert SHIPPED.grade(half.best) != MATCHES


def test_of_alternatives_each_will_do() -> None:
    either = replace(term(DOG), others=(term(PEOPLE),))
    assert set(best_first(rank(library(), [either], [], np.arange(5), 5))[:2]) == {2, 3}


def test_more_photos_need_a_better_match() -> None:
    many = np.repeat(library(), 2_000, axis=0)
    everyday = Baseline(np.full(10_000, 0.3, np.float32), np.full(10_000, 0.2, np.float32))
    few = ask(BEACH).best
    assert rank(many, [RankedTerm(BEACH, everyday)], [], np.arange(10_000), 5).best < few


def test_the_limit_keeps_the_best() -> None:
    assert best_first(ask(BEACH, limit=2)) == [0, 1]


def test_only_the_rows_asked_for_are_ranked() -> None:
    assert best_first(ask(BEACH, among=range(1, 4))) == [1, 2, 3]
    assert best_first(ask(BEACH, among=range(0))) == []


def test_two_wishes_find_what_has_both() -> None:
    assert best_first(ask(BEACH, DOG))[0] == 4


def test_what_is_not_wanted_is_left_out_or_sinks() -> None:
    ranking = ask(BEACH, unwanted=PEOPLE)
    assert best_first(ranking)[:2] == [0, 4]
    assert 3 not in ranking.rows


def test_a_search_against_itself_finds_nothing() -> None:
    ranking = ask(BEACH, unwanted=BEACH)
    assert len(ranking.rows) == 0
    assert ranking.best == 0


@pytest.mark.parametrize("limit", [1, 3])
def test_ties_with_the_last_are_kept_for_the_names_to_decide(limit: int) -> None:
    photos = np.stack([BEACH] * 4)
    everyday = Baseline(np.zeros(4, np.float32), np.ones(4, np.float32))
    assert len(rank(photos, [RankedTerm(BEACH, everyday)], [], np.arange(4), limit).rows) == 4


def test_what_is_only_probable_ranks_and_decides_nothing() -> None:
    facts = np.array([0.1, 0.9, 0.5, 0, 0.5], np.float32)
    everything = np.arange(5)
    ranking = rank(library(), [term(BEACH)], [], everything, 5, facts=facts)
    assert best_first(ranking)[0] == 1
    assert len(ranking.rows) == 5
    plain = rank(library(), [term(BEACH)], [], everything, 5)
    assert ranking.best < plain.best


def test_probable_facts_alone_come_by_their_chance_and_then_by_time() -> None:
    facts = np.array([0.1, 0.9, 0.5, 0, 0.5], np.float32)
    ranking = newest(library(), np.arange(5.0), [], np.arange(5), 4, facts=facts)
    assert best_first(ranking) == [1, 4, 2, 0]
    assert ranking.best == pytest.approx(0.9)
