from __future__ import annotations

import plistlib
import shlex
import sys
from pathlib import Path

import pytest

from ansa.library.watching.service import ServiceError, install, uninstall

ODD = '/photos/50% "$HOME" \\ grün'


@pytest.fixture(autouse=True)
def _no_config_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def test_a_systemd_unit_is_written_for_the_next_login_and_removed(tmp_path: Path) -> None:
    service = install(["watch", ODD], system="linux", home=tmp_path)
    unit, link = service.files
    assert unit == tmp_path / ".config/systemd/user/ansa-watch.service"
    assert link.resolve() == unit
    (line,) = [each for each in unit.read_text().splitlines() if each.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$"))
    assert words == [sys.executable, "-m", "ansa", "watch", ODD]
    install(["watch", "/other"], system="linux", home=tmp_path)  # which replaces it
    assert "/other" in unit.read_text()
    assert set(uninstall(system="linux", home=tmp_path).files) == {unit, link}
    assert not unit.exists()
    assert not link.is_symlink()


def test_a_launchd_agent_is_written_and_removed(tmp_path: Path) -> None:
    (agent,) = install(["watch", ODD], system="darwin", home=tmp_path).files
    told = plistlib.loads(agent.read_bytes())
    assert told["ProgramArguments"] == [sys.executable, "-m", "ansa", "watch", ODD]
    assert told["RunAtLoad"] is True
    assert uninstall(system="darwin", home=tmp_path).files == (agent,)
    assert not agent.exists()


def test_files_of_others_are_never_replaced_or_removed(tmp_path: Path) -> None:
    unit = tmp_path / ".config/systemd/user/ansa-watch.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Unit]\n")
    with pytest.raises(ServiceError, match="another program"):
        install(["watch", "/a"], system="linux", home=tmp_path)
    with pytest.raises(ServiceError, match="another program"):
        uninstall(system="linux", home=tmp_path)
    assert unit.read_text() == "[Unit]\n"


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_without_a_service_there_is_nothing_to_remove(tmp_path: Path, system: str) -> None:
    with pytest.raises(ServiceError, match="no service is installed"):
        uninstall(system=system, home=tmp_path)


def test_what_cannot_be_a_service_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="line breaks"):
        install(["watch", "/a\nExecStart=/bin/sh"], system="linux", home=tmp_path)
    with pytest.raises(ServiceError, match="not known"):
        install(["watch", "/a"], system="win32", home=tmp_path)
