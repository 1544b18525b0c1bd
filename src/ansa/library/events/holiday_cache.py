"""The public holidays of a library's countries and years, which are found once and then cached.

Loading the calendars of all countries takes longer than looking into those that are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ansa.library.calendar.holidays import holiday_names, public_holidays
from ansa.library.storage.cache import json_values
from ansa.library.storage.store import Store

_RULES = 1  # changed when holidays are named differently, so that all are found again


class CachedHolidays:
    """What is celebrated on a day in a country, as
    :func:`~ansa.library.calendar.holidays.holiday_names` says.

    Args:
        store: its cache keeps the public holidays.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._subject = store, _subject()
        self._known: dict[tuple[str, int], Mapping[date, tuple[str, ...]]] = {}
        self._new: dict[str, bytes] = {}
        kept = store.cache.get(self._subject) if self._subject else {}
        for key, told in zip(kept, json_values(list(kept.values())), strict=True):
            try:
                country, year = key.split()
                self._known[country, int(year)] = _read(told)
            except (AttributeError, TypeError, ValueError):
                continue  # damaged, so they are found again

    def __call__(self, day: date, country: str = "") -> tuple[str, ...]:
        """Returns what is celebrated on a day in a country (ISO 3166-1 alpha-2)."""
        return holiday_names(day, country, self._public)

    def keep(self) -> None:
        """Stores the holidays that were found since the last time, if possible."""
        if self._subject and self._new:
            self._store.cache.put(self._subject, self._new)
        self._new = {}

    def _public(self, country: str, year: int) -> Mapping[date, tuple[str, ...]]:
        if (country, year) not in self._known:
            found = self._known[country, year] = public_holidays(country, year)
            if country:
                told = {day.isoformat(): list(names) for day, names in found.items()}
                self._new[f"{country} {year}"] = json.dumps(told).encode()
        return self._known[country, year]


def _read(told: Any) -> Mapping[date, tuple[str, ...]]:
    found = {date.fromisoformat(day): tuple(names) for day, names in told.items()}
    if any(type(name) is not str for names in found.values() for name in names):
        raise ValueError("no holidays")
    return found


@cache
def _subject() -> str:
    """Returns the version of the calendars; empty if there are none, so nothing is cached."""
    try:
        return f"holidays {version('holidays')}, rules {_RULES}"
    except PackageNotFoundError:
        return ""
