"""An indexed folder made once, and copies of it that a test may change: indexing takes longer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ansa.library.storage.store import Store


def copy_indexed(made: Path, to: Path) -> None:
    """Copies the folder ``photos`` and the library ``l.sqlite`` of which it is the only root.

    The library knows the copies as it knew the files: the next index run finds nothing to do.
    """
    shutil.copytree(made, to, dirs_exist_ok=True)
    store = Store(to / "l.sqlite")
    (root,) = store.roots().values()
    store.rename_root(root, os.fsencode(to / "photos"))
    with store.writing() as connection:
        for file in (to / "photos").rglob("*"):
            path = os.fsencode(file.relative_to(to / "photos"))
            now = file.stat().st_ctime_ns
            connection.execute("UPDATE files SET ctime_ns = ? WHERE path = ?", (now, path))
    store.close()
