"""Events: holidays, seasons, weekends, birthdays and other days that people keep every year, told
from when and where moments were."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from ansa.library.occasions.anniversaries import yearly_days
from ansa.library.occasions.homes import Home, at_home, homes
from ansa.library.occasions.moments import Moment, moments
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.opened import Opened

Kind = Literal["holiday", "birthday", "anniversary", "season", "weekend"]

_SEASONS = "winter", "spring", "summer", "autumn"
# Kept in many countries that do not close their offices for them: month and day -> name.
_CUSTOMS = {
    (2, 14): "Valentine's Day",
    (10, 31): "Halloween",
    **dict.fromkeys([(12, 24), (12, 25), (12, 26)], "Christmas"),
    **dict.fromkeys([(12, 31), (1, 1)], "New Year"),
}
# Days of one feast, by a word in their official names.
_FEASTS = {
    "christmas": "Christmas",
    "easter": "Easter",
    "good friday": "Easter",
    "new year": "New Year",
}
_PARTY = {"birthday": 2, "birthday cake": 2, "cake": 1, "balloon": 1, "candle": 1, "party": 1}
_PARTY_SCORE = 0.4
_PARTY_POINTS = 2  # one birthday cake, or two photos with candles
_YEARS = 2  # a party once is no birthday


@dataclass(frozen=True, slots=True)
class Event:
    """Moments that the calendar holds together.

    Attributes:
        kind: "holiday", "birthday", "anniversary", "season" or "weekend".
        name: "Christmas", "Birthday on May 14", "May 14", "Summer", "Weekend of May 4".
        year: in which it began; a winter and a New Year are of the year that begins in them.
        moments: in the order of time.
    """

    kind: Kind
    name: str
    year: int
    moments: tuple[Moment, ...]

    @property
    def title(self) -> str:
        """Its name with the year: "Christmas 2024", "Winter 2024/25"."""
        spans = self.kind == "season" and self.moments[0].day.month in (12, 1, 2)
        years = f"{self.year - 1}/{self.year % 100:02}" if spans else str(self.year)
        return f"{self.name}{',' if self.name[-1].isdigit() else ''} {years}"

    @property
    def photos(self) -> tuple[int, ...]:
        """Ids of all its photos, in the order of time."""
        return tuple(photo for moment in self.moments for photo in moment.photos)

    def to_dict(self) -> dict[str, Any]:
        """The event as JSON-ready values, photos as ids."""
        return {
            "kind": self.kind,
            "name": self.name,
            "year": self.year,
            "title": self.title,
            "start": self.moments[0].start.isoformat(),
            "end": self.moments[-1].end.isoformat(),
            "photos": list(self.photos),
        }


def events(opened: Opened, *, now: datetime | None = None) -> list[Event]:
    """All events, oldest first; ``now`` as for moments.

    Raises:
        LibraryError: the library's file fails.
    """
    found = moments(opened, now=now)
    return events_of(found, homes(found), parties(opened))


def events_of(
    found: Sequence[Moment], lived: Sequence[Home] = (), party: Mapping[int, int] | None = None
) -> list[Event]:
    """The events of moments in the order of time.

    Args:
        found: the moments.
        lived: where holidays and seasons are kept if a moment does not say where it was.
        party: what photos say for a party, as :func:`parties` gives it.
    """
    groups: defaultdict[tuple[Kind, str, int], list[Moment]] = defaultdict(list)
    for moment in found:
        day, (country, south) = moment.day, _where(moment, lived)
        for name in holiday_names(day, country):
            groups["holiday", name, day.year + (name == "New Year" and day.month == 12)].append(
                moment
            )
        year = day.year + (day.month == 12)
        groups["season", season(day, south=south).capitalize(), year].append(moment)
        if day.weekday() >= calendar.SATURDAY:
            saturday = day - timedelta(days=day.weekday() - calendar.SATURDAY)
            groups["weekend", f"Weekend of {written(saturday)}", saturday.year].append(moment)
    for (name, year), some in _birthdays(found, party or {}, lived).items():
        groups["birthday", name, year] = some
    for (name, year), some in _anniversaries(found, groups, lived).items():
        groups["anniversary", name, year] = some
    listed = [Event(kind, name, year, tuple(some)) for (kind, name, year), some in groups.items()]
    return sorted(listed, key=lambda each: (each.moments[0].start, each.kind, each.name))


def season(day: date, *, south: bool = False) -> str:
    """The meteorological season, in lower case; ``south`` of the equator the other half year's."""
    return _SEASONS[(day.month % 12 // 3 + 2 * south) % 4]


def holiday_names(day: date, country: str = "") -> tuple[str, ...]:
    """What is celebrated on a day: what most countries keep, and a country's public holidays.

    The latter need the package ``holidays``. The days of one feast have one name.

    Args:
        day: the day.
        country: ISO 3166-1 alpha-2; empty for none.
    """
    names = [_CUSTOMS.get((day.month, day.day), ""), *_public(country, day.year).get(day, ())]
    return tuple(dict.fromkeys(_feast(name) for name in names if name))


def written(day: date) -> str:
    """A day as ``May 4``."""
    return f"{calendar.month_name[day.month]} {day.day}"


def parties(opened: Opened) -> dict[int, int]:
    """How much speaks for a party on the photos that show any of it: 2 for a birthday, else 1.

    Raises:
        LibraryError: the library's file fails.
    """
    if opened.unknown():
        return {}
    found = {}
    for photo, tags in read_column(opened.store, opened.model(), "tags", opened.root()):
        likely = {tag.name for tag in tags if tag.score >= _PARTY_SCORE}
        if points := max((_PARTY[name] for name in likely & _PARTY.keys()), default=0):
            found[photo] = points
    return found


def _where(moment: Moment, lived: Sequence[Home]) -> tuple[str, bool]:
    """The country of a moment, or of home; and whether that is south of the equator."""
    if moment.place and moment.place.named:
        return moment.place.code, moment.place.latitude < 0
    if moment.point:
        return "", moment.point[0] < 0
    here = at_home(lived, moment.day.year)
    return (here[0].place.code, here[0].point[0] < 0) if here else ("", False)


@cache
def _public(country: str, year: int) -> dict[date, tuple[str, ...]]:
    try:
        import holidays
        from dateutil.easter import easter
    except ModuleNotFoundError:
        return {}
    try:
        official = holidays.country_holidays(country, years=year, language="en_US", observed=False)
    except NotImplementedError:  # of a country that the package does not know
        return {}
    found = {day: tuple(str(names).split("; ")) for day, names in official.items()}
    feasts = [day for day, names in found.items() if "Easter" in map(_feast, names)]
    if not feasts and any("Christmas" in map(_feast, names) for names in found.values()):
        feasts = [easter(year)]  # kept there, but never on a working day
    if feasts:
        for number in range(min(feasts).toordinal(), max(feasts).toordinal() + 1):
            day = date.fromordinal(number)
            found[day] = ("Easter", *found.get(day, ()))
    return found


def _feast(name: str) -> str:
    plain = name.casefold()
    return next((feast for word, feast in _FEASTS.items() if word in plain), name)


def _birthdays(
    found: Sequence[Moment], party: Mapping[int, int], lived: Sequence[Home]
) -> dict[tuple[str, int], list[Moment]]:
    """Parties on about one day in several years, no holiday being the reason."""
    parties = defaultdict(list)
    for moment in found:
        points = sum(party.get(photo, 0) for photo in moment.photos)
        if points >= _PARTY_POINTS and not holiday_names(moment.day, _where(moment, lived)[0]):
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
    found: Sequence[Moment], groups: Collection[tuple[Kind, str, int]], lived: Sequence[Home]
) -> dict[tuple[str, int], list[Moment]]:
    """Moments on days that are kept every year, as neither a holiday nor a birthday."""
    kept = yearly_days({moment.day for moment in found})
    birthdays = {name for kind, name, _ in groups if kind == "birthday"}
    some: defaultdict[tuple[str, int], list[Moment]] = defaultdict(list)
    for moment in found:
        day = moment.day
        celebrated = holiday_names(day, _where(moment, lived)[0])
        birthday = f"Birthday on {written(day)}" in birthdays
        if (day.month, day.day) in kept and not (celebrated or birthday):
            some[written(day), day.year].append(moment)
    return some


def _same(day: date, days: Collection[date]) -> list[date]:
    """The days within one of the same day in any year."""
    return sorted(each for each in days if _apart(each, day) <= 1)


def _apart(day: date, other: date) -> int:
    days = abs(day.replace(year=2000).toordinal() - other.replace(year=2000).toordinal())
    return min(days, 366 - days)
