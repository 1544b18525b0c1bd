"""How every command prints: one JSON document or text on stdout, and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ansa.names import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser

T = TypeVar("T")


def print_json(document: dict[str, Any]) -> None:
    """Prints one JSON document on stdout, in ASCII. Undecodable bytes of file names are escaped.

    Raises:
        ValueError: the document has a number that JSON lacks (NaN or infinity). Then nothing is
            printed.
    """
    print(json.dumps(document, indent=2, allow_nan=False))


class FileProblem(Protocol):
    """A problem with a file: which file, what is wrong, and how to fix it."""

    @property
    def file(self) -> str:
        """The path of the file or folder."""

    @property
    def reason(self) -> str:
        """What is wrong with the file."""

    @property
    def remedy(self) -> str:
        """What the user can do about it."""


def problems_json(problems: Iterable[FileProblem]) -> dict[str, list[dict[str, str]]]:
    """Problems in the form that every ``--json`` document uses.

    Returns:
        ``{"problems": [{"file": ..., "reason": ..., "remedy": ...}, ...]}``.
    """
    told = [{"file": p.file, "reason": p.reason, "remedy": p.remedy} for p in problems]
    return {"problems": told}


def status(to_mend: int = 0, *, unread: int = 0, done: int = 0, strict: bool = False) -> int:
    """The exit status of a command that continues after a failure.

    A photo that cannot be read among others that can is reported, but must not stop a script.

    Args:
        to_mend: the number of failures that the user has to fix: of files that were named or were
            to be written, and of folders that could not be listed.
        unread: the number of photos among others that could not be read or did not exist.
        done: the number of photos that were read.
        strict: whether unread photos count as failures. They always do if ``done`` is 0.

    Returns:
        1 if anything has to be fixed, else 0.
    """
    return int(to_mend > 0 or (unread > 0 and (strict or not done)))


def add_strict(parser: ArgumentParser) -> None:
    """Adds ``--strict`` to a command that reads many photos; see :func:`status`."""
    parser.add_argument(
        "--strict",
        action="store_true",
        help="Return exit status 1 if any photo could not be read.",
    )


def print_problem(message: str) -> None:
    """Prints one problem as one line on stderr."""
    print(f"ansa: {printable(message)}", file=sys.stderr)


def count(number: int, noun: str) -> str:
    """``count(1, "photo")`` is "1 photo", ``count(1200, "photo")`` is "1,200 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def with_progress(items: Iterable[T], verb: str) -> Iterator[T]:
    """Yields the items, and shows a progress bar on stderr if that is a terminal."""
    from tqdm import tqdm

    yield from tqdm(items, desc=verb, unit="photo", leave=False, disable=not sys.stderr.isatty())


@contextmanager
def progress_bar(verb: str, unit: str = "photo") -> Iterator[Callable[[int, int], None]]:
    """Gives a function to be called as ``progress(done, all of them)``, which shows a progress bar
    on stderr if that is a terminal. The bar is gone afterwards."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from tqdm import tqdm

    with tqdm(desc=verb, unit=unit, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


def print_progress(what: str) -> None:
    """Prints what happens next on stderr if that is a terminal."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr)
