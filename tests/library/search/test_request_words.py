"""Words that only ask for photos are no part of the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.request_words import picture_words


@pytest.mark.parametrize(
    ("text", "picture"),
    [
        ("find dogs", "dogs"),
        ("show me photos of a dog", "a dog"),
        ("show dogs", "dogs"),
        ("show me the sea", "the sea"),
        ("dog photos", "dog"),
        ("family photo", "family"),
        ("show me all my beach pics please", "beach"),
        ("show me all my dog photos", "dog"),
        ("find any of our red cars", "red cars"),
        ("show me photos of all of us", "all of us"),
        ("all my dogs", "all my dogs"),
        ("can you find me some pictures of cats?", "cats"),
        ("i want to see a sunset", "a sunset"),
        ("I'd like to see pictures of my wedding", "my wedding"),
        ("do we have any photos of a horse?", "a horse"),
        ("where are my beach pictures", "my beach"),
        ("photos that show a cat", "a cat"),
        ("pictures in which there is a boat", "a boat"),
        ("photos where people are dancing", "people are dancing"),
        ("photos at night", "at night"),
        ("photos in black and white", "in black and white"),
        ("images containing text", "text"),
        ("when we were at the beach", "the beach"),
        ("the time we went to the zoo", "the zoo"),
        ("something red", "red"),
        ("which photos have a car", "a car"),
        ("how many photos of cats do I have", "cats"),
        ("search for a red car", "a red car"),
        ("looking for a bike", "a bike"),
        ("best photos of our cat", "our cat"),
        ("a few snaps of flowers", "flowers"),
        ("beach that I took", "beach"),
        ("hey show me dogs", "dogs"),
        ("picture of a picture frame", "a picture frame"),
    ],
)
def test_what_remains_of_a_request_is_the_picture(text: str, picture: str) -> None:
    assert picture_words(text) == picture


@pytest.mark.parametrize(
    "text",
    ["a photo album", "a man taking pictures of birds", "open door", "view of a mountain",
     "light show", "a dog show", "show jumping", "picture frame", "photo booth", "photographer",
     "list on paper", "get together", "me and my dog", "a wall of photos", "a cup",
     "hand holding photos"],
)  # fmt: skip
def test_a_picture_that_only_sounds_like_a_request_stays(text: str) -> None:
    assert picture_words(text) == text


@pytest.mark.parametrize(
    "text", ["photos", "find", "please show me", "show me all my photos", "pictures I took", "pics"]
)
def test_a_text_may_only_ask(text: str) -> None:
    assert picture_words(text) == ""


@pytest.mark.parametrize(
    ("left", "picture"),
    [
        ("our trip to", ""),
        ("pics with my", ""),
        ("taken", ""),
        ("photos from in", ""),
        ("our visit to", ""),
        ("days in", ""),
        ("trip to the beach in", "the beach"),
        ("pictures I took with my", ""),
        ("photos with snow and", "snow"),
        ("flowers that we saw in", "flowers"),
        ("playing in the", "playing"),
        ("dog and", "dog"),
        ("dog", "dog"),
    ],
)
def test_words_that_led_to_a_fact_go_with_it(left: str, picture: str) -> None:
    assert picture_words(left, facts=True) == picture


@given(st.text(max_size=60), st.booleans())
def test_nothing_is_made_up(text: str, facts: bool) -> None:
    rest = picture_words(text, facts=facts)
    assert len(rest) <= len(text)
    assert all(word in text for word in rest.split())


def test_a_long_text_is_read_in_bounded_time() -> None:
    for text in ("photos of " * 5_000, "a" * 50_000, ", " * 20_000 + "x", "trip to " * 9_000):
        assert isinstance(picture_words(text, facts=True), str)
