"""Cleans captions of people and web pages, which are untrusted text."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_LENGTH = 400
"""Characters of a caption that are read; the text network sees far fewer."""

MIN_LATIN = 0.8
"""Least share of Latin letters among the letters; the text network reads English."""

_TAG = re.compile(r"<[^<>]{0,400}>|\[/?[A-Z][^\[\]\s]{0,40}\]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_OPENING = re.compile(
    r"^(?:this |the |an? )?(?:[a-z-]+ ){0,3}?"
    r"(?:photo(?:graph)?|picture|image|figure)s?"
    r"(?: here)? (?:(?:that )?"
    r"(?:shows?|depicts?|displays?|illustrates?|features?|showing|depicting)|of)(?: that)? ",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """A caption without markup, addresses, control characters and repeated spaces.

    Returns:
        at most :data:`MAX_LENGTH` characters, cut after a word; empty if nothing is left, or what
        is left is of another script than the text network reads.
    """
    text = html.unescape(text[: 20 * MAX_LENGTH])
    text = _ADDRESS.sub(" ", _TAG.sub(" ", text))
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH].rpartition(" ")[0] or text[:MAX_LENGTH]
    letters = [c for c in text if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return text if letters and latin >= MIN_LATIN * len(letters) else ""


def without_opening(text: str) -> str:
    """A caption without an opening: of "A photograph shows a cat.", this is "a cat"."""
    rest = _OPENING.sub("", text, count=1)
    return rest if len(rest.split()) >= 2 else text


def sentences(captions: tuple[str, ...]) -> tuple[str, ...]:
    """Every clean caption, and the same without its opening if it has one."""
    cleaned = [text for text in map(clean, captions) if text]
    return tuple(dict.fromkeys([*cleaned, *map(without_opening, cleaned)]))
