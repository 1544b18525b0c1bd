"""Starts a watch with the session: a systemd user unit on Linux, a launchd agent on macOS.

The files are written and removed here; the system itself is not asked to do anything.
"""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansa.atomic_write import write_atomically
from ansa.errors import FileError

UNIT = "ansa-watch.service"
AGENT = "org.ansa.watch"
_MARK = "# Written by ansa watch --install; ansa watch --uninstall removes it."


class ServiceError(FileError):
    """A service cannot be installed or removed; ``file`` is its file."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that was written or removed.

    Attributes:
        files: its files.
        now: the command that starts or stops it at once; without it, the next login does.
    """

    files: tuple[Path, ...]
    now: str


def install(
    arguments: Sequence[str], *, system: str = sys.platform, home: Path | None = None
) -> Service:
    """Writes a service that runs ``ansa watch`` with some arguments from the next login on.

    Args:
        arguments: the words after ``ansa``: "watch", folders and options, with absolute paths.
        system: as :data:`sys.platform`.
        home: the user's folder; by default that of this user.

    Raises:
        ServiceError: there is no such service on this system, another program has a file of this
            name, or it cannot be written.
    """
    words = [sys.executable, "-m", "ansa", *arguments]
    home = home or Path.home()
    if system.startswith("linux"):
        unit = _units(home) / UNIT
        _write(unit, _unit(words, unit).encode())
        link = unit.parent / "default.target.wants" / UNIT
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(unit)
        return Service(
            (unit, link), f"systemctl --user daemon-reload && systemctl --user start {UNIT}"
        )
    if system == "darwin":
        agent = home / "Library" / "LaunchAgents" / f"{AGENT}.plist"
        _write(agent, _agent(words))
        return Service((agent,), f"launchctl load {agent}")
    raise ServiceError(
        str(home),
        f"services are not known on {system}",
        "start `ansa watch` by the system's own means",
    )


def uninstall(*, system: str = sys.platform, home: Path | None = None) -> Service:
    """Removes what :func:`install` wrote.

    Raises:
        ServiceError: nothing is installed, or it cannot be removed.
    """
    home = home or Path.home()
    unit = _units(home) / UNIT
    agent = home / "Library" / "LaunchAgents" / f"{AGENT}.plist"
    files = [unit.parent / "default.target.wants" / UNIT, unit] if system != "darwin" else [agent]
    found = [file for file in files if os.path.lexists(file)]
    if not found:
        raise ServiceError(str(files[-1]), "no service is installed", "nothing to do")
    for file in found:
        if not file.is_symlink() and not _is_ours(file):
            raise ServiceError(str(file), "another program wrote it", "remove it yourself")
    for file in found:
        try:
            file.unlink()
        except OSError as error:
            raise _refused(file, "removed", error) from error
    stop = f"launchctl unload {agent}" if system == "darwin" else f"systemctl --user stop {UNIT}"
    return Service(tuple(found), stop)


def _units(home: Path) -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else home / ".config") / "systemd" / "user"


def _unit(words: Sequence[str], file: Path) -> str:
    command = " ".join(_quoted(word, file) for word in words)
    return f"""{_MARK}
[Unit]
Description=ANSA keeps its library of photos up to date

[Service]
ExecStart={command}
Nice=10
IOSchedulingClass=idle
Restart=on-failure
RestartSec=30

[Install]
WantedBy=default.target
"""


def _quoted(word: str, file: Path) -> str:
    """A word as systemd reads it; see systemd.syntax(7) and systemd.service(5)."""
    if not word.isprintable():
        raise ServiceError(
            str(file), f"systemd takes no line breaks, as in {word!a}", "rename that folder"
        )
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _agent(words: Sequence[str]) -> bytes:
    return plistlib.dumps(
        {
            "Label": AGENT,
            "ProgramArguments": list(words),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Background",
        }
    )


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(file) and not _is_ours(file):
            raise ServiceError(str(file), "another program wrote it", "move it away")
        write_atomically(file, data)
    except OSError as error:
        raise _refused(file, "written", error) from error


def _is_ours(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    return data.startswith(_MARK.encode()) or AGENT.encode() in data


def _refused(file: Path, what: str, error: OSError) -> ServiceError:
    return ServiceError(str(file), f"cannot be {what} ({error.strerror})", "check its permissions")
