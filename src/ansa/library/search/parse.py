"""The little grammar of queries: words, "phrases", what is not wanted, and weights."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from ansa.library.search.negation import split_negated

MOST_PARTS = 16
"""Parts of one query; each is read by the text network."""

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
    """One thing that a query asks for.

    Attributes:
        text: in plain words.
        weight: how much it counts beside the others, 0.1..10.
        wanted: False for what photos should not show.
        in_words: whether a word such as "without" says that it is not wanted, and no minus sign.
    """

    text: str
    weight: float = 1.0
    wanted: bool = True
    in_words: bool = False


def parse_query(query: str, known: Callable[[str], bool] = lambda words: False) -> tuple[Part, ...]:
    """The parts of a query, in their order.

    Words in a row are one part. ``-word`` and ``-"a phrase"`` are not wanted, nor is what follows
    words such as "without" (see :mod:`ansa.library.search.negation`); ``word^2`` counts twice,
    and a phrase in quotation marks is a part of its own. What fits no rule is plain words.

    Args:
        query: as it was typed, in any of Unicode's normal forms.
        known: whether words name something, so that "no" and the like may be a part of a name.

    Raises:
        ValueError: it has no words, more than :data:`MOST_PARTS` parts, or a weight outside its
            range.
    """
    parts: list[Part] = []
    plain: list[str] = []

    def end_plain(*, more: bool) -> bool:
        """Whether the words before say that what comes next is not wanted."""
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
        parts.append(Part(text, weight, not (token["minus"] or negated), negated))
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
