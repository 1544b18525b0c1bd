"""The library's tables as methods: files, their contents, and the signals of these."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library.index_report import LibraryError
from ansa.library.indexing.scan import Fingerprint
from ansa.library.indexing.system_folders import lies_in_system_folder
from ansa.library.storage import database
from ansa.library.storage.cache import Cache
from ansa.library.storage.facts import (
    CLOCK,
    SELECT,
    SIDE,
    UNKNOWN,
    MissingFactCounts,
    angle_in,
    complete_facts,
    count_missing_facts,
    read_facts,
    save_facts,
    side_in,
    text_in,
    time_in,
    valid_text,
)
from ansa.library.storage.name_index import (
    all_words,
    named_photos,
    photos_below,
    update_names,
)
from ansa.library.storage.quantized_vectors import QuantizedVectors, quantized
from ansa.library.storage.removal import drop_files
from ansa.library.storage.row_checks import (
    LOST,
    SOUND_FILE,
    SOUND_ROOT,
    THERE,
    ExpectedSignals,
    damaged_facts,
    find_stored_signals,
    known_file,
)
from ansa.library.storage.rows import EMBEDDING, FileRecord, KnownFile, Signal
from ansa.library.storage.scope import Scope, everywhere
from ansa.library.storage.text_index import (
    TEXT,
    photos_saying,
    stored_text,
    text_words,
    update_texts,
)
from ansa.library.storage.user_data import is_digest
from ansa.library.storage.user_data_sync import bring_together, telling
from ansa.library.storage.vectors import unpack
from ansa.scene import Facts, PictureText, Vector

_CHUNK = 500  # SQLite limits the number of parameters of a statement
_RECENT_DAYS = 60, 720  # before the newest photo, in which others are looked for first
_AT_ONCE = 8192  # signals that are read at a time


class Store:
    """An open library file. Damaged rows are treated as missing.

    Args:
        path: the file.
        read_only: whether it is only read, which keeps nothing in the cache either.

    Attributes:
        path: the file.
        writable: whether it can be written.
        cache: what can be computed again.
        damaged: the photos of which damaged rows have been met until now.
        damaged_files: the files of which it is damaged what is in them, as met until now.

    Raises:
        LibraryError: from every method, if the file is damaged, locked, full or read-only.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._connection, self.writable = database.connect(path, read_only=read_only)
        self.cache = Cache(self._connection, self.writable)
        self.damaged: set[int] = set()
        self.damaged_files: set[Path] = set()
        try:
            bring_together(path, self._connection, self.writable)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the file; does nothing if it is already closed."""
        self._connection.close()

    def require_writable(self) -> None:
        """Raises LibraryError if the library can only be read."""
        if not self.writable and database.may_write(self.path):
            raise LibraryError(
                str(self.path),
                "cannot be written, only read: the disk is full, or another program holds it",
                "free some space and run it again; nothing stored is lost",
            )
        if not self.writable:
            raise LibraryError(
                str(self.path),
                "cannot be written",
                "allow writing to it and its folder, or use another library file",
            )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: everything in it is stored, or nothing."""
        self.require_writable()
        with database.explained(self.path), database.transaction(self._connection):
            yield self._connection

    @contextmanager
    def telling(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which what people told changes: in the second file too, or in neither.

        Raises:
            LibraryError: one of the two files cannot be written.
        """
        with self.writing() as connection, telling(self.path, connection):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, whose errors are explained."""
        with database.explained(self.path):
            yield self._connection

    def version(self) -> tuple[int, int]:
        """Returns a number that changes whenever any process stores something.

        What this process keeps in the cache does not count.
        """
        with self.reading() as connection:
            (others,) = connection.execute("PRAGMA data_version").fetchone()
            return others, connection.total_changes - self.cache.changes

    # Folders and bundles

    def roots(self) -> dict[bytes, int]:
        """Returns the indexed folders: absolute path -> id."""
        with self.reading() as connection:
            query = f"SELECT path, id FROM roots WHERE {SOUND_ROOT} ORDER BY path"  # noqa: S608
            return dict(connection.execute(query))

    def add_root(self, path: bytes) -> int:
        """Returns the id of a folder, which is added if it is new."""
        with self.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (path,))
            return _one(connection, "SELECT id FROM roots WHERE path = ?", path)

    def rename_root(self, root: int, path: bytes) -> None:
        """Renames a folder; the data of its photos is kept."""
        with self.writing() as connection:
            connection.execute("UPDATE roots SET path = ? WHERE id = ?", (path, root))

    def bundle(self, digest: str) -> int | None:
        """Returns the id of a bundle; None if no signal of it was ever stored."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT id FROM bundles WHERE digest = ?", (digest,)
            ).fetchone()
            return row[0] if row else None

    def add_bundle(self, digest: str) -> int:
        """Returns the id of a bundle, which is added if it is new."""
        with self.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO bundles (digest) VALUES (?)", (digest,))
            return _one(connection, "SELECT id FROM bundles WHERE digest = ?", digest)

    # Indexing

    def files(
        self, root: int, wanted: ExpectedSignals, paths: Collection[bytes] | None = None
    ) -> dict[bytes, KnownFile]:
        """Returns every file known in a folder, missing ones too, by its path relative to the root.

        Args:
            root: the folder.
            wanted: what should stand of each photo.
            paths: only these files; None for all.
        """
        only = "" if paths is None else f" AND files.path IN ({','.join(map(_hex, paths))})"
        query = f"""
            SELECT files.path, files.id, size, mtime_ns, ctime_ns, status, files.photo, digest,
                   reader, reason, remedy, missing_since IS NOT NULL
            FROM files
            LEFT JOIN photos ON photos.id = files.photo
            WHERE root = ? AND {SOUND_FILE}{only}
        """  # noqa: S608
        photos = f"""
            SELECT DISTINCT photo FROM files WHERE photo IS NOT NULL AND root = {root:d}{only}
        """  # noqa: S608
        with self.reading() as connection:
            stand = find_stored_signals(connection, photos, wanted)
            return {
                path: known_file(
                    id_, Fingerprint(size, mtime, ctime),
                    (status, photo, digest, reader, reason, remedy), bool(missing), stand,
                )
                for path, id_, size, mtime, ctime, status, photo, digest, reader, reason, remedy,
                missing in connection.execute(query, (root,))
            }  # fmt: skip

    def fingerprints(self, root: int) -> dict[bytes, Fingerprint | None]:
        """Returns the fingerprint of every known file of a folder; None for those that are gone."""
        query = f"""
            SELECT path, size, mtime_ns, ctime_ns, missing_since IS NOT NULL FROM files
            WHERE root = ? AND {SOUND_FILE}
        """  # noqa: S608
        with self.reading() as connection:
            rows = connection.execute(query, (root,))
            return {path: None if gone else Fingerprint(*of) for path, *of, gone in rows}

    def drop_damaged(self) -> None:
        """Removes files that are in no folder any more because their rows are damaged."""
        query = f"SELECT id FROM files WHERE NOT ({SOUND_FILE})"  # noqa: S608
        with self.reading() as connection:
            files = [id_ for (id_,) in connection.execute(query)]
        if files:
            self.drop(files)

    def save(self, root: int, bundle: int, records: Iterable[FileRecord]) -> None:
        """Stores a batch completely or not at all."""
        with self.writing() as connection:
            for record in records:
                photo = _save_photo(connection, bundle, record)
                if record.replaces is not None:
                    connection.execute("DELETE FROM files WHERE id = ?", (record.replaces,))
                connection.execute(
                    """
                    INSERT INTO files (root, path, size, mtime_ns, ctime_ns, status, photo, reader,
                                       reason, remedy)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (root, path) DO UPDATE SET
                        size = excluded.size, mtime_ns = excluded.mtime_ns,
                        ctime_ns = excluded.ctime_ns, status = excluded.status,
                        photo = excluded.photo, reader = excluded.reader,
                        reason = excluded.reason, remedy = excluded.remedy, missing_since = NULL
                    """,
                    (
                        root, record.path, *record.fingerprint, record.status, photo, record.reader,
                        valid_text(record.reason), valid_text(record.remedy),
                    ),
                )  # fmt: skip

    def add_signals(self, bundle: int, signals: Iterable[tuple[bytes, Signal]]) -> None:
        """Stores one more signal for each of some contents, completely or not at all.

        Args:
            bundle: the row of what computed them.
            signals: the sha256 of each content, and its signal. Contents that the library does not
                know any more are left out.
        """
        with self.writing() as connection:
            for digest, signal in signals:
                row = connection.execute("SELECT id FROM photos WHERE digest = ?", (digest,))
                if found := row.fetchone():
                    _save_signals(connection, found[0], bundle, (signal,))

    def mark(self, missing: Iterable[int], found_again: Iterable[int], now: datetime) -> None:
        """Records which files are gone (their signals are kept) and which have come back."""
        since = now.isoformat(timespec="seconds")
        with self.writing() as connection:
            connection.executemany(
                "UPDATE files SET missing_since = ? WHERE id = ?", [(since, id_) for id_ in missing]
            )
            connection.executemany(
                "UPDATE files SET missing_since = NULL WHERE id = ?",
                [(id_,) for id_ in found_again],
            )

    def drop(self, files: Sequence[int]) -> None:
        """Removes files from the library by their rows; the user's data is kept."""
        with self.writing() as connection:
            for start in range(0, len(files), _CHUNK):
                rows = ",".join(map(str, files[start : start + _CHUNK]))
                drop_files(connection, f"id IN ({rows})")

    def mounts(self, root: int) -> dict[bytes, str]:
        """Returns the mount points at and below a root: path -> number of the device."""
        with self.reading() as connection:
            rows = connection.execute("SELECT path, device FROM mounts WHERE root = ?", (root,))
            return {path: n for path, n in rows if type(path) is bytes and type(n) is str}

    def save_mounts(self, root: int, mounts: Mapping[bytes, str]) -> None:
        """Stores the mount points in place of the earlier ones."""
        with self.writing() as connection:
            connection.execute("DELETE FROM mounts WHERE root = ?", (root,))
            connection.executemany(
                "INSERT INTO mounts VALUES (?, ?, ?)",
                [(root, path, device) for path, device in mounts.items()],
            )

    # Reading. A photo exists if at least one of its files does.

    def vectors(self, bundle: int | None, scope: Scope | None) -> tuple[list[int], list[Any]]:
        """Returns the existing photos of a scope, of the whole library if it is None, and their
        packed embeddings."""
        return self.column(EMBEDDING, bundle, scope)

    def column(
        self, head: str, bundle: int | None, scope: Scope | None
    ) -> tuple[list[int], list[Any]]:
        """Returns the existing photos for which a head has a result, and the packed results, which
        are not checked."""
        photos: list[int] = []
        packed: list[Any] = []
        for some, data in self.columns(head, bundle, scope):
            photos += some
            packed += data
        return photos, packed

    def columns(
        self, head: str, bundle: int | None, scope: Scope | None
    ) -> Iterator[tuple[list[int], list[Any]]]:
        """Yields the same as :meth:`column` in blocks, by which large libraries are read."""
        query = f"""
            SELECT photo, data FROM signals
            WHERE head = ? AND bundle = ? AND photo IN ({_present(scope)})
            ORDER BY photo
        """  # noqa: S608
        with self.reading() as connection:
            cursor = connection.execute(query, (head, bundle))
            while rows := cursor.fetchmany(_AT_ONCE):
                rows = [(photo, data) for photo, data in rows if data != b""]
                yield [photo for photo, _ in rows], [data for _, data in rows]

    def embeddings(
        self, bundle: int | None, dim: int, scope: Scope | None
    ) -> tuple[list[int], Vector]:
        """Returns the existing photos in ascending order, without those whose embedding is damaged,
        and their embeddings, float32 (n, dim), unit length."""
        photos, parts = [], [np.empty((0, dim), np.float32)]
        for some, vectors in self._embeddings(bundle, dim, scope):
            photos += some
            parts.append(vectors)
        return photos, np.concatenate(parts)

    def quantized_embeddings(
        self, bundle: int | None, dim: int, scope: Scope | None
    ) -> tuple[list[int], QuantizedVectors]:
        """Returns the same as :meth:`embeddings` in 8 bits, never all of it in more."""
        photos, parts = [], []
        for some, vectors in self._embeddings(bundle, dim, scope):
            photos += some
            parts.append(quantized(vectors))
        return photos, QuantizedVectors.joined(parts, dim)

    def _embeddings(
        self, bundle: int | None, dim: int, scope: Scope | None
    ) -> Iterator[tuple[list[int], Vector]]:
        for photos, packed in self.columns(EMBEDDING, bundle, scope):
            vectors, places = unpack(packed, dim)
            sound = [photos[place] for place in places.tolist()]
            if len(sound) < len(photos):
                self.damaged.update(set(photos).difference(sound))
            yield sound, vectors

    def film_moments(
        self, bundle: int | None, dim: int, scope: Scope | None
    ) -> tuple[list[tuple[int, float, bytes]], Vector]:
        """Returns the telling frames of the films that are there: the photo, the second and the
        packed tags of each; and their embeddings (m, dim), unit length; without damaged ones."""
        query = f"""
            SELECT photo, second, tags, embedding FROM film_moments
            WHERE bundle = ? AND photo IN ({_present(scope)})
            ORDER BY photo, second
        """  # noqa: S608
        with self.reading() as connection:
            rows = connection.execute(query, (bundle,)).fetchall()
        rows = [row for row in rows if type(row[1]) is float and type(row[2]) is bytes]
        vectors, places = unpack([row[3] for row in rows], dim)
        return [rows[place][:3] for place in places.tolist()], vectors

    def moments_of(self, photo: int, bundle: int | None) -> list[tuple[float, bytes]]:
        """Returns the seconds of a film's telling frames, ascending, and their packed tags."""
        query = """
            SELECT second, tags FROM film_moments WHERE photo = ? AND bundle = ? ORDER BY second
        """
        with self.reading() as connection:
            rows = connection.execute(query, (photo, bundle)).fetchall()
        return [row for row in rows if type(row[0]) is float and type(row[1]) is bytes]

    def signals(
        self, photos: Sequence[int], bundle: int | None, heads: Sequence[str] = ()
    ) -> dict[int, dict[str, bytes]]:
        """Returns the packed signals of some photos by heads (all of them if none is named)."""
        query = "SELECT photo, head, data FROM signals WHERE photo IN ({}) AND bundle = ?"
        if heads:
            query += f" AND head IN ({','.join('?' * len(heads))})"
        found: dict[int, dict[str, bytes]] = {photo: {} for photo in photos}
        for photo, head, data in self._chunked(query, photos, bundle, *heads):
            if type(data) is bytes:
                found[photo][head] = data
            else:
                self.damaged.add(photo)
        return found

    def count(self, scope: Scope | None) -> int:
        """Returns the number of different photos that exist."""
        with self.reading() as connection:
            query = f"SELECT count(*) FROM ({_present(scope)})"  # noqa: S608
            count: int = connection.execute(query).fetchone()[0]
            return count

    def waiting(self, wanted: ExpectedSignals, scope: Scope | None) -> int:
        """Counts the existing photos that lack an expected signal, or have a damaged one.

        The next index run analyzes them.
        """
        with self.reading() as connection:
            stand = find_stored_signals(connection, _present(scope), wanted)
        self.damaged |= stand.damaged
        return self.count(scope) - len(stand.whole) + self.lost(scope)

    def lost(self, scope: Scope | None) -> int:
        """Returns the number of existing files whose link to a content is damaged."""
        query = f"""
            SELECT roots.path, files.path, {SOUND_FILE}
            FROM files LEFT JOIN roots ON roots.id = root
            WHERE {LOST} AND {everywhere(scope)}
        """  # noqa: S608
        with self.reading() as connection:
            rows = connection.execute(query).fetchall()
        named = [(folder, path) for folder, path, sound in rows if sound]
        self.damaged_files.update(Path(os.fsdecode(os.path.join(*each))) for each in named)  # noqa: PTH118
        return len(rows)

    def unsaid(self, scope: Scope | None) -> MissingFactCounts:
        """Counts the existing photos that have no time or place."""
        with self.reading() as connection:
            return count_missing_facts(connection, f"({_present(scope)})")

    def times(self) -> dict[int, datetime]:
        """Returns the time of each photo, if known: aware, or naive local time."""
        with self.reading() as connection:
            rows = connection.execute("SELECT id, taken FROM photos WHERE taken IS NOT NULL")
            times = {photo: time_in(taken) for photo, taken in rows}
        return {photo: taken for photo, taken in times.items() if taken}

    def by_time(self, scope: Scope | None) -> list[tuple[int, int, int, str | None]]:
        """Returns every existing photo, the newest first and those of unknown time last.

        Photos of one second are in the order in which they were indexed.

        Returns:
            The photo, its width and height (1 if they are damaged), and the time by its camera's
            clock: ``2024-05-31T18:30:00``, or None if it is unknown. The day may not exist if it is
            damaged.
        """
        query = f"""
            SELECT id, {SIDE.format("width")}, {SIDE.format("height")}, {CLOCK} AS clock FROM photos
            WHERE id IN ({_present(scope)}) ORDER BY clock DESC, id
        """  # noqa: S608
        with self.reading() as connection:
            return connection.execute(query).fetchall()

    def newest(self, scope: Scope | None, most: int) -> list[tuple[int, int, int, str | None]]:
        """Returns the first rows of :meth:`by_time`; of a large library in a tenth of its time.

        Args:
            scope: limits the photos.
            most: the number of rows.
        """
        query = f"""
            SELECT id, {SIDE.format("width")}, {SIDE.format("height")}, {CLOCK} AS clock FROM photos
            WHERE taken > ? AND clock IS NOT NULL AND EXISTS (
                SELECT 1 FROM files
                WHERE files.photo = photos.id AND {THERE} AND {everywhere(scope)}
            )
            ORDER BY clock DESC, id LIMIT ?
        """  # noqa: S608
        with self.reading() as connection:
            (last,) = connection.execute(
                "SELECT max(taken) FROM photos WHERE typeof(taken) = 'text'"
            ).fetchone()
            end = time_in(last and last[:10])
            for days in _RECENT_DAYS if end else ():
                assert end is not None
                since = (end - timedelta(days)).date().isoformat()
                rows = connection.execute(query, (since, most)).fetchall()
                if len(rows) == most:
                    return rows
        return self.by_time(scope)[:most]

    def origins(self) -> dict[int, tuple[float | None, float | None, str | None]]:
        """Returns latitude, longitude and camera of every photo that ever existed here."""
        return {photo: (n, e, camera) for photo, n, e, camera in self.each_origin()}

    def each_origin(self) -> Iterator[tuple[int, float | None, float | None, str | None]]:
        """Yields what :meth:`origins` returns, photo by photo in ascending order."""
        query = "SELECT id, latitude, longitude, camera FROM photos ORDER BY id"
        with self.reading() as connection:
            for photo, north, east, camera in connection.execute(query):
                yield photo, angle_in(north, 90), angle_in(east, 180), text_in(camera)

    def film_lengths(self) -> dict[int, float]:
        """Returns the length of every film that ever existed here, in seconds."""
        with self.reading() as connection:
            rows = connection.execute("SELECT photo, seconds FROM films")
            return {photo: length for photo, length in rows if type(length) is float}

    def sides(self, scope: Scope | None) -> dict[int, tuple[int, int]]:
        """Returns width and height of every existing photo; (1, 1) if they are damaged."""
        query = f"""
            SELECT id, width, height FROM photos WHERE id IN ({_present(scope)}) ORDER BY id
        """  # noqa: S608
        with self.reading() as connection:
            return {
                photo: (side_in(width), side_in(height))
                for photo, width, height in connection.execute(query)
            }

    def facts(self, photos: Sequence[int]) -> dict[int, Facts]:
        """Returns the facts of some photos; damaged values are unknown."""
        found = dict.fromkeys(photos, UNKNOWN)
        lost = set(photos)
        for photo, *row in self._chunked(f"{SELECT} WHERE photos.id IN ({{}})", photos):
            found[photo], sound = read_facts(tuple(row))
            if sound:
                lost.discard(photo)
        self.damaged |= lost
        return found

    def damaged_facts(self, scope: Scope | None) -> set[int]:
        """Returns the existing photos whose facts are damaged."""
        with self.reading() as connection:
            found = damaged_facts(connection, _present(scope))
        self.damaged |= found
        return found

    def paths(self, photos: Sequence[int], scope: Scope | None) -> dict[int, list[Path]]:
        """Returns the files of each of some photos, by name; everywhere if nothing limits it.

        Of several, those that are there now. Where none is, as on a drive that is not connected,
        all that are known. Every choice among the files of a photo is made here.
        """
        query = f"""
            SELECT photo, roots.path, files.path FROM files JOIN roots ON roots.id = root
            WHERE photo IN ({{}}) AND {THERE} AND {everywhere(scope)}
        """  # noqa: S608
        known: dict[int, set[bytes]] = {photo: set() for photo in photos}
        for photo, folder, path in self._chunked(query, photos):
            if not lies_in_system_folder(path):
                # A file is listed once, also where one indexed folder lies in another.
                known[photo].add(os.path.join(folder, path))  # noqa: PTH118
        return {
            photo: [Path(os.fsdecode(path)) for path in there(sorted(paths))]
            for photo, paths in known.items()
        }

    def file_names(self, scope: Scope | None) -> dict[int, list[bytes]]:
        """Returns the files of every existing photo as the system writes their paths, unsorted."""
        query = f"""
            SELECT photo, root, path FROM files WHERE {THERE} AND {everywhere(scope)}
        """  # noqa: S608
        found = defaultdict(list)
        tops = {row: os.path.join(root, b"") for root, row in self.roots().items()}  # noqa: PTH118
        with self.reading() as connection:
            for photo, root, path in connection.execute(query):
                if root in tops and not lies_in_system_folder(path):
                    found[photo].append(tops[root] + path)
        return found

    def known(self, scope: Scope | None) -> KnownPhotos:
        """Returns the names of the files and the facts of every existing photo."""
        names = self.file_names(scope)
        return KnownPhotos(names, self.facts(sorted(names)))

    def places(self, scope: Scope | None) -> dict[int, list[tuple[Path, int, int]]]:
        """Yields every existing photo: its files, their sizes and modification times (ns)."""
        query = f"""
            SELECT photo, roots.path, files.path, size, mtime_ns
            FROM files JOIN roots ON roots.id = root
            WHERE {THERE} AND {everywhere(scope)}
        """  # noqa: S608
        found = defaultdict(list)
        with self.reading() as connection:
            for photo, folder, path, size, mtime in connection.execute(query):
                if not lies_in_system_folder(path):
                    file = Path(os.fsdecode(os.path.join(folder, path)))  # noqa: PTH118
                    found[photo].append((file, size, mtime))
        return found

    def knows(self, scope: Scope) -> bool:
        """Returns whether any file was ever found in a folder."""
        with self.reading() as connection:
            query = f"SELECT 1 FROM files WHERE {everywhere(scope)} LIMIT 1"  # noqa: S608
            return connection.execute(query).fetchone() is not None

    def update_names(self) -> None:
        """Adds the names of files that the full-text index lacks, if the library can be written."""
        if not self._connection.in_transaction:
            before = self._connection.total_changes
            update_names(self._connection)
            # It can be computed again, as what is cached; it does not change what is known.
            self.cache.changes += self._connection.total_changes - before

    def photos_named(
        self, words: Sequence[str], scope: Scope | None, *, begin: bool = False
    ) -> list[int]:
        """Returns the photos with any of some words in the names of their files and folders.

        Args:
            words: as :func:`~ansa.library.storage.name_index.words_of` gives them.
            scope: limits the files.
            begin: whether words that only begin with them count too.
        """
        return named_photos(self._connection, words, scope, begin=begin)

    def photos_below(self, roots: Iterable[int]) -> list[int]:
        """Returns the existing photos in some indexed folders."""
        return photos_below(self._connection, roots)

    def name_words(self, most: int) -> list[str]:
        """Returns the words of the names of files and folders, the most frequent first."""
        return all_words(self._connection, most)

    def update_texts(self) -> None:
        """Adds the texts in pictures that the full-text index lacks, if it can be written."""
        if not self._connection.in_transaction:
            before = self._connection.total_changes
            update_texts(self._connection)
            self.cache.changes += self._connection.total_changes - before

    def photos_saying(self, words: Sequence[str], *, begin: bool = False) -> list[int]:
        """Returns the photos with any of some words in their texts; some may be gone.

        Args:
            words: see :meth:`photos_named`.
            begin: the same.
        """
        return photos_saying(self._connection, words, begin=begin)

    def text_words(self, most: int) -> list[str]:
        """Returns the words of the texts in pictures, the most frequent first."""
        return text_words(self._connection, most)

    def texts(self, photos: Sequence[int]) -> dict[int, PictureText]:
        """Returns the texts in some photos, where any was read."""
        query = "SELECT photo, data FROM signals WHERE photo IN ({}) AND head = ?"
        found = {p: stored_text(data) for p, data in self._chunked(query, photos, TEXT)}
        return {photo: text for photo, text in found.items() if text}

    def text_readers(self) -> dict[int, str]:
        """Returns what read the text in each photo, also where it found none."""
        query = """
            SELECT photo, digest FROM signals INDEXED BY texts JOIN bundles ON bundles.id = bundle
            WHERE head = 'text'
        """
        with self.reading() as connection:
            return {p: reader for p, reader in connection.execute(query) if type(reader) is str}

    def present(self, scope: Scope | None) -> list[int]:
        """Returns the existing photos of a scope, of the whole library if it is None."""
        with self.reading() as connection:
            return [photo for (photo,) in connection.execute(f"{_present(scope)} ORDER BY photo")]

    def photo_in(self, root: int, path: bytes) -> int | None:
        """Returns the photo in the file with this path relative to the root, if it exists."""
        query = f"SELECT photo FROM files WHERE root = ? AND path = ? AND {THERE}"  # noqa: S608
        with self.reading() as connection:
            row = connection.execute(query, (root, path)).fetchone()
            return row[0] if row else None

    def photo(self, digest: bytes) -> int | None:
        """Returns the photo with this content."""
        with self.reading() as connection:
            row = connection.execute("SELECT id FROM photos WHERE digest = ?", (digest,)).fetchone()
            return row[0] if row else None

    def digests(self, photos: Iterable[int]) -> dict[int, bytes]:
        """Returns the sha256 of some photos' contents, without damaged ones."""
        found = self._chunked("SELECT id, digest FROM photos WHERE id IN ({})", list(photos))
        return {id_: digest for id_, digest in found if is_digest(digest)}

    def _chunked(
        self, query: str, photos: Sequence[int], *more: int | str | None
    ) -> Iterator[tuple[Any, ...]]:
        with self.reading() as connection:
            for start in range(0, len(photos), _CHUNK):
                chunk = photos[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                yield from connection.execute(query.format(marks), (*chunk, *more))


@dataclass(frozen=True, eq=False, slots=True)
class KnownPhotos:
    """The existing photos of a library, which several features read at once.

    Attributes:
        names: their files as the system writes their paths, unsorted, by photo.
        facts: what is known of them, by photo.
    """

    names: Mapping[int, list[bytes]]
    facts: Mapping[int, Facts]


class KnownContent:
    """Tells whether all expected signals of a content are stored and valid. It can be pickled."""

    def __init__(self, path: Path, wanted: ExpectedSignals) -> None:
        self._path = path
        self._wanted = wanted
        self._connection: sqlite3.Connection | None = None

    def __call__(self, digest: bytes) -> bool:
        """Returns whether the signals of the content with this digest are stored."""
        try:
            if self._connection is None:
                self._connection = database.connect_reader(self._path)
            photo = f"SELECT id FROM photos WHERE digest = x'{digest.hex()}'"  # noqa: S608
            return bool(find_stored_signals(self._connection, photo, self._wanted).whole)
        except sqlite3.Error:
            return False  # then it is analyzed once more, which is harmless

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self._connection:
            self._connection.close()


def _hex(path: bytes) -> str:
    return f"x'{path.hex()}'"


def _present(scope: Scope | None) -> str:
    return f"""
        SELECT DISTINCT photo FROM files WHERE {THERE} AND {everywhere(scope)}
    """  # noqa: S608


def there(files: list[bytes]) -> list[bytes]:
    """Returns the files of a photo that exist, or else all."""
    if len(files) < 2:
        return files
    # `Path.exists` raises an error if a folder may not be read.
    return [file for file in files if os.path.exists(file)] or files  # noqa: PTH110


def _save_photo(connection: sqlite3.Connection, bundle: int, record: FileRecord) -> int | None:
    """Returns the row of the record's content, after storing its facts and signals, if given."""
    if record.digest is None:
        return None
    if record.facts is not None:
        save = save_facts if record.signals else complete_facts
        save(connection, record.digest, record.facts)
    photo = _one(connection, "SELECT id FROM photos WHERE digest = ?", record.digest)
    _save_signals(connection, photo, bundle, record.signals)
    if record.signals:
        connection.execute("DELETE FROM film_moments WHERE photo = ?", (photo,))
        connection.executemany(
            "INSERT OR REPLACE INTO film_moments (photo, bundle, second, embedding, tags)"
            " VALUES (?, ?, ?, ?, ?)",
            [(photo, bundle, each.second, each.embedding, each.tags) for each in record.moments],
        )
    return photo


def _save_signals(
    connection: sqlite3.Connection, photo: int, bundle: int, signals: Iterable[Signal]
) -> None:
    for signal in signals:
        # The older bundle's vector is deleted in the transaction that stores its replacement.
        connection.execute("DELETE FROM signals WHERE photo = ? AND head = ?", (photo, signal.head))
        connection.execute(
            "INSERT INTO signals (photo, head, bundle, version, data) VALUES (?, ?, ?, ?, ?)",
            (photo, signal.head, bundle, signal.version, signal.data),
        )


def _one(connection: sqlite3.Connection, query: str, parameter: str | bytes) -> int:
    value: int = connection.execute(query, (parameter,)).fetchone()[0]
    return value
