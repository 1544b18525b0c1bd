"""Finds the nouns in captions by their context: "a dog on" has one, "a black dog" two words.

A word is a noun if it often stands between an article and a word that ends the phrase. That needs
no tagger and no word list but the few grammatical words below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BEFORE = _words("a an the his her its their one two three four another some")
AFTER = _words(
    "in on with at of to by near over through down from into for behind under beside while as is "
    "are who that which during across around along next onto . , ;"
)
NOT_SEEN = _words(
    "background base body bottom bunch camera closeup corner couple distance edge end foreground "
    "front game group left line lot middle number object other part photo picture piece pile right "
    "set shot side top turn view"
)
"""Nouns of captions that name a place in the picture, an amount or the picture itself."""

IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "leaves": "leaf",
    "mice": "mouse",
    "geese": "goose",
}
SHARE, TIMES = 0.05, 5
"""How often, of all times and at least, a noun stands alone between those words."""

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|[.,;]")


def words(caption: str) -> list[str]:
    """The words and stops of a text, in lower case."""
    return _WORD.findall(caption.lower())


def nouns(captions: Iterable[str]) -> frozenset[str]:
    """The nouns of many captions, singular where the singular occurs too."""
    alone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for caption in captions:
        said = [*words(caption), "."]
        total.update(said)
        for before, word, after in zip(said, said[1:], said[2:], strict=False):
            if before in BEFORE and after in AFTER:
                alone[word] += 1
    grammar = BEFORE | AFTER | NOT_SEEN
    found = {
        word
        for word, times in alone.items()
        if times >= TIMES and times >= SHARE * total[word] and word not in grammar
    }
    return frozenset(singular(word, found) for word in found)


def singular(word: str, known: Iterable[str] | frozenset[str]) -> str:
    """The singular of a word if it is known, else the word."""
    guesses = [IRREGULAR[word]] if word in IRREGULAR else []
    if word.endswith("s") and not word.endswith("ss"):
        guesses += [word[:-1], word[:-2], f"{word[:-3]}y" if word.endswith("ies") else word]
    return next((guess for guess in guesses if guess in known), word)


def mentioned(captions: Sequence[str], known: frozenset[str], least: int = 2) -> frozenset[str]:
    """The known nouns that at least so many captions of one photo mention."""
    said = Counter(
        noun
        for caption in captions
        for noun in {singular(word, known) for word in words(caption)} & known
    )
    return frozenset(noun for noun, times in said.items() if times >= least)
