"""Converts facts and their sources to rows of the library and back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any

from ansa.library.storage.user_data import is_digest
from ansa.photo.metadata.timestamps import OLDEST_YEAR
from ansa.scene import PRECISIONS, SOURCES, Facts, Precision, Source

_MOST_PIXELS = 2**31  # of a side

SELECT = """
    SELECT photos.id, digest, width, height, format, photos.taken, latitude, longitude, camera,
           sources.taken, sources.precision, sources.place, films.seconds
    FROM photos LEFT JOIN sources ON sources.photo = photos.id
        LEFT JOIN films ON films.photo = photos.id
"""
"""Rows for :func:`facts_in`, after the photo's id."""


LIKELY_SOUND = f"""
    SELECT photos.id FROM photos LEFT JOIN sources ON sources.photo = photos.id
    WHERE typeof(digest) = 'blob' AND length(digest) = 32
        AND typeof(width) = 'integer' AND width BETWEEN 1 AND {_MOST_PIXELS}
        AND typeof(height) = 'integer' AND height BETWEEN 1 AND {_MOST_PIXELS}
        AND typeof(format) IN ('text', 'null') AND typeof(camera) IN ('text', 'null')
        AND (photos.taken IS NULL OR typeof(photos.taken) = 'text'
            AND julianday(photos.taken) IS NOT NULL AND photos.taken = trim(photos.taken)
            AND date(substr(photos.taken, 1, 10), '+0 days') = substr(photos.taken, 1, 10)
            AND substr(photos.taken, 1, 4) BETWEEN '{OLDEST_YEAR}' AND '{MAXYEAR - 1}'
            AND substr(photos.taken, 12, 2) < '24')
        AND (latitude IS NULL OR typeof(latitude) = 'real' AND abs(latitude) <= 90)
        AND (longitude IS NULL OR typeof(longitude) = 'real' AND abs(longitude) <= 180)
        AND (sources.photo IS NULL OR sources.precision IN {PRECISIONS}
            AND (sources.taken IS NULL OR sources.taken IN {SOURCES} AND photos.taken IS NOT NULL)
            AND (sources.place IS NULL OR sources.place IN {SOURCES} AND latitude IS NOT NULL))
"""  # noqa: S608 - names of ours
"""The photos whose rows of :data:`SELECT` look sound; :func:`are_sound` says it of the others."""

UNKNOWN = Facts(1, 1)
"""The facts of a photo of which nothing is known."""


def facts_in(row: tuple[Any, ...]) -> Facts:
    """Returns the facts in a row of :data:`SELECT`, without its id. Damaged values are unknown."""
    return read_facts(row)[0]


def are_sound(row: tuple[Any, ...]) -> bool:
    """Returns whether no value of such a row is damaged, including the digest of the content."""
    return read_facts(row)[1]


def read_facts(row: tuple[Any, ...]) -> tuple[Facts, bool]:
    """Returns both :func:`facts_in` and :func:`are_sound` of a row."""
    (
        digest,
        width,
        height,
        kind,
        taken,
        latitude,
        longitude,
        camera,
        source,
        precision,
        place,
        length,
    ) = row
    # An old library has no row of sources.
    precise: Precision = precision if precision in PRECISIONS else "second"
    facts = Facts(
        side_in(width),
        side_in(height),
        text_in(kind),
        time_in(taken),
        angle_in(latitude, 90),
        angle_in(longitude, 180),
        text_in(camera),
        source if source in SOURCES else None,
        precise,
        place if place in SOURCES else None,
        length if type(length) is float and length >= 0 else None,
    )
    read = (
        *(facts.width, facts.height, facts.format, facts.taken and taken, facts.latitude),
        *(facts.longitude, facts.camera, facts.taken_source, facts.place_source),
    )
    stored = width, height, kind, taken, latitude, longitude, camera, source, place
    lost = (source and not taken) or (place and latitude is None)  # the source is still recorded
    sound = read == stored and precision in (None, precise) and not lost
    return facts, is_digest(digest) and sound


SIDE = f"""
    CASE WHEN typeof({{0}}) = 'integer' AND {{0}} BETWEEN 1 AND {_MOST_PIXELS} THEN {{0}} ELSE 1 END
"""
"""A stored side in pixels; 1 if it is damaged. The name of its column is to be put in."""

_TWO, _PAIR = "[0-9][0-9]", ":[0-9][0-9]"
CLOCK = f"""
    CASE WHEN typeof(taken) = 'text' AND taken GLOB '{_TWO * 2}-{_TWO}-{_TWO}T{_TWO}{_PAIR * 2}*'
    THEN substr(taken, 1, 19) END
"""
"""The date and time of a stored time, without its zone; NULL if there is none."""


def time_in(taken: Any) -> datetime | None:
    """Returns a stored time; None if there is none, or if it is damaged."""
    try:
        moment = datetime.fromisoformat(taken) if type(taken) is str else None
    except ValueError:
        return None
    # The day after it is a time, too.
    return moment if moment is not None and OLDEST_YEAR <= moment.year < MAXYEAR else None


def text_in(value: Any) -> str | None:
    """Returns a stored text; None if there is none, or if it is damaged."""
    return value if type(value) is str else None


def side_in(value: Any) -> int:
    """Returns a stored side in pixels; 1 if it is damaged."""
    return value if type(value) is int and 0 < value <= _MOST_PIXELS else 1


def angle_in(value: Any, most: float) -> float | None:
    """Returns stored degrees, not more than ``most`` to either side; None if damaged or missing."""
    return value if type(value) is float and abs(value) <= most else None


@dataclass(frozen=True, slots=True)
class MissingFactCounts:
    """The numbers of photos with missing or weak facts.

    Attributes:
        time: how many have no time.
        place: how many have no place.
        weak: how many have a time from a weaker source than EXIF, or than a film's header.
    """

    time: int
    place: int
    weak: int


def save_facts(connection: sqlite3.Connection, digest: bytes, facts: Facts) -> None:
    """Stores the facts of a content, and replaces the earlier ones."""
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
    if facts.seconds is not None:
        connection.execute(
            "INSERT OR REPLACE INTO films (photo, seconds)"
            " SELECT id, ? FROM photos WHERE digest = ?",
            (float(facts.seconds), digest),
        )


def complete_facts(connection: sqlite3.Connection, digest: bytes, facts: Facts) -> None:
    """Adds time and place to the stored facts of a content.

    A value from a more reliable source is kept; of two equally reliable ones, the new one counts.
    """
    row = connection.execute(f"{SELECT} WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        return
    photo, *stored = row
    before = facts_in(tuple(stored))
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


def count_missing_facts(connection: sqlite3.Connection, photos: str) -> MissingFactCounts:
    """Counts the photos of a query that have no time or place."""
    query = f"""
        SELECT count(*) - count(photos.taken), count(*) - count(latitude),
               count(CASE WHEN photos.taken IS NOT NULL AND sources.taken NOT IN ('exif', 'film')
                     THEN 1 END)
        FROM photos LEFT JOIN sources ON sources.photo = photos.id WHERE photos.id IN {photos}
    """  # noqa: S608 - a query of ours
    return MissingFactCounts(*connection.execute(query).fetchone())


def _as_good(source: Source | None, before: Source | None) -> bool:
    """Whether a source is at least as reliable as the earlier one, which may be unknown."""
    return before is None or (source is not None and SOURCES.index(source) <= SOURCES.index(before))


def valid_text(text: str) -> str:
    """Returns text that SQLite takes: lone surrogates in undecodable file names are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
