"""Facts as rows of the library and back: what a photo's file says, and what said it."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from ansa.scene import PRECISIONS, SOURCES, Facts

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


def valid_text(text: str) -> str:
    """Text that SQLite takes: lone surrogates, as in undecodable file names, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
