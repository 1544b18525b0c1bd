"""Favourites and hidden photos: marks that people give to single photos."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.library.index_report import Problem
from ansa.library.personal.changes import Statement, change, count_photos
from ansa.library.photo_arguments import find_named
from ansa.library.session import LibrarySession
from ansa.library.storage.user_data import Mark

_WORDS: dict[Mark | None, str] = {
    "favourite": "marked as favourite: {}",
    "hidden": "hidden: {}",
    None: "mark removed: {}",
}


@dataclass(frozen=True, slots=True)
class MarkResult:
    """The result of marking photos.

    Attributes:
        photos: the file of each marked photo, by path.
        problems: names that match no photo of the library.
    """

    photos: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the marked photos as JSON-ready values."""
        # The old names of the keys.
        failed = [{"path": p.file, "reason": p.reason, "remedy": p.remedy} for p in self.problems]
        problems = [each.to_dict() for each in self.problems]
        photos = [str(path) for path in self.photos]
        return {"photos": photos, "problems": problems, "failed": failed}


def set_mark(
    session: LibrarySession, names: Iterable[str | os.PathLike[str]], mark: Mark | None
) -> MarkResult:
    """Marks photos, or removes their mark if it is None. A mark belongs to the photo's content.

    A photo has at most one mark, the last one. Searches still find a hidden photo, but it is never
    selected automatically.

    :func:`~ansa.library.personal.changes.undo_last_change` takes it back.

    Raises:
        LibraryError: the library cannot be read or written.
    """
    named = find_named(session, names)
    digests = session.store.digests(named.photos)
    what = _WORDS[mark].format(count_photos(len(digests)))
    change(
        session.store, what, [Statement("mark", "", digest, mark) for digest in digests.values()]
    )
    return MarkResult(tuple(named.photos.values()), named.problems)


def marked(session: LibrarySession, mark: Mark) -> list[int]:
    """Returns the rows of photos with a mark, ascending, including photos that are gone."""
    with session.store.reading() as connection:
        rows = connection.execute(
            "SELECT id FROM told_marks JOIN photos USING (digest) WHERE mark = ? ORDER BY id",
            (mark,),
        )
        return [photo for (photo,) in rows]


def marked_files(session: LibrarySession, mark: Mark) -> list[Path]:
    """Returns one file of each existing photo with a mark, by path."""
    files = session.store.paths(marked(session, mark), session.scope()).values()
    return sorted((paths[0] for paths in files if paths), key=os.fsencode)
