"""Suggests tags ("did you mean") for a word that no photo here matches.

If WordNet knows the tags nearest to the word, these are suggested; otherwise, tags that are spelt
nearly like it are. All of them are tags of photos here. Nothing else is suggested: of the tags that
the text network holds to be near, only one in seven helped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from ansa.library.search.snapshot import Snapshot
from ansa.library.search.spelling import SpellingIndex
from ansa.library.search.tag_names import NamedTags
from ansa.taxonomy.tree import Tree, key

MOST = 3
"""The largest number of suggested tags."""

_MOST_WORDS = 3  # the most words of a query that are tried
_UNHELPFUL = 0.5  # a tag of more than this share of all photos is too frequent to help


def suggest(snapshot: Snapshot, asked: Sequence[NamedTags]) -> list[tuple[str, int]]:
    """Returns tags to search for instead, nearest first, with numbers of photos that surely have
    them.

    Args:
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
        for name in _near(snapshot, tree, word, here):
            found.setdefault(name, here[name])
    for name in [] if words else names:
        for kin in _kin(tree, name):
            if kin in here and kin not in names:
                found.setdefault(kin, here[kin])
    return list(found.items())[:MOST]


def _near(snapshot: Snapshot, tree: Tree, word: str, here: dict[str, int]) -> list[str]:
    """Returns tags near to a word, all of them of photos here."""
    near = list(snapshot.kin.of(word))
    if not near:
        found = _spelling(tree).near(key(word), MOST)
        near = list(dict.fromkeys(tree.by_key[form].name for form in found))
    known = [name for name in near if name in here]
    return known + [
        kin for name in near[:1] for kin in _kin(tree, name) if kin in here and not known
    ]


_spellings: WeakKeyDictionary[Tree, SpellingIndex] = WeakKeyDictionary()


def _spelling(tree: Tree) -> SpellingIndex:
    if tree not in _spellings:
        _spellings[tree] = SpellingIndex(tree.by_key)
    return _spellings[tree]


def _kin(tree: Tree, name: str) -> Iterator[str]:
    """Returns the parents of a tag, the nearest first, each followed by its other children."""
    if name in tree:
        for concept in tree.path(tree[name])[1:]:
            yield concept.name
            yield from (kind.name for kind in tree.children(concept))
