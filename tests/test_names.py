from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from ansa.names import printable


def test_a_plain_name_stays_as_it_is() -> None:
    assert printable("Žofín 2024/été à la mer 🏖.jpg") == "Žofín 2024/été à la mer 🏖.jpg"


def test_line_breaks_and_terminal_sequences_are_written_out() -> None:
    assert printable("a\nb\x1b[31m.jpg") == r"a\nb\x1b[31m.jpg"


@given(st.binary().filter(lambda name: b"\0" not in name))
def test_any_name_on_disk_becomes_one_line_of_valid_text(name: bytes) -> None:
    shown = printable(os.fsdecode(name))
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
