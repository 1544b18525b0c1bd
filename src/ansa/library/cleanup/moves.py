"""Moves photos into a folder and back without loss or overwriting, and records every step.

A photo is moved only if another file that is kept for it exists before and after the move, and was
read and found unchanged. Files that belong to the photo move with it, or prevent the move.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.library.cleanup.companions import Companion, Companions
from ansa.library.cleanup.file_identity import DigestCheck, same_file
from ansa.library.cleanup.move_journal import Journal, read, rewrite
from ansa.library.index_report import LibraryError, Problem
from ansa.library.indexing.system_folders import lies_in_system_folder
from ansa.names import fitting

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EACCES}

Move = tuple[Path, Path]
"""The old and the new path."""


@dataclass(frozen=True, slots=True)
class MoveResult:
    """The outcome of moves.

    Attributes:
        files: the moved photos, as old and new paths; for an undo, all files.
        beside: companions that were moved with them.
        held: photos that were not moved for a reason, such as a companion that would be lost.
        problems: photos that could not be moved.
    """

    files: tuple[Move, ...]
    beside: tuple[Move, ...] = ()
    held: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the moves as JSON-ready values."""
        return {
            "moved": [_told(move) for move in self.files],
            "beside": [_told(move) for move in self.beside],
            "held": [each.to_dict() for each in self.held],
            "problems": [each.to_dict() for each in self.problems],
        }


class _HeldError(Exception):
    """A photo is not moved; the message says why."""


def move_into(
    folder: Path,
    files: Iterable[tuple[Path, Sequence[Path]]],
    roots: Iterable[Path],
    digests: Mapping[Path, bytes],
) -> MoveResult:
    """Moves photos into a folder, which is created if needed, with their names or similar ones.

    Args:
        folder: a folder outside of the indexed folders.
        files: for each photo, the files that are kept for it, all of which must exist.
        roots: the indexed folders.
        digests: the sha256 that each file must still have.

    Raises:
        LibraryError: the folder is inside an indexed one, or cannot be written.
    """
    folder = Path(os.path.realpath(folder))
    _check_outside(folder, roots)
    moved, beside, held, problems = [], [], [], []
    with _explained(folder):
        journal = Journal(folder)
        intact, companions = DigestCheck(digests), Companions()
        try:
            for file, kept in files:
                try:
                    goes = _what_goes(file, kept, intact, companions)
                    first, *others = _move_all(goes, folder, journal, intact, kept)
                    companions.forget(file.parent)
                    moved.append(first)
                    beside.extend(others)
                except _HeldError as reason:
                    held.append(_stays(file, str(reason)))
                except OSError as error:
                    problems.append(_stayed(file, error))
        finally:
            journal.close()
    return MoveResult(tuple(moved), tuple(beside), tuple(held), tuple(problems))


def move_back(folder: Path, roots: Iterable[Path]) -> MoveResult:
    """Moves files that :func:`move_into` moved into a folder back, the last one first.

    Files that cannot be moved back stay in the folder and in its journal.

    Args:
        folder: the folder.
        roots: the indexed folders; nothing is moved anywhere else.

    Raises:
        LibraryError: the folder has no journal, or a damaged one.
    """
    folder, roots = Path(os.path.realpath(folder)), list(roots)
    moved, problems, left = [], [], []
    with _explained(folder):
        for origin, name in reversed(read(folder)):
            file = folder / name
            try:
                if not os.path.lexists(file):
                    if not origin.exists():
                        raise FileNotFoundError(errno.ENOENT, "neither here nor where it was")
                    continue  # the line was written, but the file was never moved
                if not any(Path(os.path.realpath(origin)).is_relative_to(root) for root in roots):
                    raise PermissionError(errno.EPERM, f"{origin} is in no indexed folder")
                origin.parent.mkdir(parents=True, exist_ok=True)
                _move(file, origin)
                moved.append((file, origin))
            except OSError as error:
                left.append((origin, name))
                problems.append(_stayed(file, error))
        rewrite(folder, left[::-1])
    return MoveResult(tuple(moved), problems=tuple(problems))


def _what_goes(
    file: Path, kept: Sequence[Path], intact: DigestCheck, companions: Companions
) -> list[Path]:
    """Returns the photo and its companions, if every file that is kept for it exists."""
    intact.check(file)
    for each in kept:
        try:
            intact.check(each)
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, f"{each}, to be kept, is gone") from None
        if same_file(file, each):
            raise _HeldError(f"it is {each} itself, under another name")
        if lies_in_system_folder(each):
            raise _HeldError(f"{each} lies in a folder that a system made for itself")
    others = [each for one in kept for each in companions.of(one)]
    goes = [file]
    for companion in companions.of(file):
        if any(companion.path == other.path for other in others):
            continue  # it belongs to the kept photo too, and stays with it
        if companion.shared:
            raise _HeldError(
                f"{companion.path.name} may belong to it or to {companion.shared[0].name}"
            )
        if not companion.describes and not any(_twins(companion, other) for other in others):
            raise _HeldError(f"{companion.path.name} belongs to it, and no copy of that is kept")
        goes.append(companion.path)
    return goes


def _twins(companion: Companion, other: Companion) -> bool:
    one, two = companion.path, other.path
    if same_file(one, two):
        return False
    return one.stat().st_size == two.stat().st_size and filecmp.cmp(one, two, shallow=False)


def _move_all(
    files: Sequence[Path], folder: Path, journal: Journal, intact: DigestCheck, kept: Sequence[Path]
) -> list[Move]:
    """Moves a photo and all its companions, or none of them."""
    moves = _free_names(files, folder)
    journal.note([(old, new.name) for old, new in moves])
    try:
        for old, new in moves:
            _move(old, new)
        for each in kept:
            if not intact.stands(each):
                raise _HeldError(f"{each}, to be kept, went with it: it is the same file")
    except BaseException:
        for old, new in moves:
            if not os.path.lexists(old):
                _move(new, old)
        journal.take_back()
        raise
    return moves


def _free_names(files: Sequence[Path], folder: Path) -> list[Move]:
    """Returns free names for a photo and its companions; all get the same number, if any."""
    photo, number = files[0], 1
    own = [f for f in files if f.name.casefold().startswith(photo.stem.casefold())]
    longest = max((file.name[len(photo.stem) :] for file in own), key=lambda x: len(os.fsencode(x)))
    while True:
        again = "" if number == 1 else f" ({number})"
        stem = fitting(photo.stem, again + longest).removesuffix(longest)
        names = []
        for file in files:
            if file in own:
                names.append(stem + file.name[len(photo.stem) :])
            else:
                names.append(fitting(file.stem, again + file.suffix))
        if not any(os.path.lexists(folder / name) for name in names):
            return [(file, folder / name) for file, name in zip(files, names, strict=True)]
        number += 1


def _move(old: Path, new: Path) -> None:
    """Moves a file to a name that must be free.

    Raises:
        OSError: the file was not moved.
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


def _check_outside(folder: Path, roots: Iterable[Path]) -> None:
    """Refuses a folder inside an indexed one, under any of its names."""
    above = [each for each in (folder, *folder.parents) if each.exists()]
    for root in roots:
        inside = root.exists() and any(same_file(each, root) for each in above)
        if inside or folder.is_relative_to(root):
            raise LibraryError(
                str(folder),
                "lies in an indexed folder, where its photos would be found again",
                "name one outside",
            )


def _stays(file: Path, reason: str) -> Problem:
    return Problem(str(file), "skipped", f"stays where it is: {reason}", "nothing to do")


def _stayed(file: Path, error: OSError) -> Problem:
    reason = f"stays where it is ({error.strerror or error})"
    return Problem(str(file), "failed", reason, "nothing is lost; see to that and try again")


def _told(move: Move) -> dict[str, str]:
    return {"from": str(move[0]), "to": str(move[1])}


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Converts errors about a folder that cannot be used to a :class:`LibraryError`."""
    try:
        yield
    except OSError as error:
        reason = f"cannot be used ({error.strerror})"
        raise LibraryError(str(folder), reason, "name another folder") from error
