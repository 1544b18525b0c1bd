"""Words before a time that select a part of it or a time beside it: "first week of", "early",
"day before", "weekend of"."""

from __future__ import annotations

import re
from calendar import SATURDAY
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from ansa.library.calendar.holidays import Region
from ansa.library.calendar.hours import at_hours, hours_behind
from ansa.library.calendar.relative import COUNT, WEEKDAY, number
from ansa.library.calendar.spans import (
    UNITS,
    WEEKDAYS,
    Span,
    Spans,
    after,
    days_span,
    merge,
    month_span,
    weekdays_in,
)
from ansa.library.calendar.times import Time, in_year

_Change = Callable[[Span], Span]

_ORDINALS = {
    **dict.fromkeys(["first", "1st"], 0),
    **dict.fromkeys(["second", "2nd"], 1),
    **dict.fromkeys(["third", "3rd"], 2),
    **dict.fromkeys(["fourth", "4th"], 3),
    **dict.fromkeys(["fifth", "5th"], 4),
    "last": -1,
}
_UNIT = rf"day|weekend|week|month|quarter|half|{WEEKDAY}"
_ARTICLE = r"(?:(?:in|on|at|during|from)\s+)?(?:the\s+)?"
_OF = r"(?:\s+(?:of|in))(?:\s+the)?\s+"

_PARTS = re.compile(
    rf"(?<![\w'’-]){_ARTICLE}(?:"
    rf"(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?:{COUNT}\s+)?(?P<unit>{_UNIT})(?P<many>s)?{_OF}"
    rf"|(?P<third>beginning|start|middle|end){_OF}"
    r"|(?P<early>early|mid|late)(?:[\s-]+(?:in\s+)?(?:the\s+)?)"
    r"|q(?P<quarter>[1-4])\s+(?:of\s+)?"
    r")$",
    re.IGNORECASE,
)
_THIRDS = {"early": 0, "beginning": 0, "start": 0, "mid": 1, "middle": 1, "late": 2, "end": 2}
_BESIDE = re.compile(
    rf"(?<![\w'’-])(?P<sure>(?:in|on|from)?\s*the\s+)?(?:last\s+|first\s+|next\s+)?(?:{COUNT}\s+)?"
    r"(?P<unit>day|night|weekend|week|month|year)s?\s+(?P<way>before|after)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_LEADING = {"on", "in", "from", "photos", "pictures"}
_OF_DAY = re.compile(
    rf"(?<![\w'’-]){_ARTICLE}(?P<unit>weekend|week|night)\s+of\s+(?:the\s+)?$", re.IGNORECASE
)
_WEEKDAY_OF = re.compile(
    rf"(?<![\w'’-])(?:(?:on|from)\s+)?(?P<day>{WEEKDAY}|mon|tues?|wed|thu(?:rs)?|fri|sat|sun)\.?,?\s+"
    r"(?:the\s+)?$",
    re.IGNORECASE,
)
_ANY_WEEKDAY = re.compile(
    rf"(?<![\w'’-])(?:(?:on|from)\s+)?(?:(?:an?|any|some)\s+)?(?P<day>{WEEKDAY})\s+"
    r"(?:(?:in|of|during)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"(?<![\w'’-])(?:around|about|circa|ca?\.|approximately|roughly)\s+(?:the\s+)?$", re.IGNORECASE
)
_PARTY = re.compile(r"birthday\s+on\s+$", re.IGNORECASE)
_LAST = re.compile(
    r"(?<![\w'’-])(?:the\s+)?(?P<which>last|this|past|previous)\s+(?:the\s+)?$", re.IGNORECASE
)
_BEFORE_LAST = re.compile(r"\s+before\s+last(?![\w-])", re.IGNORECASE)


def before(text: str, low: int, start: int, time: Time, today: date) -> tuple[int, Time] | None:
    """Applies the words before a time that change it.

    Args:
        text: the whole text.
        low: the first position where these words may start.
        start: the start of the time's own words.
        time: the meaning of these.
        today: the current day.

    Returns:
        The start of the words, and the changed time; None if there are no such words.

    Raises:
        ValueError: they do not fit: there is no fifth Monday, or that day was no Tuesday.
    """
    low = max(low, start - 60)
    for pattern, change in _CHANGES:
        if match := pattern.search(text, low, start):
            changed = change(match, time, today)
            if changed is not None:
                lead = pattern is _PARTY
                return (start if lead else match.start()), changed
    return None


def behind(text: str, end: int, time: Time, today: date) -> tuple[int, Time] | None:
    """Applies the words after a time that change it: "before last", "18:00", "at 6 pm".

    Raises:
        ValueError: there is no such hour.
    """
    if time.open and (match := _BEFORE_LAST.match(text, end)):
        return match.end(), _latest(time, today, 2)
    if time.kind == "day" and not time.open and (hours := hours_behind(text, end)):
        stop, first, last, note = hours
        at = _mapped(time, lambda span: at_hours(span, first, last), note=note or time.note)
        return stop, replace(at, kind="other")
    return None


def _mapped(time: Time, change: _Change, **more: str) -> Time:
    """Applies a change to every span."""
    yearly, fixed = time.yearly, time.fixed
    made = replace(time, weak=False, name="", **more)  # type: ignore[arg-type]
    if yearly is not None:
        made = replace(made, yearly=lambda year, region: _each(yearly(year, region), change))
    if fixed is not None:
        made = replace(made, fixed=lambda region: _each(fixed(region), change))
    return made


def _each(spans: Spans, change: _Change) -> Spans:
    changed = []
    for span in spans:
        with suppress(ValueError, OverflowError):  # outside of the calendar
            changed.append(change(span))
    return merge(span for span in changed if span[0] < span[1])


def _ordinal(match: re.Match[str], time: Time, today: date) -> Time | None:
    if third := match["third"] or match["early"]:
        if time.kind in ("day", "festival"):
            return None
        return _mapped(time, lambda span: _third(span, _THIRDS[third.lower()]))
    if match["quarter"]:
        return _mapped(time, lambda span: _part(span, int(match["quarter"]) - 1, "quarter", 1))
    place, unit = _ORDINALS[match["ordinal"].lower()], match["unit"].lower()
    count = number(match["count"] or ("a few" if match["many"] else "one"))
    if time.kind == "day" or (count > 1 and place not in (0, -1)):
        return None
    if not time.open and not _each(time.spans(), lambda span: _part(span, place, unit, count)):
        raise ValueError(f"it has no {match['ordinal'].lower()} {unit}")
    return _mapped(time, lambda span: _part(span, place, unit, count))


def _third(span: Span, place: int) -> Span:
    """Returns a third of a span, in whole months of a year, otherwise in whole days."""
    start, end = span
    months = 12 * (end.year - start.year) + end.month - start.month
    if months >= 3 and start.day == end.day == 1:
        # A third of a decade has whole years.
        thirds = (48, 84) if months == 120 else (months // 3, 2 * months // 3)
        cuts = [month_span(start.year, start.month, n)[1] for n in thirds]
    else:
        days = (end - start).days
        cuts = [after(start, timedelta(round(days * n / 3))) for n in (1, 2)]
    edges = [start, *cuts, end]
    return edges[place], edges[place + 1]


def _part(span: Span, place: int, unit: str, count: int) -> Span:
    """Returns the n-th or last day, week, month, Monday, ... of a span; empty if there is none."""
    start, end = span
    if unit in ("day", "week"):
        step = timedelta(count * (7 if unit == "week" else 1))
        first = after(end, -step) if place < 0 else after(start, place * step)
        return (first, min(after(first, step), end)) if first < end else (start, start)
    if unit in ("month", "quarter", "half"):
        length = count * {"month": 1, "quarter": 3, "half": 6}[unit]
        months = 12 * (end.year - start.year) + end.month - start.month
        skipped = months - length if place < 0 else place * length
        if start.day != 1 or not 0 <= skipped <= months - length:
            return start, start
        begin = month_span(start.year, start.month, skipped)[1]
        return month_span(begin.year, begin.month, length)
    days = {5} if unit == "weekend" else {WEEKDAYS.index(unit)}
    found = weekdays_in([span], days)
    if not -len(found) <= place < len(found):
        return start, start
    return days_span(found[place][0].date(), 2 if unit == "weekend" else 1)


def _beside(match: re.Match[str], time: Time, today: date) -> Time | None:
    """Returns the time so many days, weeks, ... before or after."""
    unit, count = match["unit"].lower(), number(match["count"]) if match["count"] else 1
    days = time.kind in ("day", "festival")
    if not (match["sure"] or match["count"] or days):  # it may be "my wedding day before 2020"
        lead = match.string[: match.start()].rstrip()
        if lead and lead[-1] not in ",;.:(" and lead.split()[-1].lower() not in _LEADING:
            return None
        if time.kind in ("year", "decade") and unit != "year":
            return None
    early = match["way"].lower() == "before"

    def change(span: Span) -> Span:
        return _step(span, unit, -count if early else count)

    return _mapped(time, change)


def _step(span: Span, unit: str, count: int) -> Span:
    """Returns the span so many units later, or earlier if ``count`` is negative."""
    first, last = span[0].date(), after(span[1], -timedelta(microseconds=1)).date()
    many = abs(count)
    if unit in ("day", "week"):
        days = many * (7 if unit == "week" else 1)
        return days_span(first - timedelta(days) if count < 0 else last + timedelta(1), days)
    if unit == "weekend":
        if count < 0:
            saturday = first - timedelta((first.weekday() - SATURDAY) % 7 or 7)
        else:
            saturday = last + timedelta((SATURDAY - last.weekday()) % 7 or 7)
        return days_span(saturday + timedelta(7 * (count + (1 if count < 0 else -1))), 2)
    return UNITS[unit](first if count < 0 else last, -count)


def _of_day(match: re.Match[str], time: Time, today: date) -> Time | None:
    unit = match["unit"].lower()
    if time.kind not in ("day", "festival"):
        return None

    def change(span: Span) -> Span:
        day = span[0].date()
        if unit == "week":
            return UNITS[unit](day, 0)
        if unit == "night":
            return UNITS[unit](day, 0)
        saturday = day + timedelta(SATURDAY - day.weekday())
        return days_span(saturday, 2)

    return _mapped(time, change)


def _weekday_of(match: re.Match[str], time: Time, today: date) -> Time | None:
    """A weekday before a date confirms it, or selects the years in which it is true."""
    if time.kind != "day":
        return None
    day = next(n for n, name in enumerate(WEEKDAYS) if name.startswith(match["day"].lower()[:3]))
    if not time.open and not weekdays_in(time.spans(), {day}):
        raise ValueError(f"that day is no {WEEKDAYS[day].title()}")
    yearly = time.yearly
    if yearly is None or time.year is not None:
        return time
    return replace(
        time,
        yearly=lambda year, region: weekdays_in(in_year(yearly, year, region), {day}),
        name=f"{WEEKDAYS[day].title()}, such a day",
    )


def _any_weekday(match: re.Match[str], time: Time, today: date) -> Time | None:
    """Returns all such weekdays of a month, a season or a year."""
    if time.kind not in ("month", "season", "year", "decade"):
        return None
    days, yearly, fixed = {WEEKDAYS.index(match["day"].lower())}, time.yearly, time.fixed
    made = replace(time, weak=False, name=f"Every {match['day'].title()} of {time.name}")
    if yearly is not None:
        made = replace(made, yearly=lambda y, region: weekdays_in(in_year(yearly, y, region), days))
    if fixed is not None:
        made = replace(made, fixed=lambda region: weekdays_in(fixed(region), days))
    return replace(made, kind="other")


def _around(match: re.Match[str], time: Time, today: date) -> Time | None:
    """Extends a time on both sides: by three days, a month or a year."""
    days = {"day": 3, "festival": 3, "month": 30, "season": 30, "year": 365, "decade": 365}
    if time.kind not in days:
        return None
    step = timedelta(days[time.kind])
    return _mapped(time, lambda span: (after(span[0], -step), after(span[1], step)))


def _party(match: re.Match[str], time: Time, today: date) -> Time | None:
    """Extends a birthday by a day on both sides, because the party may be on another day."""
    if time.kind != "day":
        return None
    day = timedelta(days=1)
    told = "a birthday's party may be a day off"
    return _mapped(time, lambda span: (after(span[0], -day), after(span[1], day)), note=told)


def _last(match: re.Match[str], time: Time, today: date) -> Time | None:
    if not time.open or time.kind == "day":
        return None
    return _this(time, today) if match["which"].lower() == "this" else _latest(time, today, 1)


def _latest(time: Time, today: date, back: int) -> Time:
    """Returns the latest occurrence that is over, or an earlier one."""
    yearly = time.yearly
    assert yearly is not None
    now = days_span(today)[0]

    def fixed(region: Region) -> Spans:
        years = range(today.year + 1, max(today.year - 3 - back, 1) - 1, -1)
        over = [spans for year in years if (spans := in_year(yearly, year, region))]
        over = [spans for spans in over if spans[-1][1] <= now]
        return over[back - 1] if len(over) >= back else ()

    return replace(time, yearly=None, fixed=fixed, weak=False, kind=time.kind)


def _this(time: Time, today: date) -> Time:
    """Returns the current occurrence, or that of this year."""
    yearly = time.yearly
    assert yearly is not None
    now = datetime.combine(today, datetime.min.time())

    def fixed(region: Region) -> Spans:
        for year in (today.year - 1, today.year, today.year + 1):
            spans = in_year(yearly, year, region)
            if any(start <= now < end for start, end in spans):
                return spans
        return in_year(yearly, today.year, region)

    return replace(time, yearly=None, fixed=fixed, weak=False)


_CHANGES = (
    (_BESIDE, _beside),
    (_PARTS, _ordinal),
    (_OF_DAY, _of_day),
    (_PARTY, _party),
    (_WEEKDAY_OF, _weekday_of),
    (_ANY_WEEKDAY, _any_weekday),
    (_AROUND, _around),
    (_LAST, _last),
)
