"""One time, before it is put together with others, and what words for times are reckoned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from ansa.library.calendar.holidays import (
    NOWHERE,
    Region,
    over_new_year,
    season_span,
)
from ansa.library.calendar.spans import (
    YEARS,
    Spans,
    merge,
    spans_words,
    years_span,
)

Yearly = Callable[[int, Region], Spans]
"""What comes every year, in one of them; nothing in a year without it."""


SIDE = 1
COUNTRY = 2
"""What times depend on: the side of the equator, or the country too."""


@dataclass(frozen=True, slots=True)
class TimeContext:
    """What words for times are reckoned from.

    Attributes:
        today: the day it is.
        home: gives where people live; asked only where it decides.
        holidays: gives the keys of public holidays of the countries that matter; asked only where
            words may name one.
    """

    today: date
    home: Callable[[], Region] = field(default=lambda: NOWHERE)
    holidays: Callable[[], frozenset[str]] = field(default=frozenset)


@dataclass(frozen=True, slots=True)
class Time:
    """One time.

    Attributes:
        yearly: what it is in a year, if it comes every year.
        year: of which year it is; None for each, or if it does not come every year.
        fixed: what it is, if it does not come every year.
        kind: "day", "month", "season", "festival", "year", "decade", "weekday" or "other".
        name: of what comes every year, in words.
        local: on what of the region it depends: 0 nothing, :data:`SIDE` or :data:`COUNTRY`.
        weak: whether its words mean something else more often, as "may" and "summer" do.
        note: what is to be said of how it was read; else empty.
    """

    kind: str
    yearly: Yearly | None = None
    year: int | None = None
    fixed: Callable[[Region], Spans] | None = None
    name: str = ""
    local: int = 0
    weak: bool = False
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether it comes every year and does not say which is meant."""
        return self.yearly is not None and self.year is None and self.fixed is None

    def of(self, year: int) -> Time:
        """The same in a year."""
        return replace(self, year=year, weak=False)

    def spans(self, region: Region = NOWHERE) -> Spans:
        """What it means: in all years, if it does not say which."""
        if self.fixed is not None:
            return self.fixed(region)
        assert self.yearly is not None
        if self.year is not None:
            return self.yearly(self.year, region)
        return every(self.yearly, region)


@lru_cache(maxsize=256)
def every(yearly: Yearly, region: Region = NOWHERE) -> Spans:
    """What comes every year, in all years that photos may be of."""
    return merge(span for year in YEARS for span in in_year(yearly, year, region))


def in_year(yearly: Yearly, year: int, region: Region = NOWHERE) -> Spans:
    """What comes every year, in one; nothing if the year has it not, or is none."""
    try:
        return yearly(year, region)
    except (ValueError, OverflowError):
        return ()


def yearly_words(time: Time) -> str:
    """What comes every year, in words: "1 July to 31 July of any year", "Easter of any year"."""
    assert time.yearly is not None
    leap, other = in_year(time.yearly, 2000), in_year(time.yearly, 2001)
    if len(leap) != 1 or (other and _day(other[0][0]) != _day(leap[0][0])):
        return f"{time.name} of any year"
    words = spans_words(leap).replace(" 2000", "").replace(" 2001", "").replace(" 1999", "")
    return f"{words} of any year"


def _day(moment: date) -> tuple[int, int]:
    return moment.month, moment.day


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time in a text.

    Attributes:
        start: its first character.
        end: behind its last.
        time: what it means; None if it looks like a time and is none, or not one alone.
        why: then, why.
    """

    start: int
    end: int
    time: Time | None
    why: str = ""


def both_ends(time: Time, region: Region) -> Spans:
    """A season of a year: where it goes over New Year, its end in that year and its beginning."""
    assert time.year is not None
    name = time.name.lower()
    spans: Spans = (season_span(name, time.year, south=region.south),)
    if over_new_year(name, south=region.south) and time.year > 1:
        end = season_span(name, time.year - 1, south=region.south)[1]
        spans = ((years_span(time.year)[0], end), *spans)
    return spans
