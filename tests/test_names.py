from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.names import MAX_NAME_BYTES, WORD, fitting, name_key, printable


def test_a_plain_name_stays_as_it_is() -> None:
    assert printable("Žofín 2024/été à la mer 🏖.jpg") == "Žofín 2024/été à la mer 🏖.jpg"


def test_line_breaks_and_terminal_sequences_are_written_out() -> None:
    assert printable("a\nb\x1b[31m.jpg") == r"a\nb\x1b[31m.jpg"


@given(st.binary().filter(lambda name: b"\0" not in name))
def test_any_name_on_disk_becomes_one_line_of_valid_text(name: bytes) -> None:
    shown = printable(os.fsdecode(name))
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.sampled_from([".jpg", " (2).png"]))
def test_a_name_fits_onto_a_disk_and_keeps_its_end(stem: str, rest: str) -> None:
    name = fitting(stem, rest)
    assert name.endswith(rest)
    assert stem.startswith(name.removesuffix(rest))
    assert len(name.encode()) <= MAX_NAME_BYTES
    if len((stem + rest).encode()) <= MAX_NAME_BYTES:
        assert name == stem + rest


def test_names_that_are_no_text_are_cut_too() -> None:
    assert fitting(os.fsdecode(b"\xff" * 300), ".jpg") == os.fsdecode(b"\xff" * 251) + ".jpg"


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Zo\u00eb", "zoe"),
        ("Zoe\u0308", "zoe"),
        ("ZOË’s", "zoe"),
        ("zoe's", "zoe"),
        ("café", "cafe"),
        ("ＣＡＦＥ\u0301", "cafe"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Île-de-France", "ile de france"),
        ("Łódź", "lodz"),
        ("St. John's", "st john"),
        ("New Year’s Eve", "new year eve"),
        ("  my  cat Miso ", "my cat miso"),
    ],
)
def test_spellings_of_one_name_have_one_key(name: str, same: str) -> None:
    assert name_key(name) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [("か", "が"), ("दिल", "दिली"), ("C", "C++"), ("C", "C#"), ("🐱", "🐶"), ("a", "b"), ("", "x")],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text())
def test_a_key_is_its_own_key_whatever_the_normal_form(name: str) -> None:
    key = name_key(name)
    assert key == " ".join(key.split())
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert name_key(unicodedata.normalize(form, name)) == key
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    "name", ["my cat Miso", "Zoe\u0308", "दिल्ली", "🐱", "C++", "T-shirt", "O’Brien"]
)
def test_the_words_of_a_name_have_its_key(name: str) -> None:
    assert name_key(" ".join(WORD.findall(name))) == name_key(name)
