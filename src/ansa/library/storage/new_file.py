"""A file that a library was told to make: never over another one, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ansa.library.index_report import LibraryError
from ansa.outputs import writing


@contextmanager
def new_file(out: Path) -> Iterator[BinaryIO]:
    """Open for writing; the file gets its name once it is whole.

    Raises:
        LibraryError: it is there already, or cannot be written.
    """
    try:
        with writing(out) as file:
            yield file
    except FileExistsError:
        raise LibraryError(str(out), "it is there already", "name another file") from None
    except OSError as error:
        reason = f"it cannot be written ({error.strerror or error})"
        raise LibraryError(str(out), reason, "name another file") from error
