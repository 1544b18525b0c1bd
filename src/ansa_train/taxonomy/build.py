"""Builds the tree of tags: our list of concepts, linked to WordNet, with ImageNet's classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ansa.taxonomy.tree import Concept, Tree, key
from ansa_train.errors import TrainingError
from ansa_train.pretrained import fetch
from ansa_train.taxonomy.wordnet import WordNet

_CONCEPT = re.compile(r"(?P<name>[^=:]+?)\s*(?:=\s*(?P<sense>\S+))?\s*(?::\s*(?P<synonyms>.+))?")
_ID = re.compile(r"n\d{8}")

LEFT_UNSAID = frozenset(
    (
        "activity",
        "body part",
        "event",
        "household item",
        "look",
        "mammal",
        "place",
        "structure",
        "thing",
    )
)
"""Concepts that hold others together, and say nothing of a photo themselves."""

BROAD = frozenset(
    (
        *("animal", "reptile", "amphibian", "crustacean", "mollusc", "rodent", "person"),
        *("plant", "food", "vehicle", "aircraft", "building", "place of worship", "city", "nature"),
        *("weather", "water", "room", "indoors", "outdoors", "sport", "sports equipment", "toy"),
        *("furniture", "clothing", "footwear", "jewellery", "fabric", "tool", "weapon", "document"),
        *("electronics", "container", "tableware", "kitchenware", "home appliance", "art", "sign"),
        *("musical instrument", "colourful", "black and white", "standing", "sitting", "playing"),
    )
)
"""Concepts that say next to nothing beside another: they come last among a photo's tags."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The tree, and the places of the teacher's classes in it.

    Attributes:
        tree: of the concepts.
        classes: the name of the concept of each class of ImageNet, in the teacher's order.
    """

    tree: Tree
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A concept of the list, whose first lines explain the parts of an entry."""

    name: str
    parent: str | None
    sense: str | None
    synonyms: tuple[str, ...]


@cache
def taxonomy() -> Taxonomy:
    """Builds the tree from our own list."""
    classes = fetch("imagenet-synsets").read_text("utf-8").split()
    return build(list(entries(concept_list())), WordNet(), classes)


def concept_list() -> str:
    """The text of our own list of concepts."""
    return files(__package__).joinpath("concepts.txt").read_text("utf-8")


def entries(text: str) -> Iterator[Entry]:
    """The concepts of a list, parents before their children.

    Raises:
        TrainingError: a line is no concept, or is indented under nothing.
    """
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        while above and above[-1][0] >= depth:
            above.pop()
        if depth and not above:
            raise TrainingError(f"concepts: {line.strip()!a} is below nothing")
        parent = above[-1][1] if above else None
        name = ""
        for part in line.split(";"):
            found = _CONCEPT.fullmatch(part.strip())
            if not found:
                raise TrainingError(f"concepts: {part.strip()!a} is no concept")
            name, synonyms = found["name"], found["synonyms"]
            words = tuple(word.strip() for word in synonyms.split(",")) if synonyms else ()
            yield Entry(name, parent, found["sense"], words)
        above.append((depth, name))


def build(listed: Sequence[Entry], nouns: WordNet, classes: Sequence[str]) -> Taxonomy:
    """Links a list to WordNet and adds the classes it lacks, each below its nearest kind.

    Args:
        listed: the concepts.
        nouns: WordNet.
        classes: ids of the teacher's classes.

    Raises:
        TrainingError: WordNet has no such sense, or all words for a class mean something else.
    """
    meant: dict[str, tuple[str, ...]] = {}
    parents = {entry.name: entry.parent for entry in listed}
    for entry in listed:
        kinds = [s for above in _path(entry.parent, parents) for s in meant[above]]
        meant[entry.name] = _senses(entry, kinds, nouns)
    claimed = {key(word) for entry in listed for word in (entry.name, *entry.synonyms)}
    names = {synset: name for name, synsets in meant.items() for synset in synsets}
    added = []
    for synset in dict.fromkeys(classes):
        if synset in names:
            continue
        parent = next((names[s] for s in nouns.above(synset) if s in names), None)
        lemmas = nouns[synset].lemmas
        name = next((lemma for lemma in lemmas if key(lemma) not in claimed), None)
        if name is None:
            raise TrainingError(f"concepts: give {synset} a name, as {lemmas} are taken")
        claimed.add(key(name))
        added.append((synset, Entry(name, parent, None, ())))
    for synset, entry in added:
        meant[entry.name], names[synset] = (synset,), entry.name
    concepts = []
    for entry in (*listed, *(entry for _, entry in added)):
        words = (*entry.synonyms, *_lemmas(meant[entry.name], claimed, nouns))
        wordnet = next(iter(meant[entry.name]), None)
        concepts.append(Concept(entry.name, entry.parent, tuple(dict.fromkeys(words)), wordnet))
    return Taxonomy(Tree(tuple(concepts)), tuple(names[synset] for synset in classes))


def _path(name: str | None, parents: dict[str, str | None]) -> Iterator[str]:
    while name is not None:
        yield name
        name = parents[name]


def _senses(entry: Entry, kinds: list[str], nouns: WordNet) -> tuple[str, ...]:
    """What WordNet knows it as; ``kinds`` is what it should be a kind of, the nearest first."""
    if entry.sense == "-":
        return ()
    if entry.sense is None:
        senses = nouns.senses(entry.name)
        above = {sense: set(nouns.above(sense)) for sense in senses}
        fits = (sense for kind in kinds for sense in senses if kind in above[sense])
        return next(((sense,) for sense in fits), senses[:1])
    return tuple(_sense(entry.name, sense, nouns) for sense in entry.sense.split("+"))


def _sense(name: str, sense: str, nouns: WordNet) -> str:
    if _ID.fullmatch(sense):
        return sense
    lemma, _, number = sense.rpartition(".")
    senses = nouns.senses(lemma)
    if not number.isdecimal() or not 0 < int(number) <= len(senses):
        raise TrainingError(f"concepts: {name}: WordNet has no {sense}")
    return senses[int(number) - 1]


def _lemmas(synsets: Sequence[str], claimed: set[str], nouns: WordNet) -> Iterator[str]:
    """WordNet's words: those that mean this first of all, and that nothing else is called."""
    for synset in synsets:
        for lemma in nouns[synset].lemmas:
            if nouns.senses(lemma)[:1] == (synset,) and key(lemma) not in claimed:
                yield lemma
