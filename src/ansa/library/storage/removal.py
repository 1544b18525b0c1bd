"""Removes files from the library, with the signals of photos that no other file has.

The user's data about photos is kept, because it belongs to contents. It applies again if such a
photo is indexed again.
"""

from __future__ import annotations

import sqlite3


def drop_files(connection: sqlite3.Connection, condition: str) -> None:
    """Deletes the rows of ``files`` that satisfy a condition, within a transaction."""
    run = connection.execute
    run("CREATE TEMP TABLE dropped (photo INTEGER PRIMARY KEY)")
    run(
        "INSERT INTO dropped SELECT DISTINCT photo FROM files"  # noqa: S608
        f" WHERE photo IS NOT NULL AND ({condition})"
    )
    run(f"DELETE FROM files WHERE {condition}")  # noqa: S608
    run("DELETE FROM dropped WHERE photo IN (SELECT photo FROM files WHERE photo IS NOT NULL)")
    for table in _about_photos(connection):
        run(f"DELETE FROM {table} WHERE photo IN dropped")  # noqa: S608
    run("DELETE FROM photos WHERE id IN dropped")
    run("DROP TABLE dropped")


def _about_photos(connection: sqlite3.Connection) -> list[str]:
    """Returns the tables with rows about photos."""
    tables = connection.execute(
        "SELECT tables.name FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS k"
        " WHERE tables.type = 'table' AND k.\"table\" = 'photos' AND k.\"from\" = 'photo'"
    )
    return [name for (name,) in tables if name != "files"]
