"""The little grammar of queries: words, "phrases", what is not wanted, and weights."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    """

    text: str
    weight: float = 1.0
    wanted: bool = True


def parse_query(query: str) -> tuple[Part, ...]:
    """The parts of a query, in their order.

    Words in a row are one part. ``-word`` and ``-"a phrase"`` are not wanted, ``word^2`` counts
    twice, and a phrase in quotation marks is a part of its own. What fits no rule is plain words.

    Raises:
        ValueError: it has no words, more than :data:`MOST_PARTS` parts, or a weight outside its
            range.
    """
    parts: list[Part] = []
    plain: list[str] = []

    def end_plain() -> None:
        if plain:
            parts.append(Part(" ".join(plain)))
            plain.clear()

    for token in _TOKEN.finditer(query.translate(_QUOTES)):
        text = token["word"] if token["phrase"] is None else token["phrase"].strip()
        if not text:
            continue
        weight = 1.0 if token["weight"] is None else _weight(text, token["weight"])
        if token["word"] and token["weight"] is None and not token["minus"]:
            plain.append(text)
            continue
        end_plain()
        parts.append(Part(text, weight, not token["minus"]))
    end_plain()
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
