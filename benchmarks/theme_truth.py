"""Whether a photo is of a theme, by what people say of it in captions and labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ansa.library.memories.themes import Theme
from ansa.taxonomy.tree import Tree
from ansa_train.data.labels.label_rules import LabelRules
from benchmarks.descriptions import named

CAPTIONS = 3
"""Fewer captions leave too much unmentioned."""

_RULES = Path(__file__).parents[1] / "recipes" / "data" / "labels.toml"
# What captions say of themes for which no tag means the same.
_SAID = {
    "people around a table": r"\btable|dinner|lunch|meal|\beat|restaurant|breakfast|picnic",
    "hikes": r"\bhik|backpack|\btrail|mountain|climb|\bhill|cliff|\btrek|summit|\brocks?\b",
    "birthdays": r"birthday|\bcake|party|candle",
    "playing children": r"child|\bkids?\b|\bboys?\b|\bgirls?\b|\bbab(y|ies)|toddler|infant",
    "people close together": r"\bhug|embrac|\barms?\b|kiss|cuddl|\bhold|family|families|friends"
    r"|couple|together|\bpos(e|es|ing)\b|group|\blaps?\b|mother|father|\bcrowd",
    "beaches": r"\b(at|by|beside|near|along|overlooking) (the|a)( \w+)? (sea|ocean)\b|seaside"
    r"|\bshore",
    "snow": r"\bsnow|\bski|\bice\b|\bicy\b|\bsled",
    "fun in the water": r"\bwater|\bswim|\bpool|\bsurf|\bsplash|\bocean",
    "city nights": r"\bnight|neon|\blights\b|\bdark",
}


class ThemeTruth:
    """What is known of photos, in the words of themes.

    Args:
        tree: the concepts that the themes' tags are of.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._ambiguous = LabelRules.read(_RULES).ambiguous

    def judges(self, theme: Theme, captions: Sequence[str], labels: Sequence[str]) -> bool:
        """Whether enough is said of a photo to tell whether it is of a theme.

        A label that the tree of tags does not know says nothing.
        """
        if not theme.tags:
            return len(captions) >= CAPTIONS
        return len(captions) >= CAPTIONS or any(self._tree.find(label) for label in labels)

    def is_of(self, theme: Theme, captions: Sequence[str], labels: Sequence[str]) -> bool:
        """Whether captions and labels say that a photo is of a theme."""
        words = _SAID.get(theme.name)
        if words and any(re.search(words, caption.lower()) for caption in captions):
            return True
        return bool(theme.tags & named(captions, labels, self._tree, self._ambiguous))
