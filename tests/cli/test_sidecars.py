"""``ansa sidecars`` and ``ansa catalog``: what other programs can read."""

import json
from pathlib import Path

from tests.cli.conftest import Run, paint


def test_sidecars_are_counted_and_foreign_ones_named(run: Run, photos: Path) -> None:
    paint(photos / "rose.png", (1, 0.1, 0.1))
    run("index", str(photos))
    foreign = photos / "red.png.xmp"
    foreign.write_bytes(b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')
    run("teach", "red things", "--yes", str(photos / "red.png"), str(photos / "rose.png"))
    done = run("sidecars", "--folder", str(photos))
    assert done.returncode == 0, done.stderr
    assert f"of another program: {foreign}" in done.stdout.decode()
    assert b"1 of other programs, 0 failed" in done.stdout
    document = json.loads(run("sidecars", "--folder", str(photos), "--merge", "--json").stdout)
    assert document["written"] == [str(foreign)]
    assert b"red things" in foreign.read_bytes()
    assert run("sidecars", "--merge", "--remove").returncode == 2


def test_a_sidecar_that_cannot_be_read_fails_by_name(run: Run, photos: Path) -> None:
    run("index", str(photos))
    (photos / "red.png.xmp").write_bytes(b"damaged")
    done = run("sidecars", "--json")
    assert done.returncode == 1
    assert b"red.png.xmp: it is not readable as XML" in done.stderr
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem.keys() == {"file", "reason", "remedy"}


def test_a_catalog_is_written_once(run: Run, photos: Path, tmp_path: Path) -> None:
    run("index", str(photos))
    out = tmp_path / "photos.jsonl"
    done = run("catalog", str(out), "--json")
    assert json.loads(done.stdout) == {"path": str(out), "photos": 6, "waiting": 0}
    assert len(out.read_text().splitlines()) == 6
    again = run("catalog", str(out))
    assert again.returncode == 1
    assert b"is there already" in again.stderr
    assert run("catalog", str(tmp_path / "photos.csv")).returncode == 2
