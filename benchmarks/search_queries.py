"""Queries of every kind, made from photos of which labels, boxes and captions say what they show.

A query knows which photos answer it, and which surely do not. Of others nobody knows, and they are
not judged. The facts and the names are those of a life that is made up for the photos.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Facts
from ansa.taxonomy.dictionaries import NAMES, dictionaries
from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.concept_labels import PRESENT, UNKNOWN
from ansa_train.data.pack import Sample
from benchmarks.search_truth import SEVERAL, numbers_of

KINDS = (
    *("things", "scenes", "actions", "colours", "people", "counts", "negations", "facts"),
    *("names", "typing errors", "other languages", "absent things"),
)
TODAY = datetime(2026, 1, 15)

_EACH = 45  # queries of a kind, at most
_A_LANGUAGE = 6
_LEAST = 3  # photos that answer a query
_DENIED = 10  # photos that surely do not, at least, so that chance finds no answers
_SCENES = frozenset({"building", "structure", "place", "nature"})
_HELD_TOGETHER = frozenset({"activity", "look", "thing", "household item"})
_COLOURS = ("red", "blue", "green", "yellow", "white", "black", "brown", "pink", "orange")
_NUMBERS = {"two": 2, "three": 3, "four": 4}
_COUNTED = (
    *("people", "men", "women", "boys", "girls", "children", "dogs", "cats", "birds", "horses"),
)
_TOWNS = {
    "Lisbon": (38.716, -9.139),
    "Rome": (41.894, 12.483),
    "Munich": (48.137, 11.575),
    "Kyoto": (35.011, 135.768),
}
_CAMERAS = ("Canon EOS R5", "Apple iPhone 13", "NIKON D750")
_FOLDERS = ("Marlowe", "Aunt Hildegard", "Brindle Cottage", "Kestrel Regatta", "Quillon Fair")
# Things that photo collections of everyday life hardly ever show.
_RARE = (
    *("narwhal", "space shuttle", "submarine", "igloo", "armadillo", "harpsichord", "telescope"),
    *("volcano eruption", "chainsaw", "stethoscope", "walrus", "sumo wrestler", "oil rig"),
    *("hot air balloon over a desert", "astronaut on the moon", "medieval armour", "octopus"),
    *("a chess tournament", "a bride on a camel", "penguins on ice", "a violin made of glass"),
    *("weaving loom", "microscope", "bagpipes", "anvil", "sarcophagus", "hovercraft", "abacus"),
    *("platypus", "gondola", "parachutist", "lighthouse in a storm", "zebra crossing a river"),
    *("tax return", "boarding pass", "x-ray of a hand", "northern lights", "beekeeper", "sextant"),
)

Flags = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A query and its answers.

    Attributes:
        kind: one of :data:`KINDS`.
        text: what is typed.
        answers: bool (n,), the photos that answer it.
        judged: bool (n,), the photos of which it is known whether they do.
    """

    kind: str
    text: str
    answers: Flags
    judged: Flags


@dataclass(frozen=True, slots=True)
class MadeLife:
    """What is made up for the photos (n): their paths, which say nothing else, and their facts."""

    paths: tuple[str, ...]
    facts: tuple[Facts, ...]


def made_life(samples: Sequence[Sample]) -> MadeLife:
    """Gives photos times, places, cameras and folders, the same for the same keys."""
    paths, facts = [], []
    for number, sample in enumerate(samples):
        chance = zlib.crc32(sample.key.encode())
        taken = datetime(2021, 1, 1, 12) + timedelta(days=chance % 1800, minutes=number % 600)
        place = (None, None)
        if chance % 3 == 0:
            place = list(_TOWNS.values())[chance // 3 % len(_TOWNS)]  # type: ignore[assignment]
        camera = _CAMERAS[chance // 7 % len(_CAMERAS)]
        folder = _FOLDERS[chance // 11 % len(_FOLDERS)] if chance % 10 == 0 else f"{taken:%Y-%m}"
        paths.append(f"{folder}/IMG_{number:05}.jpg")
        facts.append(Facts(640, 480, "JPEG", taken, *place, camera, "exif"))
    return MadeLife(tuple(paths), tuple(facts))


def make_queries(
    samples: Sequence[Sample], tree: Tree, states: NDArray[np.uint8], life: MadeLife
) -> list[Query]:
    """Makes queries of every kind; those of a kind are fewer if photos show too little.

    Args:
        samples: the photos (n).
        tree: the tags (t).
        states: (n, t), what is known of each photo and tag; see
            :class:`ansa_train.data.labels.concept_labels.ConceptLabels`, without silence that says
            nothing.
        life: what is made up for the photos.
    """
    made = _Maker(samples, tree, states, life)
    found: list[Query] = []
    for kind in KINDS:
        found += made.of(kind)
    return found


class _Maker:
    def __init__(
        self, samples: Sequence[Sample], tree: Tree, states: NDArray[np.uint8], life: MadeLife
    ) -> None:
        self._samples = samples
        self._tree = tree
        self._states = states
        self._life = life
        self._place = {concept.name: place for place, concept in enumerate(tree)}
        self._captions = [" . ".join(sample.captions).casefold() for sample in samples]
        self._several = np.array([len(sample.captions) >= SEVERAL for sample in samples])
        shown = (states == PRESENT).sum(axis=0)
        denied = ((states != PRESENT) & (states != UNKNOWN)).sum(axis=0)
        often = [c for n, c in enumerate(tree) if shown[n] >= _LEAST and denied[n] >= _DENIED]
        self._often = _shuffled(often, lambda concept: concept.name)

    def of(self, kind: str) -> list[Query]:
        """Returns the queries of a kind, always the same ones."""
        make: dict[str, Callable[[], Iterator[Query]]] = {
            "things": lambda: self._named(kind, self._is_thing),
            "scenes": lambda: self._named(kind, lambda c: self._root(c) in _SCENES),
            "actions": lambda: self._named(kind, lambda c: self._root(c) == "activity"),
            "colours": self._coloured,
            "people": lambda: self._named(kind, lambda c: self._root(c) == "person"),
            "counts": self._counted,
            "negations": self._negations,
            "facts": self._facts,
            "names": self._names,
            "typing errors": self._misspelt,
            "other languages": self._translated,
            "absent things": self._absent,
        }
        found = make[kind]()
        most = _A_LANGUAGE * len(NAMES) if kind == "other languages" else _EACH
        return [query for query, _ in zip(found, range(most), strict=False)]

    def _root(self, concept: Concept) -> str:
        return self._tree.path(concept)[-1].name

    def _is_thing(self, concept: Concept) -> bool:
        others = {"activity", "person", "look", "event", *_SCENES}
        return self._root(concept) not in others and concept.name not in _HELD_TOGETHER

    def _shows(self, name: str) -> tuple[Flags, Flags]:
        """Returns which photos show a tag, and of which it is known."""
        column = self._states[:, self._place[name]]
        return column == PRESENT, column != UNKNOWN

    def _named(
        self, kind: str, fits: Callable[[Concept], bool], spell: Callable[[str], str] = str
    ) -> Iterator[Query]:
        for concept in self._often:
            if fits(concept):
                yield Query(kind, spell(concept.name), *self._shows(concept.name))

    def _coloured(self) -> Iterator[Query]:
        for concept in self._often:
            if not self._is_thing(concept) or " " in concept.name:
                continue
            named = re.compile(
                rf"\b(?:({'|'.join(_COLOURS)}) (?:\w+ )?)?{re.escape(concept.name)}s?\b"
            )
            said = [set(named.findall(caption)) for caption in self._captions]
            # Of a thing whose colour no caption names, nobody knows it.
            denied = self._several & np.array([colours != {""} for colours in said])
            for colour in _COLOURS:
                answers = np.array([colour in colours for colours in said])
                if answers.sum() >= _LEAST and (denied & ~answers).sum() >= _DENIED:
                    text = f"a {colour} {concept.name}"
                    yield Query("colours", text, answers, answers | denied)

    def _counted(self) -> Iterator[Query]:
        numbers = {noun: numbers_of(self._samples, noun) for noun in _COUNTED}
        pairs = [(number, noun) for number in _NUMBERS for noun in _COUNTED]
        for said, noun in _shuffled(pairs, " ".join):
            answers, known = numbers[noun] == _NUMBERS[said], numbers[noun] >= 0
            if answers.sum() >= _LEAST and (known & ~answers).sum() >= _DENIED:
                yield Query("counts", f"{said} {noun}", answers, known)

    def _negations(self) -> Iterator[Query]:
        # Nobody asks for "a place without nature": what is named has a kind, and is none.
        often = [concept for concept in self._often if concept.parent]
        pairs = [(one, other) for one in often for other in often]
        for one, other in _shuffled(pairs, lambda pair: f"{pair[0].name} {pair[1].name}"):
            if one in self._tree.path(other) or other in self._tree.path(one):
                continue
            (shown, known), (against, denied) = self._shows(one.name), self._shows(other.name)
            answers = shown & denied & ~against
            if answers.sum() >= _LEAST and (shown & against).sum() >= _LEAST:
                yield Query(
                    "negations", f"{one.name} without {other.name}", answers, known & denied
                )

    def _facts(self) -> Iterator[Query]:
        taken = [facts.taken for facts in self._life.facts]
        everything = np.ones(len(self._samples), np.bool_)
        alone: list[tuple[str, Flags]] = []
        for year in range(2021, 2026):
            alone.append((str(year), np.array([t is not None and t.year == year for t in taken])))
        for month, name in enumerate(("January", "May", "August"), start=1):
            number = (1, 5, 8)[month - 1]
            flags = [t is not None and (t.year, t.month) == (2023, number) for t in taken]
            alone.append((f"{name} 2023", np.array(flags)))
        summer = [t is not None and t.year == 2025 and t.month in (6, 7, 8) for t in taken]
        alone.append(("last summer", np.array(summer)))
        for town, (north, _) in _TOWNS.items():
            alone.append((f"in {town}", np.array([f.latitude == north for f in self._life.facts])))
        for camera in _CAMERAS:
            flags = [facts.camera == camera for facts in self._life.facts]
            alone.append((f"shot on {camera}", np.array(flags)))
        for text, answers in alone:
            if answers.any():
                yield Query("facts", f"photos {text}", answers, everything)
        pairs = [(concept, each) for concept in self._often[:40] for each in alone]
        for concept, (text, there) in _shuffled(pairs, lambda pair: pair[0].name + pair[1][0]):
            shown, known = self._shows(concept.name)
            if self._is_thing(concept) and (shown & there).sum() >= _LEAST:
                yield Query("facts", f"{concept.name} {text}", shown & there, known | ~there)

    def _names(self) -> Iterator[Query]:
        everything = np.ones(len(self._samples), np.bool_)
        for folder in _FOLDERS:
            inside = np.array([path.startswith(f"{folder}/") for path in self._life.paths])
            for said in (folder, folder.casefold(), f"pictures of {folder}", folder.split()[-1]):
                if inside.any():
                    yield Query("names", said, inside, everything)
        numbers = range(0, len(self._samples), max(1, len(self._samples) // 20))
        for number in numbers:
            yield Query(
                "names", f"IMG_{number:05}", np.arange(len(everything)) == number, everything
            )

    def _misspelt(self) -> Iterator[Query]:
        def long(concept: Concept) -> bool:
            return concept.name.isalpha() and len(concept.name) >= 6

        return self._named("typing errors", long, _with_error)

    def _translated(self) -> Iterator[Query]:
        names = {concept.name for concept in self._often}
        for dictionary in dictionaries().values():
            words = [
                (said, word.english)
                for said, word in dictionary.words.items()
                if word.everyday and word.kind == "n" and word.english in names
            ]
            for said, english in _shuffled(words, " ".join)[:_A_LANGUAGE]:
                yield Query("other languages", said, *self._shows(english))

    def _absent(self) -> Iterator[Query]:
        nothing = np.zeros(len(self._samples), np.bool_)
        said = " ".join(self._captions)
        said += " ".join(n.casefold() for s in self._samples for n in (*s.labels, *s.objects))
        for text in _RARE:
            if not any(word in said for word in text.split() if len(word) > 6):
                yield Query("absent things", text, nothing, ~nothing)


def _shuffled(items: Sequence[T], key: Callable[[T], str]) -> list[T]:
    """Returns items in an order that is always the same, and says nothing of them."""
    return sorted(items, key=lambda item: zlib.crc32(key(item).encode()))


def _with_error(word: str) -> str:
    """Returns a word with two letters swapped, or one missing or doubled, always the same."""
    chance = zlib.crc32(word.encode())
    at = 1 + chance // 3 % (len(word) - 2)
    if chance % 3 == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if chance % 3 == 1 else word[: at + 1] + word[at:]
