"""Reads the time of day after a date: "18:00", "at 6 pm", "T18:23:11Z", "18:00-20:30"."""

from __future__ import annotations

import re
from datetime import timedelta

from ansa.library.calendar.spans import Span, after

_AT = r"(?P<{0}hour>\d{{1,2}})(?::(?P<{0}minute>\d\d)(?::(?P<{0}second>\d\d)(?:\.\d{{1,9}})?)?)?"
_HALF = r"(?:\s*(?P<{0}half>[ap])\.?m\b\.?|\s?(?P<{0}h>h)\b)?"
_BEHIND = re.compile(
    rf",?\s+(?:at\s+|from\s+)?{_AT.format('')}(?:(?P<zone>Z|\+\d\d:?\d\d)|{_HALF.format('')})"
    rf"(?:\s*(?:-|–|\bto\b|\buntil\b)\s*{_AT.format('to_')}{_HALF.format('to_')}(?![\w:./-]))?(?![\w:])",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"T(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:\.\d{1,9})?)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?![\w:])"
)
_LEFT_OUT = "the offset from UTC was left out: cameras' clocks are compared"


def hours_behind(text: str, end: int) -> tuple[int, timedelta, timedelta, str] | None:
    """Reads a time of day after a date.

    A full hour means the whole hour, a minute the whole minute, a second the whole second.

    Returns:
        The end of its text, its start and end after midnight, and a note; None if there is none.

    Raises:
        ValueError: there is no such hour.
    """
    match = _ISO.match(text, end) or _BEHIND.match(text, end)
    if match is None:
        return None
    found = match.groupdict()
    alone = not (found["minute"] or found.get("half") or found.get("h"))
    if alone and not match[0].startswith("T"):
        return None  # "14 july 2023 5 dogs"
    start, stop = _read(found, "")
    if found.get("to_hour"):
        if not (found["to_minute"] or found["to_half"] or found["to_h"]):
            return None
        _, stop = _read(found, "to_")
        if not found["to_minute"] or not int(found["to_minute"]):
            stop -= timedelta(hours=1)  # "until 20:00" does not include the hour after it
        stop = stop if stop > start else stop + timedelta(days=1)
    return match.end(), start, stop, _LEFT_OUT if found.get("zone") else ""


def at_hours(span: Span, start: timedelta, stop: timedelta) -> Span:
    """Returns a time of day on the first day of a span."""
    return after(span[0], start), after(span[0], stop)


def _read(found: dict[str, str | None], name: str) -> tuple[timedelta, timedelta]:
    hour, minute = int(found[f"{name}hour"] or 0), int(found.get(f"{name}minute") or 0)
    second, half = found.get(f"{name}second"), found.get(f"{name}half")
    if half and not 1 <= hour <= 12:
        raise ValueError("there is no such hour")
    if half:
        hour = hour % 12 + 12 * (half.lower() == "p")
    if hour > 23 or minute > 59 or int(second or 0) > 60:
        raise ValueError("there is no such hour")
    start = timedelta(hours=hour, minutes=minute, seconds=int(second or 0))
    if second:
        return start, start + timedelta(seconds=1)
    return start, start + (timedelta(minutes=1) if minute else timedelta(hours=1))
