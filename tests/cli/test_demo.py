"""``ansa demo``: what ``make run`` shows."""

import json
from pathlib import Path

import pytest

from ansa.cli import main
from ansa.cli.demo import gather
from tests.cli.conftest import Run


def test_real_photos_come_with_the_demo_extra(tmp_path: Path) -> None:
    assert gather(tmp_path / "photos") >= 20
    assert gather(tmp_path / "photos") >= 20  # a second time copies nothing and is no error
    assert (tmp_path / "photos" / "chelsea.png").is_file()
    assert (tmp_path / "photos" / "china.jpg").is_file()


def test_ones_own_photos_are_indexed_searched_and_shown(
    run: Run, photos: Path, tmp_path: Path
) -> None:
    (photos / "broken.jpg").unlink()
    out = tmp_path / "out"
    done = run("demo", str(photos), "--out", str(out))
    assert done.returncode == 0
    assert b"6 photos found: 6 new" in done.stdout
    assert b'ansa search "a dog"' in done.stdout
    page = out / "contact-sheet.html"
    assert bytes(page) in done.stdout
    assert "a dog" in page.read_text(encoding="utf-8")
    assert sorted(out.iterdir()) == [page]  # the library is in the user's data directory


def test_json_is_one_document(run: Run, photos: Path, tmp_path: Path) -> None:
    done = run("demo", str(photos), "--out", str(tmp_path / "out"), "--json")
    document = json.loads(done.stdout)
    assert document["index"]["new"] == 6
    assert document["searches"]["a dog"]["matches"]
    assert Path(document["page"]).is_file()


def test_the_shipped_bundle_finds_the_demo_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(tmp_path), "--json"]) == 0
    searches = json.loads(capsys.readouterr().out)["searches"]
    first = {
        text: Path(result["matches"][0]["path"]).stem if result["grade"] == "matches" else None
        for text, result in searches.items()
    }
    assert first["a cat"] == "chelsea"
    assert first["a cup of coffee"] == "coffee"
    assert first["a pink flower"] == "flower"
    assert first["a motorcycle"] in {"motorcycle_left", "motorcycle_right"}
    assert first["penguins on the ice"] is None
