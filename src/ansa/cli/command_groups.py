"""The list of commands that `ansa` alone prints, and the nearest command to a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_MIN_SIMILARITY = 0.65  # of difflib, in 0..1: "serach" and "search" have 0.83


def overview(groups: Mapping[str, Mapping[str, str]]) -> str:
    """The commands in groups, as text for a terminal.

    Args:
        groups: for each group's title, what each of its commands does in one sentence.
    """
    width = max(len(name) for commands in groups.values() for name in commands)
    return "\n\n".join(
        "\n".join([f"{title}:", *(f"  {name:{width}}  {does}" for name, does in commands.items())])
        for title, commands in groups.items()
    )


def unknown_command(word: str, commands: Iterable[str]) -> str:
    """The message for a word that is no command: it names the command spelled most like it."""
    guesses = difflib.get_close_matches(word.lower(), list(commands), 1, _MIN_SIMILARITY)
    guess = f"; did you mean `ansa {guesses[0]}`?" if guesses else ""
    return f"there is no command {word!a}{guess}\nRun `ansa` alone to see all commands."
