"""Films: telling frames, any frame by its second, facts, and what strangers' files may hold."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ansa.photo.errors import DamagedPhoto, OversizedPhoto, PhotoError, UnsupportedPhoto
from ansa.photo.film import read_film, read_frame, read_header
from ansa.photo.read import read_colours, read_photo
from tests.films import film_bytes, sound_bytes, write_film
from tests.photos import draw_photo, write_photo

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 40), (30, 50, 200)


def colour(pixels: np.ndarray) -> str:
    return ["red", "green", "blue"][int(pixels.reshape(-1, 3).mean(axis=0).argmax())]


def refusal(film: bytes) -> str | None:
    """The remedy of the error with which a film is refused; None if it is read."""
    try:
        read_film(film)
    except PhotoError as error:
        return error.remedy
    return None


@pytest.fixture(scope="module")
def colours() -> bytes:
    return film_bytes([(RED, 3), (GREEN, 3), (BLUE, 3)])


def test_every_shot_of_a_film_gives_a_frame_with_its_second(colours: bytes) -> None:
    film = read_film(colours)
    assert [colour(frame.pixels) for frame in film.frames] == ["red", "green", "blue"]
    for number, frame in enumerate(film.frames):
        assert 3 * number <= frame.second < 3 * number + 3
    assert film.facts.seconds == pytest.approx(9, abs=0.2)
    assert (film.facts.width, film.facts.height) == (320, 240)
    assert 0 <= film.poster < 3


def test_a_long_shot_of_one_thing_gives_one_frame() -> None:
    assert len(read_film(film_bytes([(draw_photo(320, 240, 3), 6)])).frames) == 1


def test_blank_frames_are_left_out_where_there_are_others() -> None:
    film = read_film(film_bytes([((0, 0, 0), 3), (draw_photo(320, 240, 4), 3)]))
    assert all(frame.second >= 3 for frame in film.frames)


def test_the_frame_of_a_second_is_the_one_that_is_shown_then(colours: bytes) -> None:
    shown = {second: colour(read_frame(colours, second)[0]) for second in (0, 2.5, 3.5, 8.9, 60)}
    assert shown == {0: "red", 2.5: "red", 3.5: "green", 8.9: "blue", 60: "blue"}


@pytest.mark.parametrize("second", [-1.0, float("nan"), float("inf")])
def test_a_second_that_no_film_has_is_refused(colours: bytes, second: float) -> None:
    with pytest.raises(ValueError, match="second"):
        read_frame(colours, second)


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp4", "mpeg4"), ("mov", "mpeg4"), ("matroska", "mpeg4"), ("avi", "mpeg4")]
)
def test_films_of_many_formats_are_read_as_photos_are(
    tmp_path: Path, kind: str, codec: str
) -> None:
    path = write_film(tmp_path / "film.mp4", kind=kind, codec=codec)  # whatever its name says
    pixels, facts = read_photo(path, min_side=100)
    assert pixels.shape == (100, 133, 3)
    assert facts.seconds == pytest.approx(4, abs=0.3)
    assert read_colours(path)[0].shape == (240, 320, 3)


def test_time_place_and_camera_come_from_the_header() -> None:
    tags = {
        "com.apple.quicktime.creationdate": "2024-05-02T14:30:10+0200",
        "com.apple.quicktime.location.ISO6709": "+48.2082-016.3738+170.000/",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
    }
    facts = read_film(film_bytes([(RED, 1)], kind="mov", tags=tags)).facts
    assert facts.taken is not None
    assert facts.taken.astimezone(UTC) == datetime(2024, 5, 2, 12, 30, 10, tzinfo=UTC)
    assert facts.taken.utcoffset() is not None
    assert facts.taken_source == facts.place_source == "film"
    assert (facts.latitude, facts.longitude) == (48.2082, -16.3738)
    assert facts.camera == "Apple iPhone 15"


def test_a_film_with_one_key_frame_gives_its_later_shots_too() -> None:
    film = read_film(film_bytes([(RED, 3), (GREEN, 3)], key_every=100))
    assert {colour(frame.pixels) for frame in film.frames} == {"red", "green"}


def test_a_film_with_one_key_frame_is_decoded_as_far_as_it_costs_little() -> None:
    late = film_bytes([(RED, 20.0), (BLUE, 4.0)], rate=15, key_every=1000)
    film = read_film(late)
    assert [frame.second < 20 for frame in film.frames] == [True, False]


def test_a_film_of_hours_takes_no_longer_than_one_of_minutes() -> None:
    hours = film_bytes([(RED, 300), (BLUE, 300)], size=(32, 32), rate=1, key_every=1, slow=60)
    began = time.process_time()
    film = read_film(hours)
    assert time.process_time() - began < 5
    assert film.facts.seconds == pytest.approx(36_000, abs=60)
    assert [colour(frame.pixels) for frame in film.frames] == ["red", "blue"]


def test_a_film_cut_in_the_middle_gives_what_there_is_or_says_that_it_is_cut(
    colours: bytes,
) -> None:
    with pytest.raises(DamagedPhoto, match="cut off"):  # its index comes last
        read_film(colours[: len(colours) // 2])
    streamed = film_bytes([(RED, 3), (GREEN, 3), (BLUE, 3)], kind="matroska")
    film = read_film(streamed[: len(streamed) // 2])
    assert colour(film.frames[0].pixels) == "red"


def test_a_broken_index_is_no_hang_and_no_other_error(colours: bytes) -> None:
    at = colours.index(b"stco")
    broken = colours[: at + 12] + b"\xff" * 40 + colours[at + 52 :]
    assert refusal(broken) != ""


@pytest.mark.parametrize("seed", range(12))
def test_a_mangled_film_is_read_or_refused_in_words(colours: bytes, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mangled = bytearray(colours)
    for place in rng.integers(0, len(mangled), 60):
        mangled[place] = rng.integers(256)
    assert refusal(bytes(mangled)) != ""


def test_a_film_without_a_picture_is_refused() -> None:
    with pytest.raises(UnsupportedPhoto, match="no picture"):
        read_film(sound_bytes())


def test_a_photo_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedPhoto, match="it is a photo and no film"):
        read_film(write_photo(tmp_path / "a.jpg"))


def test_frames_beyond_any_camera_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansa.photo.film.MAX_FRAME_PIXELS", 10_000)
    with pytest.raises(OversizedPhoto, match="320 x 240"):
        read_film(film_bytes([(RED, 1)]))


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    secret = write_film(tmp_path / "other.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(PhotoError):
        read_film(playlist)
    listed = tmp_path / "concat.mp4"
    listed.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    with pytest.raises(PhotoError):
        read_film(listed)


def test_the_length_is_told_without_decoding(colours: bytes, tmp_path: Path) -> None:
    assert read_header(colours).facts.seconds == pytest.approx(9, abs=0.2)
    with pytest.raises(PhotoError, match="No such file"):
        read_header(tmp_path / "none.mp4")


def test_the_bytes_of_a_film_are_never_changed(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4")
    before = path.read_bytes()
    read_film(path)
    assert path.read_bytes() == before
