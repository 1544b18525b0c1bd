"""The words of files' and folders' names in a full-text index (SQLite's FTS5).

The index is brought up to date by an index run, and by a search for what is still missing, such as
in a library of an older version. Names need no picture, so this takes seconds for a million files.
If the index cannot be read or written, no name is found, and nothing else fails.
"""

from __future__ import annotations

import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from ansa.library.storage.database import BUSY_SECONDS, transaction
from ansa.library.storage.row_checks import THERE
from ansa.library.storage.scope import Scope, everywhere
from ansa.names import name_key

_BATCH = 5_000
_WAIT_MILLISECONDS = 50
_MOST_WORDS = 64  # of one name
_SPACED = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z\u00df-\u00f6\u00f8-\u00ff])(?=[A-Z\u00c0-\u00d6\u00d8-\u00de])")
_ACRONYM = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])")
_DIGITS = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""Characters of scripts that are written without spaces: each is a word of its own."""


def words_of(name: str, most: int = _MOST_WORDS) -> list[str]:
    """Returns the words of a name of a file or folder, split at punctuation, case and digits.

    Case and accents are removed, as by :func:`~ansa.names.name_key`. A compound is there as a whole
    and in parts: "TajMahal2019" is "tajmahal2019", "taj", "mahal" and "2019".

    Args:
        name: the name, or any other text.
        most: how many words are returned, at most.
    """
    found: list[str] = []
    for chunk in _SPACED.findall(unicodedata.normalize("NFC", name)):
        spaced = _UNSPACED.sub(lambda char: f" {char[0]} ", chunk)
        parts = _DIGITS.sub(" ", _ACRONYM.sub(" ", _HUMP.sub(" ", spaced))).split()
        if len(parts) > 1 and not _UNSPACED.search(chunk):
            found += name_key(chunk).split()
        for part in parts:
            found += name_key(part).split()
        if len(found) >= most:
            break
    return found[:most]


def any_of(words: Sequence[str], *, begin: bool) -> str:
    """Returns what FTS5 is asked for rows with any of some words.

    Args:
        words: words as :func:`words_of` gives them; of a script without spaces, a row of them.
        begin: whether words that only begin with them count too.
    """
    # A string in FTS5's double quotation marks is nothing but text.
    quoted = [f'"{word.replace(chr(34), chr(34) * 2)}"{" *" if begin else ""}' for word in words]
    return " OR ".join(quoted)


def frequent_words(connection: sqlite3.Connection, table: str, most: int) -> list[str]:
    """Returns the words of a full-text table, the most frequent first; none if it is damaged."""
    with suppress(sqlite3.Error):
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table}_terms"
            f" USING fts5vocab (main, {table}, row)"
        )
        query = f"SELECT term FROM temp.{table}_terms ORDER BY doc DESC LIMIT ?"  # noqa: S608
        return [term for (term,) in connection.execute(query, (most,)) if isinstance(term, str)]
    return []


def update_names(connection: sqlite3.Connection) -> bool:
    """Adds the names that are missing in the index; returns whether it is complete now.

    It hardly waits: if another program writes, the names are added another time.
    """
    try:
        with hardly_waiting(connection):
            return _add_missing(connection)
    except sqlite3.Error:
        return False


@contextmanager
def hardly_waiting(connection: sqlite3.Connection) -> Iterator[None]:
    """For what can be done another time: if another program writes, an error comes soon."""
    try:
        connection.execute(f"PRAGMA busy_timeout = {_WAIT_MILLISECONDS}")
        yield
    finally:
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")


def _add_missing(connection: sqlite3.Connection) -> bool:
    # FTS5 itself would read every row to find the largest number.
    query = "SELECT coalesce(max(id), 0) FROM name_words_content"
    (last,) = connection.execute(query).fetchone()
    while True:
        rows = connection.execute(
            "SELECT id, path FROM files WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH)
        ).fetchall()
        if not rows:
            return True
        with transaction(connection):
            connection.executemany(
                "INSERT OR REPLACE INTO name_words (rowid, words) VALUES (?, ?)",
                [(file, " ".join(_path_words(path))) for file, path in rows],
            )
        last = rows[-1][0]


def named_photos(
    connection: sqlite3.Connection, words: Sequence[str], scope: Scope | None, *, begin: bool
) -> list[int]:
    """Returns the photos of the existing files with any of some words in their names.

    Args:
        connection: the connection to the library's file.
        words: words as :func:`words_of` gives them; of a script without spaces, a row of them.
        scope: limits the files.
        begin: whether words that only begin with them count too.
    """
    if not any(words):
        return []
    query = f"""
        SELECT DISTINCT photo FROM name_words JOIN files ON files.id = name_words.rowid
        WHERE name_words MATCH ? AND photo IS NOT NULL AND {THERE} AND {everywhere(scope)}
    """  # noqa: S608
    with suppress(sqlite3.Error, UnicodeError):
        found = connection.execute(query, (any_of(words, begin=begin),)).fetchall()
        return [photo for (photo,) in found]
    return []


def photos_below(connection: sqlite3.Connection, roots: Iterable[int]) -> list[int]:
    """Returns the photos of the existing files in some indexed folders."""
    marks = ",".join(str(int(root)) for root in roots)
    query = f"SELECT DISTINCT photo FROM files WHERE photo IS NOT NULL AND {THERE}"  # noqa: S608
    with suppress(sqlite3.Error):
        found = connection.execute(f"{query} AND root IN ({marks})").fetchall()
        return [photo for (photo,) in found]
    return []


def all_words(connection: sqlite3.Connection, most: int) -> list[str]:
    """Returns the words of all names, the most frequent first, for the correction of spelling."""
    return frequent_words(connection, "name_words", most)


def _path_words(path: object) -> Iterator[str]:
    """Yields the words of the folders of a path below an indexed folder, and of the file's name."""
    if not isinstance(path, bytes):
        return
    name, _ = os.path.splitext(path)  # noqa: PTH122 - of bytes
    seen: set[str] = set()
    for word in words_of(os.fsdecode(name).encode("utf-8", "replace").decode()):
        if word not in seen:
            seen.add(word)
            yield word
