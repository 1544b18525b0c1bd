"""The state of a build in an SQLite file, which is deleted when the build is done.

It holds what the memory should not: a corpus can have any number of photos. Every step is a
transaction, so whatever stops a build, it goes on from the last one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from ansa_train.data.builder.difference_hash import DifferenceHash, same_picture
from ansa_train.data.builder.photo import Job, Outcome, PreparedPhoto
from ansa_train.data.builder.records import FoundPhoto, PhotoLocation, Record, Refusal
from ansa_train.errors import TrainingError

_BATCH = 10_000
_CANDIDATES = 256
"""Of one band, the first ones: plain drawings can share a band by the thousand."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE photos (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE, rank TEXT, found TEXT,
    state INTEGER DEFAULT 0,  -- 0 to do, 1 prepared, 2 refused
    leader INTEGER, split TEXT, content BLOB, pixels BLOB, hash BLOB, grid BLOB, sizes TEXT);
CREATE INDEX by_state ON photos (state, number);
CREATE INDEX by_pixels ON photos (pixels) WHERE pixels NOT NULL;
CREATE INDEX by_leader ON photos (leader) WHERE leader NOT NULL;
CREATE INDEX by_place ON photos (split, rank) WHERE split NOT NULL;
CREATE TABLE encoded (number INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE notes (number INTEGER PRIMARY KEY, key TEXT, note TEXT);
CREATE INDEX by_key ON notes (key);
CREATE TABLE bands (band INTEGER, number INTEGER, PRIMARY KEY (band, number)) WITHOUT ROWID;
CREATE TABLE links (one INTEGER, other INTEGER);
CREATE TABLE refused (
    name TEXT, kind TEXT, reason TEXT, PRIMARY KEY (name, kind, reason)) WITHOUT ROWID;
CREATE TABLE shards (
    file TEXT PRIMARY KEY, split TEXT, last TEXT, samples INTEGER, bytes INTEGER, sha256 TEXT);
"""


class BuildState:
    """The state of one build.

    Args:
        file: made if it does not exist.
        settings: of the build; those of an existing file, once its sources are listed.

    Raises:
        TrainingError: another build uses it, or it is of other settings.
    """

    def __init__(self, file: Path, settings: dict[str, Any]) -> None:
        self._db = sqlite3.connect(file, timeout=1.0, isolation_level=None)
        try:
            self._db.executescript(
                "PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE;"
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            )
            with self._db:
                self._db.execute("BEGIN EXCLUSIVE")
                if not self._db.execute("SELECT name FROM sqlite_master").fetchone():
                    for statement in _SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self["settings"] = settings
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" not in str(error):
                raise
            raise TrainingError(
                f"another build is at work in {file.parent.parent}; wait for it to end"
            ) from error
        begun = self["settings"]
        if begun != settings and not self["listed"]:
            self["settings"] = begun = settings
        if begun != settings:
            self._db.close()
            raise TrainingError(other_settings(file.parent.parent, begun, settings))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def __getitem__(self, key: str) -> Any:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def __setitem__(self, key: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    # Listing

    def take_in(self, records: Iterable[Record]) -> Iterator[int]:
        """Stores what the readers find, once. Yields the number of records so far.

        A photo that nothing is said of and a caption of no photo are refused at the end.
        """
        if self["listed"]:
            return
        for table in ("photos", "encoded", "notes", "bands", "links", "refused", "shards"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self._db.execute("DELETE FROM meta WHERE key <> 'settings'")
        self._db.execute("BEGIN")
        count = 0
        for count, record in enumerate(records, 1):
            self._take(record)
            if count % _BATCH == 0:
                self._db.execute("COMMIT")
                yield count
                self._db.execute("BEGIN")
        for kind, reason, query in (
            (
                "no such photo",
                "it is described, but no photo of this name is listed",
                "SELECT DISTINCT key FROM notes WHERE key NOT IN (SELECT key FROM photos)",
            ),
            (
                "nothing said",
                "it has no usable caption, label or box",
                "SELECT key FROM photos WHERE key NOT IN (SELECT key FROM notes)"
                " AND json_extract(found, '$.kind') = 'photo'",
            ),
        ):
            self._db.execute(
                f"INSERT OR IGNORE INTO refused SELECT key, ?, ? FROM ({query})",  # noqa: S608
                (kind, reason),
            )
        self._db.execute(
            "UPDATE photos SET state = 2 WHERE key IN "
            "(SELECT name FROM refused WHERE kind = 'nothing said')"
        )
        self["listed"] = True
        self._db.execute("COMMIT")
        yield count

    def _take(self, record: Record) -> None:
        if isinstance(record, Refusal):
            self.refuse(record)
        elif isinstance(record, FoundPhoto):
            found = json.dumps(asdict(record))
            known = self._db.execute(
                "SELECT found FROM photos WHERE key = ?", (record.key,)
            ).fetchone()
            if not known:
                rank = sha256(record.key.encode()).hexdigest()[:20]
                self._db.execute(
                    "INSERT INTO photos (key, rank, found) VALUES (?, ?, ?)",
                    (record.key, rank, found),
                )
            elif json.loads(known[0])["place"] != asdict(record.place):
                reason = "another photo has the same key; rename one, or give another --source"
                self.refuse(Refusal(record.key, "same key", reason))
        else:
            note = {k: v for k, v in asdict(record).items() if k != "key" and v}
            self._db.execute(
                "INSERT INTO notes (key, note) VALUES (?, ?)",
                (record.key, json.dumps(note)),
            )

    def refuse(self, refusal: Refusal) -> None:
        """Notes that something is left out; the same refusal only once."""
        self._db.execute(
            "INSERT OR IGNORE INTO refused VALUES (?, ?, ?)",
            (_text(refusal.name), refusal.kind, _text(refusal.reason)),
        )

    # Preparing

    def counts(self) -> tuple[int, int]:
        """The number of photos that are listed, and of those that are prepared or refused."""
        total, done = self._db.execute("SELECT count(*), total(state > 0) FROM photos").fetchone()
        return total, int(done)

    def jobs(self, size: int) -> Iterator[list[Job]]:
        """The photos that still must be prepared, in order, so many at a time."""
        last = 0
        while True:
            rows = self._db.execute(
                "SELECT number, key, found FROM photos WHERE state = 0 AND number > ?"
                " ORDER BY number LIMIT ?",
                (last, size),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [
                Job(n, key, PhotoLocation(**json.loads(found)["place"])) for n, key, found in rows
            ]

    def store(self, outcomes: Iterable[Outcome], merge_prints: bool) -> None:
        """Stores the outcomes of photos in their order, and finds duplicates of earlier photos."""
        self._db.execute("BEGIN")
        for outcome in outcomes:
            if isinstance(outcome, PreparedPhoto):
                self._store(outcome, merge_prints)
            else:
                self.refuse(outcome.refusal)
                self._db.execute("UPDATE photos SET state = 2 WHERE number = ?", (outcome.number,))
        self._db.execute("COMMIT")

    def _store(self, photo: PreparedPhoto, merge_prints: bool) -> None:
        leader = photo.number
        twin = self._db.execute(
            "SELECT number, leader FROM photos WHERE pixels = ? ORDER BY number LIMIT 1",
            (photo.pixels,),
        ).fetchone()
        if twin:
            leader = twin[1]
            self._link(photo.number, twin[0])
        else:
            for number, its_leader in self._look_alikes(photo.print):
                self._link(photo.number, number)
                if merge_prints and leader == photo.number and its_leader == number:
                    leader = number
            self._db.executemany(
                "INSERT INTO bands VALUES (?, ?)",
                [(band, photo.number) for band in photo.print.bands()],
            )
        sizes = [photo.width, photo.height, photo.full_width, photo.full_height]
        self._db.execute(
            "UPDATE photos SET state = 1, leader = ?, content = ?, pixels = ?, hash = ?, grid = ?,"
            " sizes = ? WHERE number = ?",
            (
                leader,
                photo.content,
                photo.pixels,
                photo.print.hash,
                photo.print.grid,
                json.dumps(sizes),
                photo.number,
            ),
        )
        if leader == photo.number:
            self._db.execute("INSERT INTO encoded VALUES (?, ?)", (photo.number, photo.data))

    def _look_alikes(self, looks: DifferenceHash) -> list[tuple[int, int]]:
        rows: dict[int, tuple[int, DifferenceHash]] = {}
        for band in looks.bands():
            for number, leader, hash_, grid in self._db.execute(
                "SELECT number, leader, hash, grid FROM photos WHERE number IN"
                " (SELECT number FROM bands WHERE band = ? ORDER BY number LIMIT ?)",
                (band, _CANDIDATES),
            ):
                rows[number] = leader, DifferenceHash(hash_, grid)
        numbers = sorted(rows)
        same = same_picture(looks, [rows[number][1] for number in numbers])
        return [(n, rows[n][0]) for n, is_same in zip(numbers, same, strict=True) if is_same]

    def _link(self, one: int, other: int) -> None:
        self._db.execute("INSERT INTO links VALUES (?, ?)", (one, other))

    # Splits

    def links(self) -> Iterator[tuple[int, int]]:
        """The pairs of photos that show the same."""
        yield from self._db.execute("SELECT one, other FROM links")

    def given(self, number: int) -> tuple[bytes, str]:
        """The digest of a photo's file, and the split it came with ("" if none)."""
        content, found = self._db.execute(
            "SELECT content, found FROM photos WHERE number = ?", (number,)
        ).fetchone()
        return content, json.loads(found)["split"]

    def leaders(self) -> Iterator[int]:
        """The photos that become samples, in order."""
        last = 0
        while True:
            rows = self._db.execute(
                "SELECT number FROM photos WHERE leader = number AND number > ?"
                " ORDER BY number LIMIT ?",
                (last, _BATCH),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (number for (number,) in rows)

    def assign(self, splits: Iterable[tuple[str, int]]) -> None:
        """Gives leaders their splits, (split, number) each, in one transaction."""
        self._db.execute("BEGIN")
        self._db.executemany("UPDATE photos SET split = ? WHERE number = ?", splits)
        self["assigned"] = True
        self._db.execute("COMMIT")

    # Shards

    def samples(self, split: str, rank: str) -> Iterator[tuple[int, str, str, str]]:
        """Yields (number, key, split, rank) behind a place, in the order of the shards."""
        while True:
            rows = self._db.execute(
                "SELECT number, key, split, rank FROM photos WHERE split NOT NULL"
                " AND (split, rank) > (?, ?) ORDER BY split, rank LIMIT 1000",
                (split, rank),
            ).fetchall()
            if not rows:
                return
            split, rank = rows[-1][2:]
            yield from rows

    def group(self, number: int) -> list[tuple[dict[str, Any], list[int], list[dict[str, Any]]]]:
        """What is known of a leader and its duplicates: as found, sizes, and all annotations."""
        return [
            (
                json.loads(found),
                json.loads(sizes),
                [
                    json.loads(note)
                    for (note,) in self._db.execute(
                        "SELECT note FROM notes WHERE key = ? ORDER BY number", (key,)
                    )
                ],
            )
            for key, found, sizes in self._db.execute(
                "SELECT key, found, sizes FROM photos WHERE leader = ? ORDER BY number", (number,)
            ).fetchall()
        ]

    def data(self, number: int) -> bytes:
        """The encoded photo of a leader."""
        data: bytes = self._db.execute(
            "SELECT data FROM encoded WHERE number = ?", (number,)
        ).fetchone()[0]
        return data

    def add_shard(self, shard: dict[str, Any], last: str) -> None:
        """Notes a finished shard, and the rank of its last sample."""
        values = [shard[k] for k in ("file", "split", "samples", "bytes", "sha256")]
        self._db.execute(
            "INSERT INTO shards (file, split, samples, bytes, sha256, last)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*values, last),
        )

    def shards(self) -> list[dict[str, Any]]:
        """The finished shards in their order; "last" is the rank of the last sample."""
        names = ("file", "split", "last", "samples", "bytes", "sha256")
        rows = self._db.execute("SELECT * FROM shards ORDER BY rowid")
        return [dict(zip(names, row, strict=True)) for row in rows]

    # Counts

    def tally(self, what: str) -> dict[str, int]:
        """The number of samples by "split", "source" or "licence", or of refusals by "kind"."""
        json_fields = {"source", "licence"}
        column = f"json_extract(found, '$.{what}')" if what in json_fields else what
        table = "refused" if what == "kind" else "photos WHERE split NOT NULL"
        rows = self._db.execute(
            f"SELECT {column}, count(*) FROM {table} GROUP BY 1 ORDER BY 1"  # noqa: S608
        )
        return dict(rows.fetchall())

    def duplicates(self) -> int:
        """How many photos were merged into others."""
        count: int = self._db.execute(
            "SELECT count(*) FROM photos WHERE leader <> number"
        ).fetchone()[0]
        return count

    def refusals(self) -> Iterator[Refusal]:
        """Everything that was left out, by name."""
        for row in self._db.execute("SELECT * FROM refused ORDER BY name, kind, reason"):
            yield Refusal(*row)


def other_settings(folder: Path, begun: dict[str, Any], wanted: dict[str, Any]) -> str:
    """The error message for a folder that was begun with other settings."""
    words = [
        "the sources have changed or are others"
        if name == "inputs"
        else f"{name} was {begun.get(name)!r} and is now {wanted.get(name)!r}"
        for name in sorted(begun.keys() | wanted.keys())
        if begun.get(name) != wanted.get(name)
    ]
    return f"{folder} was begun with other settings: {'; '.join(words)}; choose another --out"


def _text(text: str) -> str:
    """SQLite takes no lone surrogates, as undecodable names have."""
    return text.encode("utf-8", "backslashreplace").decode()
