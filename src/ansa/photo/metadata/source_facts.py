"""The facts from one metadata source, and how several sources are combined."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansa.photo.metadata.timestamps import Timestamp
from ansa.scene import SOURCES, Facts, Source

Point = tuple[float, float]
"""A place: degrees north, -90..90, and degrees east, -180..180."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The facts from one source; None where it states nothing valid.

    Attributes:
        when: the time at which the photo was taken.
        where: the place where it was taken.
        orientation: the EXIF orientation, 1..8.
    """

    when: Timestamp | None = None
    where: Point | None = None
    orientation: int | None = None


NOTHING = SourceFacts()


def completed(facts: Facts, source: Source, told: SourceFacts) -> Facts:
    """Adds the facts of a source to the facts known so far.

    Facts from a more reliable source (earlier in :data:`ansa.scene.SOURCES`) are kept, and so are
    facts whose source is unknown.
    """
    if told.when and (not facts.taken or _weaker(facts.taken_source, source)):
        facts = replace(
            facts,
            taken=told.when.moment,
            taken_precision=told.when.precision,
            taken_source=source,
        )
    if told.where and (facts.latitude is None or _weaker(facts.place_source, source)):
        latitude, longitude = told.where
        facts = replace(facts, latitude=latitude, longitude=longitude, place_source=source)
    return facts


def place(latitude: float | None, longitude: float | None) -> Point | None:
    """A place on Earth; None if the numbers are out of range."""
    # Receivers without a fix write 0, 0: a spot in the Gulf of Guinea with very many photos.
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    # Written so that NaN is refused too.
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _weaker(before: Source | None, source: Source) -> bool:
    return before is not None and SOURCES.index(before) > SOURCES.index(source)
