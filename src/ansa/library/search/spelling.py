"""Finds the words that a misspelt word is nearest to, quickly, among tens of thousands.

Words are compared as they sound, so that "elefant" is "elephant" and "bycicle" is "bicycle". Two
are near if one edit (a letter too many, too few, wrong, or two swapped) makes one of the other, or
two edits for long words. Each known word is kept under all that remains of it without one letter,
as in SymSpell (Garbe 2012), so that a look-up reads a few entries and not the whole list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

_LEAST = 4
"""The fewest letters of a word that is corrected; shorter ones are near to too many."""

_SHORT = 3
"""The letters of a word that is nearest only to what sounds the same: "dogg" is "dog"."""

_LONG = 8  # letters from which on two edits are allowed
_LONGEST = 24  # letters of a word that are compared
_FAR = 4  # edits that are no longer counted
_SOUNDS = ("ph", "f"), ("ck", "k"), ("c", "k"), ("q", "k"), ("y", "i"), ("z", "s")


class SpellingIndex:
    """Known words, the more important first.

    Args:
        words: as :func:`~ansa.names.name_key` gives them, without spaces.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._rank: dict[str, int] = {}
        self._without: defaultdict[str, list[str]] = defaultdict(list)
        for word in words:
            if word in self._rank or not _SHORT <= len(word) <= _LONGEST:
                continue
            self._rank[word] = len(self._rank)
            for rest in _shortened(_sound(word)):
                self._without[rest].append(word)

    def __contains__(self, word: object) -> bool:
        return word in self._rank

    def __len__(self) -> int:
        return len(self._rank)

    def near(self, word: str, most: int = 3) -> list[str]:
        """Returns the known words that a word is nearest to, the nearest first, at most so many.

        Args:
            word: as :func:`~ansa.names.name_key` gives it; one that is known is the nearest.
            most: at least 1.
        """
        if not _LEAST <= len(word) <= _LONGEST:
            return []
        allowed = 1 if len(word) < _LONG else 2
        sound = _sound(word)
        found = {each for rest in _shortened(sound) for each in self._without.get(rest, ())}
        near = []
        for each in found:
            apart = edits(sound, _sound(each), allowed + 1)
            if apart <= (allowed if len(each) > _SHORT else 0):
                spelt = edits(word, each, _FAR)
                near.append((apart + spelt, each[0] != word[0], self._rank[each], each))
        return [each for *_, each in sorted(near)[:most]]


def edits(one: str, other: str, most: int) -> int:
    """Returns how many edits make one word of the other; at least ``most`` if they are more.

    An edit adds, removes or changes a letter, or swaps two neighbours.
    """
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, each in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != each))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == each:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) >= most:
            return most
    return min(row[-1], most)


def _sound(word: str) -> str:
    """Returns a word with letters that sound alike as one, and doubled letters once."""
    for spelt, sound in _SOUNDS:
        word = word.replace(spelt, sound)
    return "".join(letter for letter, _ in groupby(word))


def _shortened(word: str) -> Iterator[str]:
    """Yields a word, and what is left of it without each of its letters."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
