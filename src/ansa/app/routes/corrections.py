"""What people say of photos, which wins over the network: tags, kinds of pictures, and undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, choice, photo_ids, text
from ansa.library.library import Library
from ansa.library.personal.corrections import KINDS, CorrectionResult, Kind
from ansa.library.storage.user_data import MARKS, Mark


async def mark(context: AppContext, ids: list[int], mark: str) -> dict[str, Any]:
    """Marks some photos."""
    wanted: Mark | None = mark if mark in MARKS else None
    done = await context.quick.run(lambda library: library.mark(files_of(library, ids), wanted))
    return {"photos": len(done.photos)}


async def correct_tag(context: AppContext, ids: list[int], tag: str, answer: str) -> dict[str, Any]:
    """Says whether some photos show a tag."""
    tags = {name: [tag] if answer == word else [] for name, word in _ANSWERS.items()}

    def say(library: Library) -> CorrectionResult:
        try:
            return library.correct_tags(files_of(library, ids), **tags)
        except ValueError as error:
            raise RequestError(400, str(error)) from None

    done = await context.quick.run(say)
    return {"photos": len(done.photos), "message": done.message}


async def correct_kind(context: AppContext, ids: list[int], kind: str) -> dict[str, Any]:
    """Says what kind of picture some photos are."""
    wanted: Kind | None = kind if kind in KINDS else None
    done = await context.quick.run(lambda library: library.set_kind(files_of(library, ids), wanted))
    return {"photos": len(done.photos), "message": done.message}


async def undo(context: AppContext) -> dict[str, Any]:
    """Takes back the last change of marks, kinds or tags."""
    undone = await context.quick.run(lambda library: library.undo_last_change())
    return {"undone": undone.to_dict() if undone else None}


def files_of(library: Library, photos: Sequence[int]) -> list[Path]:
    """Returns one file of each of some photos; unknown ids are left out."""
    files = library.store.paths(list(dict.fromkeys(photos)), library.scope())
    return [paths[0] for paths in files.values() if paths]


_ANSWERS = {"here": "yes", "absent": "no", "clear": "forget"}

OPERATIONS = (
    Operation(
        "POST",
        "/marks",
        "Makes photos favourites, hides them, or removes their mark.",
        mark,
        body={"ids": photo_ids(), "mark": choice(*MARKS, "none")},
    ),
    Operation(
        "POST",
        "/corrections/tags",
        "Says that photos show a tag or not, or forgets what was said.",
        correct_tag,
        body={
            "ids": photo_ids(),
            "tag": text(100, least=1),
            "answer": choice("yes", "no", "forget"),
        },
    ),
    Operation(
        "POST",
        "/corrections/kind",
        "Says what kind of picture photos are; a photo is never clutter.",
        correct_kind,
        body={"ids": photo_ids(), "kind": choice(*KINDS, "forget")},
    ),
    Operation("POST", "/undo", "Takes back the last change of marks, kinds or tags.", undo),
)
