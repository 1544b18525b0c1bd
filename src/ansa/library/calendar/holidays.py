"""What is celebrated every year: seasons, festivals, and the public holidays of countries.

There is one calendar: events get their names from it (:func:`holiday_names`), and searches find
events by the same names (:func:`festival`). If countries celebrate on different days, or have
opposite seasons, the region of a photo decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ansa.library.calendar.spans import Span, Spans, days_span, merge, month_span
from ansa.names import name_key

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The first month of each season north of the equator."""

_NAMES = "winter", "spring", "summer", "autumn"
# Days that many countries celebrate without a public holiday: month and day -> name.
_CUSTOMS = {
    (2, 14): "Valentine's Day",
    (10, 31): "Halloween",
    **dict.fromkeys([(12, 24), (12, 25), (12, 26)], "Christmas"),
    **dict.fromkeys([(12, 31), (1, 1)], "New Year"),
}
_NIGHTS = 4  # between two days of one Easter; the Easter of another church is farther away
_KEPT_SINCE = 1950  # public holidays are looked up from this year on


@dataclass(frozen=True, slots=True)
class Region:
    """The properties of a region on which the calendar depends.

    Attributes:
        country: ISO 3166-1 alpha-2; empty if unknown.
        south: whether it is south of the equator.
    """

    country: str = ""
    south: bool = False


Public = Callable[[str, int], Mapping[date, tuple[str, ...]]]
"""Returns the names of a country's public holidays in a year."""

NOWHERE = Region()
"""The region if nothing is known: northern seasons, and holidays as most countries have them."""


def season(day: date, *, south: bool = False) -> str:
    """Returns the meteorological season in lower case; ``south`` shifts it by half a year."""
    return _NAMES[(day.month % 12 // 3 + 2 * south) % 4]


def season_span(name: str, year: int, *, south: bool = False) -> Span:
    """Returns the season that begins in a year."""
    return month_span(year, (SEASONS[name] - 1 + 6 * south) % 12 + 1, 3)


def over_new_year(name: str, *, south: bool = False) -> bool:
    """Whether a season spans two years: winter, or summer in the south."""
    return (SEASONS[name] + 6 * south) % 12 == 0


@cache
def public_holidays(country: str, year: int) -> Mapping[date, tuple[str, ...]]:
    """Returns the names of a country's public holidays in a year; empty if none are known."""
    if not country or year < _KEPT_SINCE:
        return {}
    try:
        import holidays
    except ModuleNotFoundError:
        return {}
    try:
        official = holidays.country_holidays(country, years=year, language="en_US", observed=False)
    # The package does not know this country or year.
    except (NotImplementedError, ValueError, OverflowError):
        return {}
    found: dict[date, tuple[str, ...]] = {}
    for day, names in official.items():
        feasts = (_feast(name, day) for name in str(names).split("; "))
        if some := tuple(feast for feast in feasts if feast):
            found[day] = some
    days = sorted(day for day, names in found.items() if "Easter" in names)
    if not days and any("Christmas" in names for names in found.values()):
        days = [easter(year)]  # celebrated there, but never on a working day
    for first, last in zip(days, [*days[1:], days[-1]] if days else [], strict=True):
        if (last - first).days <= _NIGHTS:
            for number in range(first.toordinal(), last.toordinal() + 1):
                day = date.fromordinal(number)
                found[day] = tuple(dict.fromkeys(("Easter", *found.get(day, ()))))
    return found


def holiday_names(
    day: date, country: str = "", public: Public = public_holidays
) -> tuple[str, ...]:
    """Returns what is celebrated on a day: in most countries, and the country's public holidays.

    The latter need the package ``holidays``. All days of one celebration have the same name.

    Args:
        day: the day.
        country: ISO 3166-1 alpha-2; empty for none.
        public: returns the public holidays of a country and year.
    """
    custom = _CUSTOMS.get((day.month, day.day))
    names = ((custom,) if custom else ()) + public(country, day.year).get(day, ())
    return tuple(dict.fromkeys(names))


def holiday_year(name: str, day: date) -> int:
    """Returns the year in a holiday's name; a New Year begins on the day before."""
    return day.year + (name == "New Year" and day.month == 12)


def festival(name: str, year: int, region: Region = NOWHERE) -> Spans:
    """Returns the days of a festival or holiday in a year, by its :func:`~ansa.names.name_key`.

    They are those of the region, or else those of most countries, or else none.
    """
    official, spanned = _EVERYWHERE.get(name, (name, None))
    if region.country and name not in _PARTS:
        days = _named_days(official, year, region.country)
        if days:
            return merge(map(days_span, days))
    return () if spanned is None else (spanned(year),)


def everywhere() -> tuple[str, ...]:
    """Returns the keys of all festivals that are known without a region."""
    return tuple(_EVERYWHERE)


@cache
def names_in(country: str, first: int, last: int) -> frozenset[str]:
    """Returns the keys of a country's public holidays in a range of years."""
    names = (public_holidays(country, year).values() for year in range(first, last + 1))
    return frozenset(name_key(name) for days in names for some in days for name in some)


def easter(year: int) -> date:
    """Returns Easter Sunday, by the anonymous Gregorian algorithm (Meeus, 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _named_days(name: str, year: int, country: str) -> tuple[date, ...]:
    """Returns the days of a year to which :func:`holiday_names` gives this name."""
    days = _days_by_key(country, year).get(name_key(name), ())
    before = _days_by_key(country, year - 1).get(name_key(name), ()) if name == "New Year" else ()
    return tuple(day for day in (*before, *days) if holiday_year(name, day) == year)


@cache
def _days_by_key(country: str, year: int) -> Mapping[str, tuple[date, ...]]:
    found: defaultdict[str, list[date]] = defaultdict(list)
    customs = [date(year, *each) for each in _CUSTOMS]
    for day in sorted({*customs, *public_holidays(country, year)}):
        for name in holiday_names(day, country):
            found[name_key(name)].append(day)
    return {name: tuple(days) for name, days in found.items()}


def _feast(name: str, day: date) -> str:
    """Returns the celebration of an official holiday; empty for a day off without a name."""
    name = name.removesuffix(" (estimated)")
    plain = name.casefold()
    if plain.startswith("day off"):
        return ""
    if "christmas" in plain and day.month == 12:
        return "Christmas"
    if "christmas" in plain and "epiphany" not in plain:
        return "Orthodox Christmas"
    if "easter" in plain or "good friday" in plain:
        return "Easter"
    return "New Year" if "new year" in plain and _around_new_year(day) else name


def _around_new_year(day: date) -> bool:
    return (day.month, day.day) in ((12, 31), (1, 1), (1, 2))


def _fixed(month: int, day: int, days: int = 1) -> Callable[[int], Span]:
    return lambda year: days_span(date(year, month, day), days)


def _at_easter(first: int, days: int = 1) -> Callable[[int], Span]:
    return lambda year: days_span(easter(year) + timedelta(first), days)


def _new_year(year: int) -> Span:
    return days_span(date(year, 1, 1) - timedelta(year > 1), 2)


def _thanksgiving(year: int) -> Span:
    """Returns the fourth Thursday of November."""
    return days_span(date(year, 11, 22 + (3 - date(year, 11, 1).weekday()) % 7))


_PARTS = {
    "christmas eve": ("Christmas Eve", _fixed(12, 24)),
    "christmas day": ("Christmas Day", _fixed(12, 25)),
    "nye": ("New Year's Eve", _fixed(12, 31)),
    "new year eve": ("New Year's Eve", _fixed(12, 31)),
    "new years eve": ("New Year's Eve", _fixed(12, 31)),
    "new year day": ("New Year's Day", _fixed(1, 1)),
    "new years day": ("New Year's Day", _fixed(1, 1)),
}
_EVERYWHERE: dict[str, tuple[str, Callable[[int], Span]]] = {
    **_PARTS,
    "christmas": ("Christmas", _fixed(12, 24, 3)),
    "xmas": ("Christmas", _fixed(12, 24, 3)),
    "boxing day": ("Boxing Day", _fixed(12, 26)),
    "orthodox christmas": ("Orthodox Christmas", _fixed(1, 7)),
    "new year": ("New Year", _new_year),
    "new years": ("New Year", _new_year),
    "halloween": ("Halloween", _fixed(10, 31)),
    "valentine day": ("Valentine's Day", _fixed(2, 14)),
    "valentines day": ("Valentine's Day", _fixed(2, 14)),
    "valentine": ("Valentine's Day", _fixed(2, 14)),
    "valentines": ("Valentine's Day", _fixed(2, 14)),
    "hallowe en": ("Halloween", _fixed(10, 31)),
    "easter": ("Easter", _at_easter(-2, 4)),
    "good friday": ("Good Friday", _at_easter(-2)),
    "easter sunday": ("Easter Sunday", _at_easter(0)),
    "easter monday": ("Easter Monday", _at_easter(1)),
    "thanksgiving": ("Thanksgiving Day", _thanksgiving),
    "thanksgiving day": ("Thanksgiving Day", _thanksgiving),
}
"""Key -> official name, and its days if the region has no others."""
