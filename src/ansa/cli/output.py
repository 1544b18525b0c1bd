"""What every command prints: one JSON document or lines for people; progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from ansa.names import printable

T = TypeVar("T")


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout, in ASCII: undecodable names come as escapes of their bytes.

    All of it or nothing: what fails does so before the first character is printed.
    """
    print(json.dumps(document, indent=2, allow_nan=False))


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
