"""The contents of a library in numbers: its photos, and what was inferred from them together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ansa.library.custom_tags.scores import custom_tag_scores
from ansa.library.events.events import library_events
from ansa.library.events.homes import homes
from ansa.library.events.moments import moments
from ansa.library.events.places import Places, places_of
from ansa.library.events.trips import trips_of
from ansa.library.personal.marks import marked
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_LIKELY = 0.5  # the score from which on a photo counts as likely to show something


def overview(session: LibrarySession) -> dict[str, int]:
    """Returns the number of photos, moments, trips, events, places, tags and so on.

    Kinds with the number 0 are left out. Tags and objects count in photos that surely or likely
    show them.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if session.unknown():
        return {}
    store, model, scope = session.store, session.model(), session.scope()
    photos = set(store.places(scope))
    found = moments(session)
    lived = homes(found)
    counts: Counter[str] = Counter(event.kind for event in library_events(session, found, lived))
    towns = set(places(session).of.values())
    tags = {
        tag.name
        for photo, some in read_column(store, model, "tags", scope)
        for tag in some
        if photo in photos and (tag.sure or tag.score >= _LIKELY)
    }
    objects = {
        each.label
        for photo, some in read_column(store, model, "detection", scope)
        for each in some
        if photo in photos and each.score >= _LIKELY
    }
    days = {day for moment in found for day in (moment.start.date(), moment.end.date())}
    counts |= {
        "photo": len(photos),
        "moment": len(found),
        "trip": len(trips_of(found, lived)),
        "home": len(lived),
        "city": len({place.names for place in towns}),
        "region": len({(place.region, place.country) for place in towns if place.region}),
        "country": len({place.country for place in towns if place.country}),
        "day": len(days),
        "year": len({day.year for day in days}),
        "tag": len(tags),
        "object": len(objects),
        "taught": len(custom_tag_scores(session)),
        "favourite": len(photos.intersection(marked(session, "favourite"))),
    }
    return {kind: count for kind, count in sorted(counts.items()) if count}


def places(session: LibrarySession) -> Places:
    """Returns where the photos that exist were taken.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if session.unknown():
        return Places({})
    photos = sorted(session.store.places(session.scope()))
    points = {
        photo: (facts.latitude, facts.longitude)
        for photo, facts in session.store.facts(photos).items()
        if facts.latitude is not None and facts.longitude is not None
    }
    return Places(dict(zip(points, places_of(points.values()), strict=True)))
