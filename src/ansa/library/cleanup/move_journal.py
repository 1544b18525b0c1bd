"""The journal of moves: one line of JSON per file, written to disk before the file is moved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from ansa.atomic_write import write_atomically
from ansa.files import open_plain
from ansa.library.index_report import LibraryError

JOURNAL = "ansa-moved.jsonl"
_BEGINNING = '{"from": "'

Entry = tuple[Path, str]
"""The original path of a file, and its name in the folder."""


class Journal:
    """The journal of a folder, opened for new lines. The first line creates both.

    Raises:
        LibraryError: a file with the journal's name is no journal.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._made: list[Path] = []
        self._before = 0
        if os.path.lexists(folder / JOURNAL):
            read(folder)

    def note(self, entries: Iterable[Entry]) -> None:
        """Writes lines and syncs them to disk."""
        file = self._file or self._open()
        self._before = file.seek(0, os.SEEK_END)
        file.write(b"".join(_line(*entry) for entry in entries))
        file.flush()
        os.fsync(file.fileno())

    def take_back(self) -> None:
        """Removes the lines written last, because nothing is moved for them."""
        if self._file:
            self._file.truncate(self._before)

    def close(self) -> None:
        """Closes the journal; removes it if it has no lines, and the folders created for it."""
        if self._file is None:
            return
        empty = self._file.seek(0, os.SEEK_END) == 0
        self._file.close()
        if empty:
            (self._folder / JOURNAL).unlink()
            for folder in reversed(self._made):
                if not any(folder.iterdir()):
                    folder.rmdir()

    def _open(self) -> BinaryIO:
        missing = [each for each in (self._folder, *self._folder.parents) if not each.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            self._made.append(folder)
        self._file = open_plain(self._folder / JOURNAL, write=True, follow=False)
        # An incomplete last line, from a killed run, stands for no move. No new line may extend it.
        self._file.truncate(self._file.read().rfind(b"\n") + 1)
        return self._file


def read(folder: Path) -> list[Entry]:
    """Returns the entries of a folder's journal, the first one first.

    Raises:
        LibraryError: there is no journal, or it is damaged.
    """
    journal = folder / JOURNAL
    entries = []
    try:
        if journal.is_symlink():
            raise ValueError("it is a link")
        with open_plain(journal) as file:
            text = file.read().decode("ascii")
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                origin, name = Path(entry["from"]), str(entry["to"])
                if not origin.is_absolute() or Path(name).name != name or name == JOURNAL:
                    raise ValueError("no plain name")
            except (ValueError, TypeError, KeyError, RecursionError):
                cut = number == len(lines) and not text.endswith("\n")
                if cut and line[: len(_BEGINNING)] == _BEGINNING[: len(line)]:
                    # The run ended while this line was written, so nothing was moved for it.
                    continue
                raise ValueError(f"line {number} is damaged") from None
            entries.append((origin, name))
    except FileNotFoundError:
        raise LibraryError(
            str(folder),
            f"nothing was moved here ({JOURNAL} is missing)",
            "name the folder that was given to --move-to",
        ) from None
    except ValueError as error:
        raise LibraryError(
            str(journal), f"not a journal of moves ({error})", "move its files back by hand"
        ) from None
    return entries


def rewrite(folder: Path, entries: Sequence[Entry]) -> None:
    """Writes the entries that still must be moved back; deletes the journal if there are none."""
    journal = folder / JOURNAL
    if not entries:
        journal.unlink()
        return
    write_atomically(journal, b"".join(_line(*entry) for entry in entries))


def _line(origin: Path, name: str) -> bytes:
    return json.dumps({"from": str(origin), "to": name}).encode("ascii") + b"\n"
