"""The tree of tags in a bundle: concepts, their kinds, and the words that people use for them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansa.names import name_key

FILE = "taxonomy.json"
"""What a bundle calls it."""

MAX_CONCEPTS = 10_000
_MAX_BYTES = 8 * 2**20
_MAX_SYNONYMS = 100
_MAX_NAME = 100
_ARTICLES = ("a ", "an ", "the ")


class TaxonomyError(ValueError):
    """A file is not a valid tree of tags; the message says where."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that photos can show.

    Attributes:
        name: plain English, unique in its tree.
        parent: the name of the concept that it is a kind of; None at the top.
        synonyms: other words for it.
        wordnet: the id of its noun in WordNet 3.0, such as "n02084071"; None if it has none.
    """

    name: str
    parent: str | None = None
    synonyms: tuple[str, ...] = ()
    wordnet: str | None = None


class Tree:
    """All concepts, accessible by name, by synonym and by parent.

    Args:
        concepts: parents before their children.

    Raises:
        TaxonomyError: a name occurs twice, or a parent does not come before its child.
    """

    def __init__(self, concepts: tuple[Concept, ...]) -> None:
        self.concepts = concepts
        self._named: dict[str, Concept] = {}
        self._children: defaultdict[str | None, list[Concept]] = defaultdict(list)
        by_synonym: defaultdict[str, list[Concept]] = defaultdict(list)
        for concept in concepts:
            if concept.parent is not None and concept.parent not in self._named:
                raise TaxonomyError(f"{concept.name!a}: its parent does not stand before it")
            if concept.name in self._named:
                raise TaxonomyError(f"{concept.name!a} is there twice")
            self._named[concept.name] = concept
            self._children[concept.parent].append(concept)
            for synonym in concept.synonyms:
                by_synonym[key(synonym)].append(concept)
        self._by_name = {key(concept.name): concept for concept in concepts}
        self._by_synonym = dict(by_synonym)

    @classmethod
    def parse(cls, raw: bytes) -> Tree:
        """Parses and checks ``taxonomy.json``.

        Raises:
            TaxonomyError: the data are not a valid tree of tags; the message says where.
        """
        if len(raw) > _MAX_BYTES:
            raise TaxonomyError(f"larger than {_MAX_BYTES} bytes")
        try:
            document = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise TaxonomyError(f"not readable as JSON ({error})") from None
        entries = document.get("concepts") if isinstance(document, dict) else None
        if not isinstance(entries, list) or len(entries) > MAX_CONCEPTS:
            raise TaxonomyError(f"concepts: not a list of at most {MAX_CONCEPTS}")
        return cls(tuple(_concept(entry, i) for i, entry in enumerate(entries)))

    def to_bytes(self) -> bytes:
        """The tree as bytes that :meth:`parse` reads."""
        entries = []
        for concept in self.concepts:
            entry: dict[str, Any] = {"name": concept.name}
            entry |= {"parent": concept.parent} if concept.parent is not None else {}
            entry |= {"synonyms": list(concept.synonyms)} if concept.synonyms else {}
            entry |= {"wordnet": concept.wordnet} if concept.wordnet is not None else {}
            entries.append(json.dumps(entry, ensure_ascii=False))
        return ('{"concepts": [\n' + ",\n".join(entries) + "\n]}\n").encode()

    def __len__(self) -> int:
        return len(self.concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)

    def __contains__(self, name: object) -> bool:
        return name in self._named

    def __getitem__(self, name: str) -> Concept:
        """The concept with exactly that name; raises KeyError if there is none."""
        return self._named[name]

    def find(self, word: str) -> tuple[Concept, ...]:
        """The concepts that a word can mean: one, several if it is ambiguous, or none.

        Case, an article and a plural's ending do not matter. A name wins over synonyms.
        """
        for form in singulars(key(word)):
            if form in self._by_name:
                return (self._by_name[form],)
            if form in self._by_synonym:
                return tuple(self._by_synonym[form])
        return ()

    @cached_property
    def by_key(self) -> dict[str, Concept]:
        """A concept for the :func:`key` of each name and synonym; a name wins over synonyms."""
        return {form: found[0] for form, found in self._by_synonym.items()} | self._by_name

    def parent(self, concept: Concept) -> Concept | None:
        """The concept that it is a kind of; None at the top."""
        return None if concept.parent is None else self._named[concept.parent]

    def children(self, concept: Concept | None) -> tuple[Concept, ...]:
        """The concepts that are kinds of it; those at the top for None."""
        return tuple(self._children.get(concept.name if concept else None, ()))

    def path(self, concept: Concept) -> tuple[Concept, ...]:
        """The concept, its parent and so on up to the top."""
        path = [concept]
        while (above := self.parent(path[-1])) is not None:
            path.append(above)
        return tuple(path)

    def below(self, concept: Concept) -> tuple[Concept, ...]:
        """The concept and all of its descendants."""
        found = [concept]
        for each in found:  # grows while it is walked
            found += self.children(each)
        return tuple(found)


def key(word: str) -> str:
    """The key by which words are compared: :func:`~ansa.names.name_key` without an article."""
    plain = name_key(word)
    for article in _ARTICLES:
        if plain.startswith(article):
            return plain.removeprefix(article)
    return plain


def singulars(word: str) -> Iterator[str]:
    """Yields the word, then the singulars of which it may be the plural."""
    yield word
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
        if word.endswith("ves"):
            yield f"{word[:-3]}f"
            yield f"{word[:-3]}fe"


def _concept(entry: Any, place: int) -> Concept:
    where = f"concepts[{place}]"
    if not isinstance(entry, dict):
        raise TaxonomyError(f"{where}: not an object")
    synonyms = entry.get("synonyms", [])
    if not isinstance(synonyms, list) or len(synonyms) > _MAX_SYNONYMS:
        raise TaxonomyError(f"{where}.synonyms: not a list of at most {_MAX_SYNONYMS} texts")
    for name in ("parent", "wordnet"):
        if entry.get(name) is not None:
            _text(entry[name], f"{where}.{name}")
    return Concept(
        _text(entry.get("name"), f"{where}.name"),
        entry.get("parent"),
        tuple(_text(synonym, f"{where}.synonyms") for synonym in synonyms),
        entry.get("wordnet"),
    )


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or not value.isprintable():
        raise TaxonomyError(f"{where}: not a text of 1 to {_MAX_NAME} printable characters")
    return value
