"""Emoji in queries as English words: "🐕 in the snow" asks for a dog in the snow.

The words are Unicode's own names of the characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_FIRST = "\u2600"  # symbols before it are arrows, signs of currencies and the like
_PICTURES = "\U0001f000"
_SHAPES = frozenset({"heavy", "black", "white"})
_JOINING = frozenset("\u200d\ufe0e\ufe0f\u20e3").union(map(chr, range(0x1F3FB, 0x1F400)))
"""Marks that join emoji, or give them a colour."""

_UNTOLD = ("regional indicator ", "variation ", "tag ")
_ASIDE = " face", " symbol", " sign"


def with_emoji_in_words(query: str, known: Callable[[str], bool] = lambda words: False) -> str:
    """Returns a query with words in the place of emoji.

    >>> with_emoji_in_words("🐶 🏖️")
    'dog beach with umbrella'

    Args:
        query: as it was typed.
        known: whether words name something: an emoji that is the name of a tag stays.
    """
    names = {char: _name(char) for char in set(query) if char >= _FIRST and not known(char)}
    if not any(names.values()):
        return query
    pieces = (
        f" {names[char]} " if names.get(char) else "" if char in _JOINING else char
        for char in query
    )
    return " ".join("".join(pieces).split())


def _name(char: str) -> str:
    """Returns the name of an emoji; empty for any other character."""
    name = unicodedata.name(char, "").lower()
    if unicodedata.category(char) != "So" or name.startswith(_UNTOLD):
        return ""
    for word in _ASIDE:
        name = name.removesuffix(word)
    words = name.split()
    while char < _PICTURES and len(words) > 1 and words[0] in _SHAPES:
        words.pop(0)  # a "heavy black heart" is no dark one
    return " ".join(words)
