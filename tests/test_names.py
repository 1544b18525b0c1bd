from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from ansa.names import MAX_NAME_BYTES, fitting, printable


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
