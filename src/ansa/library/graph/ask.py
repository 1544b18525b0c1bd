"""Asking the graph: the words of a question become nodes, and photos that belong to all of them
are the answer, each with the paths that led to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ansa.library.calendar.dates import QueryTime
from ansa.library.calendar.holidays import NOWHERE, Region
from ansa.library.calendar.phrases import phrases
from ansa.library.calendar.spans import clock
from ansa.library.calendar.times import TimeContext
from ansa.library.graph.graph import Graph, Node, PathStep
from ansa.library.graph.graph import graph as build_graph
from ansa.library.search.negation import NEGATORS
from ansa.names import name_key
from ansa.taxonomy.tree import FILE, Tree, singulars

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_LONGEST = 12  # words of a name
_MOST_WORDS = 200
_MOST_NAMES = 8
_NOT = NEGATORS
_OR = "or"
_CHUNK = re.compile(r"\S+")
_PLACES = {"city", "region", "country"}
_PLACE_NAME = 5  # letters; shorter names are too like other words
_SPELT_ALIKE = 0.8  # difflib's ratio
_IDLE = frozenset(
    """a all an and any anything are at by during every everything everywhere find for from give go
    had has have i image images in is it me my near of on our photo photos picture pictures
    see seen shot shots show showing shows some taken that the their there these those to
    together was we were when where which while who with""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class QuestionTerm:
    """Some words of a question, and what they were taken for.

    Attributes:
        text: the words.
        nodes: what they may mean; any of them will do. Empty: known, but of no photo here.
        wanted: False for what photos must not belong to.
        names: of the nodes, with their kinds: "country Portugal".
    """

    text: str
    nodes: tuple[Node, ...]
    wanted: bool = True
    names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The term as JSON-ready values."""
        return {"text": self.text, "wanted": self.wanted, "means": list(self.names)}


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """A photo that answers.

    Attributes:
        photo: its id.
        path: where it is.
        score: 0..1: how surely it belongs to all that was asked for, as a product.
        why: a path to each: "shows dog (0.98)", "in the moment of ... > at Lisbon > in Portugal".
    """

    photo: int
    path: Path
    score: float
    why: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The photo as JSON-ready values."""
        return {"path": str(self.path), "score": round(self.score, 4), "why": list(self.why)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the graph answers.

    Attributes:
        terms: what was understood.
        unknown: words that mean nothing to the graph; they were left out.
        photos: surest first.
        message: what there is to say: what was not understood, or is not there; else empty.
    """

    terms: tuple[QuestionTerm, ...]
    unknown: tuple[str, ...]
    photos: tuple[GraphAnswer, ...]
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values."""
        return {
            "understood": [term.to_dict() for term in self.terms],
            "unknown": list(self.unknown),
            "message": self.message,
            "photos": [photo.to_dict() for photo in self.photos],
        }


def ask_library(session: LibrarySession, question: str, graph: Graph | None = None) -> Answer:
    """What a library answers; see :func:`ask`. Its graph is built, unless it is given.

    Raises:
        LibraryError: the library's file fails.
        ModuleNotFoundError: networkx is not installed (``pip install 'ansa[experiences]'``).
    """
    bundle = session.analyzer.bundle
    tree = Tree.parse(bundle.read(FILE)) if FILE in bundle.manifest.files else None
    return ask(graph or build_graph(session), question, tree)


def ask(graph: Graph, question: str, tree: Tree | None = None, today: date | None = None) -> Answer:
    """The photos that belong to everything a question names.

    Names are those of tags and objects, cities, regions and countries, days, months, years, days
    of the week, seasons and holidays, trips, home, and numbers of people. ``or`` joins two,
    ``without`` or ``-`` excludes the next.

    Args:
        graph: the library's graph.
        question: in plain words, such as "photos with dog at beach 2024".
        tree: the bundle's tree of tags, for synonyms.
        today: for "last christmas"; by default the day it is.
    """
    terms, unknown = understand(graph, question, tree, today or date.today())
    wanted = [term for term in terms if term.wanted]
    if not wanted:
        said = f": {_quoted(unknown)}" if unknown else ""
        return Answer(terms, unknown, (), f"the graph knows nothing of what was asked for{said}")
    ways = [_ways(graph, term) for term in wanted]
    photos = set[int].intersection(*map(set, ways))
    for term in terms:
        if not term.wanted:
            photos -= _ways(graph, term).keys()
    found = []
    for photo in sorted(photos):
        steps = [way[photo] for way in ways]
        why = tuple(" > ".join(map(str, each)) for each in steps)
        found.append(GraphAnswer(photo, graph.paths[photo], prod(map(_score, steps)), why))
    found.sort(key=lambda each: (-each.score, os.fsencode(each.path)))
    absent = [term.text for term, way in zip(wanted, ways, strict=True) if not way]
    return Answer(terms, unknown, tuple(found), _message(unknown, absent, bool(found)))


def understand(
    graph: Graph, question: str, tree: Tree | None, today: date
) -> tuple[tuple[QuestionTerm, ...], tuple[str, ...]]:
    """The terms of a question, the longest names first, and the words that are none."""
    words = list(_words(question))
    names = [word for word, *_ in words]
    dates = _dates(graph, question, words, today)
    terms: list[QuestionTerm] = []
    unknown: list[str] = []
    at, wanted, either = 0, True, False
    while at < len(words):
        if names[at] == "-":
            at, wanted = at + 1, False
            continue
        length, nodes = _longest(graph, names[at : at + _LONGEST], tree)
        if at in dates and dates[at][0] > length:
            length, days, said = dates[at]
            if days is None:  # it looks like a time and is none
                unknown.append(said)
                at, wanted, either = at + length, True, False
                continue
            nodes = days
        elif not length and (nodes := _spelt_alike(graph, names[at])):
            length = 1
        text = " ".join(names[at : at + max(length, 1)])
        at += max(length, 1)
        if not length:
            wanted = wanted and text not in _NOT
            either = either or (text == _OR and bool(terms))
            if text not in _NOT | _IDLE | {_OR}:
                unknown.append(text)
                wanted, either = True, False
            continue
        if either:
            before = terms.pop()
            text, nodes = f"{before.text} or {text}", [*before.nodes, *nodes]
            wanted = before.wanted
        nodes = list(dict.fromkeys(nodes))
        told = [f"{node[0]} {graph.network.nodes[node]['name']}" for node in nodes]
        told[_MOST_NAMES:] = [f"and {len(told) - _MOST_NAMES:,} more"][: len(told) > _MOST_NAMES]
        terms.append(QuestionTerm(text, tuple(nodes), wanted, tuple(told)))
        wanted, either = True, False
    return tuple(terms), tuple(dict.fromkeys(unknown))


def _words(question: str) -> Iterator[tuple[str, int, int]]:
    """Words as names are compared, each with where what it is of starts and ends; ``-`` stands
    before one that is excluded."""
    for count, match in enumerate(_CHUNK.finditer(question)):
        if count == _MOST_WORDS:
            break
        found = name_key(match[0]).split()
        if match[0][0] == "-" and found:
            yield "-", match.start(), match.start()
        yield from ((word, *match.span()) for word in found)


def _dates(
    graph: Graph, question: str, words: list[tuple[str, int, int]], today: date
) -> dict[int, tuple[int, list[Node] | None, str]]:
    """Times by their first word: how many words they take, their days, and what was said.

    The days are None for what looks like a time and is none.
    """
    home = NOWHERE
    if graph.homes:
        home = Region(graph.homes[0].place.code, graph.homes[0].point[0] < 0)
    found: dict[int, tuple[int, list[Node] | None, str]] = {}
    for phrase in phrases(question, TimeContext(today, lambda: home)):
        inside = [
            n
            for n, (_, start, end) in enumerate(words)
            if start < phrase.end and end > phrase.start
        ]
        while inside and words[inside[0]][0] in _IDLE | {"-"}:
            inside.pop(0)
        if not inside:
            continue
        said = " ".join(question[phrase.start : phrase.end].split())
        days = None
        if phrase.meaning is not None:
            days = _days(graph, QueryTime(said, phrase.meaning, phrase.local), home)
        found[inside[0]] = len(inside), days, said
    return found


def _longest(graph: Graph, words: list[str], tree: Tree | None) -> tuple[int, list[Node]]:
    """How many of the words are a name, and what it means; 0 if not even the first is one."""
    words = words[: words.index("-")] if "-" in words else words
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if phrase in _IDLE | _NOT | {_OR}:
            return 0, []
        for form in singulars(phrase):
            if form in graph.by_name:
                return length, graph.by_name[form]
        concepts = tree.find(phrase) if tree else ()
        if concepts:
            tags = [("tag", concept.name) for concept in concepts]
            return length, [node for node in tags if node in graph.network]
    return 0, []


def _spelt_alike(graph: Graph, word: str) -> list[Node]:
    """The place of a photo here whose name is nearly so: maps say Sevilla and Praha."""
    names = [
        name
        for name, nodes in graph.by_name.items()
        if len(name) >= _PLACE_NAME and any(node[0] in _PLACES for node in nodes)
    ]
    near = get_close_matches(word, names, 1, _SPELT_ALIKE) if len(word) >= _PLACE_NAME else []
    return [node for name in near for node in graph.by_name[name] if node[0] in _PLACES]


def _days(graph: Graph, when: QueryTime, home: Region) -> list[Node]:
    """The days of a time that has a meaning at home."""
    days = [node for node in graph.network.nodes if node[0] == "day"]
    noon = np.array([clock(datetime.fromisoformat(f"{node[1]}T12:00")) for node in days])
    inside = when.holds(noon, [(home, np.ones(len(noon), np.bool_))] if len(noon) else ())
    return [node for node, holds in zip(days, inside, strict=True) if holds]


def _ways(graph: Graph, term: QuestionTerm) -> dict[int, list[PathStep]]:
    """Photos that belong to any node of a term, and the surest way to it, then the shortest."""
    found: dict[int, list[PathStep]] = {}
    for node in term.nodes:
        for photo, way in graph.ways(node).items():
            if photo not in found or _rank(way) > _rank(found[photo]):
                found[photo] = way
    return found


def _rank(way: list[PathStep]) -> tuple[float, int]:
    return _score(way), -len(way)


def _score(way: list[PathStep]) -> float:
    return prod(step.score for step in way)


def _message(unknown: tuple[str, ...], absent: list[str], found: bool) -> str:
    parts = []
    if unknown:
        parts.append(f"not understood, and left out: {_quoted(unknown)}")
    if absent:
        parts.append(f"no photo here belongs to {_quoted(absent)}")
    elif not found:
        parts.append("no photo here belongs to all of it")
    return "; ".join(parts)


def _quoted(words: Iterable[str]) -> str:
    shown = [f'"{word[:40]}"' for word in words]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5:,} more" if len(shown) > 5 else "")
