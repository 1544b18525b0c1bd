"""Words that are no tags, and the tags nearest to them by what they are kinds of in WordNet."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ansa.taxonomy.tree import key, singulars

FILE = "kin.txt"
"""Made by :mod:`ansa.factory.taxonomy.kin`."""


def kin_of(word: str) -> tuple[str, ...]:
    """Names of the tags nearest to a word, nearest first; none if it is not known.

    Case and a plural's ending do not matter. The names are of the shipped tree; other trees may not
    have them.
    """
    known = _kin()
    for form in singulars(key(word)):
        if form in known:
            return known[form]
    return ()


@cache
def _kin() -> dict[str, tuple[str, ...]]:
    text = files(__package__).joinpath(FILE).read_text(encoding="ascii")
    known = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            names, _, words = line.partition(": ")
            known.update(dict.fromkeys(words.split(), tuple(names.split(", "))))
    return known
