"""Events: holidays, seasons, weekends, birthdays and other yearly days, found from the times and
places of moments."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from ansa.library.calendar.holidays import holiday_names, holiday_year, over_new_year, season
from ansa.library.events.anniversaries import yearly_days
from ansa.library.events.holiday_cache import CachedHolidays
from ansa.library.events.homes import Home, home_on, homes
from ansa.library.events.moments import Moment, moments
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

Kind = Literal["holiday", "birthday", "anniversary", "season", "weekend"]

Holidays = Callable[[date, str], tuple[str, ...]]
"""Returns what is celebrated on a day in a country (ISO 3166-1 alpha-2)."""

PARTY = frozenset({"cake", "candle", "balloon", "party"})
"""Tags of parties."""

_PARTY_SCORE = 0.4
_PARTY_POINTS = 2  # points for a party: one cake with candles, or two photos with candles
_YEARS = 2  # a party in a single year is not called a birthday


@dataclass(frozen=True, slots=True)
class Event:
    """Moments that belong to one entry of the calendar.

    Attributes:
        kind: "holiday", "birthday", "anniversary", "season" or "weekend".
        name: "Christmas", "Birthday on 14 May", "14 May", "Summer", "Weekend of 4 May".
        year: the year in which it began; for a New Year and a season that spans two years, the
            year that begins then.
        moments: its moments, in the order of time.
        south: for a season, whether it is one of the southern hemisphere.
    """

    kind: Kind
    name: str
    year: int
    moments: tuple[Moment, ...]
    south: bool = False

    @property
    def title(self) -> str:
        """The name with the year: "Christmas 2024", "Winter 2024/25", "14 May 2024"."""
        spans = self.kind == "season" and over_new_year(self.name.lower(), south=self.south)
        years = f"{self.year - 1}/{self.year % 100:02}" if spans else str(self.year)
        return f"{self.name} {years}"

    @property
    def photos(self) -> tuple[int, ...]:
        """The ids of all its photos, in the order of time."""
        return tuple(photo for moment in self.moments for photo in moment.photos)

    def to_dict(self) -> dict[str, Any]:
        """Returns the event as JSON-ready values; photos are given as ids."""
        return {
            "kind": self.kind,
            "name": self.name,
            "year": self.year,
            "title": self.title,
            "start": self.moments[0].start.isoformat(),
            "end": self.moments[-1].end.isoformat(),
            "photos": list(self.photos),
        }


def events(session: LibrarySession, *, now: datetime | None = None) -> list[Event]:
    """Returns all events, oldest first. ``now`` has the same meaning as for moments.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    found = moments(session, now=now)
    return library_events(session, found, homes(found))


def library_events(
    session: LibrarySession, found: Sequence[Moment], lived: Sequence[Home]
) -> list[Event]:
    """Returns the events of a library's moments, which are in the order of time.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    holidays = CachedHolidays(session.store)
    made = events_of(found, lived, parties(session), holidays)
    holidays.keep()
    return made


def events_of(
    found: Sequence[Moment],
    lived: Sequence[Home] = (),
    party: Mapping[int, int] | None = None,
    holidays: Holidays = holiday_names,
) -> list[Event]:
    """Returns the events of moments that are in the order of time.

    Args:
        found: the moments.
        lived: the homes; their country and hemisphere apply to moments without a place.
        party: points for a party by photo, as :func:`parties` returns them.
        holidays: returns what is celebrated on a day in a country.
    """
    groups: defaultdict[tuple[Kind, str, int], list[Moment]] = defaultdict(list)
    seasons: defaultdict[tuple[str, int, bool], list[Moment]] = defaultdict(list)
    kept = _Calendar(lived, holidays)
    for moment in found:
        day, south = moment.day, kept.where(moment)[1]
        for name in kept.holidays(moment):
            groups["holiday", name, holiday_year(name, day)].append(moment)
        name = season(day, south=south).capitalize()
        seasons[name, day.year + (day.month == 12), south].append(moment)
        if day.weekday() >= calendar.SATURDAY:
            saturday = day - timedelta(days=day.weekday() - calendar.SATURDAY)
            groups["weekend", f"Weekend of {written(saturday)}", saturday.year].append(moment)
    for (name, year), some in _birthdays(found, party or {}, kept).items():
        groups["birthday", name, year] = some
    for (name, year), some in _anniversaries(found, groups, kept).items():
        groups["anniversary", name, year] = some
    listed = [Event(kind, name, year, tuple(some)) for (kind, name, year), some in groups.items()]
    listed += [
        Event("season", name, year, tuple(some), south)
        for (name, year, south), some in seasons.items()
    ]
    return sorted(
        listed, key=lambda each: (each.moments[0].start, each.kind, each.name, each.south)
    )


def written(day: date) -> str:
    """Returns a day as ``4 May``."""
    return f"{day.day} {calendar.month_name[day.month]}"


def parties(session: LibrarySession) -> dict[int, int]:
    """Returns points for each photo that shows signs of a party: 2 for several, else 1.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if session.unknown():
        return {}
    found = {}
    store, model, scope = session.store, session.model(), session.scope()
    for photo, tags in read_column(store, model, "tags", scope, mentioning=PARTY):
        likely = {tag.name for tag in tags if tag.score >= _PARTY_SCORE}
        if signs := likely & PARTY:
            found[photo] = min(len(signs), _PARTY_POINTS)
    return found


class _Calendar:
    """Which calendar holds for each moment: that of its country and hemisphere.

    Args:
        lived: the homes, whose calendar holds for moments without a place.
        holidays: returns what is celebrated on a day in a country.
    """

    def __init__(self, lived: Sequence[Home], holidays: Holidays) -> None:
        self._lived, self._holidays = lived, holidays
        self._home: dict[date, tuple[str, bool]] = {}

    def where(self, moment: Moment) -> tuple[str, bool]:
        """Returns the country of a moment, or else of home, and whether it is in the south."""
        if moment.point:
            return moment.place.code if moment.place else "", moment.point[0] < 0
        if moment.day not in self._home:
            here = home_on(self._lived, moment.day)
            self._home[moment.day] = (here.place.code, here.point[0] < 0) if here else ("", False)
        return self._home[moment.day]

    def holidays(self, moment: Moment) -> tuple[str, ...]:
        """Returns what is celebrated on the day of a moment where it was."""
        return self._holidays(moment.day, self.where(moment)[0])


def _birthdays(
    found: Sequence[Moment], party: Mapping[int, int], kept: _Calendar
) -> dict[tuple[str, int], list[Moment]]:
    """Returns parties around one day in several years that no holiday explains."""
    parties = defaultdict(list)
    for moment in found:
        points = sum(party.get(photo, 0) for photo in moment.photos)
        if points >= _PARTY_POINTS and not kept.holidays(moment):
            parties[moment.day].append(moment)
    groups: dict[tuple[str, int], list[Moment]] = {}
    seen: set[date] = set()
    for day in sorted(parties, key=lambda day: (-len(_same(day, parties)), day)):
        days = [each for each in _same(day, parties) if each not in seen]
        years = {each.year for each in days}
        if len(years) >= _YEARS and 2 * len(years) > max(years) - min(years):
            seen.update(days)
            for each in days:
                key = f"Birthday on {written(day)}", each.year
                groups.setdefault(key, []).extend(parties[each])
    return groups


def _anniversaries(
    found: Sequence[Moment], groups: Collection[tuple[Kind, str, int]], kept: _Calendar
) -> dict[tuple[str, int], list[Moment]]:
    """Returns moments on anniversaries that are neither a holiday nor a birthday."""
    yearly = set(yearly_days({moment.day for moment in found}))
    birthdays = {name for kind, name, _ in groups if kind == "birthday"}
    some: defaultdict[tuple[str, int], list[Moment]] = defaultdict(list)
    for moment in found:
        day = moment.day
        if (day.month, day.day) not in yearly or f"Birthday on {written(day)}" in birthdays:
            continue
        if not kept.holidays(moment):
            some[written(day), day.year].append(moment)
    return some


def _same(day: date, days: Collection[date]) -> list[date]:
    """Returns the days that are at most one day from the same day in any year."""
    return sorted(each for each in days if _apart(each, day) <= 1)


def _apart(day: date, other: date) -> int:
    days = abs(day.replace(year=2000).toordinal() - other.replace(year=2000).toordinal())
    return min(days, 366 - days)
