"""Photos moved into a folder and back again: nothing is overwritten, and every step is noted first.

The folder keeps a journal, a line of JSON for each file. A line is on disk before its file is
moved, so that whatever ends a run, all that was moved can be found and moved back.
"""

from __future__ import annotations

import errno
import filecmp
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.library.report import LibraryError, Problem

JOURNAL = "ansa-moved.jsonl"
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EACCES}


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of files that were to be moved.

    Attributes:
        files: from where to where.
        problems: those that stayed where they were.
    """

    files: tuple[tuple[Path, Path], ...]
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The moves as JSON-ready values."""
        problems = [
            {"file": each.file, "reason": each.reason, "remedy": each.remedy}
            for each in self.problems
        ]
        moves = [{"from": str(old), "to": str(new)} for old, new in self.files]
        return {"moved": moves, "problems": problems}


def move_into(folder: Path, files: Iterable[tuple[Path, Path]], roots: Iterable[Path]) -> Moved:
    """Moves files into a folder, made if need be, under their names or ones like them.

    Args:
        folder: outside of the indexed folders.
        files: each with the file that stands for it, without which it stays.
        roots: the indexed folders.

    Raises:
        LibraryError: the folder lies in an indexed one, or cannot be written.
    """
    folder = Path(os.path.realpath(folder))
    for root in roots:
        if folder.is_relative_to(root):
            raise LibraryError(
                str(folder),
                "lies in an indexed folder, where its photos would be found again",
                "name one outside",
            )
    moved, problems = [], []
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / JOURNAL).open("a", encoding="ascii") as journal:
            for file, kept in files:
                try:
                    if not kept.is_file():
                        raise FileNotFoundError(errno.ENOENT, f"{kept}, to be kept, is gone")
                    moved.append((file, _move_in(file, folder, journal)))
                except OSError as error:
                    problems.append(_stayed(file, error))
    return Moved(tuple(moved), tuple(problems))


def move_back(folder: Path, roots: Iterable[Path]) -> Moved:
    """Moves what :func:`move_into` moved into a folder back to where it was, the last one first.

    What cannot be moved back stays in the folder, and in its journal.

    Args:
        folder: the folder.
        roots: the indexed folders; nothing is moved anywhere else.

    Raises:
        LibraryError: the folder has no journal, or a damaged one.
    """
    folder, roots = Path(os.path.realpath(folder)), list(roots)
    moved, problems, left = [], [], []
    with _explained(folder):
        for origin, name in reversed(_read(folder / JOURNAL)):
            file = folder / name
            try:
                if not os.path.lexists(file):
                    if not origin.exists():
                        raise FileNotFoundError(errno.ENOENT, "neither here nor where it was")
                    continue  # it was noted, and never moved
                if not any(Path(os.path.realpath(origin)).is_relative_to(root) for root in roots):
                    raise PermissionError(errno.EPERM, f"{origin} is in no indexed folder")
                origin.parent.mkdir(parents=True, exist_ok=True)
                _move(file, origin)
                moved.append((file, origin))
            except OSError as error:
                left.append((origin, name))
                problems.append(_stayed(file, error))
        _rewrite(folder / JOURNAL, left[::-1])
    return Moved(tuple(moved), tuple(problems))


def _move_in(file: Path, folder: Path, journal: Any) -> Path:
    for name in _names(file):
        if os.path.lexists(folder / name):
            continue
        journal.write(_line(file, name))
        journal.flush()
        os.fsync(journal.fileno())
        with suppress(FileExistsError):  # another program took the name just now
            _move(file, folder / name)
            return folder / name
    raise AssertionError("names do not end")


def _move(old: Path, new: Path) -> None:
    """Moves a file to a name that must be free.

    Raises:
        OSError: it is where it was.
    """
    try:
        os.link(old, new, follow_symlinks=False)  # fails if the name is taken, unlike a rename
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _copy(old, new)
    try:
        old.unlink()
    except OSError:
        new.unlink()
        raise


def _copy(old: Path, new: Path) -> None:
    with old.open("rb") as source, new.open("xb") as target:
        try:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
            shutil.copystat(old, new)
            if not filecmp.cmp(old, new, shallow=False):
                raise OSError(errno.EIO, "its copy differs")
        except BaseException:
            new.unlink()
            raise


def _names(file: Path) -> Iterator[str]:
    """The file's name, and the same with a number, for ever."""
    yield file.name
    number = 2
    while True:
        yield f"{file.stem} ({number}){file.suffix}"
        number += 1


def _line(origin: Path, name: str) -> str:
    return json.dumps({"from": str(origin), "to": name}) + "\n"


def _read(journal: Path) -> list[tuple[Path, str]]:
    entries = []
    try:
        lines = journal.read_text(encoding="ascii").splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                origin, name = Path(entry["from"]), str(entry["to"])
                if not origin.is_absolute() or Path(name).name != name or name == JOURNAL:
                    raise ValueError("no plain name")
            except (ValueError, TypeError, KeyError, RecursionError):
                if number == len(lines) and not line.endswith("}"):
                    continue  # the run ended while it was written, so nothing was moved for it
                raise ValueError(f"line {number} is damaged") from None
            entries.append((origin, name))
    except FileNotFoundError:
        raise LibraryError(
            str(journal.parent),
            f"nothing was moved here ({JOURNAL} is missing)",
            "name the folder that was given to --move-to",
        ) from None
    except ValueError as error:
        raise LibraryError(
            str(journal), f"not a journal of moves ({error})", "move its files back by hand"
        ) from None
    return entries


def _rewrite(journal: Path, entries: list[tuple[Path, str]]) -> None:
    """What is left to be moved back; no journal if nothing is."""
    if not entries:
        journal.unlink()
        return
    fresh = journal.with_suffix(".new")
    fresh.write_text("".join(_line(*entry) for entry in entries), encoding="ascii")
    fresh.replace(journal)


def _stayed(file: Path, error: OSError) -> Problem:
    reason = f"stays where it is ({error.strerror or error})"
    return Problem(str(file), "failed", reason, "nothing is lost; see to that and try again")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turns what keeps a folder from being used into a :class:`LibraryError`."""
    try:
        yield
    except OSError as error:
        reason = f"cannot be used ({error.strerror})"
        raise LibraryError(str(folder), reason, "name another folder") from error
