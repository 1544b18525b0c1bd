"""Favourites and hidden photos: what people said of single photos."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.library.index_report import Problem
from ansa.library.photo_arguments import find_named
from ansa.library.session import LibrarySession
from ansa.library.storage.user_data import Mark


@dataclass(frozen=True, slots=True)
class MarkResult:
    """What was marked.

    Attributes:
        photos: each photo's file, by path.
        problems: names that stand for no photo of the library.
    """

    photos: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The marked photos as JSON-ready values."""
        # As they were called before.
        failed = [{"path": p.file, "reason": p.reason, "remedy": p.remedy} for p in self.problems]
        problems = [each.to_dict() for each in self.problems]
        photos = [str(path) for path in self.photos]
        return {"photos": photos, "problems": problems, "failed": failed}


def set_mark(
    session: LibrarySession, names: Iterable[str | os.PathLike[str]], mark: Mark | None
) -> MarkResult:
    """Marks photos, or takes their mark away. A mark stays with a photo's content.

    A photo has one mark at most: the last. A hidden photo is still searched, and is shown by
    nothing that chooses photos by itself.

    Raises:
        LibraryError: the library's file fails, or cannot be written.
    """
    named = find_named(session, names)
    if named.photos:
        digests = session.store.digests(named.photos)
        with session.store.telling() as connection:
            for digest in digests.values():
                connection.execute("DELETE FROM told_marks WHERE digest = ?", (digest,))
                if mark:
                    connection.execute("INSERT INTO told_marks VALUES (?, ?)", (digest, mark))
    return MarkResult(tuple(named.photos.values()), named.problems)


def marked(session: LibrarySession, mark: Mark) -> list[int]:
    """The rows of the photos with a mark, in order; also of photos that are gone."""
    with session.store.reading() as connection:
        rows = connection.execute(
            "SELECT id FROM told_marks JOIN photos USING (digest) WHERE mark = ? ORDER BY id",
            (mark,),
        )
        return [photo for (photo,) in rows]


def marked_files(session: LibrarySession, mark: Mark) -> list[Path]:
    """A file of each photo with a mark that is there, by path."""
    files = session.store.paths(marked(session, mark), session.scope()).values()
    return sorted((paths[0] for paths in files if paths), key=os.fsencode)
