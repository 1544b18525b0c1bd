"""What people told a library, in a second small file beside it: ``LIBRARY-told.json``.

All else can be made anew from the photos; favourites, hidden photos, corrected tags and kinds,
taught tags, what was said of memories, and settings cannot. They hang on the contents of photos,
so that they come back as soon as these are indexed again, in whatever library. Both files say which
state of what was told they hold: its line, a random name, and its revision, which grows with every
change. Of two states of one line the later one counts; two lines are put together.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ansa.atomic_write import write_atomically
from ansa.library.index_report import LibraryError

if TYPE_CHECKING:
    import sqlite3

VERSION = 2
_FIRST_VERSION = 1  # without corrections and feedback

Mark = Literal["favourite", "hidden"]
MARKS: tuple[Mark, ...] = get_args(Mark)

Feedback = Literal["favourite", "without"]
"""What people say of a memory: they like it, or do not want one of its photos in it."""

FEEDBACK: tuple[Feedback, ...] = get_args(Feedback)

_ABOUT = "What was told to ANSA: keep this file beside the library, it brings all of it back."
_MAX_BYTES = 2**28
_DIGEST_BYTES = 32
_MOST_REVISIONS = 2**53


class UserDataError(ValueError):
    """A file with the user's data is invalid; the message says why."""


class NewerUserDataError(UserDataError):
    """The file was written by a newer version."""


@dataclass(frozen=True, slots=True)
class UserData:
    """Everything that people told a library; contents are the sha256 of a photo's bytes.

    Attributes:
        marks: content -> "favourite" or "hidden".
        tags: (name of a taught tag, content) -> whether it shows it.
        memories: (id of a dismissed memory, content) -> family of the memory.
        settings: name -> value.
        kinds: content -> the kind of picture that a person says it is: "photo", "receipt", ...
        corrections: (name of a tag, content) -> whether a person says that it shows it.
        feedback: (id of a memory, what was said, content) -> family of the memory.
        line: of which history it is; empty if nothing was ever told.
        revision: grows with every change.
    """

    marks: dict[bytes, str] = field(default_factory=dict)
    tags: dict[tuple[str, bytes], bool] = field(default_factory=dict)
    memories: dict[tuple[str, bytes], str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    kinds: dict[bytes, str] = field(default_factory=dict)
    corrections: dict[tuple[str, bytes], bool] = field(default_factory=dict)
    feedback: dict[tuple[str, str, bytes], str] = field(default_factory=dict)
    line: str = ""
    revision: int = 0

    @property
    def state(self) -> tuple[str, int]:
        """The line and the revision of this state."""
        return self.line, self.revision

    def __bool__(self) -> bool:
        corrected = self.kinds or self.corrections or self.feedback
        return bool(self.marks or self.tags or self.memories or self.settings or corrected)

    def __str__(self) -> str:
        """Describes its content: "2 favourites, 1 taught tag"."""
        kinds = list(self.marks.values())
        counts = {
            "favourite": kinds.count("favourite"),
            "hidden photo": kinds.count("hidden"),
            "taught tag": len({name for name, _ in self.tags}),
            "corrected kind": len(self.kinds),
            "corrected tag": len(self.corrections),
            "dismissed memory": len({memory for memory, _ in self.memories}),
            "judged memory": len({memory for memory, *_ in self.feedback}),
            "setting": len(self.settings),
        }
        parts = [
            f"{n:,} {what}" if n == 1 else f"{n:,} {what.removesuffix('y')}{_plural(what)}"
            for what, n in counts.items()
            if n
        ]
        return ", ".join(parts) or "nothing"


def _plural(what: str) -> str:
    return "ies" if what.endswith("y") else "s"


def newest(tables: UserData, file: UserData) -> UserData:
    """Returns the newest state of the user's data, from a library's tables and its second file.

    Where they say the same state and yet differ, the file counts: it is written whole, while rows
    of a library can be damaged one by one. Where two lines differ on a thing, the tables count.
    """
    if tables.line == file.line:
        return tables if not tables.line or tables.revision > file.revision else file
    if not tables.line or not file.line:
        return tables if tables.line else file
    return UserData(
        {**file.marks, **tables.marks},
        {**file.tags, **tables.tags},
        {**file.memories, **tables.memories},
        {**file.settings, **tables.settings},
        {**file.kinds, **tables.kinds},
        {**file.corrections, **tables.corrections},
        {**file.feedback, **tables.feedback},
        tables.line,
        max(tables.revision, file.revision) + 1,
    )


def after_a_change(told: UserData) -> UserData:
    """Returns the same data as the next revision of its line, or the first of a new one."""
    return replace(told, line=told.line or secrets.token_hex(8), revision=told.revision + 1)


# The second file


def path_of(library: Path) -> Path:
    """Returns the path of a library's second file."""
    return library.with_name(f"{library.name}-told.json")


def read(file: Path) -> UserData | None:
    """Reads a second file; returns None if there is none.

    Raises:
        UserDataError: it is damaged, or was written by a newer version.
        OSError: it cannot be read.
    """
    try:
        if not stat.S_ISREG((status := file.stat()).st_mode):
            raise UserDataError("not a file")
    except FileNotFoundError:
        return None
    if status.st_size > _MAX_BYTES:
        raise UserDataError(f"larger than {_MAX_BYTES:,} bytes")
    try:
        return _from_json(json.loads(file.read_bytes()))
    except NewerUserDataError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UserDataError("damaged: it does not hold what ansa wrote") from error


def write(file: Path, told: UserData) -> None:
    """Writes a second file completely or not at all.

    Raises:
        LibraryError: it cannot be written.
    """
    try:
        write_atomically(file, json.dumps(_to_json(told), indent=1))
    except OSError as error:
        raise LibraryError(
            str(file),
            f"cannot be written ({error.strerror or error}), so that nothing was changed",
            "allow writing to it and its folder, free some space, and try again",
        ) from error


def set_aside(file: Path) -> Path:
    """Gives a damaged file a name of its own, at which nothing is overwritten; the new name.

    Raises:
        OSError: that cannot be done.
    """
    number = 1
    while os.path.lexists(aside := file.with_name(f"{file.name}.damaged-{number}")):
        number += 1
    return file.rename(aside)


def _to_json(told: UserData) -> dict[str, Any]:
    memories: dict[str, dict[str, Any]] = {}
    for (memory, digest), family in sorted(told.memories.items()):
        about = memories.setdefault(memory, {"family": family, "photos": []})
        about["photos"].append(digest.hex())
    feedback: dict[str, dict[str, dict[str, Any]]] = {}
    for (memory, said, digest), family in sorted(told.feedback.items()):
        judged = feedback.setdefault(said, {}).setdefault(memory, {"family": family, "photos": []})
        judged["photos"].append(digest.hex())
    return {
        "about": _ABOUT,
        "version": VERSION,
        "line": told.line,
        "revision": told.revision,
        "marks": {digest.hex(): mark for digest, mark in sorted(told.marks.items())},
        "tags": _by_name(told.tags),
        "memories": memories,
        "settings": dict(sorted(told.settings.items())),
        "kinds": {digest.hex(): kind for digest, kind in sorted(told.kinds.items())},
        "corrections": _by_name(told.corrections),
        "feedback": feedback,
    }


def _by_name(said: dict[tuple[str, bytes], bool]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for (name, digest), shown in sorted(said.items()):
        found.setdefault(name, {})[digest.hex()] = shown
    return found


def _from_json(document: Any) -> UserData:
    version = document["version"]
    if type(version) is int and version > VERSION:
        raise NewerUserDataError(
            f"made by a newer ANSA (version {version}, this one reads {VERSION})"
        )
    known = type(version) is int and version >= _FIRST_VERSION
    if not known or not _is_revision(document["revision"]) or not document["line"]:
        raise UserDataError("no version")
    document = {"kinds": {}, "corrections": {}, "feedback": {}} | document
    return UserData(
        {_digest(digest): _mark(mark) for digest, mark in document["marks"].items()},
        _flags(document["tags"]),
        {
            (_text(memory), _digest(digest)): _text(about["family"])
            for memory, about in document["memories"].items()
            for digest in about["photos"]
        },
        {_text(name): _text(value) for name, value in document["settings"].items()},
        {_digest(digest): _text(kind) for digest, kind in document["kinds"].items()},
        _flags(document["corrections"]),
        {
            (_text(memory), _feedback(said), _digest(digest)): _text(about["family"])
            for said, memories in document["feedback"].items()
            for memory, about in memories.items()
            for digest in about["photos"]
        },
        _text(document["line"]),
        document["revision"],
    )


def _flags(document: Any) -> dict[tuple[str, bytes], bool]:
    return {
        (_text(name), _digest(digest)): _flag(shown)
        for name, examples in document.items()
        for digest, shown in examples.items()
    }


# The library's own tables


Rows = Iterable[tuple[Any, ...]]


def from_tables(connection: sqlite3.Connection) -> UserData:
    """Reads the user's data from a library's tables.

    Rows that are damaged are left out, and then the line too: such tables give way to a file.
    """
    execute = connection.execute
    return gather(
        execute("SELECT digest, mark FROM told_marks"),
        execute("SELECT name, digest, shown FROM told_tags"),
        execute("SELECT memory, family, digest FROM told_memories"),
        execute("SELECT name, value FROM told_settings"),
        execute("SELECT digest, kind FROM told_kinds"),
        execute("SELECT name, digest, here FROM told_corrections"),
        execute("SELECT memory, said, family, digest FROM told_feedback"),
        execute("SELECT line, revision FROM told_state"),
    )


def gather(
    marks: Rows,
    tags: Rows,
    memories: Rows,
    settings: Rows,
    kinds: Rows,
    corrections: Rows,
    feedback: Rows,
    states: Rows,
) -> UserData:
    """Collects the user's data from rows of the tables told_marks, ...; see :func:`from_tables`."""
    told = UserData()
    whole = True
    for digest, mark in marks:
        if sound := is_digest(digest) and mark in MARKS:
            told.marks[digest] = mark
        whole &= sound
    for rows, said in ((tags, told.tags), (corrections, told.corrections)):
        for name, digest, shown in rows:
            if sound := type(name) is str and is_digest(digest) and shown in (0, 1):
                said[name, digest] = bool(shown)
            whole &= sound
    for digest, kind in kinds:
        if sound := is_digest(digest) and type(kind) is str:
            told.kinds[digest] = kind
        whole &= sound
    for memory, what, family, digest in feedback:
        texts = type(memory) is type(family) is str and what in FEEDBACK
        if sound := texts and is_digest(digest):
            told.feedback[memory, what, digest] = family
        whole &= sound
    for memory, family, digest in memories:
        if sound := type(memory) is type(family) is str and is_digest(digest):
            told.memories[memory, digest] = family
        whole &= sound
    for name, value in settings:
        if sound := type(name) is type(value) is str:
            told.settings[name] = value
        whole &= sound
    for line, revision in states:
        if whole and type(line) is str and _is_revision(revision):
            return replace(told, line=line, revision=revision)
    return told


def into_tables(connection: sqlite3.Connection, told: UserData) -> None:
    """Replaces the user's data in a library's tables."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.executemany("INSERT INTO told_marks VALUES (?, ?)", told.marks.items())
    connection.executemany(
        "INSERT INTO told_tags VALUES (?, ?, ?)", [(*key, n) for key, n in told.tags.items()]
    )
    connection.executemany(
        "INSERT INTO told_memories VALUES (?, ?, ?)",
        [(memory, family, digest) for (memory, digest), family in told.memories.items()],
    )
    connection.executemany("INSERT INTO told_settings VALUES (?, ?)", told.settings.items())
    connection.executemany("INSERT INTO told_kinds VALUES (?, ?)", told.kinds.items())
    connection.executemany(
        "INSERT INTO told_corrections VALUES (?, ?, ?)",
        [(*key, here) for key, here in told.corrections.items()],
    )
    connection.executemany(
        "INSERT INTO told_feedback VALUES (?, ?, ?, ?)",
        [(memory, what, family, d) for (memory, what, d), family in told.feedback.items()],
    )
    connection.execute("INSERT INTO told_state VALUES (?, ?)", told.state)


_TABLES = (
    *("told_marks", "told_tags", "told_memories", "told_settings"),
    *("told_kinds", "told_corrections", "told_feedback", "told_state"),
)


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if not is_digest(digest):
        raise UserDataError("no digest")
    return digest


def is_digest(value: Any) -> bool:
    """Returns whether a value is a sha256 as bytes."""
    return type(value) is bytes and len(value) == _DIGEST_BYTES


def _is_revision(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_REVISIONS


def _mark(value: Any) -> str:
    if value not in MARKS:
        raise UserDataError("no mark")
    return _text(value)


def _feedback(value: Any) -> str:
    if value not in FEEDBACK:
        raise UserDataError("no feedback")
    return _text(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise UserDataError("no text")
    value.encode()  # no lone surrogates, which SQLite refuses
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise UserDataError("neither true nor false")
    return value
