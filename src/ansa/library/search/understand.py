"""Understands a query: which of its words are facts, which ask for pictures, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from ansa.library.search.event_filters import take_event_filters, with_companions
from ansa.library.search.filters import Filter, take_filters
from ansa.library.search.object_counts import no_people, take_counts
from ansa.library.search.parse import Part
from ansa.library.search.photo_regions import reader_of
from ansa.library.search.request_words import picture_words
from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.search.tag_names import named_in
from ansa.library.search.trip_titles import trip_with_title

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession


@dataclass(frozen=True, slots=True)
class UnderstoodQuery:
    """How a query was understood.

    Attributes:
        texts: the parts that say what photos show, without words for facts and requests.
        filters: the facts: whether they are wanted, and which photos have them.
        unread: words that look like a time but are none, each with the reason.
    """

    texts: tuple[Part, ...]
    filters: tuple[tuple[bool, Filter], ...]
    unread: tuple[tuple[str, str], ...]


Known = Callable[[str], bool]
"""Tells whether words name something that photos show."""


def knows(snapshot: Snapshot) -> Known:
    """Returns a function that tells whether words name a tag of a library or of its bundle."""

    def known(words: str) -> bool:
        return not named_in(words, snapshot.tree, snapshot.tagged.taught).unknown

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
    for part in parts:
        if trip := trip_with_title(part.text, snapshot, reader_of(snapshot, today)):
            filters.append((part.wanted, trip))
            continue
        found = take_filters(part.text, snapshot, today, known)
        rest = found.rest if found.filters else part.text
        rest, counted = take_counts(rest, session, snapshot)
        rest, more = take_event_filters(rest, session, snapshot)
        facts = list(_fitting((*found.filters, *counted, *more), session, snapshot))
        rest = picture_words(rest, facts=bool(found.filters or counted or more))
        said = says_something(rest)
        # "no people in 2023" is no doubt about the year, "not in 2023" is nothing else.
        wanted = part.wanted or (part.in_words and said)
        filters += [(wanted, each) for each in facts]
        if not part.wanted and (people := no_people(rest, session, snapshot)):
            filters.append((False, people))
        unread += found.unread
        if said:
            texts.append(replace(part, text=rest))
    if not texts and not filters and len(parts) == 1 and parts[0].wanted:
        asked = picture_words(parts[0].text)
        if asked:
            texts.append(replace(parts[0], text=asked))
    return UnderstoodQuery(tuple(texts), tuple(filters), tuple(unread))


def says_something(text: str) -> bool:
    """Whether a text says more than "photos of everything"."""
    return bool(set(text.casefold().split()) - STOP_WORDS)


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
