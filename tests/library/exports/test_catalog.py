"""The catalog has every photo and all that is known of it, in three formats that say the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ansa.library import Library, LibraryError
from ansa.model.analyzer import Analyzer
from tests.cli.conftest import paint
from tests.library.seen import seeing_bundle


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in {"a": (0.8, 0.5, 0.2), "b": (0.8, 0.5, 0.3), "c": (0.5, 1, 0)}.items():
        paint(folder / f"{name}.png", colour)
    (folder / "a-too.png").write_bytes((folder / "a.png").read_bytes())
    analyzer = Analyzer(seeing_bundle(tmp_path / "bundle"))
    library = Library(folder, database=tmp_path / "l.sqlite", analyzer=analyzer)
    library.index(workers=1)
    library.teach("miso", [str(folder / "a.png"), str(folder / "b.png")], [str(folder / "c.png")])
    library.mark([folder / "b.png"], "favourite")
    return library


def test_every_photo_is_there_with_what_is_known(library: Library, tmp_path: Path) -> None:
    assert library.write_catalog(tmp_path / "c.json").photos == 3
    photos = json.loads((tmp_path / "c.json").read_text())["photos"]
    by_name = {Path(photo["path"]).name: photo for photo in photos}
    assert set(by_name) == {"a-too.png", "b.png", "c.png"}
    assert [Path(path).name for path in by_name["a-too.png"]["copies"]] == ["a.png"]
    assert by_name["b.png"]["mark"] == "favourite"
    assert by_name["b.png"]["tags"] == [{"name": "miso", "score": 1.0, "sure": True}]
    assert by_name["c.png"]["kind"] == "receipt"
    assert (by_name["c.png"]["width"], by_name["c.png"]["tags"]) == (60, [])
    assert "embedding" not in by_name["c.png"]


def test_all_formats_say_the_same(library: Library, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for suffix in ("json", "jsonl", "parquet"):
        library.write_catalog(tmp_path / f"c.{suffix}", embeddings=True)
    photos = json.loads((tmp_path / "c.json").read_text())["photos"]
    assert [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()] == photos
    table = parquet.read_table(tmp_path / "c.parquet").to_pylist()
    for row, photo in zip(table, photos, strict=True):
        assert row["embedding"] == pytest.approx(photo["embedding"], abs=1e-4)
        assert {k: v for k, v in row.items() if k != "embedding"} == {
            k: v for k, v in photo.items() if k != "embedding"
        }


def test_places_can_be_left_out(library: Library, tmp_path: Path) -> None:
    with library.store.writing() as connection:
        connection.execute("UPDATE photos SET latitude = 48, longitude = 16")
    library.write_catalog(tmp_path / "with.jsonl")
    library.write_catalog(tmp_path / "without.jsonl", places=False)
    assert '"latitude": 48.0' in (tmp_path / "with.jsonl").read_text()
    assert "48.0" not in (tmp_path / "without.jsonl").read_text()


def test_nothing_is_overwritten(library: Library, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("mine")
    with pytest.raises(LibraryError, match="is there already; name another file"):
        library.write_catalog(tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text() == "mine"
    with pytest.raises(LibraryError, match="cannot be written"):
        library.write_catalog(tmp_path / "no" / "c.json")


@pytest.mark.parametrize("name", ["c.csv", "c", "c.json.gz"])
def test_a_name_of_another_format_is_refused(library: Library, tmp_path: Path, name: str) -> None:
    with pytest.raises(LibraryError, match=rf"{name}: not the name of a catalog; end it in \.json"):
        library.write_catalog(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_home_folder_may_be_a_tilde(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert library.write_catalog("~/c.json").path == tmp_path / "c.json"
    assert (tmp_path / "c.json").exists()


def test_without_the_extra_parquet_leaves_no_file(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModuleNotFoundError):
        library.write_catalog(tmp_path / "c.parquet")
    assert not (tmp_path / "c.parquet").exists()


def test_an_empty_library_is_an_empty_document(tmp_path: Path) -> None:
    analyzer = Analyzer(seeing_bundle(tmp_path / "bundle"))
    with Library(database=tmp_path / "l.sqlite", analyzer=analyzer) as library:
        assert library.write_catalog(tmp_path / "c.json").photos == 0
    assert json.loads((tmp_path / "c.json").read_text()) == {"photos": []}
