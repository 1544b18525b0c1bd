"""The tags that a text names: exact words of the tree of tags, their synonyms, and taught names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansa.names import WORD
from ansa.taxonomy.tree import Tree, key, singulars

_LONGEST = 4  # words of a name
_MOST = 5  # tags of one text
_LEADING = 2
IDLE = frozenset(
    """a an and are at be by for from her his image images in is it its me more my of on or our
    photo photos picture pictures shot some that the their there these this those to was with
    """.split()  # noqa: SIM905
)
"""Words that name nothing."""


@dataclass(frozen=True, slots=True)
class NamedTags:
    """What a text names.

    Attributes:
        named: for each thing that is named, its words and the tags they may mean.
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
    while at < len(words):
        length, names = _longest(words[at : at + _LONGEST], tree, taught)
        if names and len(named) < _MOST:
            named.setdefault(names, _without_article(words[at : at + length]))
        elif not names and words[at].casefold() not in IDLE and any(map(str.isalnum, words[at])):
            unknown.append(words[at])
        at += length
    leading = bool(named) and not unknown and len(named) <= _LEADING
    return NamedTags(tuple((said, names) for names, said in named.items()), leading, tuple(unknown))


def _longest(
    words: list[str], tree: Tree | None, taught: Mapping[str, str]
) -> tuple[int, tuple[str, ...]]:
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if length == 1 and phrase.casefold() in IDLE:
            continue
        for form in singulars(key(phrase)):
            if form in taught:
                return length, (taught[form],)
        if tree is not None and (found := tree.find(phrase)):
            return length, tuple(concept.name for concept in found)
    return 1, ()


def _without_article(words: list[str]) -> str:
    article = len(words) > 1 and words[0].casefold() in ("a", "an", "the")
    return " ".join(words[article:])
