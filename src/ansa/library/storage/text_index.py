"""The words of the texts in pictures in a full-text index (SQLite's FTS5).

The texts are signals of their photos, and the index holds nothing but their words. It is brought up
to date when texts are stored, and by a search for what is still missing. If it cannot be read or
written, no text is found, and nothing else fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ansa.library.storage.codec import decode
from ansa.library.storage.database import transaction
from ansa.library.storage.name_index import any_of, frequent_words, hardly_waiting, words_of
from ansa.scene import PictureText

TEXT = "text"
"""The name of the signal, beside those of heads."""

_BATCH = 500
_MOST_WORDS = 2_000  # of one picture


def update_texts(connection: sqlite3.Connection) -> None:
    """Adds the texts that are missing in the index.

    It hardly waits: if another program writes, they are added another time.
    """
    # Both are sorted by photo, and FTS5 itself would read every row to list its photos.
    query = """
        SELECT photo, data FROM signals INDEXED BY texts
        WHERE head = 'text' AND photo NOT IN (SELECT id FROM text_words_content) LIMIT ?
    """
    with suppress(sqlite3.Error), hardly_waiting(connection):
        while rows := connection.execute(query, (_BATCH,)).fetchall():
            with transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO text_words (rowid, words) VALUES (?, ?)",
                    [(photo, " ".join(_words(data))) for photo, data in rows],
                )


def photos_saying(
    connection: sqlite3.Connection, words: Sequence[str], *, begin: bool
) -> list[int]:
    """Returns the photos with any of some words in their texts; they may be gone.

    Args:
        connection: the connection to the library's file.
        words: see :func:`~ansa.library.storage.name_index.any_of`.
        begin: the same.
    """
    if not any(words):
        return []
    with suppress(sqlite3.Error, UnicodeError):
        query = "SELECT rowid FROM text_words WHERE text_words MATCH ?"
        found = connection.execute(query, (any_of(words, begin=begin),)).fetchall()
        return [photo for (photo,) in found]
    return []


def text_words(connection: sqlite3.Connection, most: int) -> list[str]:
    """Returns the words of all texts, the most frequent first, for the correction of spelling."""
    return frequent_words(connection, "text_words", most)


def stored_text(data: Any) -> PictureText | None:
    """Returns a text as it is stored; None if there is none, or if it is damaged."""
    with suppress(ValueError):
        found = decode(TEXT, data)
        return found if isinstance(found, PictureText) else None
    return None


def _words(data: Any) -> list[str]:
    text = stored_text(data)
    return [word for line in text.lines for word in words_of(line, _MOST_WORDS)] if text else []
