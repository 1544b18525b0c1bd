"""Nouns that the tree of tags lacks, and the tags nearest to each in WordNet.

Searches look words up in it when nothing here matches them ("zebu": cow). Near is what few steps up
and down between kinds and their kinds lead to (Rada et al., "Development and application of a
metric on semantic nets", 1989).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.pretrained import fetch
from ansa_train.taxonomy.build import LEFT_UNSAID
from ansa_train.taxonomy.wordnet import WordNet

_HIGHEST = 4  # steps up
_FARTHEST = 5  # steps in all
_MOST = 3  # tags of a word
_VAGUE = {"n00001740", "n00001930", "n00002137", "n00002684", "n00003553"}
"""Entity, physical entity, abstraction, object, whole: these alone make nothing alike."""
_PEOPLE = {"person", "adult", "man", "woman", "child", "boy", "girl", "old person"}
"""WordNet has thousands of words for them, and many are insults."""


def related_terms_file(tree: Tree, wordnet: WordNet) -> bytes:
    """What :meth:`ansa.taxonomy.related_terms.RelatedTerms.parse` reads."""
    return "".join(_lines(related_terms(tree, wordnet))).encode("ascii")


def related_terms(tree: Tree, wordnet: WordNet) -> dict[str, tuple[str, ...]]:
    """Single nouns that the tree lacks -> names of the tags nearest to their first meaning."""

    @cache
    def above(synset: str) -> dict[str, int]:
        """Everything it is a kind of, and how many steps up that is."""
        steps = {synset: 0}
        queue = [synset]
        for each in queue:  # grows while it is walked
            if steps[each] < _HIGHEST:
                new = [h for h in wordnet[each].hypernyms if h not in steps]
                steps |= dict.fromkeys(new, steps[each] + 1)
                queue += new
        return steps

    below: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    for place, concept in enumerate(tree):
        if concept.name not in LEFT_UNSAID:
            for meaning in _meanings(concept, tree, wordnet):
                for synset, down in above(meaning).items():
                    below[synset].add((down, place))
    nearest = {synset: sorted(places) for synset, places in below.items()}
    found = {}
    for word in wordnet.words():
        meaning = wordnet.senses(word)[0]
        # A name is written with a capital in its meaning.
        if not word.isalpha() or tree.find(word) or word not in wordnet[meaning].lemmas:
            continue
        ways: dict[int, tuple[int, int]] = {}
        for synset, up in above(meaning).items():
            for down, place in nearest.get(synset, ()):
                if up + down <= _FARTHEST:
                    ways[place] = min(ways.get(place, (up + down, down)), (up + down, down))
        best = sorted(ways, key=lambda place: (*ways[place], place))[:_MOST]
        if best and tree.concepts[best[0]].name not in _PEOPLE:
            found[word] = tuple(tree.concepts[place].name for place in best)
    return found


def _meanings(concept: Concept, tree: Tree, wordnet: WordNet) -> set[str]:
    """The meaning that a concept is linked to, and those of its words that are no other thing."""
    linked = {concept.wordnet} if concept.wordnet else set()
    kinds = {kind for meaning in linked for kind in wordnet.above(meaning)} - _VAGUE
    words = (concept.name, *concept.synonyms)
    first = {m for word in words if len(tree.find(word)) == 1 for m in wordnet.senses(word)[:1]}
    return linked | {m for m in first if not linked or kinds & {*wordnet.above(m)}}


def _lines(found: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Tags, then the words that have them, under the licence that must go with them."""
    yield "# Made by ansa_train.taxonomy.related_terms from WordNet 3.0, under its licence:\n"
    for line in fetch("wordnet").read_text("ascii").splitlines():
        if not line.startswith("  "):
            break
        yield f"# {line.strip().partition(' ')[2].strip()}".rstrip() + "\n"
    words: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for word, names in found.items():
        words[names].append(word)
    for names in sorted(words):
        yield f"{', '.join(names)}: {' '.join(sorted(words[names]))}\n"
