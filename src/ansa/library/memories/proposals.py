"""Candidates for memories: trips, albums, birthdays and holidays, this day in other years, pets and
people by name, seasons that show, and themes by year.

Each has a reason beyond "these photos are left": a season must be seen, a holiday be celebrated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from ansa.names import name_key

LEAST = 5
"""The smallest number of photos in a memory."""

_WEEK = timedelta(days=3)  # on each side of the day
_MANY = 30  # a theme with so many photos in a year has a memory for that year
_MUCH = 0.3  # a theme with this share of a trip's photos determines its mood
_ONE_DAY = 8  # a single day needs so many photos to be remembered as a trip
# What a holiday has to show besides its date, as shares of its photos: a celebration, or, on the
# days on which families meet, company. On a trip it is a celebration: tourists are no guests.
_CELEBRATED, _COMPANY, _CELEBRATED_AWAY = 0.2, 0.4, 0.3
_LEAST_FESTIVE = 2  # photos that show a celebration
_VISIBLE = 0.25  # the share of a season's photos in which it is seen
_SEASON_DAYS = 4
_COLLECTION = 0.6  # an album or a season of this share of a library is the library and no memory
_BUSY, _UNUSUAL = 8, 3  # photos of a day, and how many times as many as usual
_MOSTLY = 0.6  # the share of a day's photos of the theme, or in the town, in its title
_SHOWN = 0.3  # what it adds to a photo's merit that it shows the subject
_ON_TRIP = 0.5  # an album with this share of its photos on trips is remembered as these
# How much people care about each kind, 0..1, most first.
_TRIP, _BIRTHDAY, _HOLIDAY, _TODAY, _THEME, _SEASON = 1.0, 0.95, 0.8, 0.85, 0.6, 0.4
_NAMED, _ALBUM, _DAY = 0.9, 0.75, 0.55
_SEASONS = {"Winter": CALM, "Spring": WARM, "Summer": SUNNY, "Autumn": CALM}
_SEEN_IN = {
    "Winter": ("snow",),
    "Spring": ("flowers",),
    "Summer": ("beaches", "fun in the water"),
    "Autumn": ("forests",),
}
CELEBRATION = frozenset(
    {
        *("party", "candle", "gift", "cake", "balloon", "parade", "carnival", "costume", "wedding"),
        *("bride", "groom", "family", "hugging", "Christmas stocking", "jack-o'-lantern"),
    }
)
"""Tags of celebrations."""

_FESTIVE_THEMES = "birthdays", "celebrations"
# Words in the names of holidays on which families and friends meet.
_FAMILY_DAYS = frozenset(
    """
    christmas year easter thanksgiving halloween eid diwali deepavali hanukkah passover midsummer
    mother father valentine nowruz tet
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, eq=False)
class Proposal:
    """Photos that could become a memory.

    Attributes:
        kind: "trip", "album", "birthday", "holiday", "anniversary", "this day", "day", "name",
            "season" or "theme".
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
        if len(rows) >= (LEAST if trip.days > 1 else _ONE_DAY):
            days = f"{trip.days} days" if trip.days > 1 else "a day"
            told = f"{len(rows):,} photos of {days}"
            if trip.distance_km is not None:
                told += f", {trip.distance_km:,.0f} km from home"
            key = f"{trip.start.date()} {trip.places[0].city if trip.places else ''}"
            mood = _mood(shown, rows)
            zeros = np.zeros(len(rows))
            yield Proposal("trip", "trip", key, trip.name, rows, zeros, mood, _TRIP, (told,))


def _mood(shown: ThemeScores, rows: Rows) -> Mood:
    shares = shown.shares(rows)
    most = int(shares.argmax())
    return THEMES[most].mood if shares[most] >= _MUCH else ADVENTUROUS


def of_events(
    gallery: Gallery,
    events: Sequence[Event],
    shown: ThemeScores,
    away: Collection[int] = (),
) -> Iterator[Proposal]:
    """Yields a proposal for every birthday and anniversary, for every holiday that was celebrated,
    and for every season that can be seen.

    Args:
        gallery: the photos worth showing.
        events: the events.
        shown: the themes that they show.
        away: the ids of the photos that were taken on trips.
    """
    kinds = {"birthday": (FESTIVE, _BIRTHDAY), "holiday": (FESTIVE, _HOLIDAY)}
    left = set(away)
    for event in events:
        rows = gallery.rows_of(event.photos)
        if event.kind == "season":
            at_home = [row for row in rows.tolist() if gallery.photos[row].id not in left]
            rows = np.array(at_home, np.intp)
        if len(rows) < LEAST or event.kind == "weekend":
            continue
        if event.kind == "holiday" and not _is_celebrated(event.name, gallery, rows, left, shown):
            continue
        seen = _seen(event.name, rows, shown)
        days = len({moment.date() for row in rows.tolist() if (moment := gallery.times[row])})
        if event.kind == "season" and not (
            days >= _SEASON_DAYS
            and seen.mean() >= _VISIBLE
            and len(rows) <= _COLLECTION * len(gallery)
        ):
            continue
        mood, weight = kinds.get(event.kind) or (_SEASONS.get(event.name, WARM), _SEASON)
        told = f"{len(rows):,} photos of {days:,} {'day' if days == 1 else 'days'}"
        key = f"{event.title} south" if event.south else _key(event)
        festive = _festive(gallery, rows, shown)
        bonus = _SHOWN * (seen if event.kind == "season" else festive).astype(np.float64)
        yield Proposal(event.kind, event.kind, key, event.title, rows, bonus, mood, weight, (told,))


def _key(event: Event) -> str:
    """Returns what the id of an event's memory is made of, which has the month before the day: with
    another, it would be forgotten what people said of the memory."""
    if event.kind not in ("birthday", "anniversary"):
        return event.title
    *words, day, month = event.name.split()
    return f"{' '.join([*words, month, day])}, {event.year}"


def _festive(gallery: Gallery, rows: Rows, shown: ThemeScores) -> NDArray[np.bool_]:
    """Returns which photos (m,) show a celebration."""
    tags = (gallery.photos[row].tags for row in rows.tolist())
    festive = np.array([bool(CELEBRATION.intersection(some)) for some in tags], bool)
    for theme in THEMES:
        if theme.name in _FESTIVE_THEMES:
            festive |= shown(theme)[rows] > 0
    return festive


def _is_celebrated(
    name: str, gallery: Gallery, rows: Rows, away: set[int], shown: ThemeScores
) -> bool:
    """Whether the photos of a holiday show more than its date."""
    photos = [gallery.photos[row] for row in rows]
    festive = int(_festive(gallery, rows, shown).sum())
    on_trip = 2 * sum(photo.id in away for photo in photos) > len(photos)
    share = _CELEBRATED_AWAY if on_trip else _CELEBRATED
    if festive >= max(_LEAST_FESTIVE, share * len(photos)):
        return True
    company = sum(photo.people > 1 for photo in photos)
    meeting = not on_trip and bool(_FAMILY_DAYS.intersection(name_key(name).split()))
    return meeting and company >= _COMPANY * len(photos)


def _seen(season: str, rows: Rows, shown: ThemeScores) -> NDArray[np.bool_]:
    """Returns which photos (m,) show a season, and were not only taken in it."""
    seen = np.zeros(len(rows), bool)
    for theme in THEMES:
        if theme.name in _SEEN_IN.get(season, ()):
            seen |= shown(theme)[rows] > 0
    return seen


def of_albums(
    gallery: Gallery, albums: Mapping[int, str], trips: Collection[int]
) -> Iterator[Proposal]:
    """Yields a proposal for every folder to which its owner gave a name.

    Args:
        gallery: the photos worth showing.
        albums: the name of the album of each photo, by id; empty if it is in none.
        trips: the ids of the photos of trips, which are remembered as such.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for row, photo in enumerate(gallery.photos):
        if name := albums.get(photo.id, ""):
            members[name].append(row)
    for name, some in sorted(members.items()):
        on_trips = sum(gallery.photos[row].id in trips for row in some)
        if (
            len(some) < LEAST
            or len(some) > _COLLECTION * len(gallery)
            or on_trips >= _ON_TRIP * len(some)
        ):
            continue
        days = [moment.date() for row in some if (moment := gallery.times[row])]
        when = titles.period(min(days, default=None), max(days, default=None))
        told = f"{len(some):,} photos in your folder {name}"
        rows, zeros = np.array(some, np.intp), np.zeros(len(some))
        title = titles.titled(name, "" if when in name else when)
        yield Proposal("album", "album", name, title, rows, zeros, WARM, _ALBUM, (told,))


def of_names(gallery: Gallery, named: Mapping[str, Mapping[int, float]]) -> Iterator[Proposal]:
    """Yields a proposal for every pet, person or thing that its owner taught by name, through all
    years.

    Args:
        gallery: the photos worth showing.
        named: for each name, the probability of each photo that shows it, by id.
    """
    for name, shown in sorted(named.items()):
        some = [row for row, photo in enumerate(gallery.photos) if photo.id in shown]
        days = [moment.date() for row in some if (moment := gallery.times[row])]
        if len(some) < LEAST:
            continue
        when = titles.period(min(days, default=None), max(days, default=None))
        title = name[:1].upper() + name[1:]
        title = f"{title} through the years" if len({d.year for d in days}) > 2 else title
        told = f"{len(some):,} photos of {name}, as you taught it"
        bonus = _SHOWN * np.array([shown[gallery.photos[row].id] for row in some])
        rows = np.array(some, np.intp)
        title = titles.titled(title, when)
        yield Proposal("name", "name", name, title, rows, bonus, TENDER, _NAMED, (told,))


def of_days(
    gallery: Gallery,
    shown: ThemeScores,
    away: Collection[int] = (),
    outings: Mapping[int, str] | None = None,
) -> Iterator[Proposal]:
    """Yields a proposal for every day at home with many more photos than usual: something happened.

    Args:
        gallery: the photos worth showing.
        shown: the themes that they show, of which one that most of them show is in the title.
        away: the ids of the photos that were taken on trips.
        outings: the towns of photos that were taken well away from home, by id; one of most of a
            day's photos is in the title.
    """
    days: defaultdict[date, list[int]] = defaultdict(list)
    for row, moment in enumerate(gallery.times):
        if moment:
            days[moment.date()].append(row)
    usual = float(np.quantile(list(map(len, days.values())), 0.5)) if len(days) > 1 else 0.0
    for day, some in sorted(days.items()):
        at_home = [row for row in some if gallery.photos[row].id not in away]
        if len(at_home) < max(_BUSY, _UNUSUAL * usual):
            continue
        rows, zeros = np.array(at_home, np.intp), np.zeros(len(at_home))
        shares = shown.shares(rows)
        most = int(shares.argmax())
        told = f"{len(rows):,} photos of 1 day"
        towns = Counter((outings or {}).get(gallery.photos[row].id, "") for row in at_home)
        town, number = towns.most_common(1)[0]
        what, mood = f"{day:%A}", WARM
        if shares[most] >= _MOSTLY:
            what, mood = THEMES[most].title, THEMES[most].mood
        elif town and number >= _MOSTLY * len(at_home):
            what = town
        title = titles.titled(what, titles.period(day, day))
        yield Proposal("day", "day", f"{day}", title, rows, zeros, mood, _DAY, (told,))


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
            told = f"{len(rows):,} photos of about {written(then)} {year}"
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
    bonus = _SHOWN * scores[among]
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
