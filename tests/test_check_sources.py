"""The list of source repositories, and what is said of one that is missing."""

from __future__ import annotations

import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "recipes/data/check_sources.py"))


def repository(folder: Path) -> str:
    """Makes a bare repository of one commit there; returns the commit."""
    work = folder.parent / "work"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(work)]
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "photos"], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(folder)], check=True)
    said = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return said.stdout.strip()


def listed(file: Path, commit: str) -> Path:
    rows = f'name = "zoo"\nrepository = "o/n"\ncommit = "{commit}"\nphotos = 1200\nterms = "MIT"\n'
    file.write_text(f"[[source]]\n{rows}", "utf-8")
    return file


def test_a_repository_at_its_commit_can_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = repository(tmp_path / "o+n" / "repo")
    file = listed(tmp_path / "sources.toml", commit)
    assert SCRIPT["main"]([str(tmp_path), str(file)]) == 0
    assert "1 of 1" in capsys.readouterr().out


def test_a_missing_repository_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    file = listed(tmp_path / "sources.toml", "0" * 40)
    (said,) = SCRIPT["problems"](tmp_path, file)
    assert said.startswith("zoo: ")
    assert "git clone --bare https://github.com/o/n" in said
    assert "1,200 photos" in said
    assert SCRIPT["main"]([str(tmp_path), str(file)]) == 1


def test_a_repository_at_another_commit_is_named(tmp_path: Path) -> None:
    repository(tmp_path / "o+n" / "repo")
    (said,) = SCRIPT["problems"](tmp_path, listed(tmp_path / "sources.toml", "1" * 40))
    assert "lacks the commit 111" in said


def test_every_source_that_is_listed_has_a_full_commit_and_its_terms() -> None:
    rows = tomllib.loads(SCRIPT["SOURCES"].read_text("utf-8"))["source"]
    assert len(rows) >= 30
    assert all(len(row["commit"]) == 40 and row["terms"] and row["photos"] > 0 for row in rows)
