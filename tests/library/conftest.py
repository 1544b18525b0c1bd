"""A folder of made files beside a library, and what was analyzed of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansa.library.index_report import IndexReport
from ansa.library.indexing.index import index_folder
from ansa.library.indexing.model import Model
from ansa.library.storage.row_checks import ExpectedSignals
from ansa.library.storage.store import Store
from tests.library.starts import DIM, Start

RunPython = Callable[..., subprocess.CompletedProcess[str]]


class Shelf:
    """A folder, its library and the log of what workers analyzed."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.folder = base / "photos"
        self.folder.mkdir()
        self.database = base / "library.sqlite"
        self.log = base / "log"
        self.store = Store(self.database)

    def put(self, name: str | bytes, content: str = "") -> Path:
        """A file with a content of its own, or one that makes a worker misbehave."""
        path = self.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or f"photo {os.fsdecode(name)!a}")
        return path

    def put_many(self, count: int) -> None:
        for number in range(count):
            self.put(f"{number:04}.jpg")

    def index(
        self, start: Start | None = None, *, bundle: str = "first", **options: Any
    ) -> IndexReport:
        model = Model(bundle, {"embedding": 1}, DIM, start or Start(self.log))
        options = {"workers": 1} | options  # each takes longer to start than its work here
        report = index_folder(self.store, os.fsencode(self.folder), model, **options)
        assert report.found == (
            report.done + report.skipped + report.failed + report.quarantined
        ), report
        return report

    def analyzed(self) -> list[str]:
        """Names of the photos analyzed since the last call."""
        names = sorted(self.log.read_text().splitlines()) if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return names

    def names(self, status: str = "ok") -> list[str]:
        """Files that are there with this status, as the library knows them."""
        root = self.store.roots()[os.fsencode(self.folder)]
        files = self.store.files(root, ExpectedSignals(None, {}, DIM)).items()
        return sorted(
            os.fsdecode(path) for path, file in files if file.status == status and not file.missing
        )

    def vectors(self, bundle: str = "first") -> list[bytes]:
        """Every stored vector of the bundle."""
        return self.store.vectors(self.store.bundle(bundle), None)[1]

    def rows(self, query: str) -> list[Any]:
        return self.store._connection.execute(query).fetchall()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def run_python() -> RunPython:
    """Runs a script in a process of its own."""

    def run(
        script: str, *args: object, timeout: float = 60, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            python(script, *args),
            env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)} | env,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run


def python(script: str, *args: object) -> list[str]:
    return [sys.executable, "-c", script, *map(str, args)]


@contextmanager
def as_nobody(base: Path) -> Iterator[None]:
    """Without root's powers, which no file permission stops; ``base`` is within reach."""
    if os.geteuid() != 0:
        yield
        return
    for folder in [base, *base.parents]:
        if "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o055)
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
