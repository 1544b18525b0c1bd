"""Finds places by what people call them in the names of folders: "India", "Thai", "Trip to Rome".

Only names that hardly mean anything else count, because a folder may be called anything: a folder
"Nice" or "Reading" is no journey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ansa.library.events.places import Place, town_table
from ansa.names import name_key

_LEAST_PEOPLE = 50_000  # of a town; the names of smaller ones are too often other words
_PREFIX = 4  # letters of a country's name that stand for it: "Thai"
_FILLERS = frozenset(
    """
    a and around at autumn by christmas day days easter fall family friends from holiday holidays
    honeymoon in journey our my of on one part road roadtrip short spring summer the through to tour
    tours travel travels trip trips two vacation vacations visit visiting week weekend with winter
    year years urlaub reise ferien nach und im voyage vacances viaje vacaciones viaggio vacanza
    semester
    """.split()  # noqa: SIM905
)
_PARTS = frozenset(  # of a name, as in "New York", or of a place, as in "northern Thailand"
    "city new north northern south southern east eastern west western".split()  # noqa: SIM905
)
_IN = frozenset("in to at from around nach aus en a au im".split())  # noqa: SIM905
_OTHER_WORDS = frozenset(
    """
    nice reading bath split mobile orange moss bergen bar male same of man union mission victoria
    georgia jordan chad turkey guinea chile lima regent central home lake lakes best young barking
    sale most buy march hall park rugby hull deal cork split pan jackson jersey
    wedding party birthday garden nature flowers sunset animals zoo school work gay spa wells
    sofia charlotte adelaide chester aurora madison lincoln austin regina carmel anna maria marina
    grace angel sierra diamond trinity
    """.split()  # noqa: SIM905
)
_ALSO = {
    "usa": "US", "us": "US", "america": "US", "states": "US", "uk": "GB", "britain": "GB",
    "great britain": "GB", "holland": "NL", "uae": "AE", "emirates": "AE", "korea": "KR",
    "burma": "MM", "swiss": "CH", "russia": "RU", "czech republic": "CZ", "czechia": "CZ",
    "vietnam": "VN", "laos": "LA", "turkiye": "TR", "turkey": "TR", "jordan": "JO", "chile": "CL",
    "georgia": "GE", "deutschland": "DE", "osterreich": "AT", "italia": "IT", "espana": "ES",
    "schweiz": "CH", "frankreich": "FR", "italien": "IT", "spanien": "ES", "griechenland": "GR",
}  # fmt: skip

# What the table of towns calls a town or a region that people call otherwise.
_CALLED = {
    "seville": "sevilla", "marrakech": "marrakesh", "gothenburg": "goteborg", "cologne": "koln",
    "nuremberg": "nurnberg", "antwerp": "antwerpen", "bruges": "brugge", "bombay": "mumbai",
    "saigon": "ho chi minh city", "calcutta": "kolkata", "mallorca": "balearic islands",
    "majorca": "balearic islands", "ibiza": "balearic islands",
    "provence": "provence alpes cote d azur",
}  # fmt: skip


@cache
def named_place(name: str) -> Place | None:
    """Returns the country, region or large town that the name of an album says it is of.

    It is None if no place is named, if the name may well mean something else, or if the table of
    towns is not installed.
    """
    words = [word for word in name_key(name).split() if not word.isdecimal()]
    whole = _whole(words)
    phrases = list(whole)
    for place, word in enumerate(words):
        if word in _IN:
            for rest in (each.split() for each in _whole(words[place + 1 :])):
                phrases += [" ".join(rest[:count]) for count in (3, 2, 1) if len(rest) >= count]
    kept = whole[-1].split() if whole else []
    if len(kept) == 2:
        phrases += kept
    for phrase in dict.fromkeys(phrases):
        if found := _find(phrase, alone=phrase in whole):
            return found
    return None


def is_only_place(name: str) -> bool:
    """Whether the name of an album says a place and nothing else: "Thai", "Trip to Rome 2019"."""
    words = [word for word in name_key(name).split() if not word.isdecimal()]
    return any(_find(phrase, alone=True) for phrase in _whole(words))


def _whole(words: Sequence[str]) -> list[str]:
    """Returns what words may name as a whole: "new york" as it is, then "york"; none if nothing."""
    kept = [word for word in words if word not in _FILLERS]
    if not (least := [word for word in kept if word not in _PARTS]):
        return []
    return list(dict.fromkeys((" ".join(kept), " ".join(least))))


def _find(phrase: str, *, alone: bool) -> Place | None:
    names = _names()
    if names is None:
        return None
    code = _ALSO.get(phrase) if alone or phrase not in _OTHER_WORDS else None
    if code is None and phrase not in _OTHER_WORDS:
        if phrase in names.countries:
            code = names.countries[phrase]
        elif alone and len(phrase) >= _PREFIX:
            near = {each for name, each in names.countries.items() if name.startswith(phrase)}
            code = next(iter(near)) if len(near) == 1 else None
    if code is not None:
        return _as_place(names.largest[code], "country") if code in names.largest else None
    if phrase in _OTHER_WORDS:
        return None
    if phrase in names.towns:
        return _as_place(names.towns[phrase], "city")
    if phrase in names.regions:
        return _as_place(names.regions[phrase], "state")
    known = _CALLED.get(phrase, "")
    if row := names.towns.get(known) or names.regions.get(known):
        return replace(_as_place(row, "city"), city=phrase.title())
    return None


def _as_place(town: dict[str, Any], level: str) -> Place:
    """Returns a country or a region as a place: called so, and where its largest town is."""
    known = town_table()
    assert known is not None
    country = known.countries.get(town["country_code"], "")
    region = town.get("state") or ""
    name = {"city": town["city"], "state": region, "country": country}[level]
    return Place(
        name,
        "" if level == "country" else region,
        country,
        town["country_code"],
        town["latitude"],
        town["longitude"],
        town["population"],
    )


def _people(row: dict[str, Any]) -> int:
    return int(row["population"])


@dataclass(frozen=True)
class _Names:
    """What names mean: countries by code, and the largest town of each country, region and name."""

    countries: dict[str, str]
    largest: dict[str, dict[str, Any]]
    regions: dict[str, dict[str, Any]]
    towns: dict[str, dict[str, Any]]


@cache
def _names() -> _Names | None:
    table = town_table()
    if table is None:
        return None
    countries = {name_key(name): code for code, name in table.countries.items()}
    largest: dict[str, dict[str, Any]] = {}
    regions: dict[str, dict[str, Any]] = {}
    towns: dict[str, dict[str, Any]] = {}
    for row in sorted(table.rows, key=_people):
        largest[row["country_code"]] = row
        if row.get("state"):
            regions[row["state"]] = row
        if row["population"] >= _LEAST_PEOPLE:
            towns[name_key(row["city"])] = row
    return _Names(countries, largest, {name_key(n): row for n, row in regions.items()}, towns)
