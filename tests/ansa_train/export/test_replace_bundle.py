"""A bundle takes the place of a bundle only, and at every moment one stands there."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansa import Analyzer, Bundle
from ansa.model.bundle import BundleError
from ansa.model.manifest import MANIFEST
from ansa_train.errors import TrainingError
from ansa_train.export import replace_bundle
from ansa_train.export.bundle import put_heads
from ansa_train.export.replace_bundle import place_bundle
from tests.bundles import image_model, write_bundle


@pytest.fixture
def old(tmp_path: Path) -> Bundle:
    return Bundle.open(write_bundle(tmp_path / "bundle"))


def parts(bundle: Bundle) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a bundle, and a manifest of another name, so that its id differs."""
    manifest = json.loads((bundle.path / MANIFEST).read_bytes()) | {"name": "fresh"}
    return {name: bundle.read(name) for name in bundle.manifest.files}, manifest


def state(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def shards(folder: Path) -> None:
    (folder / "train-000000.tar").write_bytes(b"days of work")
    (folder / "manifest.json").write_text('{"format": 1, "shards": [], "settings": {}}')


def extension(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"manifest_version": 3, "name": "mine"}')


def a_bundle_and_more(folder: Path) -> None:
    write_bundle(folder)
    (folder / "notes.txt").write_text("what I tried")


def a_bundle_and_a_folder(folder: Path) -> None:
    write_bundle(folder)
    (folder / "photos").mkdir()


def a_hidden_file(folder: Path) -> None:
    (folder / ".env").write_text("mine")


@pytest.mark.parametrize(
    "fill", [shards, extension, a_bundle_and_more, a_bundle_and_a_folder, a_hidden_file]
)
def test_a_folder_that_does_not_open_as_a_bundle_is_left_as_it_is(
    old: Bundle, tmp_path: Path, fill: Callable[[Path], None]
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    fill(taken)
    before = state(tmp_path)
    with pytest.raises(FileExistsError, match=r"is no bundle and would be lost .*another folder"):
        put_heads(old, [], taken)
    assert state(tmp_path) == before


def test_a_file_is_no_place_for_a_bundle(old: Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="is no bundle"):
        put_heads(old, [], tmp_path / "file")


def test_hidden_folders_of_like_names_beside_it_are_not_touched(
    old: Bundle, tmp_path: Path
) -> None:
    for name in (".bundle.new", ".bundle.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").write_text(name)
    place_bundle(old.path, *parts(old))
    assert (tmp_path / ".bundle.new" / "mine").read_text() == ".bundle.new"
    assert (tmp_path / ".bundle.old" / "mine").read_text() == ".bundle.old"


def test_what_the_runtime_refuses_never_takes_the_place_of_a_bundle(
    old: Bundle, tmp_path: Path
) -> None:
    files, manifest = parts(old)
    model = image_model()
    model.graph.node[0].domain = "com.unknown"
    refused = files | {"image.onnx": model.SerializeToString()}
    meaningless = files | {"image.onnx": image_model(scale=float("nan")).SerializeToString()}
    silent = files | {"tokenizer.json": b"{}"}
    before = state(tmp_path)
    for each in (refused, meaningless, silent):
        with pytest.raises(TrainingError, match="what was there stands"):
            place_bundle(old.path, each, manifest)
        assert state(tmp_path) == before


def test_an_empty_folder_is_a_place(old: Bundle, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    made = place_bundle(tmp_path / "empty", *parts(old))
    assert Analyzer(made).embed_text("red").shape == (1, 8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "empty"]


def test_through_a_link_the_bundle_itself_is_replaced(old: Bundle, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(old.path)
    made = place_bundle(tmp_path / "link", *parts(old))
    assert (tmp_path / "link").is_symlink()
    assert Bundle.open(old.path).id == made.id != old.id


def killed_everywhere(old: Bundle) -> list[str]:
    """The id of what stands after a run was killed at each of its changes to the disk in turn."""
    files, manifest = parts(old)
    found = []
    for last in range(1000):
        if pid := os.fork():
            status = os.waitpid(pid, 0)[1]
            found.append(Bundle.open(old.path).id)
            if os.waitstatus_to_exitcode(status) == 0:
                return found
            assert os.waitstatus_to_exitcode(status) == 9
        else:
            seen = 0

            def watch(event: str, args: object, last: int = last) -> None:
                nonlocal seen
                if event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"):
                    seen += 1
                    if seen > last:
                        os._exit(9)

            sys.addaudithook(watch)
            place_bundle(old.path, files, manifest)
            os._exit(0)
    raise AssertionError("it never ends")


def test_a_bundle_stands_whenever_a_run_is_killed(old: Bundle) -> None:
    found = killed_everywhere(old)
    assert found[0] == old.id
    assert found[-1] != old.id
    assert len(found) > 4


def test_where_folders_cannot_be_exchanged_the_next_run_puts_it_back(
    old: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace_bundle, "_exchanged", lambda one, other: False)
    made = place_bundle(old.path, *parts(old))
    assert Bundle.open(old.path).id == made.id != old.id
    assert [path.name for path in old.path.parent.iterdir()] == ["bundle"]
    old.path.rename(old.path.with_name(".bundle.old"))  # where a run is killed in between
    with pytest.raises(BundleError):
        Bundle.open(old.path)
    replace_bundle.check_place(old.path)
    assert Bundle.open(old.path).id == made.id
    shutil.copytree(old.path, old.path.with_name(".bundle.old"))  # killed a moment later
    place_bundle(old.path, *parts(made))
    assert [path.name for path in old.path.parent.iterdir()] == ["bundle"]


def test_folders_and_files_are_put_over_those_of_their_names(tmp_path: Path) -> None:
    for folder, said in (("fresh", "new"), ("there", "old")):
        (tmp_path / folder / "package").mkdir(parents=True)
        (tmp_path / folder / "package" / said).write_text(said)
        (tmp_path / folder / "told.json").write_text(said)
    (tmp_path / "there" / "mine").write_text("mine")
    replace_bundle.put(tmp_path / "fresh", tmp_path / "there")
    assert state(tmp_path) == {
        "there": None,
        "there/mine": b"mine",
        "there/package": None,
        "there/package/new": b"new",
        "there/told.json": b"new",
    }
