"""Reads times from the file names that cameras, phones and messengers give.

Only known patterns with a possible date and time count, because most numbers in names are not
dates.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ansa.photo.metadata.timestamps import Timestamp, checked, clock_of

_FIRST_YEAR = 1990  # no program wrote such names before; people date scans by any year

# A date and a time: 20210304_101112, 2021-03-04 10.11.12, 2021-03-04-10-11-12-123, 20210304101112
_BOTH = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)\d\d)(?P<a>[-_.: ]?)(?P<month>\d\d)(?P=a)(?P<day>\d\d)"
    r"(?P<between>[-_.T ]|, | at | um | a las | à | alle |_at_|)"
    r"(?P<hour>\d\d?)(?P<b>[-_.:h ]?)(?P<minute>\d\d)(?:(?P=b)|[m.])(?P<second>\d\d)"
    r"(?:[-_.:]?\d{3})?(?![0-9])(?:s)?(?:[ _]?(?P<half>[AP])\.?M\b)?",
    re.ASCII | re.IGNORECASE,
)
# Of messengers, which number the pictures of a day: IMG-20190102-WA0001
_DAY_NUMBERED = re.compile(r"(?:^|[^0-9])(\d{4})(\d\d)(\d\d)-WA\d{3,}(?![0-9])", re.ASCII)
_DAY_PHONE = re.compile(r"^WP_(\d{4})(\d\d)(\d\d)_\d{3}(?![0-9])", re.ASCII)
# As people write dates: "2021-03-04 beach"
_DAY_WRITTEN = re.compile(r"^(\d{4})([-_.])(\d\d)\2(\d\d)(?![0-9])", re.ASCII)
_DAYS = (_DAY_NUMBERED, _FIRST_YEAR), (_DAY_PHONE, _FIRST_YEAR), (_DAY_WRITTEN, 0)
_IN_UTC = re.compile(r"(?:^|[^a-z])PXL_", re.IGNORECASE)
_HEX = re.compile(r"(?:^|[^0-9a-z])[0-9a-f]*[a-f][0-9a-f]*$", re.IGNORECASE)


def parse_name(name: str) -> Timestamp | None:
    """The time in a file name, at which the photo was taken or sent; None if there is none.

    The time is aware for phones that write UTC into names (``PXL_``), and local for all others.
    In names from messengers, it may be the day on which the photo was sent.

    Args:
        name: the file name, without its folder.
    """
    stem = name.rpartition(".")[0] or name
    stem = stem.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")[:200]
    for found in _BOTH.finditer(stem):
        if when := _both(stem, found):
            return when
    for pattern, first in _DAYS:
        if day := pattern.search(stem):
            parts = [int(each) for each in day.groups() if each.isdigit()]
            if parts[0] >= first and (when := _day(*parts)):
                return when
    return None


def _both(stem: str, found: re.Match[str]) -> Timestamp | None:
    if not found["between"]:
        # Without anything between them these are only digits: they must stand alone.
        before, after = stem[: found.start()], stem[found.end() :]
        if found["a"] or found["b"] or _HEX.search(before) or re.match(r"[0-9a-f]", after, re.I):
            return None
    day = _day(int(found["year"]), int(found["month"]), int(found["day"]))
    hour, minute, second = (int(found[part]) for part in ("hour", "minute", "second"))
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    if not found["b"] and len(found["hour"]) < 2:
        return None
    if day is None or day.moment.year < _FIRST_YEAR or hour > 23 or minute > 59 or second > 59:
        return None
    zone = UTC if _IN_UTC.match(stem) else None
    return checked(clock_of(day.moment.date(), hour, minute, second, zone))


def _day(year: int, month: int, day: int) -> Timestamp | None:
    try:
        return checked(Timestamp(datetime(year, month, day), "day"))
    except ValueError:
        return None
