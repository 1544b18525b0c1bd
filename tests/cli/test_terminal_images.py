"""Previews in terminals."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from PIL import Image

from ansa.cli.terminal_images import preview, protocol_of
from tests.photos import quarters


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    quarters(24, 12).save(path)
    return path


def test_terminals_that_show_pictures_are_known() -> None:
    assert protocol_of({"TERM": "xterm-kitty"}) == "kitty"
    assert protocol_of({"TERM_PROGRAM": "iTerm.app"}) == "iterm2"
    assert protocol_of({"TERM": "foot"}) == "sixel"
    assert protocol_of({"TERM": "xterm-256color"}) is None


def test_kitty_and_iterm_get_the_picture_as_png(photo: Path) -> None:
    for protocol, pattern in (("kitty", r";([\w+/=]+)\x1b"), ("iterm2", r":([\w+/=]+)\a")):
        told = preview(photo, protocol)  # type: ignore[arg-type]
        data = "".join(re.findall(pattern, told))
        assert base64.b64decode(data).startswith(b"\x89PNG")


def test_sixels_have_the_size_and_the_colours_of_the_picture(photo: Path) -> None:
    told = preview(photo, "sixel")
    assert told.startswith('\x1bPq"1;1;24;12')
    assert told.endswith("\x1b\\")
    assert told.count("-") == 2  # two bands of six rows
    colours = {tuple(map(int, c)) for c in re.findall(r"#\d+;2;(\d+);(\d+);(\d+)", told)}
    assert len(colours) >= 4


def test_a_photo_that_cannot_be_opened_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no photo")
    assert preview(tmp_path / "a.jpg", "kitty") == ""
    Image.new("RGB", (1, 1)).save(tmp_path / "b.png")
    assert preview(tmp_path / "b.png", "sixel")
