"""Misspelt words are found again, quickly, among many."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.spelling import SpellingIndex, edits

WORDS = ["umbrella", "beach", "butterfly", "elephant", "bicycle", "mountain", "dog", "dogs"]
WORDS += ["church", "giraffe", "lisbon"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("umbrela", "umbrella"),
        ("bech", "beach"),
        ("beahc", "beach"),
        ("butterlfy", "butterfly"),
        ("buterflly", "butterfly"),
        ("elefant", "elephant"),
        ("bycicle", "bicycle"),
        ("mountian", "mountain"),
        ("girafe", "giraffe"),
        ("churhc", "church"),
        ("lisbonn", "lisbon"),
        ("dogg", "dog"),
    ],
)
def test_a_typing_error_is_corrected(typed: str, meant: str) -> None:
    assert SpellingIndex(WORDS).near(typed, 1) == [meant]


@pytest.mark.parametrize("typed", ["dig", "xqzzt", "chair", "", "b" * 500, "peach pit"])
def test_what_is_near_to_nothing_stays(typed: str) -> None:
    assert SpellingIndex(WORDS).near(typed) == []


def test_of_words_as_near_the_more_important_comes_first() -> None:
    assert SpellingIndex(["boat", "coat"]).near("doat") == ["boat", "coat"]
    assert SpellingIndex(["coat", "boat"]).near("doat") == ["coat", "boat"]


def test_among_many_words_it_takes_little_time() -> None:
    rng = random.Random(0)
    words = [
        "".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 12))) for _ in range(9999)
    ]
    index = SpellingIndex(words)
    began = time.process_time()
    for word in words[:100]:
        assert index.near(word[:-1] + "q")[:1]
    assert time.process_time() - began < 1  # 10 ms each; reading them all takes 100 ms


@given(st.text(max_size=12), st.text(max_size=12))
def test_edits_are_symmetric_and_few_for_words_alike(one: str, other: str) -> None:
    assert edits(one, other, 99) == edits(other, one, 99)
    assert (edits(one, other, 99) == 0) == (one == other)
    assert edits(one, one[1:], 99) <= 1
