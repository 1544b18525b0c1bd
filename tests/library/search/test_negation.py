"""Words such as "without" say what is not wanted, as a minus sign does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.negation import NEGATORS, split_negated
from ansa.library.search.parse import MOST_PARTS, Part, parse_query


def signed(query: str) -> list[str]:
    return [("" if part.wanted else "-") + part.text for part in parse_query(query)]


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("no cat", ["-cat"]),
        ("not a cat", ["-cat"]),
        ("NO Cats", ["-Cats"]),
        ("photo without a cat", ["photo", "-cat"]),
        ("cats but no motorcycle", ["cats", "-motorcycle"]),
        ("cats, but not dogs", ["cats", "-dogs"]),
        ("a dog, not a cat", ["a dog", "-cat"]),
        ("not a dog but a cat", ["a cat", "-dog"]),
        ("everything except flowers", ["everything", "-flowers"]),
        ("everything but the dog", ["everything", "-dog"]),
        ("animals other than cats", ["animals", "-cats"]),
        ("cats minus dogs", ["cats", "-dogs"]),
        ("beach with no people", ["beach", "-people"]),
        ("beach with nobody", ["beach", "-people"]),
        ("sunset (no people)", ["sunset", "-people"]),
        ("beach without people at sunset", ["beach at sunset", "-people"]),
        ("no hot dog with onions", ["with onions", "-hot dog"]),
        ("no cats or dogs", ["-cats", "-dogs"]),
        ("neither cats nor dogs", ["-cats", "-dogs"]),
        ("no people and a sunset", ["a sunset", "-people"]),
        ("without a cat and a dog", ["-cat", "-dog"]),
        ("without people, cars or dogs", ["-people", "-cars", "-dogs"]),
        ("no people, sunset", ["sunset", "-people"]),
        ("women without hats and men with hats", ["women and men with hats", "-hats"]),
        ("dogs that are not brown", ["dogs", "-brown"]),
        ("photos that don’t show cats", ["photos", "-cats"]),
        ("not in 2020", ["-in 2020"]),
        ("not last summer", ["-last summer"]),
        ("no photos from 2020", ["-photos from 2020"]),
        ("without people last summer", ["last summer", "-people"]),
        ('not "hot dog"', ["-hot dog"]),
        ("not without a cat", ["a cat"]),
        ("street, no signs", ["street", "-signs"]),
        ("no cars with a sign", ["with a sign", "-cars"]),
        ("no people at a no parking zone", ["at a no parking zone", "-people"]),
    ],
)
def test_what_follows_such_a_word_is_not_wanted(query: str, parts: list[str]) -> None:
    assert signed(query) == parts


@pytest.mark.parametrize(
    "query",
    ["no", "say no", "no. 5", "chanel no 5", "minus 10 degrees", "do not enter sign",
     "not only dogs", "no later than 2019", "nothing but cats", "cats not", "no parking sign",
     "a red no left turn sign on a wall", "no fishing zone"],
)  # fmt: skip
def test_where_it_says_something_else_it_stays(query: str) -> None:
    assert signed(query) == [query]


def test_in_quotation_marks_and_in_names_it_stays() -> None:
    assert signed('"no parking sign"') == ["no parking sign"]
    assert parse_query("no parking sign", {"no parking sign"}.__contains__) == (
        Part("no parking sign"),
    )


def test_it_says_the_same_as_a_minus_sign_and_takes_weights() -> None:
    (part,) = parse_query("without people^2")
    assert (part.text, part.weight, part.wanted) == ("people", 2, False)
    assert signed("-cat") == signed("no cat")


def test_too_many_things_are_refused() -> None:
    with pytest.raises(ValueError, match=f"at most {MOST_PARTS}"):
        parse_query("dog " + "no cat with " * MOST_PARTS)


WORDS = [*NEGATORS, "a", "cat", "and", "or", "but", "one", "than", "other", "everything", "in", ","]


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=4)), max_size=9))
def test_any_words_are_parted_and_none_is_made_up(words: list[str]) -> None:
    split = split_negated(words, lambda name: False)
    told = " ".join([*split.wanted, *split.unwanted])
    assert all(any(word in typed for typed in words) for word in told.split() if word != "people")
    assert all(split.unwanted)
