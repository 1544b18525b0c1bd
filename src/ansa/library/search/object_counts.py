"""How many people and things photos show, and the words that ask for a number of them.

The detector counted them when the photos were indexed. "Two people", "a group photo", "alone" and
"at least three people" are numbers of people. So are "two girls" and "four friends", which also say
who they are, and "two dogs" is a number of any other thing that the detector knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.people import count_people
from ansa.library.search.filters import Filter
from ansa.library.search.request_words import picture_words
from ansa.library.storage.photos import read_column
from ansa.taxonomy.tree import key, singulars

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

PERSON = "person"
"""What the detector calls people."""

_LIKELY = 0.5  # the score from which on a thing counts
_MANY = 6  # people
_GROUP = 3
_ROUGH = 5  # from this number on, one more or one less is counted as the same
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
_WORDS = {"a couple of": 2, "a pair of": 2, "both": 2, "a single": 1, "only one": 1, "just one": 1}
_PEOPLE = {"people", "person", "persons", "anybody", "anyone", "humans", "human", "someone"}
_ONE = frozenset("man woman guy lady girl boy kid child baby friend".split())  # noqa: SIM905
_WHO = (
    "men|women|guys|ladies|girls|boys|kids|children|babies|toddlers|friends|adults|teenagers"
    "|teens|students|players|tourists|soldiers|dancers|musicians|hikers|cyclists|runners"
    f"|{'|'.join(sorted(_ONE))}"
)
_NUMBER = rf"(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)}|{'|'.join(_WORDS)})"
_MORE = r"(?:(?P<least>at least )|(?P<over>more than )|(?:exactly|precisely) )?"
_PERSONS = re.compile(
    rf"(?:(?:of|with|by) )?(?:{_MORE}{_NUMBER}(?P<more> or more)?"
    rf"|(?P<many>(?:so )?many|lots of|(?:a )?lot of|(?:a )?(?:big |large )?crowd of|loads of)"
    rf"|(?P<group>(?:a )?(?:small |big |large )?group of|several)) (?:people|persons?|humans|folks"
    rf"|(?P<who>{_WHO}))(?![\w'’-])",
    re.IGNORECASE,
)
_GROUP_PHOTO = re.compile(
    r"(?:an? |the |our )?group[- ](?:photos?|pictures?|pics?|shots?|portraits?|selfies?)"
    r"(?: (?:of|with)(?= ))?(?![\w'’-])",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:(?:all )?alone|(?:all )?by (?:myself|himself|herself)|on (?:my|his|her) own"
    r"|(?:just|only) me"
    r"|(?:one|a single|a lone|only one|just one) person)(?![\w'’-])",
    re.IGNORECASE,
)
_THINGS = re.compile(
    rf"(?<![\w.:/-]){_MORE}{_NUMBER}(?P<more> or more)?"
    r" (?P<thing>[^\W\d_]+(?: [^\W\d_]+)?)(?![\w'’-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ObjectCounts:
    """The things on n photos.

    Attributes:
        seen: bool (n,), whether the detector has seen the photo.
        counts: for each label, int16 (n,), how many of it are likely there.
    """

    seen: NDArray[np.bool_]
    counts: Mapping[str, NDArray[np.int16]]

    def of(self, label: str) -> NDArray[np.int16]:
        """Returns how many of a label are there, int16 (n,); -1 if the detector has not seen it."""
        counts = self.counts.get(label)
        none = np.zeros(len(self.seen), np.int16) if counts is None else counts
        return np.where(self.seen, none, np.int16(-1))


_kept: WeakKeyDictionary[Snapshot, ObjectCounts] = WeakKeyDictionary()


def object_counts(session: LibrarySession, snapshot: Snapshot) -> ObjectCounts:
    """Returns the numbers of things on each photo, once for each snapshot.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if snapshot not in _kept:
        row = {photo: place for place, photo in enumerate(snapshot.photos)}
        seen = np.zeros(len(row), np.bool_)
        counts: dict[str, NDArray[np.int16]] = {}
        column = read_column(session.store, session.model(), "detection", session.scope())
        for photo, objects in column:
            if photo not in row:
                continue
            seen[row[photo]] = True
            if people := count_people(objects):
                counts.setdefault(PERSON, np.zeros(len(row), np.int16))[row[photo]] = people
            for each in objects:
                if each.score >= _LIKELY and each.label != PERSON:
                    if each.label not in counts:
                        counts[each.label] = np.zeros(len(row), np.int16)
                    counts[each.label][row[photo]] += 1
        _kept[snapshot] = ObjectCounts(seen, counts)
    return _kept[snapshot]


def no_people(text: str, session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    """The photos on which people were found, if that is what a text names; None where there are
    none."""
    if text.casefold().strip() not in _PEOPLE:
        return None
    rows = object_counts(session, snapshot).of(PERSON) > 0
    return Filter("people", text, "one or more people", rows) if rows.any() else None


def take_counts(text: str, session: LibrarySession, snapshot: Snapshot) -> tuple[str, list[Filter]]:
    """Splits a text into the filters of its numbers of people and things, and the remaining text.

    A word that also says who or what they are ("girls", "dogs") stays in the text. A number counts
    only if some photo has so many; otherwise, it is text like any other.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    for find in (_people, _group_photo, _alone, _things):
        if found := find(text, session, snapshot):
            rest, fact = found
            return " ".join(rest.split()).strip(",; "), [fact]
    return text, []


_Found = tuple[str, Filter] | None


def _people(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = next((m for m in _PERSONS.finditer(text) if _is_a_number_of_people(text, m)), None)
    counts = object_counts(session, snapshot).of(PERSON) if match else None
    if match is None or counts is None or (counts < 0).all():
        return None
    if match["group"]:
        number, at_least = _GROUP, True
    elif match["many"]:
        number, at_least = _MANY, True
    else:
        number, at_least = _asked_number(match)
    fact = _counted(match[0].strip(), counts, number, at_least, "person", "people")
    if not fact.rows.any():  # the detector is not so sure that it may deny it
        return None
    who = match["who"]
    return f"{text[: match.start()]} {who or ''} {text[match.end() :]}", fact


def _group_photo(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = _GROUP_PHOTO.search(text)
    counts = object_counts(session, snapshot).of(PERSON) if match else None
    if match is None or counts is None or not _stands_alone(text, match):
        return None
    if not (counts >= _GROUP).any():
        return None
    fact = _counted(match[0], counts, _GROUP, True, "person", "people")
    return f"{text[: match.start()]} {text[match.end() :]}", fact


def _alone(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = _ALONE.search(text)
    counts = object_counts(session, snapshot).of(PERSON) if match else None
    if match is None or counts is None or not _stands_alone(text, match):
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    about = set(picture_words(rest).casefold().split())
    # "A dog alone" says nothing of people; "me alone", "a woman alone on a beach" do.
    persons = _PEOPLE | set(_WHO.split("|")) | {"me", "i", "myself", "selfie", "him", "her"}
    if (about and not about & persons) or not (counts == 1).any():
        return None
    return rest, _counted(match[0], counts, 1, False, "person", "people")


def _things(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    for match in _THINGS.finditer(text):
        counts = object_counts(session, snapshot)
        words = match["thing"].split()
        for length in range(len(words), 0, -1):
            thing = " ".join(words[:length])
            label = next((form for form in singulars(key(thing)) if form in counts.counts), None)
            if label is None or label == PERSON or label == key(thing):
                continue  # a singular is no number of things: "two man tent", "one way street"
            number, at_least = _asked_number(match)
            end = match.start("thing") + len(thing)
            said = text[match.start() : end]
            fact = _counted(said, counts.of(label), number, at_least, label, key(thing))
            if fact.rows.any():
                return f"{text[: match.start()]} {text[match.start('thing') :]}", fact
    return None


def _asked_number(match: re.Match[str]) -> tuple[int, bool]:
    """Returns a number that words ask for, and whether more will do."""
    said = match["number"].casefold()
    if said.isdecimal():
        number = int(said)
    else:
        number = _WORDS[said] if said in _WORDS else _NUMBERS.index(said)
    number += bool(match["over"])
    return number, bool(match["least"] or match["over"] or match["more"])


def _counted(
    said: str, counts: NDArray[np.int16], number: int, at_least: bool, one: str, several: str
) -> Filter:
    kind = "people" if one == PERSON else "count"
    if at_least:
        return Filter(kind, said, f"{number} or more {several}", counts >= number)
    note = ""
    rows = counts == number
    if number >= _ROUGH and not rows.any():
        rows = np.abs(counts - number) <= 1
        note = "is not exact: one more or one less may have been counted" if rows.any() else ""
    return Filter(kind, said, f"{number} {one if number == 1 else several}", rows, note)


def _is_a_number_of_people(text: str, match: re.Match[str]) -> bool:
    """Whether a number and its noun agree, unlike in "two man tent"."""
    who = (match["who"] or "people").casefold()
    agrees = who not in _ONE or (match["number"] and _asked_number(match) == (1, False))
    return bool(agrees) and _stands_alone(text, match)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether words do not begin inside another word."""
    before = text[: match.start()]
    return not before or before[-1].isspace() or before[-1] in ",;("
