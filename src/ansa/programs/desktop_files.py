"""The files that make a desktop know ANSA: a launcher, a D-Bus service and a search provider.

They are written to the user's own data folder and removed from there; the desktop itself is not
asked to do anything.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansa.atomic_write import write_atomically
from ansa.errors import FileError

NAME = "org.ansa.Desktop"
_PATH = "/org/ansa/Desktop"
_MARK = "# Written by ansa desktop --install; ansa desktop --uninstall removes it.\n"
_PROVIDERS = Path("gnome-shell", "search-providers", f"{NAME}.search-provider.ini")
_SYSTEM = Path("/usr/local/share")
_LAUNCHER = Path("applications", f"{NAME}.desktop")
_SERVICE = Path("dbus-1", "services", f"{NAME}.service")


class DesktopFilesError(FileError):
    """The files cannot be written or removed; ``file`` is the one with the problem."""


@dataclass(frozen=True, slots=True)
class DesktopFiles:
    """Files that were written or removed.

    Attributes:
        files: the files.
        now: the command that completes it, for which one has to be the administrator: GNOME Shell
            looks for search providers only in folders of the system. Empty if nothing is missing.
    """

    files: tuple[Path, ...]
    now: str


def install(serve: Sequence[str], app: Sequence[str], *, home: Path | None = None) -> DesktopFiles:
    """Writes the files.

    Args:
        serve: the words after ``ansa`` with which the bus starts the search.
        app: the words after ``ansa`` that start the app.
        home: the user's folder; by default that of this user.

    Raises:
        DesktopFilesError: another program has a file of such a name, a name cannot be written into
            such a file, or the files cannot be written.
    """
    base = _base(home)
    written = {base / inner: text for inner, text in _texts(serve, app, base).items()}
    for file in written:  # all of them are checked before any is written
        if os.path.lexists(file) and not _is_ours(file):
            raise DesktopFilesError(str(file), "another program wrote it", "move it away")
    for file, text in written.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, (_MARK + text).encode())
        except OSError as error:
            raise _refused(file, "written", error) from error
    provider = base / _PROVIDERS
    known = [Path(each) for each in os.environ.get("XDG_DATA_DIRS", "").split(":") if each]
    copy = f"sudo install -D -m 644 {_shell(provider)} {_SYSTEM / _PROVIDERS}"
    return DesktopFiles(tuple(written), "" if base in known else copy)


def uninstall(*, home: Path | None = None, system: Path = _SYSTEM) -> DesktopFiles:
    """Removes what :func:`install` wrote.

    Args:
        home: the user's folder; by default that of this user.
        system: the system's folder of data, where the administrator may have put a copy.

    Raises:
        DesktopFilesError: nothing is installed, another program wrote such a file, or one cannot be
            removed.
    """
    base = _base(home)
    found = [base / inner for inner in (_LAUNCHER, _SERVICE, _PROVIDERS)]
    found = [file for file in found if os.path.lexists(file)]
    if not found:
        raise DesktopFilesError(str(base / _PROVIDERS), "nothing is installed", "nothing to do")
    for file in found:
        if not _is_ours(file):
            raise DesktopFilesError(str(file), "another program wrote it", "remove it yourself")
    for file in found:
        try:
            file.unlink()
        except OSError as error:
            raise _refused(file, "removed", error) from error
    copy = system / _PROVIDERS
    return DesktopFiles(tuple(found), f"sudo rm {_shell(copy)}" if _is_ours(copy) else "")


def _base(home: Path | None) -> Path:
    own = os.environ.get("XDG_DATA_HOME")
    if own and home is None:
        return Path(own)
    return (home or Path.home()) / ".local" / "share"


def _texts(serve: Sequence[str], app: Sequence[str], base: Path) -> dict[Path, str]:
    python = sys.executable, "-m", "ansa"
    starts_app = " ".join(_quoted(word, base / _LAUNCHER) for word in (*python, *app))
    # In this file, a percent sign stands before a field, and a backslash before any character.
    starts_app = starts_app.replace("%", "%%").replace("\\", "\\\\")
    serves = " ".join(_quoted(word, base / _SERVICE) for word in (*python, *serve))
    return {
        _LAUNCHER: (
            "[Desktop Entry]\nType=Application\nName=ANSA\n"
            "Comment=Find your photos by a description\n"
            f"Exec={starts_app}\nIcon=image-x-generic\nTerminal=false\n"
            "Categories=Graphics;Photography;\n"
        ),
        _SERVICE: f"[D-BUS Service]\nName={NAME}\nExec={serves}\n",
        _PROVIDERS: (
            f"[Shell Search Provider]\nDesktopId={NAME}.desktop\nBusName={NAME}\n"
            f"ObjectPath={_PATH}\nVersion=2\n"
        ),
    }


def _quoted(word: str, file: Path) -> str:
    """A word in double quotes, as the specifications of desktop entries and of D-Bus read it."""
    if not word.isprintable():
        raise DesktopFilesError(
            str(file), f"it takes no line breaks, as in {word!a}", "rename that folder"
        )
    for char in ("\\", '"', "`", "$"):
        word = word.replace(char, f"\\{char}")
    return f'"{word}"'


def _shell(file: Path) -> str:
    """A path as a shell reads it."""
    return shlex.quote(str(file))


def _is_ours(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MARK)) == _MARK.encode()
    except OSError:
        return False


def _refused(file: Path, what: str, error: OSError) -> DesktopFilesError:
    reason = f"cannot be {what} ({error.strerror})"
    return DesktopFilesError(str(file), reason, "check its permissions")
