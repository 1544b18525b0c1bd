"""What every command prints: one JSON document or lines for people; progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ansa.names import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser

T = TypeVar("T")


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout, in ASCII: undecodable names come as escapes of their bytes.

    All of it or nothing: what fails does so before the first character is printed.
    """
    print(json.dumps(document, indent=2, allow_nan=False))


class FileProblem(Protocol):
    """What went wrong: with which file, why, and what helps."""

    @property
    def file(self) -> str:
        """The file or the folder."""

    @property
    def reason(self) -> str:
        """What is wrong."""

    @property
    def remedy(self) -> str:
        """What helps."""


def problems_json(problems: Iterable[FileProblem]) -> dict[str, list[dict[str, str]]]:
    """The problems as every ``--json`` tells them: ``{"problems": [{"file": ..., ...}]}``."""
    told = [{"file": p.file, "reason": p.reason, "remedy": p.remedy} for p in problems]
    return {"problems": told}


def status(to_mend: int = 0, *, unread: int = 0, done: int = 0, strict: bool = False) -> int:
    """The exit status of every command that goes on when something fails: 0 or 1.

    It is 1 if there is something that the user has to mend. One photo among many that cannot be
    read is told, and is no reason for a script to stop.

    Args:
        to_mend: how many failed of what was named or was to be written, and folders that could not
            be listed.
        unread: how many photos among others could not be read, or were not there.
        done: how many could.
        strict: whether ``unread`` ones count, too; they do anyhow if there is nothing else.
    """
    return int(to_mend > 0 or (unread > 0 and (strict or not done)))


def add_strict(parser: ArgumentParser) -> None:
    """``--strict``, for the commands that look at many photos; see :func:`status`."""
    parser.add_argument(
        "--strict", action="store_true", help="end with status 1 if any photo failed"
    )


def print_problem(message: str) -> None:
    """One problem on stderr, on one line of its own."""
    print(f"ansa: {printable(message)}", file=sys.stderr)


def count(number: int, noun: str) -> str:
    """``count(1, "photo")`` is "1 photo", ``count(1200, "photo")`` is "1,200 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def with_progress(items: Iterable[T], verb: str) -> Iterator[T]:
    """The items, with a bar on stderr if that is a terminal."""
    from tqdm import tqdm

    yield from tqdm(items, desc=verb, unit="photo", leave=False, disable=not sys.stderr.isatty())


def print_progress(what: str) -> None:
    """What comes next, on stderr if that is a terminal."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr)
