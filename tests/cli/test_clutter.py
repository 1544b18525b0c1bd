"""``ansa clutter``: what is in the way, with its reasons."""

import json
from pathlib import Path

import pytest

from ansa.cli import clutter
from ansa.library.cleanup.clutter import KINDS
from tests.cli.conftest import Run, run_with
from tests.library.seen import seeing_bundle


@pytest.fixture
def see(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``ansa`` with a bundle that takes green for receipts and blue for screenshots."""
    see = run_with(str(seeing_bundle(tmp_path / "seeing")), tmp_path, monkeypatch)
    see("index", str(photos))
    return see


def test_clutter_is_told_with_reasons_and_counts(see: Run, photos: Path) -> None:
    done = see("clutter")
    assert done.returncode == 0
    out = done.stdout.decode()
    assert f"receipt      1.00  {photos / 'green.png'}" in out
    assert "a receipt: 100%" in out
    assert "too dark" in out
    assert "4 photos of clutter, 1 receipt, 1 screenshot, 2 exposure" in out


def test_json_holds_those_that_were_asked_for(see: Run, photos: Path) -> None:
    done = see("clutter", "--kind", "screenshot", "--sure", "--json")
    document = json.loads(done.stdout)
    assert [each["path"] for each in document["clutter"]] == [str(photos / "deeper" / "blue.png")]
    assert document["counts"] == {"screenshot": 1}
    assert document["waiting"] == 0


def test_photos_that_were_not_looked_at_are_told(see: Run, run: Run, tmp_path: Path) -> None:
    old = str(tmp_path / "old.sqlite")
    run("index", str(tmp_path / "photos"), "--library", old)
    out = see("clutter", "--library", old).stdout
    assert out == b"6 photos not analyzed yet; run `ansa index`\n0 photos of clutter\n"


def test_a_bundle_without_the_heads_is_named_with_what_helps(run: Run, photos: Path) -> None:
    run("index", str(photos))
    done = run("clutter", "--json")
    assert done.returncode == 1
    assert "does not tell clutter from photos" in json.loads(done.stdout)["error"]


def test_every_kind_can_be_asked_for() -> None:
    assert clutter._KINDS == KINDS
