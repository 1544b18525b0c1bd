"""The grammar of queries: words, "phrases", unwanted things, and weights."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from ansa.library.search.negation import split_negated

MOST_PARTS = 16
"""The most parts in a query; the text network encodes each of them."""

_WEIGHTS = 0.1, 10.0
_QUOTES = str.maketrans("“”„«»", '"' * 5)
_TOKEN = re.compile(
    r"""
    (?P<minus>-(?=["\w]))?
    (?: "(?P<phrase>[^"]*)" | (?P<word>\S+?) )
    (?: \^(?P<weight>\d+(?:\.\d*)?|\.\d+) )?
    (?=\s|$)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in a query.

    Attributes:
        text: plain words.
        weight: its weight relative to the others, 0.1..10.
        wanted: False for something that photos must not show.
        in_words: whether a word such as "without" excludes it, and not a minus sign.
        literal: whether it stood in quotation marks, so that it is read as it is.
    """

    text: str
    weight: float = 1.0
    wanted: bool = True
    in_words: bool = False
    literal: bool = False


def parse_query(query: str, known: Callable[[str], bool] = lambda words: False) -> tuple[Part, ...]:
    """Returns the parts of a query, in their order.

    Words in a row are one part. ``-word`` and ``-"a phrase"`` are unwanted, and so is what follows
    words such as "without" (see :mod:`ansa.library.search.negation`). ``word^2`` has twice the
    weight, and a phrase in quotation marks is a part of its own. All other text is plain words.

    Args:
        query: as it was typed, in any Unicode normal form.
        known: whether words name something, so that "no" and the like may be part of a name.

    Raises:
        ValueError: it has no words, more than :data:`MOST_PARTS` parts, or an invalid weight.
    """
    parts: list[Part] = []
    plain: list[str] = []

    def end_plain(*, more: bool) -> bool:
        """Whether the words before exclude what follows."""
        split = split_negated(plain, known, more=more)
        plain.clear()
        if split.wanted:
            parts.append(Part(" ".join(split.wanted)))
        parts.extend(Part(thing, wanted=False, in_words=True) for thing in split.unwanted)
        return split.open

    text_form = unicodedata.normalize("NFC", query.translate(_QUOTES))
    for token in _TOKEN.finditer(text_form):
        text = token["word"] if token["phrase"] is None else token["phrase"].strip()
        if not text:
            continue
        weight = 1.0 if token["weight"] is None else _weight(text, token["weight"])
        if token["word"] and token["weight"] is None and not token["minus"]:
            plain.append(text)
            continue
        negated = end_plain(more=True)
        literal = token["phrase"] is not None
        parts.append(Part(text, weight, not (token["minus"] or negated), negated, literal))
    end_plain(more=False)
    if not parts:
        raise ValueError("an empty text says nothing to search for")
    if len(parts) > MOST_PARTS:
        raise ValueError(f"a query of {len(parts)} parts; at most {MOST_PARTS} are read")
    return tuple(parts)


def _weight(text: str, digits: str) -> float:
    weight = float(digits)
    low, high = _WEIGHTS
    if not low <= weight <= high:
        raise ValueError(f"the weight of {text[:40]!a} is {digits[:20]}, not {low:g} to {high:g}")
    return weight
