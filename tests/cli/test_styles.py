"""``ansa styles``: suggestions with reasons, a page, a new file, a sidecar; the photo stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansa.photo.read import read_photo
from tests.cli.conftest import Run
from tests.films import write_film
from tests.photos import write_photo


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "a & b.jpg", seed=3)


def test_suggestions_have_numbers_and_reasons(run: Run, photo: Path) -> None:
    before = photo.read_bytes()
    done = run("styles", str(photo))
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == [str(n + 1) for n in range(len(lines))]
    assert all(": " in line for line in lines)
    assert last == f"{len(lines)} suggestions for {photo}"
    document = json.loads(run("styles", str(photo), "--json").stdout)
    assert 3 <= len(document["styles"]) == len(lines) <= 5
    assert document["styles"][0].keys() == {"name", "reason", "correction", "edit"}
    assert photo.read_bytes() == before


def test_the_page_shows_all_of_them_beside_the_photo(run: Run, photo: Path, tmp_path: Path) -> None:
    page = tmp_path / "styles.html"
    document = json.loads(run("styles", str(photo), "--report", str(page), "--json").stdout)
    html = page.read_text()
    assert html.count("<img ") == len(document["styles"]) + 1
    assert len(set(html.split("base64,")[1:])) > 3  # the pictures differ
    assert "as it is" in html
    assert all(style["name"] in html for style in document["styles"])
    assert "a &amp; b.jpg" in html


def test_one_is_written_to_a_new_file(run: Run, photo: Path, tmp_path: Path) -> None:
    before, out = photo.read_bytes(), tmp_path / "out.png"
    args = "styles", str(photo), "--apply", "2", "--out", str(out)
    document = json.loads(run(*args, "--json").stdout)
    assert (document["applied"], document["out"]) == (2, str(out))
    assert read_photo(out)[1].width == document["width"]
    again = run(*args)
    assert again.returncode == 1
    assert b"is there already; name another file" in again.stderr
    assert run(*args, "--replace").returncode == 0
    assert run(*args[:-1], str(photo), "--replace").returncode == 1
    assert photo.read_bytes() == before


def test_one_is_written_to_a_sidecar_and_removed_again(run: Run, photo: Path) -> None:
    sidecar = photo.with_name(photo.name + ".xmp")
    done = run("styles", str(photo), "--apply", "1", "--xmp")
    assert done.returncode == 0, done.stderr
    assert f"-> {sidecar}" in done.stdout.decode()
    assert "crs:" in sidecar.read_text()
    removed = json.loads(run("styles", str(photo), "--remove-xmp", "--json").stdout)
    assert removed["removed_from"] == str(sidecar)
    assert not sidecar.exists()
    assert b"no develop settings of ANSA" in run("styles", str(photo), "--remove-xmp").stdout


def test_a_sidecar_of_another_program_is_named_and_stays(run: Run, photo: Path) -> None:
    sidecar = photo.with_suffix(".xmp")
    sidecar.write_bytes(b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')
    before = sidecar.read_bytes()
    done = run("styles", str(photo), "--apply", "1", "--xmp", "--json")
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["file"] == str(sidecar)
    assert sidecar.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--apply", "1"], ["--out", "b.png"], ["--xmp"], ["--apply", "0", "--xmp"]),
        *(["--apply", "9", "--xmp"], ["--apply", "1", "--xmp", "--replace"]),
        *(["--apply", "1", "--out", "b.gif"], ["--remove-xmp", "--apply", "1"]),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    run: Run, photo: Path, arguments: list[str]
) -> None:
    assert run("styles", str(photo), *arguments).returncode == 2
    assert not photo.with_name(photo.name + ".xmp").exists()


def test_films_and_damaged_photos_are_named(run: Run, photos: Path, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", [((200, 30, 30), 1)])
    for file, reason in ((film, b"it is a film"), (photos / "broken.jpg", b"damaged")):
        done = run("styles", str(file))
        assert done.returncode == 1
        assert file.name.encode() in done.stderr
        assert reason in done.stderr
