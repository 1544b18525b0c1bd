"""Writes a new file that the user requested: completely or not at all, never over another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ansa.library.index_report import LibraryError
from ansa.outputs import writing


@contextmanager
def new_file(out: Path) -> Iterator[BinaryIO]:
    """Opens a file for writing, which gets its name only when it is complete.

    Raises:
        LibraryError: the file exists already, or cannot be written.
    """
    try:
        with writing(out) as file:
            yield file
    except FileExistsError:
        raise LibraryError(str(out), "it is there already", "name another file") from None
    except OSError as error:
        reason = f"it cannot be written ({error.strerror or error})"
        raise LibraryError(str(out), reason, "name another file") from error
