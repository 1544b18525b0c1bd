"""A single time before it is combined with others, and the context in which it is read."""

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
"""Returns the spans of a yearly time in one year; none in a year without it."""


SIDE = 1
COUNTRY = 2
"""What a time depends on: the hemisphere, or the country too."""


@dataclass(frozen=True, slots=True)
class TimeContext:
    """The context in which words for times are read.

    Attributes:
        today: the current day.
        home: returns where people live; called only if it matters.
        holidays: returns the keys of public holidays of the relevant countries; called only if
            words may name one.
    """

    today: date
    home: Callable[[], Region] = field(default=lambda: NOWHERE)
    holidays: Callable[[], frozenset[str]] = field(default=frozenset)


@dataclass(frozen=True, slots=True)
class Time:
    """One time.

    Attributes:
        yearly: its spans in a year, if it occurs every year.
        year: the year of a yearly time; None for all years, or if it is not yearly.
        fixed: its spans, if it is not yearly.
        kind: "day", "month", "season", "festival", "year", "decade", "weekday" or "other".
        name: the name of a yearly time, in words.
        local: what it depends on: 0 for nothing, :data:`SIDE` or :data:`COUNTRY`.
        weak: whether its words more often mean something else, as "may" and "summer" do.
        note: an explanation of how it was read; empty if none is needed.
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
        """Whether it is yearly and does not say of which year."""
        return self.yearly is not None and self.year is None and self.fixed is None

    def of(self, year: int) -> Time:
        """Returns the same time in one year."""
        return replace(self, year=year, weak=False)

    def spans(self, region: Region = NOWHERE) -> Spans:
        """Returns its spans; those in all years, if it does not say which."""
        if self.fixed is not None:
            return self.fixed(region)
        assert self.yearly is not None
        if self.year is not None:
            return self.yearly(self.year, region)
        return every(self.yearly, region)


@lru_cache(maxsize=256)
def every(yearly: Yearly, region: Region = NOWHERE) -> Spans:
    """Returns the spans of a yearly time in all years in which photos may have been taken."""
    return merge(span for year in YEARS for span in in_year(yearly, year, region))


def in_year(yearly: Yearly, year: int, region: Region = NOWHERE) -> Spans:
    """Returns the spans of a yearly time in one year; none if the year has none or is invalid."""
    try:
        return yearly(year, region)
    except (ValueError, OverflowError):
        return ()


def yearly_words(time: Time) -> str:
    """Describes a yearly time: "1 July to 31 July of any year", "Easter of any year"."""
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
        start: the position of its first character.
        end: the position after its last character.
        time: its meaning; None if it looks like a time but is none, or has none by itself.
        why: the reason, if it has no meaning.
    """

    start: int
    end: int
    time: Time | None
    why: str = ""


def both_ends(time: Time, region: Region) -> Spans:
    """Returns a season of a year; if it spans two years, its end and its beginning in that year."""
    assert time.year is not None
    name = time.name.lower()
    spans: Spans = (season_span(name, time.year, south=region.south),)
    if over_new_year(name, south=region.south) and time.year > 1:
        end = season_span(name, time.year - 1, south=region.south)[1]
        spans = ((years_span(time.year)[0], end), *spans)
    return spans
