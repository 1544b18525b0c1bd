"""The tags that a text names: exact words of the tree of tags, their synonyms, and taught names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansa.library.search.stop_words import STOP_WORDS
from ansa.names import WORD
from ansa.taxonomy.tree import Tree, key, singulars

_LONGEST = 4  # words of a name
_MOST = 5  # tags of one text
_LEADING = 2
_OR = "or"


@dataclass(frozen=True, slots=True)
class NamedTags:
    """What a text names.

    Attributes:
        named: for each thing that is named, its words and the tags they may mean; any of these
            will do. Things that "or" joins are one: ``("cat or dog", ("cat", "dog"))``.
        leading: whether the text names tags and says nothing else, so that tags know best.
        unknown: the words that name nothing, in their order.
    """

    named: tuple[tuple[str, tuple[str, ...]], ...]
    leading: bool
    unknown: tuple[str, ...]


def named_in(text: str, tree: Tree | None, taught: Mapping[str, str]) -> NamedTags:
    """The tags in a text, the longest names first: "hot dog" is no dog.

    Args:
        text: in plain words.
        tree: of the tags; None if there is none.
        taught: names that people taught, by their :func:`~ansa.taxonomy.tree.key`.
    """
    words = WORD.findall(text)
    named: dict[tuple[str, ...], str] = {}
    unknown = []
    at = 0
    before: tuple[str, ...] | None = None  # what was named by the words before an "or"
    while at < len(words):
        length, names = _longest(words[at : at + _LONGEST], tree, taught)
        said = _without_article(words[at : at + length])
        if names and before in named and words[at - 1].casefold() == _OR:
            said = f"{named.pop(before)} or {said}"
            before = tuple(dict.fromkeys((*before, *names)))
            named.setdefault(before, said)
        elif names and len(named) < _MOST:
            named.setdefault(names, said)
            before = names
        elif not names and _says_something(words[at]):
            unknown.append(words[at])
        if not names and words[at].casefold() != _OR:
            before = None
        at += length
    leading = bool(named) and not unknown and len(named) <= _LEADING
    return NamedTags(tuple((said, names) for names, said in named.items()), leading, tuple(unknown))


def _longest(
    words: list[str], tree: Tree | None, taught: Mapping[str, str]
) -> tuple[int, tuple[str, ...]]:
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if length == 1 and phrase.casefold() in STOP_WORDS:
            continue
        for form in singulars(key(phrase)):
            if form in taught:
                return length, (taught[form],)
        if tree is not None and (found := tree.find(phrase)):
            return length, tuple(concept.name for concept in found)
    return 1, ()


def _says_something(word: str) -> bool:
    return word.casefold() not in STOP_WORDS and any(map(str.isalnum, word))


def _without_article(words: list[str]) -> str:
    article = len(words) > 1 and words[0].casefold() in ("a", "an", "the")
    return " ".join(words[article:])
