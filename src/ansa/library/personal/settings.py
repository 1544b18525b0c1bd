"""The on/off settings of a library."""

from __future__ import annotations

from ansa.library.session import LibrarySession


def is_on(session: LibrarySession, name: str) -> bool:
    """Whether a setting is on. Every setting is on until it is switched off."""
    with session.store.reading() as connection:
        row = connection.execute(
            "SELECT value FROM told_settings WHERE name = ?", (name,)
        ).fetchone()
    return row is None or row[0] != "off"


def switch(session: LibrarySession, name: str, on: bool) -> None:
    """Switches a setting on or off.

    Raises:
        LibraryError: the library cannot be written.
    """
    with session.store.telling() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO told_settings (name, value) VALUES (?, ?)",
            (name, "on" if on else "off"),
        )
