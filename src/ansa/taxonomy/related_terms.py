"""Words that are not tags, and the tags that are closest to them in WordNet's hierarchy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansa.taxonomy.tree import key, singulars

FILE = "kin.txt"
"""What a bundle calls it; made by :mod:`ansa_train.taxonomy.related_terms`."""


class RelatedTerms(Mapping[str, tuple[str, ...]]):
    """Maps single words that the tree of tags lacks to the names of the closest tags."""

    def __init__(self, known: Mapping[str, tuple[str, ...]]) -> None:
        self._known = known

    @classmethod
    def parse(cls, raw: bytes) -> RelatedTerms:
        """Parses ``kin.txt``: lines of tags, a colon and words. Other lines are ignored."""
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
        """The names of the tags closest to a word, the closest first; empty for unknown words.

        Case and a plural's ending do not matter.
        """
        return next((self[form] for form in singulars(key(word)) if form in self), ())
