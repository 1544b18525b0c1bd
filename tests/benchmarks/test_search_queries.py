"""Queries of every kind know their answers, and results are judged by what is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ansa.library.search.match_calibration import Grade
from ansa.library.search.ranking import Match, SearchResult
from ansa.model.bundle import Bundle
from ansa.scene import Facts
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT
from ansa_train.data.pack import Sample
from benchmarks.search_by_kind import Judgement, figures_by_kind, judge
from benchmarks.search_queries import KINDS, MadeLife, Query, made_life, make_queries

_SHOWN = (("dog", "beach"), ("cat",), ("elephant", "running"), ("man",), ("dog", "cat"))
_CAPTION, _OTHER = "two men beside a red bicycle", "a man beside a dog"


@pytest.fixture(scope="module")
def queries() -> tuple[list[Query], MadeLife]:
    tree = Tree.parse(Bundle.open().read(FILE))
    places = {concept.name: place for place, concept in enumerate(tree)}
    names = [names for names in _SHOWN for _ in range(20)]
    states = np.full((len(names), len(tree)), ABSENT, np.uint8)
    for row, shown in enumerate(names):
        states[row, [places[name] for name in (*shown, *(["bicycle"] if row < 5 else []))]] = (
            PRESENT
        )
    samples = [
        Sample(
            f"{row}",
            "made",
            "dev",
            "photo",
            (_CAPTION,) * 5 if row < 5 else (_OTHER,) * 5 if row < 20 else (),
            (),
            (),
            Path(),
            0,
            0,
        )
        for row in range(len(names))
    ]
    life = made_life(samples)
    return make_queries(samples, tree, states, life), life


def test_there_are_queries_of_every_kind_with_answers(
    queries: tuple[list[Query], MadeLife],
) -> None:
    made, life = queries
    assert {query.kind for query in made} == set(KINDS)
    for query in made:
        assert query.answers.shape == query.judged.shape == (len(life.paths),)
        assert query.answers.any() == (query.kind != "absent things"), query.text
        assert not (query.answers & ~query.judged).any(), query.text
    texts = {query.text for query in made}
    assert {"dog", "two men", "a red bicycle", "dog without cat", "running", "man"} <= texts


def test_an_error_is_no_word_as_it_is_spelt(queries: tuple[list[Query], MadeLife]) -> None:
    wrong = [query.text for query in queries[0] if query.kind == "typing errors"]
    assert wrong
    assert not {"elephant", "bicycle", "running"} & set(wrong)


def test_ten_languages_ask_for_the_same(queries: tuple[list[Query], MadeLife]) -> None:
    texts = {query.text for query in queries[0] if query.kind == "other languages"}
    assert {"chien", "katze", "いぬ", "고양이", "слон"} <= texts
    assert not texts & {"dog", "cat", "bicycle"}


def found(grade: Grade, *names: str) -> SearchResult:
    facts = Facts(4, 3, taken=datetime(2024, 1, 1))
    return SearchResult(tuple(Match(Path(name), 0.5, grade, facts) for name in names), grade)


@pytest.mark.parametrize(
    ("result", "judgement"),
    [
        (found("matches", "a", "b"), Judgement(1.0, False, False)),
        (found("matches", "c", "a"), Judgement(0.5, False, True)),
        (found("matches", "d", "a"), Judgement(0.5, False, False)),
        (found("not here", "c", "a", "b"), Judgement(1.0, True, False)),
    ],
)
def test_results_are_judged_by_what_is_known(result: SearchResult, judgement: Judgement) -> None:
    rows = {name: row for row, name in enumerate("abcd")}
    answers, judged = np.array([1, 1, 0, 0], bool), np.array([1, 1, 1, 0], bool)
    assert judge(Query("things", "x", answers, judged), result, rows) == judgement


def test_what_is_absent_can_only_wrongly_match() -> None:
    nothing, rows = np.zeros(4, bool), {name: row for row, name in enumerate("abcd")}
    absent = Query("absent things", "x", nothing, ~nothing)
    judged = [judge(absent, found(grade, "a"), rows) for grade in ("matches", "not here")]
    assert [each.wrongly_there for each in judged] == [True, False]
    figures = figures_by_kind([absent, absent], judged)
    assert figures["absent things"] == {'wrong "matches"': (0.5, 2)}
