"""``ansa analyze``: what is in photos, readable or as JSON."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from ansa.cli import main
from tests.bundles import DIM, edit_manifest, write_bundle
from tests.cli.conftest import Run, paint


def test_facts_words_and_embedding_are_shown(
    photos: Path, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(photos / "red.png"), "--bundle", bundle]) == 0
    out = capsys.readouterr().out
    assert "PNG, 60 x 40" in out
    assert "closest" in out
    assert f"({DIM} numbers, unit length)" in out
    assert out.endswith("1 photo done, 0 failed\n")


def test_json_is_one_document_with_every_signal(
    photos: Path, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(photos / "red.png"), str(photos / "broken.jpg"), str(photos / "none.jpg")]
    assert main(["analyze", *paths, "--json", "--bundle", bundle]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["counts"] == {"done": 1, "failed": 2}
    (photo,) = document["photos"]
    assert photo["path"] == paths[0]
    assert photo["facts"]["width"] == 60
    assert len(photo["embedding"]) == DIM
    assert {"word", "score"} == set(photo["words"][0])
    assert [entry["path"] for entry in document["failed"]] == paths[1:]
    assert [entry["file"] for entry in document["problems"]] == paths[1:]
    assert all(entry["reason"] and entry["remedy"] for entry in document["failed"])


def test_what_a_bundle_does_not_give_is_told_with_the_reason(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = write_bundle(tmp_path / "newer")
    head = {"output": "embedding", "kind": "smell", "shape": [DIM], "version": 1}
    edit_manifest(newer, lambda manifest: manifest["heads"].update({"smell": head}))
    command = ["analyze", str(photos / "red.png"), "--bundle", str(newer)]
    assert main(command) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("  missing: ")]
    assert "smell (this ansa reads no head of kind 'smell'; a newer one may)" in line
    assert main([*command, "--json"]) == 0
    (photo,) = json.loads(capsys.readouterr().out)["photos"]
    assert "a newer one may" in photo["missing"]["smell"]
    assert photo["signals"] == {}


def test_a_photo_that_fails_is_named_and_the_rest_goes_on(
    photos: Path, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(photos / "broken.jpg"), str(photos / "red.png")]
    assert main(["analyze", *paths, "--bundle", bundle]) == 1
    out, err = capsys.readouterr()
    assert "broken.jpg" in err
    assert "red.png" in out
    assert out.endswith("1 photo done, 1 failed\n")


@pytest.mark.parametrize("name", [b"new\nline.png", b"not utf-8 \xff.png", b"\x1b[31mred.png"])
def test_odd_names_print_on_one_line_and_survive_json(
    run: Run, tmp_path: Path, name: bytes
) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    paint(Path(os.fsdecode(path)), (1, 0, 0))
    shown = run("analyze", path)
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) == 6  # name, file, two lines, what is missing, counts
    assert b"\x1b" not in shown.stdout
    document = json.loads(run("analyze", path, "--json").stdout.decode("ascii"))
    assert os.fsencode(document["photos"][0]["path"]) == path


def test_a_terminal_that_knows_only_ascii_is_no_obstacle(run: Run, tmp_path: Path) -> None:
    paint(tmp_path / "grün.png", (0, 1, 0))
    done = run("analyze", str(tmp_path / "grün.png"), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert rb"gr\xfcn.png" in done.stdout


def test_draw_writes_a_picture_of_the_one_photo(
    photos: Path, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drawn.png"
    photo = str(photos / "red.png")
    assert main(["analyze", photo, "--draw", str(out), "--bundle", bundle]) == 0
    with Image.open(out) as drawn:
        assert drawn.format == "PNG"
        assert drawn.width > 60
    for args in ([photo, photo, "--draw", str(out)], [photo, "--draw", "drawn.jpg"]):
        with pytest.raises(SystemExit) as end:
            main(["analyze", *args, "--bundle", bundle])
        assert end.value.code == 2
