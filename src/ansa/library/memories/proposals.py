"""Candidates for memories: trips, birthdays and holidays, this day in other years, seasons, and
themes by year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.events import Event, written
from ansa.library.events.trips import Trip
from ansa.library.memories import titles
from ansa.library.memories.themes import (
    ADVENTUROUS,
    CALM,
    FESTIVE,
    SUNNY,
    TENDER,
    THEMES,
    WARM,
    Mood,
    Theme,
    ThemeScores,
)
from ansa.library.selection.gallery import Gallery, Rows

LEAST = 5
"""The smallest number of photos in a memory."""

_WEEK = timedelta(days=3)  # on each side of the day
_MANY = 30  # a theme with so many photos in a year has a memory for that year
_MUCH = 0.3  # a theme with this share of a trip's photos determines its mood
# How much people care about each kind, 0..1, most first.
_TRIP, _BIRTHDAY, _HOLIDAY, _TODAY, _THEME, _SEASON = 1.0, 0.95, 0.8, 0.85, 0.6, 0.4
_SEASONS = {"Winter": CALM, "Spring": WARM, "Summer": SUNNY, "Autumn": CALM}


@dataclass(frozen=True, eq=False)
class Proposal:
    """Photos that could become a memory.

    Attributes:
        kind: "trip", "birthday", "holiday", "this day", "season" or "theme".
        family: the kind; for a theme, also its name.
        key: distinguishes it from others of its family, and is the same in every run.
        title: a few words.
        rows: rows of the gallery (m,).
        bonus: (m,), an additional merit of each photo, 0..1.
        mood: the mood that suits it.
        weight: 0..1, how much people care about such memories.
        reasons: why it is proposed, in words.
    """

    kind: str
    family: str
    key: str
    title: str
    rows: Rows
    bonus: NDArray[np.float64]
    mood: Mood
    weight: float
    reasons: tuple[str, ...]


def of_trips(gallery: Gallery, trips: Sequence[Trip], shown: ThemeScores) -> Iterator[Proposal]:
    """Yields a proposal for every trip, with the mood of the theme that many photos show."""
    for trip in trips:
        rows = gallery.rows_of(trip.photos)
        if len(rows) >= LEAST:
            days = f"{trip.days} days" if trip.days > 1 else "a day"
            told = f"{len(rows):,} photos of {days}"
            if trip.distance_km is not None:
                told += f", {trip.distance_km:,.0f} km from home"
            key = f"{trip.start.date()} {trip.places[0].city if trip.places else ''}"
            mood = _mood(shown, rows)
            zeros = np.zeros(len(rows))
            yield Proposal("trip", "trip", key, trip.name, rows, zeros, mood, _TRIP, (told,))


def _mood(shown: ThemeScores, rows: Rows) -> Mood:
    shares = {theme.name: float((shown(theme)[rows] > 0).mean()) for theme in THEMES}
    most = max(THEMES, key=lambda theme: shares[theme.name])
    return most.mood if shares[most.name] >= _MUCH else ADVENTUROUS


def of_events(gallery: Gallery, events: Sequence[Event]) -> Iterator[Proposal]:
    """Yields a proposal for every birthday, holiday and season."""
    kinds = {"birthday": (FESTIVE, _BIRTHDAY), "holiday": (FESTIVE, _HOLIDAY)}
    for event in events:
        rows = gallery.rows_of(event.photos)
        if len(rows) < LEAST or event.kind == "weekend":
            continue
        mood, weight = kinds.get(event.kind) or (_SEASONS.get(event.name, WARM), _SEASON)
        days = len({moment.day for moment in event.moments})
        told = f"{len(rows):,} photos of {days:,} {'day' if days == 1 else 'days'}"
        key = f"{event.title} south" if event.south else event.title
        zeros = np.zeros(len(rows))
        yield Proposal(event.kind, event.kind, key, event.title, rows, zeros, mood, weight, (told,))


def of_this_day(gallery: Gallery, today: date) -> Iterator[Proposal]:
    """Yields this day in each earlier year, or the week around it if the day has few photos."""
    days = [moment and moment.date() for moment in gallery.times]
    for year in sorted({day.year for day in days if day and day.year < today.year}):
        then = _same_day(today, year)
        rows = np.array([row for row, day in enumerate(days) if day == then], np.intp)
        name, key = "On this day", f"{then}"
        if len(rows) < LEAST:
            near = [row for row, day in enumerate(days) if day and abs(day - then) <= _WEEK]
            rows = np.array(near, np.intp)
            name, key = "This week", "{}-{}".format(*then.isocalendar()[:2])
        if len(rows) >= LEAST:
            title = titles.titled(name, titles.years_ago(then, today))
            told = f"{len(rows):,} photos of about {written(then)}, {year}"
            zeros = np.zeros(len(rows))
            yield Proposal("this day", "this day", key, title, rows, zeros, TENDER, _TODAY, (told,))


def of_themes(gallery: Gallery, shown: ThemeScores) -> Iterator[Proposal]:
    """Yields a proposal for every theme and year with many photos, and one for its other years."""
    days = [moment and moment.date() for moment in gallery.times]
    for theme in THEMES:
        scores = shown(theme)
        years: defaultdict[int, list[int]] = defaultdict(list)
        for row in np.flatnonzero(scores):
            day = days[row]
            years[day.year if day else 0].append(int(row))
        rest: list[int] = []
        for year, some in sorted(years.items()):
            if year and len(some) >= _MANY:
                yield _of_theme(gallery, theme, scores, some, str(year))
            else:
                rest += some
        if len(rest) >= LEAST:
            known = [day for row in rest if (day := days[row])]
            when = titles.period(min(known, default=None), max(known, default=None))
            yield _of_theme(gallery, theme, scores, sorted(rest), when)


def _of_theme(
    gallery: Gallery, theme: Theme, scores: NDArray[np.float64], rows: list[int], when: str
) -> Proposal:
    among, all_ = np.array(rows, np.intp), int((scores > 0).sum())
    told = f"{len(rows):,} of the {all_:,} photos with {theme.name}"
    share = f"{all_ / len(gallery):.1%} of this library"
    key = when if when.isdecimal() else ""  # another time may change with a new photo
    title = titles.titled(theme.title, when)
    bonus = 0.3 * scores[among]
    return Proposal(
        "theme",
        f"theme {theme.name}",
        key,
        title,
        among,
        bonus,
        theme.mood,
        _THEME,
        (f"{told}, {share}",),
    )


def _same_day(today: date, year: int) -> date:
    """Returns the same day in another year; February 29 becomes February 28."""
    if (today.month, today.day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return today.replace(year=year)
