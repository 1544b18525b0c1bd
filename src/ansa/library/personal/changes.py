"""Changes of what people say of photos: each is stored with what it replaced, for undoing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ansa.library.index_report import LibraryError
from ansa.library.session import LibrarySession
from ansa.library.storage.store import Store
from ansa.library.storage.user_data import MARKS, is_digest

Subject = Literal["mark", "kind", "tag"]

_MOST = 50  # changes that can be undone
_FIND = {
    "mark": "SELECT mark FROM told_marks WHERE digest = ?2 AND ?1 = ''",
    "kind": "SELECT kind FROM told_kinds WHERE digest = ?2 AND ?1 = ''",
    "tag": "SELECT here FROM told_corrections WHERE name = ?1 AND digest = ?2",
}
_DROP = {
    "mark": "DELETE FROM told_marks WHERE digest = ?2 AND ?1 = ''",
    "kind": "DELETE FROM told_kinds WHERE digest = ?2 AND ?1 = ''",
    "tag": "DELETE FROM told_corrections WHERE name = ?1 AND digest = ?2",
}
_PUT = {
    "mark": "INSERT INTO told_marks (digest, mark) SELECT ?2, ?3 WHERE ?1 = ''",
    "kind": "INSERT INTO told_kinds (digest, kind) SELECT ?2, ?3 WHERE ?1 = ''",
    "tag": "INSERT INTO told_corrections (name, digest, here) VALUES (?1, ?2, ?3)",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one photo from now on.

    Attributes:
        subject: what it is about.
        name: the name of the tag; empty for a mark and a kind.
        digest: the sha256 of the photo's bytes.
        value: the mark, the kind, or whether the tag is shown; None if nothing is said any more.
    """

    subject: Subject
    name: str
    digest: bytes
    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Undone:
    """A change that was undone.

    Attributes:
        what: what the change had been, in words.
        photos: one file of each photo of which something else is said now, by path.
    """

    what: str
    photos: tuple[Path, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns it as JSON-ready values."""
        return {"undone": self.what, "photos": [str(path) for path in self.photos]}


def change(store: Store, what: str, said: Sequence[Statement]) -> None:
    """Stores what is said, completely or not at all, and keeps what it replaces.

    Args:
        store: the library's tables.
        what: the change in words, for whoever undoes it.
        said: what is said; later ones replace earlier ones. Nothing is changed if it is empty.

    Raises:
        LibraryError: the library cannot be written.
    """
    if not said:
        return
    with store.telling() as connection:
        before = _put(connection, said)
        connection.execute(
            "INSERT INTO changes (what, before) VALUES (?, ?)", (what, json.dumps(before))
        )
        connection.execute(
            "DELETE FROM changes WHERE id NOT IN (SELECT id FROM changes ORDER BY id DESC LIMIT ?)",
            (_MOST,),
        )


def undo_last_change(session: LibrarySession) -> Undone | None:
    """Undoes the last change of marks, kinds or tags; None if there is nothing left to undo.

    The one before it is undone by the next call.

    Raises:
        LibraryError: the library cannot be written, or its list of changes is damaged.
    """
    with session.store.reading() as connection:
        last = connection.execute(
            "SELECT id, what, before FROM changes ORDER BY id DESC LIMIT 1"
        ).fetchone()
    if last is None:
        return None
    number, what, before = last
    try:
        said = [_read(each) for each in json.loads(before)]
        what.encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        said = None
    with session.store.telling() as connection:
        connection.execute("DELETE FROM changes WHERE id = ?", (number,))
        if said is not None:
            _put(connection, said)
    if said is None:
        raise LibraryError(
            str(session.database),
            "the last change is damaged and cannot be undone",
            "say again what you want; undo once more for the change before it",
        )
    rows = [session.store.photo(digest) for digest in {each.digest for each in said}]
    files = session.store.paths([row for row in rows if row is not None], None).values()
    return Undone(what, tuple(sorted((f[0] for f in files if f), key=os.fsencode)))


def count_photos(number: int) -> str:
    """Returns "1 photo" or "12 photos"."""
    return f"{number:,} photo" if number == 1 else f"{number:,} photos"


def _put(connection: Any, said: Iterable[Statement]) -> list[list[Any]]:
    """Stores what is said; returns what was said before, in the order in which to put it back."""
    before: list[list[Any]] = []
    for each in said:
        key = each.name, each.digest
        found = connection.execute(_FIND[each.subject], key).fetchone()
        before.append([each.subject, each.name, each.digest.hex(), found[0] if found else None])
        connection.execute(_DROP[each.subject], key)
        if each.value is not None:
            connection.execute(_PUT[each.subject], (*key, each.value))
    return before[::-1]


def _read(row: Any) -> Statement:
    subject, name, digest, value = row
    known = subject in _PUT and type(name) is str and is_digest(bytes.fromhex(digest))
    values = {"mark": MARKS, "tag": (0, 1, True, False)}.get(subject)
    if not known or (value is not None and values is not None and value not in values):
        raise ValueError("no change")
    if subject == "kind" and not isinstance(value, str | None):
        raise ValueError("no change")
    return Statement(subject, name, bytes.fromhex(digest), value)
