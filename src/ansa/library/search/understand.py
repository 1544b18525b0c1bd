"""Understands a query: which of its words are facts, which ask for pictures, and what is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from ansa.library.search.event_filters import take_event_filters, with_companions
from ansa.library.search.filters import Filter, take_filters
from ansa.library.search.name_matches import name_matches
from ansa.library.search.object_counts import no_people, take_counts
from ansa.library.search.parse import Part
from ansa.library.search.photo_regions import reader_of
from ansa.library.search.request_words import picture_words
from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.search.tag_names import named_in
from ansa.library.search.trip_titles import take_trip_title, trip_with_title
from ansa.library.search.vocabulary import vocabulary
from ansa.names import WORD

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession


_MOST_ERRORS = 3
_MOST_WORDS = 40  # words of a text whose spelling is looked at
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class UnderstoodQuery:
    """How a query was understood.

    Attributes:
        texts: the parts that say what photos show, without words for facts and requests.
        filters: the facts: whether they are wanted, and which photos have them.
        unread: words that look like a time but are none, each with the reason.
        corrected: misspelt words, each with the one that is searched for.
    """

    texts: tuple[Part, ...]
    filters: tuple[tuple[bool, Filter], ...]
    unread: tuple[tuple[str, str], ...]
    corrected: tuple[tuple[str, str], ...] = ()


Known = Callable[[str], bool]
"""Tells whether words name something that photos show."""


def knows(snapshot: Snapshot) -> Known:
    """Returns a function that tells whether words name a tag of a library or of its bundle."""

    def known(words: str) -> bool:
        found = named_in(words, snapshot.tree, snapshot.tagged.taught)
        return bool(found.named) and not found.unknown

    return known


def understand(
    session: LibrarySession, snapshot: Snapshot, parts: Sequence[Part], today: date
) -> UnderstoodQuery:
    """Understands the parts of a query.

    Args:
        session: the library.
        snapshot: its photos.
        parts: what :func:`~ansa.library.search.parse.parse_query` gave.
        today: the day on which "yesterday" depends.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    known = knows(snapshot)
    filters: list[tuple[bool, Filter]] = []
    texts: list[Part] = []
    unread: list[tuple[str, str]] = []
    corrected: list[tuple[str, str]] = []
    for part in parts:
        if trip := trip_with_title(part.text, session, snapshot, reader_of(snapshot, today)):
            filters.append((part.wanted, trip))
            continue
        found = take_filters(part.text, snapshot, today, known)
        rest = found.rest if found.filters else part.text
        dated = found.filters
        if not part.literal:
            rest, errors = _corrected(rest, session, snapshot)
            corrected += errors
            if errors:  # a place or a camera may be known now
                again = take_filters(rest, snapshot, today, known)
                rest, dated = (again.rest if again.filters else rest), (*dated, *again.filters)
        rest, counted = take_counts(rest, session, snapshot)
        rest, more = take_event_filters(rest, session, snapshot)
        facts = list(_fitting((*dated, *counted, *more), session, snapshot))
        if not part.literal:
            rest = picture_words(rest, facts=bool(dated or counted or more))
            on_trip = any(each.kind == "trip" for each in facts)
            if titled := take_trip_title(rest, session, snapshot, asked=on_trip):
                rest, trip = titled
                facts = [*(each for each in facts if each.kind != "trip"), trip]
        said = says_something(rest)
        if said:
            facts = [each for each in facts if not _named_elsewhere(each, rest, session, snapshot)]
        # "no people in 2023" is no doubt about the year, "not in 2023" is nothing else.
        wanted = part.wanted or (part.in_words and said)
        filters += [(wanted, each) for each in facts]
        if not part.wanted and (people := no_people(rest, session, snapshot)):
            filters.append((False, people))
        unread += found.unread
        if said:
            texts.append(replace(part, text=rest))
    return UnderstoodQuery(tuple(texts), tuple(filters), tuple(unread), tuple(corrected))


def says_something(text: str) -> bool:
    """Whether a text says more than "photos of everything"."""
    return bool(set(text.casefold().split()) - STOP_WORDS)


def _corrected(
    text: str, session: LibrarySession, snapshot: Snapshot
) -> tuple[str, list[tuple[str, str]]]:
    """Returns a text with misspelt words corrected, and each of them with its correction."""
    words = vocabulary(session, snapshot)
    found: list[tuple[str, str]] = []

    def correct(match: re.Match[str]) -> str:
        if len(found) == _MOST_ERRORS or match[0].casefold() == match[0].upper():
            return match[0]
        meant = words.corrected(match[0])
        if meant is None:
            return match[0]
        found.append((match[0], meant))
        return meant

    pieces = text.split()[:_MOST_WORDS]
    if any(len(piece) > _LONGEST_WORD for piece in pieces) or len(pieces) == _MOST_WORDS:
        return text, []
    return WORD.sub(correct, text), found


def _named_elsewhere(fact: Filter, text: str, session: LibrarySession, snapshot: Snapshot) -> bool:
    """Whether a fact is a trip, but a text names a folder of photos that are on none: "our trip to
    Zermatt"."""
    if fact.kind != "trip" or fact.said != "trip":
        return False
    names = name_matches(text, session, snapshot)
    return names is not None and not (fact.rows & (names.share > 0)).any()


def _fitting(
    facts: Sequence[Filter], session: LibrarySession, snapshot: Snapshot
) -> Iterator[Filter]:
    """Yields the facts, without the trip in "our trip to Lisbon" if none is known to lead there."""
    facts = [with_companions(each, session, snapshot) for each in facts]
    places = [each for each in facts if each.kind == "place"]
    for fact in facts:
        trip_elsewhere = fact.kind == "trip" and any(
            not (fact.rows & place.rows).any() for place in places
        )
        if not trip_elsewhere:
            yield fact
