from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa_train.data.caption_text import MAX_LENGTH, clean, sentences, without_opening


def test_markup_addresses_and_control_characters_go() -> None:
    assert clean("<b>A dog</b>\x00 runs &amp; jumps,\n see https://x.org/a.jpg") == (
        "A dog runs & jumps, see"
    )
    assert clean("Houses at a lake.[/Figure][S1-LO1]") == "Houses at a lake."


def test_a_caption_of_ten_thousand_characters_is_cut_after_a_word() -> None:
    text = clean("word " * 2000)
    assert len(text) <= MAX_LENGTH
    assert text.endswith("word")
    assert len(clean("x" * 10_000)) == MAX_LENGTH


@pytest.mark.parametrize(
    "text", ["", " \t", "123 !", "Собака бежит", "一只狗在跑", "<script></script>"]
)
def test_what_an_english_network_cannot_read_is_refused(text: str) -> None:
    assert clean(text) == ""


def test_accents_are_no_other_script() -> None:
    assert clean("Café in Älplermagronen") == "Café in Älplermagronen"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("A photograph shows two dogs on a beach.", "two dogs on a beach."),
        ("An aerial photograph shows houses.", "An aerial photograph shows houses."),
        ("This image depicts a cell in the foreground.", "a cell in the foreground."),
        ("Photo of a cat on a bed", "a cat on a bed"),
        ("A painting of a bearded man", "A painting of a bearded man"),
        ("Two men pose for a photo of the team.", "Two men pose for a photo of the team."),
    ],
)
def test_an_opening_that_only_names_the_picture_is_left_out(text: str, rest: str) -> None:
    assert without_opening(text) == rest


def test_both_ways_of_saying_it_are_learned_once_each() -> None:
    said = ("A photo shows a red barn.", "a red barn.", "\x07")
    assert sentences(said) == ("A photo shows a red barn.", "a red barn.")


@given(st.text(max_size=3000))
def test_any_text_comes_out_short_printable_and_stable(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= MAX_LENGTH
    assert "\n" not in cleaned
    assert clean(cleaned) == cleaned or "&" in cleaned or "<" in cleaned
