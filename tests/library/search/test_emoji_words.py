"""Emoji ask for what their names say, and all other text stays as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.emoji_words import with_emoji_in_words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("🐶", "dog"),
        ("🐕 in the snow", "dog in the snow"),
        ("🎂🎂", "birthday cake birthday cake"),
        ("🏖️ 2023", "beach with umbrella 2023"),
        ("👶🏽", "baby"),
        ("no 🐱", "no cat"),
        ("❤️", "heart"),
    ],
)
def test_emoji_are_words(query: str, words: str) -> None:
    assert with_emoji_in_words(query) == words


@pytest.mark.parametrize("query", ["a dog", "größe  5 €", "犬と猫", "🇵🇹", "→", "12 ½", "क्‍ष"])
def test_other_text_stays(query: str) -> None:
    assert with_emoji_in_words(query) == query


def test_an_emoji_that_names_a_tag_stays() -> None:
    assert with_emoji_in_words("🐶 and 🐱", lambda words: words == "🐶") == "🐶 and cat"


@given(st.text())
def test_any_text_is_read(query: str) -> None:
    with_emoji_in_words(query)
