"""Words of other languages, and the English words for them.

The lists in ``languages/`` are read when a query first holds a word that English does not know.
``everyday_words.txt`` was written for ANSA. The others come from Unicode's CLDR and from wordnets,
and each says so, with its licence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from ansa.names import name_key

NAMES: Mapping[str, str] = {
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "zh": "Chinese",
    "ja": "Japanese",
    "ru": "Russian",
    "ar": "Arabic",
    "ko": "Korean",
}
"""The languages, by their ISO 639-1 codes."""

UNSPACED = frozenset({"zh", "ja"})
"""Languages that are written without spaces."""

_MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of another language.

    Attributes:
        english: the English word or words.
        kind: "n" for a thing, "a" for a property, "t" for a time, "f" for a word that joins others.
        everyday: whether it is from the list of everyday words.
    """

    english: str
    kind: str = "n"
    everyday: bool = False


@dataclass
class Dictionary:
    """The words of a language.

    Attributes:
        language: its ISO 639-1 code.
        words: the words by their :func:`~ansa.names.name_key`; without spaces in them for a
            language that has none.
        stems: the same by the stems of Russian words.
    """

    language: str
    words: dict[str, Word] = field(default_factory=dict)
    stems: dict[str, Word] = field(default_factory=dict)

    def add(self, said: str, word: Word) -> None:
        """Adds a word, unless it is known."""
        key = name_key(said)
        if self.language in UNSPACED:
            key = key.replace(" ", "")
        if not key or len(key.split()) > _MOST_WORDS:
            return
        self.words.setdefault(key, word)
        if self.language == "ru" and " " not in key and word.kind != "f":
            self.stems.setdefault(russian_stem(key), word)

    def find(self, key: str) -> Word | None:
        """Returns the word for a key as in a text, in whatever form it stands there."""
        for form in _forms(key, self.language):
            if found := self.words.get(form):
                return found
        return self.stems.get(russian_stem(key)) if self.language == "ru" else None


@cache
def dictionaries() -> Mapping[str, Dictionary]:
    """Returns the dictionary of each language in :data:`NAMES`."""
    found = {language: Dictionary(language) for language in NAMES}
    for line in _lines("everyday_words.txt"):
        english, *cells = (cell.strip() for cell in line[2:].split(" | "))
        for language, cell in zip(NAMES, cells, strict=True):
            for said in cell.split("/") if cell != "-" else ():
                found[language].add(said, Word(english, line[0], everyday=True))
    for file, least in (("emoji_names.txt", 1), ("wordnets.txt", 2)):
        for line in _lines(file):
            english, *named = line.split(" | ")
            for cell in named:
                language, _, words = cell.partition("=")
                for said in words.split("/"):
                    if len(said) >= least:
                        found[language].add(said, Word(english))
    return found


def russian_stem(word: str) -> str:
    """Returns a Russian word without the ending of its case and number."""
    for ending in _RUSSIAN:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word.removesuffix(ending)
    return word


_LEAST_STEM = 3
_RUSSIAN = sorted(
    (
        *("иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ая", "яя", "ую", "юю"),
        *("ое", "ее", "ые", "ие", "ыи", "ии", "ои", "еи", "ой", "ей", "ый", "ий", "ым", "им"),
        *("ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев", "ью", *"аяоеыиуюь"),
    ),
    key=len,
    reverse=True,
)
_KOREAN = sorted(
    (
        *("에서는", "에서의", "에서", "에게", "으로", "들의", "들이", "들을", "이랑", "하고"),
        *("들", "랑", *"로은는이가을를에의와과도만"),
    ),
    key=len,
    reverse=True,
)
_ARABIC = "وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف"
_ENDINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "es": (("es", ""), ("s", ""), ("as", "o"), ("a", "o"), ("itos", "o"), ("ito", "o")),
    "pt": (("oes", "ao"), ("es", ""), ("s", ""), ("as", "o"), ("a", "o"), ("ns", "m")),
    "fr": (("aux", "al"), ("es", ""), ("s", ""), ("x", ""), ("e", "")),
    "it": (("i", "o"), ("i", "e"), ("e", "a"), ("a", "o"), ("hi", "o"), ("he", "a")),
    "de": (("ern", ""), ("en", ""), ("er", ""), ("es", ""), ("em", ""), ("e", ""), ("n", ""),
           ("s", "")),
}  # fmt: skip


def _forms(key: str, language: str) -> Iterator[str]:
    """Yields a word, and the forms of which it may be an inflection."""
    yield key
    for ending, instead in _ENDINGS.get(language, ()):
        if key.endswith(ending) and len(key) - len(ending) >= _LEAST_STEM:
            yield key.removesuffix(ending) + instead
    if language == "ko":
        for ending in _KOREAN:
            if key.endswith(ending) and len(key) > len(ending):
                yield key.removesuffix(ending)
    if language == "ar":
        for lead in _ARABIC:
            if key.startswith(lead) and len(key) - len(lead) >= 2:
                yield key.removeprefix(lead)
                yield "ال" + key.removeprefix(lead)


def _lines(name: str) -> Iterator[str]:
    text = files("ansa.taxonomy").joinpath("languages", name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and line[0] not in "#=")
