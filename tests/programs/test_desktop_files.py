"""The desktop learns of ANSA by three files in the user's own folder, and forgets it again."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from ansa.programs.desktop_bus import BUS_NAME, OBJECT_PATH
from ansa.programs.desktop_files import DesktopFilesError, install, uninstall

ODD = '/photos/50% "$HOME" \\ `x` grün'
SERVE, APP = ["desktop", "--folder", ODD], ["app", ODD]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_DIRS", raising=False)


def parsed(file: Path) -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(file, "utf-8")
    return read[read.sections()[0]]


def split(line: str) -> list[str]:
    """The words of a line as a shell reads them, which is how both specifications quote."""
    script = f"printf '%s\\n' {line}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_three_files_tell_the_desktop_whom_to_ask_and_are_removed(tmp_path: Path) -> None:
    done = install(SERVE, APP, home=tmp_path)
    launcher, service, provider = done.files
    assert all(file.is_relative_to(tmp_path / ".local" / "share") for file in done.files)
    asked = parsed(provider)
    assert (asked["BusName"], asked["ObjectPath"], asked["Version"]) == (BUS_NAME, OBJECT_PATH, "2")
    assert asked["DesktopId"] == launcher.name
    assert parsed(service)["Name"] == BUS_NAME
    assert split(parsed(service)["Exec"]) == [sys.executable, "-m", "ansa", *SERVE]
    started = parsed(launcher)["Exec"].replace("\\\\", "\\").replace("%%", "%")
    assert split(started) == [sys.executable, "-m", "ansa", *APP]
    assert str(provider) in done.now  # which only an administrator can do
    install(["desktop"], ["app"], home=tmp_path)  # which replaces them
    assert ODD not in service.read_text()
    assert set(uninstall(home=tmp_path).files) == set(done.files)
    assert not any(file.exists() for file in done.files)


def test_nothing_is_asked_of_an_administrator_where_the_desktop_looks_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path / '.local' / 'share'}:/usr/share")
    assert install(SERVE, APP, home=tmp_path).now == ""


def test_a_copy_for_the_whole_system_is_named_when_the_rest_is_removed(tmp_path: Path) -> None:
    done = install(SERVE, APP, home=tmp_path)
    copy = tmp_path / "system" / "gnome-shell" / "search-providers" / done.files[2].name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(done.files[2].read_bytes())
    assert str(copy) in uninstall(home=tmp_path, system=tmp_path / "system").now
    assert copy.exists()


def test_files_of_others_are_never_replaced_or_removed(tmp_path: Path) -> None:
    done = install(SERVE, APP, home=tmp_path)
    uninstall(home=tmp_path)
    theirs = done.files[1]
    theirs.write_text("[D-BUS Service]\n")
    with pytest.raises(DesktopFilesError, match="another program"):
        install(SERVE, APP, home=tmp_path)
    assert not done.files[0].exists()  # so that nothing is half there
    with pytest.raises(DesktopFilesError, match="another program"):
        uninstall(home=tmp_path)
    assert theirs.read_text() == "[D-BUS Service]\n"


def test_without_the_files_there_is_nothing_to_remove(tmp_path: Path) -> None:
    with pytest.raises(DesktopFilesError, match="nothing is installed"):
        uninstall(home=tmp_path)


def test_a_name_that_would_write_lines_of_its_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DesktopFilesError, match="line breaks"):
        install(["desktop", "--folder", "/a\nExec=/bin/sh"], APP, home=tmp_path)
    assert not (tmp_path / ".local").exists()
