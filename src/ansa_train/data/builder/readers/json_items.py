"""A JSON object's lists, item by item: annotation files can be larger than the memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from ansa_train.data.builder.readers.text_encoding import open_text
from ansa_train.data.builder.records import MAX_TEXT_BYTES
from ansa_train.errors import TrainingError

_CHUNK = 1 << 20


def json_items(path: Path) -> Iterator[tuple[str, Any]]:
    """(name, item) for every item of every list in the file's one object; other values whole.

    Bytes that are not UTF-8 come as lone surrogates, for the reader to refuse where they stand.

    Raises:
        TrainingError: the file is no JSON object, or is damaged.
    """
    with open_text(path) as file:
        try:
            yield from _Scanner(file).items()
        except (ValueError, RecursionError) as error:
            raise TrainingError(
                f"{path} is no JSON object, or is damaged or cut short ({error})"
            ) from error


class _Scanner:
    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder()

    def items(self) -> Iterator[tuple[str, Any]]:
        self._expect("{")
        if self._peek() == "}":
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise ValueError("a name is missing")
            self._expect(":")
            if self._peek() == "[":
                for item in self._list():
                    yield name, item
            else:
                yield name, self._value()
            if self._expect(",}") == "}":
                return

    def _list(self) -> Iterator[Any]:
        self._expect("[")
        if self._peek() == "]":
            self._expect("]")
            return
        while True:
            yield self._value()
            if self._expect(",]") == "]":
                return

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                # A number that touches the end of what is read may go on behind it.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            except ValueError:
                if self._ended:
                    raise
            self._fill()
            if len(self._text) - self._at > MAX_TEXT_BYTES:
                raise ValueError(f"one item has more than {MAX_TEXT_BYTES:,} characters")

    def _peek(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                raise ValueError("it ends too soon")

    def _expect(self, wanted: str) -> str:
        found = self._peek()
        if found not in wanted:
            raise ValueError(f"{found!r} stands where one of {wanted!r} should")
        self._at += 1
        return found

    def _fill(self) -> bool:
        # Doubling keeps the repeated attempts at one long item from becoming quadratic.
        more = self._file.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not more
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)
