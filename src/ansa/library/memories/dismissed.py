"""Dismissed memories, which are not proposed again, nor are memories like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansa.library.storage.store import Store

_SAME = 0.5  # shared photos, as a share of the smaller set, from which on it is the same memory


@dataclass(frozen=True, slots=True)
class Dismissed:
    """All dismissed memories.

    Attributes:
        ids: the ids of the memories.
        photos: for each family, the photos of each of its memories: rows, or digests of photos
            that the library does not know.
    """

    ids: frozenset[str]
    photos: Mapping[str, tuple[frozenset[int | bytes], ...]]

    def holds(self, memory: str, family: str, photos: Collection[int]) -> bool:
        """Whether a memory, or one of its family with mostly the same photos, was dismissed."""
        if memory in self.ids:
            return True
        return any(
            len(old.intersection(photos)) >= _SAME * min(len(old), len(photos))
            for old in self.photos.get(family, ())
        )


def read_dismissed(store: Store) -> Dismissed:
    """Returns all memories that were dismissed.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    found: defaultdict[str, defaultdict[str, set[int | bytes]]]
    found = defaultdict(lambda: defaultdict(set))
    with store.reading() as connection:
        for memory, family, photo in connection.execute(
            "SELECT memory, family, ifnull(id, told_memories.digest)"
            " FROM told_memories LEFT JOIN photos USING (digest)"
        ):
            if type(memory) is type(family) is str:
                found[family][memory].add(photo)
    return Dismissed(
        frozenset(memory for memories in found.values() for memory in memories),
        {
            family: tuple(frozenset(memories[memory]) for memory in sorted(memories))
            for family, memories in found.items()
        },
    )


def dismiss(store: Store, memory: str, family: str, photos: Iterable[int]) -> None:
    """Records that a memory must not be proposed again.

    Raises:
        LibraryError: the library cannot be read or written.
    """
    digests = store.digests(photos)
    with store.telling() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO told_memories (memory, family, digest) VALUES (?, ?, ?)",
            [(memory, family, digest) for digest in digests.values()],
        )


def restore(store: Store, memory: str) -> bool:
    """Removes the record that a memory was dismissed; returns False if there is none.

    Raises:
        LibraryError: the library cannot be read or written.
    """
    with store.telling() as connection:
        done = connection.execute("DELETE FROM told_memories WHERE memory = ?", (memory,))
        return done.rowcount > 0
