"""Makes file names printable, and compares names of things and places."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

MAX_NAME_BYTES = 255
"""What file systems allow a name to have."""

WORD = re.compile(
    r"(?:[^\s\x00-\x26\x28-\x2f:-@\[-`{-\x7f\xa0-\xbf\u2000-\u2018\u201a-\u206f\u3000-\u303f\uff0c]"
    r"|-(?=\w)|(?<=[\w+#])[+#])+"
)
"""A word of any script with its marks, hyphens and apostrophes; or a symbol, such as an emoji."""

_LETTERS = str.maketrans(dict(zip("øłđıħŧ", "oldiht", strict=True)) | {"æ": "ae", "œ": "oe"})
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ＇`´", "'"))
_SPELT_ALIKE = 0.8  # difflib's ratio
_ACCENTS = re.compile("[\u0300-\u036f\ufe00-\ufe0f]")
_POSSESSIVE = re.compile(r"(?<=\w)'s?(?!\w)")


def printable(name: str) -> str:
    """Replaces control characters, line breaks and undecodable bytes in a name with escapes.

    Names on disk may contain a newline, a terminal's control sequence or bytes that are not text.
    The result can be printed, logged and encoded as UTF-8.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


def fitting(stem: str, rest: str) -> str:
    """Joins a stem and an ending, and cuts the stem so that file systems accept the name.

    Args:
        stem: the stem of an existing name.
        rest: the ending, at most about 200 bytes, such as " (2).jpg".
    """
    room = MAX_NAME_BYTES - len(os.fsencode(rest))
    while stem and len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + rest


def name_key(name: str) -> str:
    """The key by which names of tags, places and events are compared.

    Unicode's normal forms, case, accents, a possessive's ending and punctuation do not matter:
    "Zoë’s" is "zoe". Marks that make other letters of other scripts stay, and so do symbols.
    """
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain).casefold().translate(_APOSTROPHES)
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain))
    words = "".join(_kept(char) for char in _POSSESSIVE.sub("", plain))
    return " ".join(words.split()) or " ".join(plain.split())


def spelt_alike(word: str, names: Iterable[str], most: int) -> list[str]:
    """The names that a word is nearly spelt like, the nearest first, at most so many.

    Args:
        word: as it was typed; of a long one its beginning is compared.
        names: as :func:`name_key` gives them.
        most: at least 1.
    """
    return get_close_matches(name_key(word)[:40], list(names), most, _SPELT_ALIKE)


def _kept(char: str) -> str:
    kind = unicodedata.category(char)[0]
    symbol = char in "+#" or (kind == "S" and not char.isascii())
    return char if kind in "LNM" or symbol else " "
