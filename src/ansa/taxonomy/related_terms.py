"""Words that are no tags, and the tags nearest to them by what they are kinds of in WordNet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansa.taxonomy.tree import key, singulars

FILE = "kin.txt"
"""What a bundle calls it; made by :mod:`ansa_train.taxonomy.related_terms`."""


class RelatedTerms(Mapping[str, tuple[str, ...]]):
    """Single words that the tree of tags lacks -> names of the tags nearest to each."""

    def __init__(self, known: Mapping[str, tuple[str, ...]]) -> None:
        self._known = known

    @classmethod
    def parse(cls, raw: bytes) -> RelatedTerms:
        """Reads ``kin.txt``: lines of tags, a colon and words; what is none is passed over."""
        known: dict[str, tuple[str, ...]] = {}
        for line in raw.decode("ascii", "ignore").splitlines():
            names, colon, words = line.partition(": ")
            if colon and not line.startswith("#"):
                known.update(dict.fromkeys(words.split(), tuple(names.split(", "))))
        return cls(known)

    def __getitem__(self, word: str) -> tuple[str, ...]:
        return self._known[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def of(self, word: str) -> tuple[str, ...]:
        """Names of the tags nearest to a word, nearest first; none if it is not known.

        Case and a plural's ending do not matter.
        """
        return next((self[form] for form in singulars(key(word)) if form in self), ())
