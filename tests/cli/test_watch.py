"""``ansa watch``: its service is written and removed, and what is wrong is named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.cli.conftest import Run


def test_the_service_is_written_with_full_paths_and_removed(run: Run) -> None:
    if not sys.platform.startswith("linux"):
        return
    done = run("watch", "photos", "--install", "--json")
    unit, link = json.loads(done.stdout)["written"]
    assert f'"{Path("photos").absolute()}"' in Path(unit).read_text()
    assert Path(link).is_symlink()
    assert run("watch", "--uninstall").returncode == 0
    assert not Path(unit).exists()
    assert run("watch", "--uninstall").returncode == 1


def test_without_a_folder_the_usage_is_wrong(run: Run) -> None:
    assert run("watch").returncode == 2


def test_a_folder_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("watch", str(tmp_path / "none"))
    assert done.returncode == 1
    assert b"no such folder" in done.stderr
