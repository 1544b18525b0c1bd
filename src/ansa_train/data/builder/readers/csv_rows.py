"""Rows of a CSV or TSV file, each with its line; what is no row is named and costs no other."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ansa_train.data.builder.readers.text_encoding import open_text
from ansa_train.data.builder.records import MAX_TEXT_BYTES

DELIMITERS = ",;\t|"
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""How a spreadsheet says which delimiter follows."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row, or what stands where one should.

    Attributes:
        line: where it begins, from 1.
        cells: its cells; none if it is damaged.
        problem: what is wrong with it, and what helps; "" if nothing is.
    """

    line: int
    cells: list[str]
    problem: str = ""


def csv_rows(
    path: Path, fits: Callable[[list[str]], bool], is_row: Callable[[list[str], list[str]], bool]
) -> Iterator[CsvRow]:
    """The rows of a file, its header first; blank lines are left out.

    A quote that never ends would take all rows below it into one cell. Where a row goes over lines,
    each further line is looked at: a quote that has not ended where another row surely begins, or
    at the file's end, is called unclosed, and reading goes on with the line behind its first.

    Args:
        path: of the file.
        fits: whether a header has the columns that are wanted; the first delimiter whose header
            fits is taken, else that of the file's suffix.
        is_row: whether the cells of a line are surely those of a row; given the header too.

    Raises:
        OSError: it cannot be read.
    """
    csv.field_size_limit(MAX_TEXT_BYTES)
    with open_text(path, newline="") as file:
        lines = _Lines(file)
        header, delimiter = _header(lines, path, fits)
        if header is None:
            return
        yield header
        while (
            row := _row(lines, delimiter, lambda cells: is_row(header.cells, cells))
        ) is not None:
            if row.cells or row.problem:
                yield row


def _header(
    lines: _Lines, path: Path, fits: Callable[[list[str]], bool]
) -> tuple[CsvRow | None, str]:
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    stated = ""
    while True:
        first = lines.peek()
        if first is None:
            return None, usual
        said = _SEP.fullmatch(first)
        if said:
            stated = said[1]
        elif first.strip():
            break
        lines.take()
    order = [stated] if stated else [usual, *DELIMITERS.replace(usual, "")]
    place = lines.number
    for delimiter in order:
        row = _row(lines, delimiter, lambda cells: False)
        if row and not row.problem and fits(row.cells):
            return row, delimiter
        lines.back(place)
    return _row(lines, order[0], lambda cells: False), order[0]


def _row(lines: _Lines, delimiter: str, is_row: Callable[[list[str]], bool]) -> CsvRow | None:
    """The next row; None behind the last."""
    start = lines.number + 1
    first = lines.take()
    if first is None:
        return None
    if lines.problem:
        return CsvRow(start, [], lines.problem)
    if '"' not in first:
        return _parsed([first], start, delimiter)

    def further() -> Iterator[str]:
        yield first
        length = len(first)
        while (line := lines.take()) is not None:
            length += len(line)
            if lines.problem or length > MAX_TEXT_BYTES:
                return
            if is_row(_cells(line, delimiter)):
                return
            yield line

    try:
        return CsvRow(start, next(csv.reader(further(), delimiter=delimiter, strict=True), []))
    except csv.Error as error:
        over_lines = lines.number > start
        lines.back(start)
        if not over_lines and not _is_open(first, delimiter):
            return _parsed([first], start, delimiter)  # as spreadsheets read it: "a" b is a b
        if "field larger" in str(error):
            return CsvRow(start, [], f"it is no row of a table ({error})")
        return CsvRow(
            start,
            [],
            "a quote begins in it that never ends, or ends amid text; close it, or write it twice",
        )


def _is_open(line: str, delimiter: str) -> bool:
    """Whether a line ends within quotes."""
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _parsed(text: list[str], start: int, delimiter: str) -> CsvRow:
    try:
        return CsvRow(start, next(csv.reader(text, delimiter=delimiter), []))
    except csv.Error as error:
        return CsvRow(start, [], f"it is no row of a table ({error})")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


class _Lines:
    """Lines of a file that can be gone back to, none of them without bound."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._kept: deque[tuple[str, str]] = deque()
        self._ahead: deque[tuple[str, str]] = deque()
        self.number = 0
        self.problem = ""
        """What is wrong with the line that was taken last."""

    def take(self) -> str | None:
        """The next line; None behind the last."""
        found = self._ahead.popleft() if self._ahead else self._read()
        if found is None:
            return None
        self._kept.append(found)
        self.number += 1
        line, self.problem = found
        return line

    def peek(self) -> str | None:
        """The next line, which stays the next."""
        if not self._ahead and (found := self._read()) is not None:
            self._ahead.append(found)
        return self._ahead[0][0] if self._ahead else None

    def forget(self) -> None:
        """Nothing before this place is gone back to."""
        self._kept.clear()

    def back(self, number: int) -> None:
        """The lines behind the one of that number come again."""
        while self.number > number:
            self._ahead.appendleft(self._kept.pop())
            self.number -= 1

    def _read(self) -> tuple[str, str] | None:
        try:
            line = self._file.readline(MAX_TEXT_BYTES)
            if len(line) < MAX_TEXT_BYTES or line[-1] in "\r\n":
                return (line, "") if line else None
            while (rest := self._file.readline(MAX_TEXT_BYTES)) and rest[-1] not in "\r\n":
                pass
        except UnicodeDecodeError as error:
            self._file.seek(0, 2)
            return "?", f"it and what follows is no text ({error.reason}); save the file as UTF-8"
        return "?", f"it is longer than {MAX_TEXT_BYTES:,} characters"
