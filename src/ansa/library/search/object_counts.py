"""How many people and things photos show, and the words that ask for a number of them.

The detector looked for them when the photos were indexed. "Two people", "a group photo", "alone"
and "at least three people" are numbers of people. So are "two girls" and "four friends", which also
say who they are, and "two dogs" is a number of any other thing that the detector knows.

Each box is only probably right, so a number is only probable, too: three boxes of which one is
doubtful may be two people. The probability is that of as many successes in trials of unlike
chances (Poisson's binomial distribution). How near a photo is to the words shifts it a little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.people import person_chances
from ansa.library.search.filters import Filter
from ansa.library.search.match_calibration import sigmoid
from ansa.library.search.request_words import picture_words
from ansa.library.storage.photos import read_column
from ansa.taxonomy.tree import key, singulars

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

PERSON = "person"
"""What the detector calls people."""

_LIKELY = 0.5  # the probability from which on a photo has a number of things
_POSSIBLE = 0.2  # some photo must have it so probably for the others to be denied
_DOUBT = 0.1  # the least probability where none has, because small things may have been overlooked
_LEAST = 0.001  # the limits of a chance
_WORDS_COUNT = 0.4  # what a standard deviation of the margin of the words adds to log odds
_MANY = 6  # people
_GROUP = 3
_ROUGH = 5  # from this number on, a quarter more or less may be counted as the same
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
        found: for each label, the rows of its boxes (k,), ascending, and how probably each of them
            is right, float32 (k,), 0..1.
    """

    seen: NDArray[np.bool_]
    found: Mapping[str, tuple[NDArray[np.intp], NDArray[np.float32]]]

    def chances(self, label: str, least: int, most: int | None = None) -> NDArray[np.float32]:
        """Returns how probably each photo shows so many of a label, float32 (n,), 0..1; 0 where
        the detector has not seen the photo.

        Args:
            label: what the detector calls them.
            least: the least number, at least 1.
            most: the largest number; None for any.
        """
        rows, right = self.found.get(label, _NONE)
        photos, starts, counts = np.unique(rows, return_index=True, return_counts=True)
        top = least if most is None else most + 1
        # (photos, numbers): the chance of each number, the last one for all that are greater.
        numbers = np.zeros((len(photos), top + 1), np.float32)
        numbers[:, 0] = 1
        for box in range(counts.max(initial=0)):
            some = np.flatnonzero(counts > box)
            chance = right[starts[some] + box][:, None]
            before = numbers[some]
            after = before * (1 - chance)
            after[:, 1:] += before[:, :-1] * chance
            after[:, -1:] += before[:, -1:] * chance
            numbers[some] = after
        chances = np.zeros(len(self.seen), np.float32)
        chances[photos] = numbers[:, least : None if most is None else most + 1].sum(axis=1)
        return chances

    def likeliest(self, label: str, number: int) -> NDArray[np.bool_]:
        """Returns on which photos no other number of a label is more probable, bool (n,).

        Args:
            label: what the detector calls them.
            number: how many, at least 1.
        """
        here, more = (self.chances(label, each, each) for each in (number, number + 1))
        fewer = (
            self.chances(label, number - 1, number - 1)
            if number > 1
            else 1 - self.chances(label, 1)
        )
        return (here > 0) & (here >= fewer) & (here >= more)


_NONE = np.zeros(0, np.intp), np.zeros(0, np.float32)
_kept: WeakKeyDictionary[Snapshot, ObjectCounts] = WeakKeyDictionary()


def object_counts(session: LibrarySession, snapshot: Snapshot) -> ObjectCounts:
    """Returns the things on each photo, once for each snapshot.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if snapshot not in _kept:
        row = {photo: place for place, photo in enumerate(snapshot.photos)}
        seen = np.zeros(len(row), np.bool_)
        boxes: dict[str, tuple[list[int], list[float]]] = {}
        column = read_column(session.store, session.model(), "detection", session.scope())
        for photo, objects in column:  # ascending
            if photo not in row:
                continue
            seen[row[photo]] = True
            found = [(PERSON, chance) for chance in person_chances(objects)]
            found += [(each.label, each.score) for each in objects if each.label != PERSON]
            for label, chance in found:
                rows, right = boxes.setdefault(label, ([], []))
                rows.append(row[photo])
                right.append(chance)
        _kept[snapshot] = ObjectCounts(
            seen,
            {
                label: (np.array(rows, np.intp), np.array(right, np.float32))
                for label, (rows, right) in boxes.items()
            },
        )
    return _kept[snapshot]


def no_people(text: str, session: LibrarySession, snapshot: Snapshot) -> Filter | None:
    """The photos on which people were found, if that is what a text names; None where there are
    none. Where people are likely, they are taken for certain, and where they are less likely, the
    photo only loses by it."""
    if text.casefold().strip() not in _PEOPLE:
        return None
    chances = object_counts(session, snapshot).chances(PERSON, 1)
    rows = chances >= _LIKELY
    chances = np.where(rows, np.float32(1), chances)
    return Filter("people", text, "one or more people", rows, "", chances) if rows.any() else None


def take_counts(text: str, session: LibrarySession, snapshot: Snapshot) -> tuple[str, list[Filter]]:
    """Splits a text into the filters of its numbers of people and things, and the remaining text.

    A word that also says who or what they are ("girls", "dogs") stays in the text. A number of
    things counts only if the detector has found such a thing on some photo. If no photo may have so
    many, all of them remain in doubt, so that none is said to match.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    for find in (_people, _group_photo, _alone, _things):
        if found := find(text, session, snapshot):
            rest, fact = found
            return " ".join(rest.split()).strip(",; "), [_judged(fact, session, snapshot)]
    return text, []


def _judged(fact: Filter, session: LibrarySession, snapshot: Snapshot) -> Filter:
    """Returns a number with chances that the text network has judged, too: it knows what two girls
    look like, if not how many they are.

    Photos that are nearer to the words than those that probably have the number gain, others lose.
    Where none may have it, words that know no numbers do not make it likely.
    """
    if fact.chances is None or not (fact.chances >= _POSSIBLE).any():
        return fact
    vector = session.analyzer.embed_text([fact.said])[0].astype(np.float32, copy=False)
    everyday = snapshot.text_baseline
    margins = (snapshot.vectors @ vector - everyday.mean) / everyday.spread
    usual = float(np.average(margins, weights=fact.chances))
    certain = np.clip(fact.chances, _LEAST, 1 - _LEAST)
    odds = np.log(certain) - np.log1p(-certain) + np.float32(_WORDS_COUNT) * (margins - usual)
    return replace(fact, chances=np.where(fact.chances > 0, sigmoid(odds), np.float32(0)))


_Found = tuple[str, Filter] | None


def _people(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = next((m for m in _PERSONS.finditer(text) if _is_a_number_of_people(text, m)), None)
    if match is None:
        return None
    if match["group"]:
        number, at_least = _GROUP, True
    elif match["many"]:
        number, at_least = _MANY, True
    else:
        number, at_least = _asked_number(match)
    counts = object_counts(session, snapshot)
    fact = _counted(match[0].strip(), counts, PERSON, number, at_least, "people")
    if fact is None:
        return None
    who = match["who"]
    return f"{text[: match.start()]} {who or ''} {text[match.end() :]}", fact


def _group_photo(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = _GROUP_PHOTO.search(text)
    if match is None or not _stands_alone(text, match):
        return None
    counts = object_counts(session, snapshot)
    fact = _counted(match[0], counts, PERSON, _GROUP, True, "people")
    return (f"{text[: match.start()]} {text[match.end() :]}", fact) if fact else None


def _alone(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    match = _ALONE.search(text)
    if match is None or not _stands_alone(text, match):
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    about = set(picture_words(rest).casefold().split())
    # "A dog alone" says nothing of people; "me alone", "a woman alone on a beach" do.
    persons = _PEOPLE | set(_WHO.split("|")) | {"me", "i", "myself", "selfie", "him", "her"}
    if about and not about & persons:
        return None
    fact = _counted(match[0], object_counts(session, snapshot), PERSON, 1, False, "people")
    return (rest, fact) if fact else None


def _things(text: str, session: LibrarySession, snapshot: Snapshot) -> _Found:
    for match in _THINGS.finditer(text):
        counts = object_counts(session, snapshot)
        words = match["thing"].split()
        for length in range(len(words), 0, -1):
            thing = " ".join(words[:length])
            label = next((form for form in singulars(key(thing)) if form in counts.found), None)
            if label is None or label == PERSON or label == key(thing):
                continue  # a singular is no number of things: "two man tent", "one way street"
            number, at_least = _asked_number(match)
            end = match.start("thing") + len(thing)
            said = text[match.start() : end]
            if fact := _counted(said, counts, label, number, at_least, key(thing)):
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
    said: str, counts: ObjectCounts, label: str, number: int, at_least: bool, several: str
) -> Filter | None:
    """Returns the fact of a number; None for zero, and if the detector has seen no photo."""
    if not number or not counts.seen.any():
        return None
    kind = "people" if label == PERSON else "count"
    note = ""
    if at_least:
        chances, meaning = counts.chances(label, number), f"{number} or more {several}"
        likely = chances >= _LIKELY
    else:
        chances = counts.chances(label, number, number)
        likely = counts.likeliest(label, number)
        meaning = f"{number} {label if number == 1 else several}"
        if number >= _ROUGH and not likely.any():
            about = number // 4
            chances = counts.chances(label, number - about, number + about)
            likely = chances >= _LIKELY
            note = f"is not exact: {about} more or fewer may have been counted"
    if not (chances >= _POSSIBLE).any():
        chances, note = np.maximum(chances, np.float32(_DOUBT)), "was found on no photo"
    return Filter(kind, said, meaning, likely, note, chances)


def _is_a_number_of_people(text: str, match: re.Match[str]) -> bool:
    """Whether a number and its noun agree, unlike in "two man tent"."""
    who = (match["who"] or "people").casefold()
    agrees = who not in _ONE or (match["number"] and _asked_number(match) == (1, False))
    return bool(agrees) and _stands_alone(text, match)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether words do not begin inside another word."""
    before = text[: match.start()]
    return not before or before[-1].isspace() or before[-1] in ",;("
