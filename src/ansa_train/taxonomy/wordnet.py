"""Reads the nouns of WordNet: the meanings of a word, and what each is a kind of.

Miller, "WordNet: A Lexical Database for English" (1995); the format is that of wndb(5WN).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansa_train.pretrained import fetch


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning of a noun.

    Attributes:
        id: "n" and its place in the data file, as ImageNet names its classes.
        lemmas: the words for it, best known first.
        hypernyms: ids of what it is a kind, or an instance, of.
        gloss: its definition.
    """

    id: str
    lemmas: tuple[str, ...]
    hypernyms: tuple[str, ...]
    gloss: str


class WordNet:
    """All nouns; each is read when it is asked for, as an id is a place in the data file."""

    def __init__(self) -> None:
        file = fetch("wordnet")
        self._data = file.read_bytes()
        index = file.with_name("index.noun").read_text("ascii").splitlines()
        self._index = {line.partition(" ")[0]: line for line in index if line[0] != " "}

    def __getitem__(self, synset: str) -> Synset:
        start = int(synset.removeprefix("n"))
        return _synset(self._data[start : self._data.index(b"\n", start)].decode("ascii"))

    def words(self) -> Iterator[str]:
        """All nouns, in lower case, those of one word; in their order."""
        return (word for word in self._index if "_" not in word)

    def senses(self, word: str) -> tuple[str, ...]:
        """The ids of a noun's meanings, the most frequent first; case does not matter."""
        fields = self._index.get(word.lower().replace(" ", "_"), "").split()
        return tuple(f"n{offset}" for offset in fields[-int(fields[2]) :]) if fields else ()

    def above(self, synset: str) -> Iterator[str]:
        """Every synset that a synset is a kind of, the nearest first."""
        found = [synset]
        for each in found:  # grows while it is walked
            found += [h for h in self[each].hypernyms if h not in found]
        yield from found[1:]


def _synset(line: str) -> Synset:
    """See wndb(5WN): offset, file, "n", words in hexadecimal, pointers, a bar, the gloss."""
    head, _, gloss = line.partition("|")
    fields = head.split()
    words = int(fields[3], 16)
    lemmas = tuple(lemma.replace("_", " ") for lemma in fields[4 : 4 + 2 * words : 2])
    pointers = fields[5 + 2 * words :]
    pairs = zip(pointers[::4], pointers[1::4], strict=False)
    return Synset(
        f"n{fields[0]}",
        lemmas,
        tuple(f"n{offset}" for symbol, offset in pairs if symbol in ("@", "@i")),
        gloss.strip(),
    )
