"""What people say of memories: that they like one, and which photos do not belong into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ansa.library.memories.proposals import Proposal
from ansa.library.selection.gallery import Gallery
from ansa.library.storage.store import Store


@dataclass(frozen=True, slots=True)
class MemoryFeedback:
    """All feedback on memories.

    Attributes:
        liked: the ids of the liked memories, with their families.
        left_out: for each memory, the ids of photos that do not belong into it.
    """

    liked: Mapping[str, str]
    left_out: Mapping[str, frozenset[int]]

    def likes(self, memory: str, family: str) -> int:
        """Returns how much people like such memories: the number of liked ones of its family, and
        two more for the memory itself."""
        return list(self.liked.values()).count(family) + 2 * (memory in self.liked)

    def without(self, gallery: Gallery, proposal: Proposal, memory: str) -> Proposal:
        """Returns a proposal without the photos that do not belong into the memory."""
        unwanted = self.left_out.get(memory)
        if not unwanted:
            return proposal
        kept = np.array([gallery.photos[row].id not in unwanted for row in proposal.rows], bool)
        return replace(proposal, rows=proposal.rows[kept], bonus=proposal.bonus[kept])


def read_feedback(store: Store) -> MemoryFeedback:
    """Returns all feedback on memories, without damaged rows.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    liked: dict[str, str] = {}
    left_out: dict[str, set[int]] = {}
    with store.reading() as connection:
        for memory, said, family, photo in connection.execute(
            "SELECT memory, said, family, id FROM told_feedback LEFT JOIN photos USING (digest)"
        ):
            if type(memory) is not str or type(family) is not str:
                continue
            if said == "favourite":
                liked[memory] = family
            elif photo is not None:
                left_out.setdefault(memory, set()).add(photo)
    return MemoryFeedback(liked, {memory: frozenset(ids) for memory, ids in left_out.items()})


def like(store: Store, memory: str, family: str, photos: Sequence[int], liked: bool) -> None:
    """Records that a memory is liked, or no longer.

    Raises:
        LibraryError: the library cannot be read or written.
    """
    digests = store.digests(photos).values()
    with store.telling() as connection:
        connection.execute(
            "DELETE FROM told_feedback WHERE memory = ? AND said = 'favourite'", (memory,)
        )
        if liked:
            connection.executemany(
                "INSERT INTO told_feedback (memory, said, family, digest)"
                " VALUES (?, 'favourite', ?, ?)",
                [(memory, family, digest) for digest in digests],
            )


def without_photos(
    store: Store, memory: str, family: str, photos: Sequence[int], out: bool
) -> None:
    """Records that photos do not belong into a memory, or that they do after all.

    Raises:
        LibraryError: the library cannot be read or written.
    """
    digests = list(store.digests(photos).values())
    with store.telling() as connection:
        connection.executemany(
            "DELETE FROM told_feedback WHERE memory = ? AND said = 'without' AND digest = ?",
            [(memory, digest) for digest in digests],
        )
        if out:
            connection.executemany(
                "INSERT INTO told_feedback (memory, said, family, digest)"
                " VALUES (?, 'without', ?, ?)",
                [(memory, family, digest) for digest in digests],
            )
