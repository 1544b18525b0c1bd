"""Turns the texts of a query into terms by which photos are ranked: vectors, tags, and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ansa.library.search.explain import QueryPart
from ansa.library.search.name_matches import NameMatches, name_matches, search_words
from ansa.library.search.parse import Part
from ansa.library.search.ranking import RankedTerm
from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.search.tag_names import NamedTags, named_in
from ansa.library.search.text_matches import TextMatches, text_matches
from ansa.names import WORD
from ansa.scene import Vector

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_SHORT = 2  # words besides stop words
_MOST = 4  # alternatives
_SEEN_TOO = 0.25  # what a word in a name counts where the photo surely shows that anyway
_OR = re.compile(r"\s*,?\s+or\s+", re.IGNORECASE)
_ROW = re.compile(r"\s*,\s*")
_LINK = re.compile(
    r"(?<=\S)\s+(?:on|in|at|with|near|under|by|from|behind|beside|holding|wearing|riding"
    r"|next to)\s+",
    re.IGNORECASE,
)


def query_terms(
    session: LibrarySession, snapshot: Snapshot, texts: Sequence[Part]
) -> list[QueryPart]:
    """Returns the parts by which photos are ranked.

    Args:
        session: the library.
        snapshot: its photos, with custom tags.
        texts: the parts of a query, without words for facts and requests.
    """
    rows = [alternatives(part.text) for part in texts]
    several = [text for row in rows for text in row]
    vectors = iter(session.analyzer.embed_text(several))
    parts = []
    for part, row in zip(texts, rows, strict=True):
        names = name_matches(part.text, session, snapshot)
        read = text_matches(part.text, session, snapshot)
        terms = [
            _term(
                text,
                next(vectors),
                name_matches(text, session, snapshot) if len(row) > 1 else names,
                text_matches(text, session, snapshot) if len(row) > 1 else read,
                snapshot,
            )
            for text in row
        ]
        term = replace(terms[0], weight=part.weight, others=tuple(terms[1:]))
        concepts = named_in(part.text, snapshot.tree, snapshot.tagged.taught)
        parts.append(QueryPart(part, term, concepts, names, read))
    return parts


def alternatives(text: str) -> list[str]:
    """Returns the texts that "or" joins; the text itself if there is no "or".

    What stands behind the last holds for all: "a cat or a dog on a sofa" is "a cat on a sofa" and
    "a dog on a sofa". What stands before the first does, too: "a man with a dog or a cat".
    """
    row = [each.strip() for each in _OR.split(text)]
    row = [*(each.strip() for each in _ROW.split(row[0])), *row[1:]]
    if not 1 < len(row) <= _MOST or not all(row) or not _OR.search(text):
        return [text]
    links = [_LINK.search(each) for each in row]
    first, last = links[0], links[-1]
    if last and not any(links[:-1]):
        return [f"{each}{row[-1][last.start() :]}" for each in row[:-1]] + [row[-1]]
    if first and not any(links[1:]):
        return [row[0]] + [f"{row[0][: first.end()]}{each}" for each in row[1:]]
    return row


def _term(
    text: str,
    vector: Vector,
    names: NameMatches | None,
    texts: TextMatches | None,
    snapshot: Snapshot,
) -> RankedTerm:
    concepts = named_in(text, snapshot.tree, snapshot.tagged.taught)
    words = [word for word in WORD.findall(text) if word.casefold() not in STOP_WORDS]
    term = RankedTerm(
        vector,
        snapshot.text_baseline,
        films=snapshot.films.raised(vector, snapshot.everyday, snapshot.text_baseline),
        short=len(words) <= _SHORT,
        names=names.share if names else None,
        texts=texts.share if texts else None,
    )
    if not concepts.named:
        return term
    shown = [snapshot.shown(tags) for _, tags in concepts.named]
    scores = np.stack([each.scores for each in shown]).mean(axis=0, dtype=np.float32)
    sure = np.logical_and.reduce([each.sure for each in shown])
    share = term.names
    if names and share is not None:
        # In a folder "Dogs", the name says nothing that "dogs playing" can be told by.
        for (said, _), each in zip(concepts.named, shown, strict=True):
            if set(search_words(said)) <= set(names.words):
                share = np.where(each.sure & (share < 1), np.float32(_SEEN_TOO) * share, share)
    return replace(term, tags=scores, sure=sure, named=_named(concepts, len(words)), names=share)


def _named(concepts: NamedTags, words: int) -> float:
    """Returns how much of a text tags know: all of it, or less the more else it says."""
    if concepts.leading:
        return 1.0
    share = 1 - len(concepts.unknown) / max(words, 1)
    return max(0.0, share * min(1.0, _SHORT / max(words, 1)))
