"""Reads queries in other languages, word by word as far as the dictionaries go.

"perro negro en la playa" becomes "black dog in the beach", because the text network and the tags
know English only. Words that no dictionary knows stay, because they may be names. A query that
English knows as well as another language stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansa.names import name_key
from ansa.taxonomy.dictionaries import NAMES, UNSPACED, Dictionary, Word, dictionaries

_SURE = 2  # how well English knows its everyday words
_LONGEST = 4  # words of a phrase
_LONGEST_RUN = 12  # characters of a word of a language without spaces
_MOST = 1_000  # characters of a query
_LATIN = "es", "fr", "de", "it", "pt"
_RUN = re.compile(r'"[^"]*"|[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*|\d+|\s+|.', re.DOTALL)
_ELIDED = frozenset("l d dell nell all sull dall un qu c j n s".split())  # noqa: SIM905
_AFTER_ITS_NOUN = frozenset({"es", "fr", "it", "pt", "ar"})
_NEGATION_BEHIND = frozenset({"ja", "ko"})
_MONTHS = frozenset(
    """january february march april may june july august september october november
    december""".split()  # noqa: SIM905
)
_NEGATORS = frozenset({"without", "no", "not", "except"})
_PLACING = frozenset({"of", "in", "on", "at"})
_IDLE = frozenset("がをはもにでいるてるます了着们")
"""Characters between words that say nothing by themselves."""


English = Callable[[str], int]
"""Tells how well English knows a word: 2 if it names a tag or asks, 1 if it is a noun, 0 if not."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A query in English.

    Attributes:
        text: the English words.
        language: the English name of its language.
        unknown: words that stayed as they were.
        both: whether the word is English, too, so that the text asks for either meaning.
    """

    text: str
    language: str
    unknown: tuple[str, ...] = ()
    both: bool = False

    def __str__(self) -> str:
        said = f'read as "{self.text[:80]}" ({self.language})'
        if self.unknown:
            words = ", ".join(f'"{word[:20]}"' for word in self.unknown[:3])
            said += f"; {words} not in the dictionary"
        return said


@dataclass(frozen=True, slots=True)
class _Read:
    """A query as read by one dictionary: what became of its words, and how many it knows."""

    words: list[Word | str]
    known: int
    content: int
    unknown: tuple[str, ...]


def translate(query: str, english: English) -> Translation | None:
    """Returns a query in English; None if it is English, or in no language that is known.

    Quotation marks, minus signs, weights, numbers and what is in quotation marks stay.

    Args:
        query: as it was typed.
        english: tells how well English knows a word.
    """
    text = unicodedata.normalize("NFC", query)
    if len(text) > _MOST or not any(map(str.isalpha, text)):
        return None
    pieces = _RUN.findall(text)
    words = [piece for piece in pieces if piece[0].isalpha()]
    levels = [english(word) for word in words]
    if not words or min(levels) == _SURE:
        return None
    best: tuple[tuple[int, int], str, _Read] | None = None
    for language in _languages(text):
        read = _read(pieces, dictionaries()[language], english)
        score = read.known, read.content
        if read.content and (best is None or score > best[0]):
            best = score, language, read
    if best is None:
        return None
    _, language, read = best
    said_things = {w.english for w in read.words if isinstance(w, Word) and w.kind != "f"}
    if language in _LATIN and said_things <= _MONTHS and not any(map(str.isdigit, text)):
        return None  # "Marco" is a name rather than a month
    known = sum(level > 0 for level in levels)
    said = _said(read.words, language)
    if language not in _LATIN or read.known > known:
        return Translation(said, NAMES[language], read.unknown)
    # "mare" is an English noun, and the sea in Italian.
    single = len(words) == 1 and levels == [1]
    if single and all(isinstance(w, Word) and w.everyday and w.kind == "n" for w in read.words):
        return Translation(f"{query.strip()} or {said}", NAMES[language], both=True)
    return None


def _languages(text: str) -> Sequence[str]:
    """Returns the languages in whose scripts a text may be."""
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha()}
    if "HANGUL" in scripts:
        return ("ko",)
    if scripts & {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}:
        return ("ja",)
    if "CJK" in scripts:
        return "zh", "ja"
    if "CYRILLIC" in scripts:
        return ("ru",)
    if "ARABIC" in scripts:
        return ("ar",)
    return _LATIN if "LATIN" in scripts else ()


def _read(pieces: Sequence[str], dictionary: Dictionary, english: English) -> _Read:
    """Reads the pieces of a query by one dictionary, the longest phrases first."""
    out: list[Word | str] = []
    unknown: list[str] = []
    known = content = 0
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if not piece[0].isalpha():
            out.append(piece)
            at += 1
        elif dictionary.language in UNSPACED:
            found, left = _segments(piece, dictionary)
            out += found
            unknown += left
            known += sum(isinstance(each, Word) for each in found)
            content += sum(isinstance(each, Word) and each.kind != "f" for each in found)
            at += 1
        else:
            length, word = _phrase(pieces[at : at + 2 * _LONGEST], dictionary)
            if word is None:
                if name_key(piece) not in _ELIDED:
                    unknown += [] if english(piece) else [piece]
                    out.append(piece)
            else:
                out.append(word)
                # "a" and "in" are words of many languages, and of English.
                said = [each for each in pieces[at : at + length] if each[0].isalpha()]
                known += sum(word.kind != "f" or english(each) < _SURE for each in said)
                content += word.kind != "f"
            at += length
    return _Read(out, known, content, tuple(unknown))


def _phrase(pieces: Sequence[str], dictionary: Dictionary) -> tuple[int, Word | None]:
    """Returns the longest known phrase at the beginning, as a number of pieces, and its meaning."""
    for length in range(len(pieces), 0, -1):
        row = pieces[:length]
        joins = all(each.isspace() or each in "'’-" or each[0].isalpha() for each in row)
        if not joins or not row[-1][0].isalpha():
            continue
        key = name_key(" ".join(each for each in row if each[0].isalpha()))
        if word := dictionary.find(key) if length == 1 else dictionary.words.get(key):
            return length, word
    return 1, None


def _segments(run: str, dictionary: Dictionary) -> tuple[list[Word | str], list[str]]:
    """Splits a run of characters into the longest known words, and what is between them."""
    found: list[Word | str] = []
    left: list[str] = []
    loose = ""
    at = 0
    while at < len(run):
        for length in range(min(_LONGEST_RUN, len(run) - at), 0, -1):
            if word := dictionary.words.get(name_key(run[at : at + length])):
                if loose:
                    left.append(loose)
                found += [*([loose] if loose else ()), word]
                loose = ""
                at += length
                break
        else:
            loose += run[at]
            at += 1
    if loose:
        found.append(loose)
        left.append(loose)
    said = [each for each in found if isinstance(each, Word) or not set(each) <= _IDLE]
    return said, [each for each in left if not set(each) <= _IDLE]


def _said(words: Sequence[Word | str], language: str) -> str:
    """Returns the English words in English order."""
    out: list[str] = []
    kinds: list[str] = []
    negated = False
    for word in words:
        if isinstance(word, str):
            if not word.isspace() and word not in "'’":
                out.append(word)
                kinds.append("")
            continue
        if language in UNSPACED and word.english in _PLACING:
            if negated and kinds and kinds[-1] == "n":
                out.append(",")
                kinds.append("")
                negated = False
            continue
        if word.english in _NEGATORS and language in _NEGATION_BEHIND and kinds[-1:] == ["n"]:
            thing = out.pop()
            out += [word.english, thing, ","]
            kinds += ["n", ""]
            continue
        negated = negated or word.english in _NEGATORS
        out.append(word.english)
        kinds.append(word.kind)
        if word.kind == "a" and language in _AFTER_ITS_NOUN and kinds[-2:-1] == ["n"]:
            out[-2:] = [out[-1], out[-2]]
            kinds[-2:] = ["a", "n"]
    return _joined(out)


def _joined(words: Sequence[str]) -> str:
    """Joins words, and signs as they stand in a query: ``-dog``, ``word^2``, commas."""
    text = ""
    for word in words:
        tight = not text or text.endswith(("^", "-", ":", ".", "/")) or word in ",;.:!?^/"
        text += word if tight else f" {word}"
    return " ".join(text.split()).strip(" ,")
