"""``ansa formats`` lists what is read, and ``ansa index`` counts what is not."""

import json
from pathlib import Path

import pytest

from ansa.cli import main
from tests.cli.conftest import Run


def test_every_kind_is_listed_with_whether_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("photos") and "JPEG" in line for line in lines)
    assert any(line.startswith("documents") and "not read" in line for line in lines)
    assert main(["formats", "--json"]) == 0
    kinds = json.loads(capsys.readouterr().out)["kinds"]
    assert {kind["kind"] for kind in kinds} >= {"photo", "RAW photo", "film"}
    assert main(["formats", "--suffixes"]) == 0
    assert ".cr3" in capsys.readouterr().out


def test_what_a_folder_holds_that_is_not_read_is_counted_by_kind(run: Run, photos: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.xyz"):
        (photos / name).write_bytes(b"x")
    last = run("index", str(photos)).stdout.decode().splitlines()[-1]
    assert last == "not read: 2 documents, 1 other file"
