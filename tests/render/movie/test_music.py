"""Sound files are read, cut short ones as far as they go; what is none is named with a remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa.render.movie import MovieError
from ansa.render.movie.music import RATE, Music, read_music
from tests.render.movie.sounds import clicks, write_wav


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "song.wav", clicks(100, 5, 22_050)[0], 22_050)


def test_a_sound_file_is_read_at_the_usual_rate(song: Path) -> None:
    music = read_music(song)
    assert music.seconds == pytest.approx(5, abs=0.05)
    assert music.stereo.dtype == np.float32
    assert music.mono.shape == (music.stereo.shape[1] // 2,)
    assert np.abs(music.stereo).max() > 0.3


def test_no_more_is_read_than_is_wanted(song: Path) -> None:
    assert read_music(song, 2).stereo.shape == (2, 2 * RATE)


def test_a_file_that_is_cut_short_is_used_as_far_as_it_goes(song: Path) -> None:
    song.write_bytes(song.read_bytes()[: song.stat().st_size // 2])
    assert read_music(song).seconds == pytest.approx(2.5, abs=0.1)


def test_music_is_repeated_or_cut_and_fades_out() -> None:
    music = Music(np.ones((2, RATE), np.float32))
    for seconds in (0.5, 3.0):
        fit = music.fitted(seconds)
        assert fit.stereo.shape == (2, round(seconds * RATE))
        assert fit.stereo[0, -1] == 0
        assert fit.stereo[0, 0] == 1
    assert music.stereo.min() == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is a letter, no music",
        b"\x00" * 4096,
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/song.mp3\n",
        b"ffconcat version 1.0\nfile 'song.wav'\n",
    ],
    ids=["empty", "text", "zeros", "a playlist", "a list of files"],
)
def test_what_is_no_music_is_named_with_what_helps(song: Path, content: bytes) -> None:
    file = song.with_name("none.mp3")
    file.write_bytes(content)
    with pytest.raises(MovieError, match=r"none\.mp3: no sound .*; give a sound file") as caught:
        read_music(file)
    assert caught.value.file == str(file)


def test_a_photo_is_no_music_and_a_missing_file_is_missing(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48)).save(tmp_path / "photo.jpg")
    with pytest.raises(MovieError, match="no sound"):
        read_music(tmp_path / "photo.jpg")
    with pytest.raises(MovieError, match="cannot be read"):
        read_music(tmp_path / "gone.mp3")
