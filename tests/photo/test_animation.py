"""Tests the telling frames of animated pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ansa.photo.animation import telling_animation

RED, BLUE = (220, 10, 10), (10, 10, 220)


def moving(
    colours: list[tuple[int, int, int]], kind: str = "GIF", milliseconds: int = 100
) -> bytes:
    buffer = io.BytesIO()
    first, *others = (Image.new("RGB", (40, 30), colour) for colour in colours)
    first.save(buffer, kind, save_all=True, append_images=others, duration=milliseconds)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_a_moving_picture_shows_is_told_with_its_second(kind: str) -> None:
    frames = telling_animation(moving([RED, BLUE], kind, 1500))
    assert [frame.second for frame in frames] == [0.0, 1.5]
    assert [frame.pixels[15, 20].argmax() for frame in frames] == [0, 2]


def test_what_does_not_move_or_is_damaged_or_no_picture_has_no_frames() -> None:
    assert telling_animation(moving([RED])) == ()
    assert telling_animation(moving([RED, RED, RED])) == ()
    assert telling_animation(b"no picture") == ()
    whole = moving([RED, BLUE, RED, BLUE])
    assert len(telling_animation(whole[: len(whole) - 60])) in (0, 2)


def test_of_a_long_animation_only_some_frames_are_looked_at() -> None:
    colours = [(0, 0, step % 256) for step in range(300)] + [RED] * 20
    frames = telling_animation(moving(colours))
    assert 2 <= len(frames) <= 12
    assert frames[-1].pixels[15, 20].argmax() == 0
