"""Facts as rows of the library and back: what a photo's file says, and what said it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansa.scene import PRECISIONS, SOURCES, Facts, Source

SELECT = """
    SELECT photos.id, width, height, format, photos.taken, latitude, longitude, camera,
           sources.taken, sources.precision, sources.place
    FROM photos LEFT JOIN sources ON sources.photo = photos.id
"""
"""Rows for :func:`facts_in`, after the photo's id."""


def facts_in(row: tuple[Any, ...]) -> Facts:
    """The facts in a row of :data:`SELECT`, without its id.

    Raises:
        ValueError: the time is none.
    """
    width, height, kind, taken, latitude, longitude, camera, source, precision, place = row
    return Facts(
        width,
        height,
        kind,
        taken and datetime.fromisoformat(taken),
        latitude,
        longitude,
        camera,
        source if source in SOURCES else None,
        precision if precision in PRECISIONS else "second",
        place if place in SOURCES else None,
    )


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What photos do not say.

    Attributes:
        time: how many have none.
        place: how many have none.
        weak: how many have a time that EXIF does not say, but a weaker source.
    """

    time: int
    place: int
    weak: int


def save_facts(connection: sqlite3.Connection, digest: bytes, facts: Facts) -> None:
    """Stores the facts of a content in place of those that were there."""
    connection.execute(
        """
        INSERT INTO photos (digest, width, height, format, taken, latitude, longitude, camera)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (digest) DO UPDATE SET
            width = excluded.width, height = excluded.height, format = excluded.format,
            taken = excluded.taken, latitude = excluded.latitude,
            longitude = excluded.longitude, camera = excluded.camera
        """,
        (
            digest, facts.width, facts.height, facts.format,
            facts.taken.isoformat() if facts.taken else None,
            facts.latitude, facts.longitude, facts.camera and valid_text(facts.camera),
        ),
    )  # fmt: skip
    connection.execute(
        """
        INSERT OR REPLACE INTO sources (photo, taken, precision, place)
        SELECT id, ?, ?, ? FROM photos WHERE digest = ?
        """,
        (facts.taken_source, facts.taken_precision, facts.place_source, digest),
    )


def complete_facts(connection: sqlite3.Connection, digest: bytes, facts: Facts) -> None:
    """Adds when and where to the facts of a content that is stored.

    What a more reliable source said stays; of equal ones the new one counts.
    """
    row = connection.execute(f"{SELECT} WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        return
    photo, *stored = row
    try:
        before = facts_in(tuple(stored))
    except ValueError:
        before = replace(facts, taken=None, latitude=None)
    taken = facts if facts.taken and _as_good(facts.taken_source, before.taken_source) else before
    where = facts.latitude is not None and _as_good(facts.place_source, before.place_source)
    place = facts if where else before
    connection.execute(
        "UPDATE photos SET taken = ?, latitude = ?, longitude = ? WHERE id = ?",
        (taken.taken and taken.taken.isoformat(), place.latitude, place.longitude, photo),
    )
    connection.execute(
        "INSERT OR REPLACE INTO sources (photo, taken, precision, place) VALUES (?, ?, ?, ?)",
        (photo, taken.taken_source, taken.taken_precision, place.place_source),
    )


def count_unsaid(connection: sqlite3.Connection, photos: str) -> Unsaid:
    """How many of some photos (a query) do not say when or where."""
    query = f"""
        SELECT count(*) - count(photos.taken), count(*) - count(latitude),
               count(CASE WHEN photos.taken IS NOT NULL THEN nullif(sources.taken, 'exif') END)
        FROM photos LEFT JOIN sources ON sources.photo = photos.id WHERE photos.id IN {photos}
    """  # noqa: S608 - a query of ours
    return Unsaid(*connection.execute(query).fetchone())


def _as_good(source: Source | None, before: Source | None) -> bool:
    """Whether a source is at least as reliable as one before, which may not have been noted."""
    return before is None or (source is not None and SOURCES.index(source) <= SOURCES.index(before))


def valid_text(text: str) -> str:
    """Text that SQLite takes: lone surrogates, as in undecodable file names, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
