"""What is not installed is said at the start, with the command that installs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ansa import cli
from ansa.cli.extras import _PACKAGES, ExtraMissing, check_extra, missing_features
from tests.cli.conftest import Run

COMMANDS = {
    "movie": ("av", ["memories", "12345678", "--movie", "out.mp4"]),
    "parquet": ("pyarrow", ["catalog", "photos.parquet"]),
    "teach": ("sklearn", ["teach", "miso", "--yes", "."]),
    "watch": ("watchfiles", ["watch", "."]),
}


@pytest.mark.parametrize("extra", COMMANDS)
def test_a_command_says_at_its_start_what_it_needs(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, extra: str
) -> None:
    package, arguments = COMMANDS[extra]
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.decode().count(f"pip install 'ansa[{extra}]'") == 1
    assert not list(tmp_path.rglob("*.sqlite"))  # nothing was begun


def test_what_is_installed_is_not_spoken_of() -> None:
    check_extra("teach", "teach")
    assert missing_features() == ""


def test_missing_features_are_named_once_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    told = missing_features()
    assert told.startswith("not installed: films, RAW photos")
    assert told.endswith("pip install 'ansa[all]'")
    with pytest.raises(ExtraMissing, match="ansa live needs av"):
        check_extra("live", "film")


def test_every_extra_that_a_command_asks_for_is_known() -> None:
    """A command that asks for an unknown one would end in a traceback."""
    sources = Path(cli.__file__).parent.glob("*.py")
    asked = {
        extra
        for file in sources
        for extra in re.findall(r'check_extra\("[^"]+", "(\w+)"\)', file.read_text("utf-8"))
    }
    assert "ocr" in asked
    assert asked <= _PACKAGES.keys()
