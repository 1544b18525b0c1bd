"""What one source tells of a photo, and how the sources make up its facts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansa.photo.metadata.timestamps import Timestamp
from ansa.scene import SOURCES, Facts, Source

Point = tuple[float, float]
"""Degrees north, -90..90, and degrees east, -180..180."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source says; None where it says nothing, or nothing that can be.

    Attributes:
        when: the photo was taken.
        where: it was taken.
        orientation: 1..8, as EXIF counts them.
    """

    when: Timestamp | None = None
    where: Point | None = None
    orientation: int | None = None


NOTHING = SourceFacts()


def completed(facts: Facts, source: Source, told: SourceFacts) -> Facts:
    """The facts, with what a source adds to them.

    What a more reliable source (one that comes earlier in :data:`ansa.scene.SOURCES`) has said
    stays, and so does what was said without a note of who said it.
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
    """A place on Earth; None if the numbers are none."""
    # Receivers without a fix write 0, 0: a spot in the Gulf of Guinea with very many photos.
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    # Written so that NaN is refused too.
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _weaker(before: Source | None, source: Source) -> bool:
    return before is not None and SOURCES.index(before) > SOURCES.index(source)
