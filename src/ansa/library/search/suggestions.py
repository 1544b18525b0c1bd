"""Suggests tags ("did you mean") for a word that no photo here matches.

The word may be misspelt. If WordNet knows its nearest tags, these are suggested. Otherwise, the
text network finds tags with a similar meaning. All suggested tags are tags of photos here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ansa.library.search.snapshot import Snapshot
from ansa.library.search.tag_names import NamedTags
from ansa.library.session import LibrarySession
from ansa.library.storage.vectors import pack, unpack
from ansa.names import spelt_alike
from ansa.scene import Vector
from ansa.taxonomy.tree import Tree, key

MOST = 3
"""The largest number of suggested tags."""

_MOST_WORDS = 3  # the most words of a query that are tried
_NEAR = 0.6  # the cosine of names below which nothing is suggested
_UNHELPFUL = 0.5  # a tag of more than this share of all photos is too frequent to help


def suggest(
    session: LibrarySession, snapshot: Snapshot, asked: Sequence[NamedTags]
) -> list[tuple[str, int]]:
    """Returns tags to search for instead, nearest first, with numbers of photos that surely have
    them.

    Args:
        session: the library.
        snapshot: its photos.
        asked: the tags that the parts of the query named, and the words that named nothing.
    """
    counts, tree = snapshot.tagged.counts, snapshot.tree
    if tree is None:
        return []
    most = max(_UNHELPFUL * len(snapshot.photos), 1)
    here = {name: count for name, count in counts.items() if 0 < count <= most}
    found: dict[str, int] = {}
    words = [word for each in asked for word in each.unknown]
    names = [name for each in asked for _, meant in each.named for name in meant]
    for word in words[:_MOST_WORDS]:
        for name in _near(session, snapshot, tree, word, here):
            found.setdefault(name, here[name])
    for name in [] if words else names:
        for kin in _kin(tree, name):
            if kin in here and kin not in names:
                found.setdefault(kin, here[kin])
    return list(found.items())[:MOST]


def _near(
    session: LibrarySession, snapshot: Snapshot, tree: Tree, word: str, here: dict[str, int]
) -> list[str]:
    """Returns tags near to a word, all of them of photos here."""
    spelt = {key(s): each.name for each in tree for s in (each.name, *each.synonyms)}
    near = snapshot.kin.of(word) or [spelt[form] for form in spelt_alike(word, spelt, MOST)]
    known = [name for name in near if name in here]
    known += [kin for name in near[:1] for kin in _kin(tree, name) if kin in here and not known]
    if known:
        return known
    names = sorted(here)
    vectors = name_vectors(session, names)
    scores = vectors @ session.analyzer.embed_text(word)[0]
    order = np.argsort(-scores, kind="stable")[:MOST]
    return [names[place] for place in order if scores[place] >= _NEAR]


def _kin(tree: Tree, name: str) -> Iterator[str]:
    """Returns the parents of a tag, the nearest first, each followed by its other children."""
    if name in tree:
        for concept in tree.path(tree[name])[1:]:
            yield concept.name
            yield from (kind.name for kind in tree.children(concept))


def name_vectors(session: LibrarySession, names: Sequence[str]) -> Vector:
    """Returns the vectors of tags' names, float32 (n, d), unit length.

    Each is computed once for each bundle and cached, because hundreds take longer than a search
    may.
    """
    cache, analyzer = session.store.cache, session.analyzer
    subject = f"names of {analyzer.bundle.id}"
    kept = cache.get(subject)
    known = [name for name in names if name in kept]
    vectors, rows = unpack([kept[name] for name in known], analyzer.dim)
    found = {known[row]: vector for row, vector in zip(rows, vectors, strict=True)}
    new = [name for name in names if name not in found]
    if new:
        found |= zip(new, analyzer.embed_text(new), strict=True)
        cache.put(subject, {name: pack(found[name], analyzer.dim) for name in new})
    return np.stack([found[name] for name in names]) if names else vectors
