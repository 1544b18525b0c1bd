"""Parses times as cameras and programs write them, with the precision that is certain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from ansa.scene import Precision

OLDEST_YEAR = 1826
"""The year of the oldest photograph that survives: nothing was taken before."""

_MOST = 100  # characters: more are no time
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905

_NUMBERS = re.compile(
    r"(\d{4})(?: ?[:/.\-年] ?| )(\d\d?)(?: ?[:/.\-月] ?| )(\d\d?)日?(?!\d)(.*)", re.ASCII
)
_TOGETHER = re.compile(r"(\d{4}) ?[:/.\-] ?(\d\d) ?[:/.\-] ?(\d\d)(\d\d:.*)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)((?:\d{4}|\d{6})?)(?!\d)(.*)", re.ASCII)
_SHORT_YEAR = re.compile(r"([3-9]\d):(\d\d):(\d\d)( \d\d?:.*|)$", re.ASCII)
_YEAR_LAST = re.compile(r"(\d\d?) ?([./:-]) ?(\d\d?) ?\2 ?(\d{4})(?!\d)(.*)", re.ASCII)
_DAY_MONTH = re.compile(
    r"(?:[a-z]{3,9},? )?(\d\d?)[ -]([a-z]{3,9})\.?,?[ -](\d{4})(?!\d)(.*)", re.ASCII | re.IGNORECASE
)
_MONTH_DAY = re.compile(
    r"(?:[a-z]{3,9},? )?([a-z]{3,9})\.? (\d\d?)(?:st|nd|rd|th)?,? (\d{4})(?!\d)(.*)",
    re.ASCII | re.IGNORECASE,
)
_CTIME = re.compile(
    r"(?:[a-z]{3} )?([a-z]{3}) (\d\d?) (\d\d?:\d\d(?::\d\d)?)(?: [a-z]{3,4})? (\d{4})$",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:[T:,;_-]| at | um )? ?"
    r"(\d\d?)(?: ?[:.h] ?(\d\d?)(?: ?[:.] ?(\d\d?)(?:[.,:]\d+)?)?)?"
    r"(?!\d) ?([ap]\.?m\.?(?![a-z]))? ?(.*)",
    re.ASCII | re.IGNORECASE,
)
_CLOCK_TOGETHER = re.compile(r"T? ?(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(?!\d)() ?(.*)", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?)(?::?(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A time and its precision.

    Attributes:
        moment: aware if its offset from UTC is known; parts below ``precision`` are zero.
        precision: the smallest part that is known.
    """

    moment: datetime
    precision: Precision = "second"


def parse_timestamp(text: str, offset: str = "") -> Timestamp | None:
    """Parses a time; None if its day is missing, doubtful or impossible.

    Understood are ``2013:03:04 05:06:07`` and its variants: other separators, digits left out,
    ISO 8601, fractions, offsets, am and pm, English names of months. A day and month whose order is
    in doubt are none. Hour 24 is the first of the same day, as some phones count; a leap second is
    the one before it. What cannot be, such as minute 75, is left out with all that is finer.

    Args:
        text: a time.
        offset: from UTC, as ``+02:00`` or ``Z``, if ``text`` has none.
    """
    text = " ".join(text[:_MOST].replace("\0", " ").split())
    found = _date(text)
    if found is None:
        return None
    day, rest = found
    return checked(_with_clock(day, rest, parse_offset(offset)))


def checked(when: Timestamp) -> Timestamp | None:
    """The time; None if it is before the invention of photography or after tomorrow."""
    now = datetime.now(UTC)
    if not OLDEST_YEAR <= when.moment.year <= now.year + 1:
        return None
    # A naive time may be up to 14 hours ahead of UTC: less than the day a clock may be wrong.
    in_utc = when.moment if when.moment.tzinfo else when.moment.replace(tzinfo=UTC)
    return when if in_utc <= now + timedelta(days=1) else None


def parse_offset(text: str) -> tzinfo | None:
    """Parses an offset from UTC: ``+02:00``, ``-0330``, ``+2``, ``Z``; None if it is invalid."""
    text = text.strip(" \0")
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    parts = _OFFSET.fullmatch(text)
    if parts is None:
        return None
    minutes = int(parts[2]) * 60 + int(parts[3] or 0)
    # Clocks on Earth are set from UTC-12 to UTC+14.
    if minutes > 14 * 60 or int(parts[3] or 0) > 59:
        return None
    return timezone(timedelta(minutes=-minutes if parts[1] == "-" else minutes))


def clock_of(
    day: date, hour: int, minute: int, second: int, zone: tzinfo | None = None
) -> Timestamp:
    """Combines a day with a time of day, as far as that is valid."""
    midnight = datetime(day.year, day.month, day.day)
    if not (0 <= hour <= 24 and 0 <= minute <= 59):
        return Timestamp(midnight, "day")
    known = midnight.replace(hour=hour % 24, minute=minute, tzinfo=zone)
    if not 0 <= second <= 60:
        return Timestamp(known, "minute")
    return Timestamp(known.replace(second=min(second, 59)), "second")


def _date(text: str) -> tuple[date, str] | None:
    """The day at the start of a text, and the rest of the text."""
    if found := _NUMBERS.match(text) or _TOGETHER.match(text):
        year, month, day, rest = found.groups()
        return _day(int(year), int(month), int(day), rest)
    if found := _COMPACT.match(text):
        year, month, day, clock, rest = found.groups()
        return _day(int(year), int(month), int(day), clock + rest)
    # No day has such a number, so that it is a year, first as EXIF has it.
    if (found := _SHORT_YEAR.match(text)) and int(found[1]) > 31:
        year, month, day, rest = found.groups()
        return _day(1900 + int(year), int(month), int(day), rest)
    if found := _YEAR_LAST.match(text):
        first, _, second, year, rest = found.groups()
        if int(first) > 12 or first == second:
            return _day(int(year), int(second), int(first), rest)
        return _day(int(year), int(first), int(second), rest) if int(second) > 12 else None
    if found := _CTIME.match(text):
        name, day, rest, year = found.groups()
        return _day(int(year), _month(name), int(day), rest)
    if found := _DAY_MONTH.match(text):
        day, name, year, rest = found.groups()
        return _day(int(year), _month(name), int(day), rest)
    if found := _MONTH_DAY.match(text):
        name, day, year, rest = found.groups()
        return _day(int(year), _month(name), int(day), rest)
    return None


def _day(year: int, month: int, day: int, rest: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), rest
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of a month, 1..12; 0 if the word is not a month."""
    name = name.lower()
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def _with_clock(day: date, rest: str, zone: tzinfo | None) -> Timestamp:
    midnight = datetime(day.year, day.month, day.day)
    found = _CLOCK_TOGETHER.match(rest.strip()) or _CLOCK.match(rest)
    if found is None:
        return Timestamp(midnight, "day")
    hour, minute, second = (None if part is None else int(part) for part in found.groups()[:3])
    assert hour is not None
    half, after = found[4], found[5]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    zone = parse_offset(after) or zone
    if minute is None:
        # A lone number is an hour only where what follows says that there was room for more.
        blank = re.fullmatch(r"[: ]*", after) is not None and ":" in after
        if half or blank:
            return (
                Timestamp(midnight.replace(hour=hour % 24), "hour")
                if hour <= 24
                else _only(midnight)
            )
        return _only(midnight)
    if second is None:
        known = clock_of(day, hour, minute, 0, zone)
        return Timestamp(known.moment, "minute") if known.precision == "second" else known
    return clock_of(day, hour, minute, second, zone)


def _only(midnight: datetime) -> Timestamp:
    return Timestamp(midnight, "day")
