"""``ansa evaluate``: figures with intervals, for people, as JSON and as files."""

import json
import sys
from pathlib import Path

import pytest

from ansa.cli import main
from tests.bundles import COLOURS
from tests.cli.conftest import paint


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder a colour, two photos each."""
    for name, colour in COLOURS.items():
        (tmp_path / "album" / name).mkdir(parents=True)
        for i in range(2):
            paint(tmp_path / "album" / name / f"{i}.png", colour)
    return tmp_path / "album"


def test_figures_are_shown_and_written(
    album: Path, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (album / "red" / "notes.txt").write_text("no photo")
    out = tmp_path / "quality"
    assert main(["evaluate", bundle, "--labels", str(album), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "| album | 12 photos, 6 classes | 100.0 (100.0 to 100.0) |" in shown
    assert str(tmp_path) not in out.with_suffix(".md").read_text("utf-8")  # no one's own folders
    assert "--labels album --split dev" in out.with_suffix(".md").read_text("utf-8")
    assert out.with_suffix(".svg").read_text("utf-8").startswith("<?xml")
    assert shown.endswith("12 photos done, 0 failed, 1 skipped\n")


def test_json_is_one_document_and_a_photo_that_fails_is_named(
    album: Path, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (album / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    assert main(["evaluate", bundle, bundle, "--labels", str(album), "--json"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert len(document["bundles"]) == 2
    assert document["failed"][0]["photo"] == "red/broken.png"
    assert document["problems"][0]["file"] == "red/broken.png"
    assert "red/broken.png" in err
    zero = document["tables"][0]["figures"]["top-1"]
    assert zero[1]["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_what_is_no_bundle_and_what_is_no_set_are_named(
    album: Path, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(album), "--labels", str(album)]) == 1
    assert "manifest.json: missing" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["evaluate", bundle, "--labels", str(tmp_path / "empty")]) == 1
    assert "photos of 0 classes" in capsys.readouterr().err
    assert main(["evaluate", bundle, "--pack", str(tmp_path / "empty")]) == 1
    assert "holds no .tar" in capsys.readouterr().err
    with pytest.raises(SystemExit) as end:
        main(["evaluate", bundle])
    assert end.value.code == 2


def test_without_the_training_parts_it_says_what_to_install(
    album: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in [name for name in sys.modules if name.startswith("ansa_train.evaluate")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert main(["evaluate", "--labels", str(album)]) == 1
    assert "pip install 'ansa[train]'" in capsys.readouterr().err


def test_captions_are_read_and_what_is_missing_is_named(
    album: Path, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{name}/0.png,a {name} photo" for name in COLOURS] + ["gone.png,a red photo"]
    (album / "captions.csv").write_text("\n".join(["path,text", *rows]))
    assert main(["evaluate", bundle, "--captions", str(album / "captions.csv")]) == 1
    out, err = capsys.readouterr()
    assert "| captions | 6 photos, 6 captions | 100.0" in out
    assert "gone.png: there is no such photo" in err
    assert out.endswith("6 photos done, 1 failed, 0 skipped\n")
