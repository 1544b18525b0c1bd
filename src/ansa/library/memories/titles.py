"""Titles of memories: what they show and when, in a few words."""

from __future__ import annotations

from datetime import date

from ansa.library.events.events import written

_MONTHS = 4  # up to so many months are named; for more, only the year


def titled(what: str, when: str) -> str:
    """Joins the parts of a title: ``titled("Dogs", "May 2024")`` is "Dogs, May 2024"."""
    return f"{what}, {when}" if when else what


def period(first: date | None, last: date | None) -> str:
    """Returns a period with the precision that people remember: "14 May 2024", "May 2024",
    "May to July 2024", "2024", "2019 to 2024"; empty if it is unknown."""
    if first is None or last is None:
        return ""
    if first == last:
        return f"{written(first)} {first.year}"
    if first.year != last.year:
        return f"{first.year} to {last.year}"
    if first.month == last.month:
        return f"{first:%B} {first.year}"
    if last.month - first.month < _MONTHS:
        return f"{first:%B} to {last:%B} {last.year}"
    return f"{first.year}"


def years_ago(day: date, today: date) -> str:
    """Returns ``"3 years ago"``, counted in calendar years."""
    years = today.year - day.year
    return f"{years} year{'' if years == 1 else 's'} ago"
