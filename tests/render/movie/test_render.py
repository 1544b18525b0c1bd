"""A movie plays: its size, length, photos and sound; it is whole, or not there at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ansa.render.movie import MovieError, Still, make_movie
from tests.render.movie.sounds import clicks, write_wav

SIZE = 192, 108
COLOURS = ((200, 40, 40), (40, 160, 40), (40, 60, 200))


@pytest.fixture
def stills(tmp_path: Path) -> list[Still]:
    made = []
    for number, colour in enumerate(COLOURS):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (400, 300), colour).save(path)
        made.append(Still(path))
    return made


def frames(path: Path) -> list[NDArray[Any]]:
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_every_photo_is_seen_in_its_turn(stills: list[Still], tmp_path: Path) -> None:
    movie = make_movie(stills, tmp_path / "out.mp4", tempo=120, size=SIZE)
    assert movie.seconds == pytest.approx(9)
    assert movie.photos == 3
    assert not movie.heard
    shown = frames(movie.path)
    assert len(shown) == 225
    assert shown[0].shape == (108, 192, 3)
    for number, colour in enumerate(COLOURS):
        middle = shown[75 * number + 37].mean(axis=(0, 1))
        np.testing.assert_allclose(middle, colour, atol=12)
    between = shown[75].mean(axis=(0, 1))
    np.testing.assert_allclose(between, np.mean(COLOURS[:2], axis=0), atol=20)
    assert shown[0].mean() < 20
    assert shown[-1].mean() < 40


def test_it_is_cut_to_the_music_which_is_heard(stills: list[Still], tmp_path: Path) -> None:
    song = write_wav(tmp_path / "song.wav", clicks(100, 6, 22_050)[0], 22_050)
    movie = make_movie(stills, tmp_path / "out.mp4", music=song, size=SIZE)
    assert movie.heard
    assert movie.tempo == pytest.approx(100, rel=0.02)
    with av.open(movie.path) as container:
        sound = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    assert sound.shape[1] / 44_100 == pytest.approx(movie.seconds, abs=0.1)
    assert np.abs(sound).max() > 0.2


def test_a_title_is_shown_and_goes(stills: list[Still], tmp_path: Path) -> None:
    shown = frames(
        make_movie(stills, tmp_path / "out.mp4", title="Lisbon, May 2024", size=SIZE).path
    )
    assert shown[30].max() > 200
    assert shown[70].max() < 215


def test_the_camera_moves(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 400, dtype=np.uint8)[None, :, None].repeat(300, 0).repeat(3, 2)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    right = np.zeros((16, 16), np.float32)
    right[:, 12:] = 1
    movie = make_movie([Still(tmp_path / "ramp.png", right)], tmp_path / "out.mp4", size=SIZE)
    shown = frames(movie.path)
    assert float(shown[55][:, 0].mean()) > float(shown[22][:, 0].mean()) + 5


def test_photos_that_cannot_be_opened_are_named_and_left_out(
    stills: list[Still], tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff cut short")
    bad = [Still(tmp_path / "gone.jpg"), Still(tmp_path / "broken.jpg")]
    movie = make_movie([*bad, stills[0]], tmp_path / "out.mp4", size=SIZE)
    assert movie.photos == 1
    assert len(movie.problems) == 2
    assert [Path(problem.file).name for problem in movie.problems] == ["gone.jpg", "broken.jpg"]
    assert movie.to_dict()["problems"][1].keys() == {"file", "reason", "remedy"}
    with pytest.raises(MovieError, match="none of its photos can be opened"):
        make_movie(bad, tmp_path / "none.mp4", size=SIZE)
    assert not (tmp_path / "none.mp4").exists()


def test_it_takes_the_place_of_no_other_file(stills: list[Still], tmp_path: Path) -> None:
    kept = tmp_path / "notes.mp4"
    kept.write_text("my notes, oddly named")
    with pytest.raises(MovieError, match="there already, and not as ANSA made it"):
        make_movie(stills, kept, size=SIZE)
    assert kept.read_text() == "my notes, oddly named"
    with pytest.raises(MovieError, match=r"end it in \.mp4"):
        make_movie(stills, stills[0].path, size=SIZE)
    with pytest.raises(MovieError, match="cannot be written"):
        make_movie(stills, tmp_path / "no folder" / "out.mp4", size=SIZE)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.png", "1.png", "2.png", "notes.mp4"]


def test_a_film_of_ones_own_is_never_replaced_and_ones_of_ours_only_as_it_was(
    stills: list[Still], tmp_path: Path
) -> None:
    made = make_movie(stills, tmp_path / "made.mp4", size=SIZE).path
    first = made.read_bytes()
    make_movie(stills[:2], made, size=SIZE)
    again = made.read_bytes()
    assert again != first
    own = tmp_path / "own.mp4"
    with av.open(made) as source, av.open(own, "w") as target:  # as another program saves it
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    trimmed = tmp_path / "trimmed.mp4"
    trimmed.write_bytes(again[:-1])
    for film in (own, trimmed):
        before = film.read_bytes()
        with pytest.raises(MovieError, match="there already, and not as ANSA made it"):
            make_movie(stills, film, size=SIZE)
        assert film.read_bytes() == before


def test_a_hidden_file_of_a_like_name_is_left(stills: list[Still], tmp_path: Path) -> None:
    (tmp_path / "dear.txt").write_text("dear to someone")
    (tmp_path / ".out.mp4.part").symlink_to(tmp_path / "dear.txt")
    make_movie(stills, tmp_path / "out.mp4", size=SIZE)
    assert (tmp_path / "dear.txt").read_text() == "dear to someone"
    assert (tmp_path / ".out.mp4.part").is_symlink()


def test_bad_music_leaves_nothing_behind(stills: list[Still], tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_text("no music")
    with pytest.raises(MovieError, match="no sound"):
        make_movie(stills, tmp_path / "out.mp4", music=tmp_path / "song.mp3", size=SIZE)
    assert not list(tmp_path.glob("*out.mp4*"))
