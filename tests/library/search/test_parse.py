from __future__ import annotations

import pytest

from ansa.library.search.parse import MOST_PARTS, Part, parse_query


def test_plain_words_are_one_part() -> None:
    assert parse_query("  a dog  on a beach ") == (Part("a dog on a beach"),)


@pytest.mark.parametrize("text", ["t-shirt", "- dog", "a -- b", "c^x", "what^", 'half "open', "😀"])
def test_what_fits_no_rule_is_plain_words(text: str) -> None:
    assert parse_query(text) == (Part(text),)


def test_what_is_not_wanted_has_a_minus() -> None:
    crowd = Part("a crowd", wanted=False, literal=True)
    assert parse_query('beach -people -"a crowd"') == (
        Part("beach"),
        Part("people", wanted=False),
        crowd,
    )
    assert parse_query("beach -“a crowd”")[1] == crowd


def test_weights_make_parts_of_their_own() -> None:
    assert parse_query("old beach^2 sunset") == (Part("old"), Part("beach", 2), Part("sunset"))
    assert parse_query('"hot dog"^.5 stand') == (Part("hot dog", 0.5, literal=True), Part("stand"))
    assert parse_query("-people^2") == (Part("people", 2, wanted=False),)


@pytest.mark.parametrize("query", ["beach^0", "beach^0.05", "beach^99999999999999999999"])
def test_a_weight_that_makes_no_sense_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"weight of 'beach' .* 0\.1 to 10"):
        parse_query(query)


@pytest.mark.parametrize("query", ["", "   ", '""', '-""'])
def test_a_query_without_words_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match="empty text"):
        parse_query(query)


def test_a_long_query_is_read_and_one_of_too_many_parts_refused() -> None:
    (part,) = parse_query("beach " * 2000)
    assert len(part.text) == 6 * 2000 - 1
    with pytest.raises(ValueError, match=f"at most {MOST_PARTS}"):
        parse_query("-a " * (MOST_PARTS + 1))
