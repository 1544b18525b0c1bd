"""Combines times: rows, ranges and limits.

It is a grammar of our own, because general date parsers read "may", or any number, as a date, and
know no seasons. The results are spans of local clock time. Times are single or in a row ("july or
august 2022": a year at the end applies to all), in a range ("june to august 2023", "christmas to
new year 2023": the first end is the nearest before the last), or after a limit. Text that looks
like a time but is none is never read as a longer time: it remains text, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache

from ansa.library.calendar.holidays import NOWHERE, SEASONS, Region
from ansa.library.calendar.modifiers import before as changed_before
from ansa.library.calendar.modifiers import behind as changed_behind
from ansa.library.calendar.single_times import NOT_OF_A_THING, times_in
from ansa.library.calendar.spans import (
    BEGIN,
    END,
    MONTHS,
    WEEKDAYS,
    Span,
    Spans,
    merge,
    overlap,
    spans_words,
)
from ansa.library.calendar.times import (
    Time,
    TimeContext,
    TimeMention,
    both_ends,
    every,
    in_year,
    yearly_words,
)

_TO = r"(?:to|until|till|til|through|thru|up\s+to|[-–—]|->|→|\.{2,3}|…)"
_MORE = r"(?:(?:in|on|at|during|of|from)\s+)?(?:the\s+)?"
_RANGE = re.compile(rf"\s*{_TO}\s*{_MORE}", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<![\w'’-])(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_AND = re.compile(rf"\s+and\s+{_MORE}", re.IGNORECASE)
_LIST = re.compile(
    rf"\s*(?:,?\s+(?P<or>or|and/or)\s+|,?\s+(?:and|as\s+well\s+as)\s+|\s*[&+/]\s*|(?P<comma>,)\s+)"
    rf"{_MORE}",
    re.IGNORECASE,
)
_LIMITS = {
    "since": "since|no\\s+earlier\\s+than|not\\s+before|starting(?:\\s+in|\\s+from)?",
    "after": "after|later\\s+than|newer\\s+than|following",
    "before": "before|prior\\s+to|earlier\\s+than|older\\s+than",
    "until": "until|till|til|up\\s+to|by|no\\s+later\\s+than|not\\s+after|through",
}
_LIMIT = re.compile(
    "(?<![\\w'’-])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LIMITS.items())
    + ")\\s+(?:the\\s+)?$",
    re.IGNORECASE,
)
_ONWARD = re.compile(
    r"\s+(?:(?P<since>onwards?|(?:and|or)\s+(?:later|after(?:wards)?|newer|since|onwards?))"
    r"|(?P<until>(?:and|or)\s+(?:earlier|before|older)))(?=\s*(?:$|[,;.]))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?<![\w'’-])(?:(?P<each>in|on|at|during|every|each|over)\s+|(?:from|of|for|within|throughout)"
    r"\s+)?(?:(?:the|all|whole)\s+)*$",
    re.IGNORECASE,
)
_GLUED_LEFT = re.compile(r"[\w./:'’–—-]$")
_GLUED_RIGHT = re.compile(r"^(?:[-–/:][\w]|[\w]|\.\.)")
_LEFT_OUT = re.compile(r"(?<![\w.,:/-])(?P<left>\d{1,4}(?:st|nd|rd|th)?)[\s,]+$", re.IGNORECASE)
_RIGHT_OUT = re.compile(r"^[\s,]+(?P<right>\d{1,4}(?:st|nd|rd|th)?)(?=$|[\s,;.!?)])", re.IGNORECASE)

_LEFT_WORD = re.compile(r"(?<![\w’'-])([^\W\d_]{4,20})\.?[\s,]+(?:(?:in|of)\s+)?$")
_RIGHT_WORD = re.compile(r"^[\s,]+([^\W\d_]{4,20})(?![\w’'-])")
_LIKE = [*MONTHS, *SEASONS, "christmas", "easter", "halloween", "thanksgiving", "weekend"]
_SPELT_ALIKE = 0.75  # ratio of difflib from which on words are spelled alike
_Meaning = Callable[[Region], Spans]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Combined times: their position and meaning, or why they have none."""

    start: int
    end: int
    meaning: _Meaning | None = None
    why: str = ""
    local: int = 0
    words: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    """A time with the words that change it; ``start`` is before these words."""

    start: int
    end: int
    time: Time


def phrases(text: str, reader: TimeContext) -> Iterator[Phrase]:
    """Yields all combined times of a text, in their order."""
    items = _items(text, reader)
    at, low = 0, 0
    while at < len(items):
        item = items[at]
        if isinstance(item, TimeMention):
            yield Phrase(item.start, item.end, why=item.why)
            at, low = at + 1, item.end
            continue
        phrase, at = _together(text, items, at, low, reader)
        if phrase is not None:
            low = phrase.end
            yield phrase


def _items(text: str, reader: TimeContext) -> list[_Item | TimeMention]:
    """Returns times with the words before and after them that change them."""
    items: list[_Item | TimeMention] = []
    low = 0
    for each in times_in(text, reader):
        start, end, now = each.start, each.end, each.time
        if now is None or start < low:
            if now is None:
                items.append(each)
                low = end
            continue
        try:
            while more := changed_behind(text, end, now, reader.today):
                end, now = more
            for _ in range(3):
                change = changed_before(text, low, start, now, reader.today)
                if change is None:
                    break
                unmoved = change[0] == start  # it would be found again
                start, now = change
                if unmoved:
                    break
        except ValueError as error:
            items.append(TimeMention(start, end, None, str(error)))
            low = end
            continue
        items.append(_Item(start, end, now))
        low = end
    return items


def _together(
    text: str, items: Sequence[_Item | TimeMention], at: int, low: int, reader: TimeContext
) -> tuple[Phrase | None, int]:
    """Returns the phrase that begins with a time, or None, and the index of the next time."""
    run, joins = [_at(items[at])], [""]
    between = _BETWEEN.search(text, max(low, run[0].start - 20), run[0].start)
    for following in items[at + 1 :]:
        join = _join(text, run[-1], following, bool(between) and len(run) == 1)
        if not join or isinstance(following, TimeMention):
            break
        run.append(following)
        joins.append(join)
        if join == "to":
            break
    if len(run) > 1 and joins[-1] == " " and run[-1].time.open:
        # "july june" does not say of which year, nor which of the two.
        run, joins = run[:1], joins[:1]
    start, end = run[0].start, run[-1].end
    following_at = at + len(run)
    lead = _LEAD.search(text, max(low, start - 30), start)
    limit = _LIMIT.search(text, max(low, start - 40), start)
    if between and joins[-1] == "to":
        start, limit = between.start(), None
    elif limit:
        start = limit.start()
    elif lead:
        start = lead.start()
    if _GLUED_LEFT.search(text[max(0, start - 1) : start]) or _GLUED_RIGHT.match(
        text[end : end + 2]
    ):
        dated = any(item.time.year or item.time.fixed for item in run)
        why = "it is a part of a longer word"
        return (Phrase(start, end, why=why) if dated else None), following_at
    each = bool(lead and lead["each"]) and bool(NOT_OF_A_THING.match(text, end))
    if all(item.time.weak for item in run) and not each and "to" not in joins:
        return None, following_at
    if (
        "to" in joins
        and all(item.time.weak for item in run)
        and "-" in text[run[0].end : run[-1].start]
    ):
        return None, following_at  # for example "a spring-summer dress"
    try:
        phrase = _meant([item.time for item in run], joins, reader)
    except ValueError as error:
        return Phrase(start, end, why=str(error)), following_at
    onward = _ONWARD.match(text, end)
    if onward and not limit and "to" not in joins:
        name, end = ("since" if onward["since"] else "until"), onward.end()
        phrase = _limited(phrase, name)
    elif limit and "to" in joins:
        name = next(name for name in _LIMITS if limit[name])
        if name not in ("since", "after"):
            return Phrase(start, end, why="it is a limit and a range in one"), following_at
        if name == "after":
            phrase = _later(phrase, run[0].time)
    elif limit:
        name = next(name for name in _LIMITS if limit[name])
        if any(item.time.open for item in run) and phrase.words:
            return Phrase(start, end, why="it does not say of which year"), following_at
        phrase = _limited(phrase, name)
    meaning = phrase.meaning
    if meaning is not None and not phrase.local and not meaning(NOWHERE):
        return Phrase(start, end, why="there is no such time"), following_at
    out = [*_LEFT_OUT.findall(text[max(low, start - 12) : start])]
    out += _RIGHT_OUT.findall(text[end : end + 12])
    if not out and all(item.time.kind == "year" for item in run):
        beside = [*_LEFT_WORD.findall(text[max(low, start - 24) : start])]
        beside += _RIGHT_WORD.findall(text[end : end + 24])
        out = [word for word in beside if get_close_matches(word.lower(), _LIKE, 1, _SPELT_ALIKE)]
    notes = [f'"{word}" beside it was not read as a part of it' for word in out]
    return replace(phrase, start=start, end=end, notes=(*phrase.notes, *notes)), following_at


def _at(item: _Item | TimeMention) -> _Item:
    assert isinstance(item, _Item)
    return item


def _join(text: str, one: _Item, other: _Item | TimeMention, between: bool) -> str:
    """Returns how two consecutive times are joined: "to", "or", "and", " "; "" if they are not."""
    gap = text[one.end : other.start]
    if _RANGE.fullmatch(gap) or (between and _AND.fullmatch(gap)):
        return "to"
    if isinstance(other, TimeMention):
        return ""
    a, b = one.time, other.time
    kinds = {a.kind, b.kind}
    if not gap.strip():
        alike = len(kinds) == 1 and a.kind in ("month", "season")
        return " " if alike and gap and a.open else ""
    found = _LIST.fullmatch(gap)
    if not found:
        return ""
    if found["or"]:
        return "or"
    carried = a.yearly is not None and not a.open and b.kind == "year"
    same = (a.yearly is None) == (b.yearly is None)
    if found["comma"] and not (
        carried
        or (same and a.yearly is not None and a.open == b.open)
        or (same and a.open and not b.open)
    ):
        return ""
    return "and" if same or carried else ""


def _meant(run: Sequence[Time], joins: Sequence[str], reader: TimeContext) -> Phrase:
    """Returns the meaning of times in a row, or of a range of two.

    Raises:
        ValueError: a range ends before it begins.
    """
    notes = tuple(each.note for each in run)
    local = max(each.local for each in run)
    if joins[-1] == "to":
        *before, first, last = run
        if before:
            raise ValueError("it is a list and a range in one")
        return _range(first, last, local, notes)
    times = list(run)
    for place in range(len(times) - 2, -1, -1):  # a year at the end applies to all
        year = times[place + 1].year
        if times[place].open and year is not None and times[place + 1].yearly is not None:
            times[place] = times[place].of(year)
    for place in range(1, len(times)):  # for example "christmas 2022 and 2023"
        one, other = times[place - 1], times[place]
        if other.kind == "year" and other.yearly is None and one.year and one.yearly is not None:
            assert other.year is not None
            times[place] = one.of(other.year)

    @cache
    def meaning(region: Region) -> Spans:
        if len(times) == 1:
            return _alone(times[0], region)
        return merge(span for each in times for span in _alone(each, region))

    words = ""
    if any(each.open for each in times):
        words = " and ".join(
            yearly_words(each) if each.open else spans_words(_alone(each, NOWHERE))
            for each in times
        )
    elif any(each.kind == "weekday" for each in times):
        words = " and ".join(_every_words(each) for each in times)
    return Phrase(0, 0, meaning, "", local, words, notes)


def _every_words(each: Time) -> str:
    """Returns words for days of the week: "every Sunday"."""
    start, end = each.spans()[1]  # the first may be cut off by the beginning of the calendar
    days = (end - start).days
    name = {2: "weekend", 5: "weekday"}.get(days, WEEKDAYS[start.weekday()].title())
    return f"every {name}"


def _alone(each: Time, region: Region) -> Spans:
    if each.kind == "season" and each.year and each.fixed is None and each.name:
        return both_ends(each, region)
    return each.spans(region)


def _range(first: Time, last: Time, local: int, notes: tuple[str, ...]) -> Phrase:
    """Returns the range from the start of one time to the end of another."""
    if first.open and last.open:
        yearly = _yearly_range(first, last)
        name = f"{first.name} to {last.name}"
        time_ = Time("other", yearly, name=name, local=local)
        return Phrase(
            0, 0, lambda region: every(yearly, region), "", local, yearly_words(time_), notes
        )

    def meaning(region: Region) -> Spans:
        span = _range_in(first, last, region)
        return () if span is None else (span,)

    if not meaning(NOWHERE):
        raise ValueError("it ends before it begins")
    return Phrase(0, 0, meaning, "", local, "", notes)


def _range_in(first: Time, last: Time, region: Region) -> Span | None:
    """If one end has no year, chooses the year that makes the range the shortest."""
    starts, ends = (() if each.open else each.spans(region) for each in (first, last))
    if first.open and first.yearly and ends:
        years = range(ends[-1][1].year, max(ends[-1][1].year - 9, 0), -1)
        spans = (in_year(first.yearly, year, region) for year in years)
        starts = next((some for some in spans if some and some[0][0] < ends[-1][1]), ())
        if last.yearly is not None and starts and starts[0][0] > ends[-1][0]:
            spans = (in_year(first.yearly, year, region) for year in years)
            starts = next((s for s in spans if s and s[0][0] <= ends[-1][0]), starts)
    elif last.open and last.yearly and starts:
        years = range(starts[0][0].year, min(starts[0][0].year + 9, 10_000))
        spans = (in_year(last.yearly, year, region) for year in years)
        ends = next((some for some in spans if some and some[0][0] >= starts[0][0]), ())
    if not starts or not ends or starts[0][0] >= ends[-1][1]:
        return None
    return starts[0][0], ends[-1][1]


def _yearly_range(first: Time, last: Time) -> Callable[[int, Region], Spans]:
    one, other = first.yearly, last.yearly
    assert one is not None
    assert other is not None

    def yearly(year: int, region: Region) -> Spans:
        starts = one(year, region)
        for then in (year, year + 1):
            ends = in_year(other, then, region)
            if starts and ends and ends[-1][0] >= starts[0][0]:
                return ((starts[0][0], ends[-1][1]),)
        return ()

    return yearly


def _limited(phrase: Phrase, limit: str) -> Phrase:
    meaning = phrase.meaning
    assert meaning is not None

    def limited(region: Region) -> Spans:
        spans = meaning(region)
        if not spans:
            return ()
        start, end = spans[0][0], spans[-1][1]
        return {
            "since": ((start, END),),
            "after": ((end, END),),
            "before": ((BEGIN, start),),
            "until": ((BEGIN, end),),
        }[limit]

    return replace(phrase, meaning=limited, words="")


def _later(phrase: Phrase, first: Time) -> Phrase:
    """Returns a range without its first time: "after 2019 until 2021"."""
    meaning = phrase.meaning
    assert meaning is not None

    def later(region: Region) -> Spans:
        starts = () if first.open else first.spans(region)
        return overlap(meaning(region), ((starts[-1][1], END),)) if starts else meaning(region)

    return replace(phrase, meaning=later)
