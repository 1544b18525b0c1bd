"""The text in a picture, read for real, and what is kept of what was read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.model.text_reader import (
    MAX_CHARACTERS,
    TextReader,
    clean_lines,
    reader_id,
    same_models,
)
from tests.cli.test_promises import watched, watching_env
from tests.texts import write_receipt

_INSTALL = "pip install 'ansa[ocr]' to test what reads text"


def test_control_characters_and_invisible_marks_are_removed() -> None:
    assert clean_lines(["a\x1b[31mb\x00", "\u202ereversed\u200b", " \t\n ", "two  spaces"]) == (
        "a[31mb",
        "reversed",
        "two spaces",
    )


def test_text_of_any_script_is_kept() -> None:
    lines = ("Grüße aus Zürich", "漢字かな", "Ελληνικά", "Привет", "שלום")
    assert clean_lines(lines) == lines


def test_a_letter_and_its_mark_are_one_character() -> None:
    assert clean_lines(["Mu\u0308ller"]) == ("Müller",)


def test_no_more_than_a_few_thousand_characters_are_kept() -> None:
    kept = clean_lines(["x" * 1_500] * 10)
    assert sum(map(len, kept)) == MAX_CHARACTERS
    assert len(kept) == 3


def test_another_version_of_the_package_reads_nothing_anew_but_other_models_do() -> None:
    pytest.importorskip("rapidocr", reason=_INSTALL)
    assert same_models(reader_id())
    assert same_models("PP-OCRv6_rec_small, rapidocr 9.9.9")
    assert not same_models("PP-OCRv4_rec, rapidocr 3.10.0")
    assert not same_models("")


def test_a_receipt_and_an_upside_down_page_are_read(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason=_INSTALL)
    reader = TextReader()
    file = write_receipt(tmp_path / "r.png", "CORNER BAKERY", "Croissant 2.80", "TOTAL 6.30")
    upright = Image.open(file).convert("RGB")
    text = reader(np.asarray(upright))
    assert text.lines == ("CORNER BAKERY", "Croissant 2.80", "TOTAL 6.30")
    assert 0.05 < text.area < 0.6
    turned = reader(np.asarray(upright.rotate(180)))
    assert set(turned.lines) == set(text.lines)
    blank = reader(np.full((64, 64, 3), 200, np.uint8))
    assert (blank.lines, blank.area) == ((), 0.0)


def test_what_reads_text_opens_no_socket(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason=_INSTALL)
    log = watched(tmp_path)
    code = """
from ansa.model.text_reader import TextReader, refuse_sockets
refuse_sockets()
TextReader()
import socket
try:
    socket.create_connection(("127.0.0.1", 9))
except PermissionError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=watching_env(tmp_path, log),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "may not use the network" in done.stdout
    tried = {line.split(" ")[1] for line in log.read_text().splitlines()} - {"started"}
    assert tried <= {"socket.getaddrinfo"}, "what was tried on purpose"
