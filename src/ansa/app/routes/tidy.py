"""Tidy: duplicates and clutter, moved away and back."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, array, integer, photo_ids, text
from ansa.library.cleanup.duplicates import Duplicate, Duplicates, Group
from ansa.library.cleanup.move_clutter import move_photos
from ansa.library.cleanup.move_journal import JOURNAL, read
from ansa.library.cleanup.moves import MoveResult
from ansa.library.library import Library
from ansa.names import printable

_MOST_GROUPS = 500
_MOST_CLUTTER = 2000


async def get_duplicates(context: AppContext) -> dict[str, Any]:
    """Finds the duplicates, and tells their groups."""

    def find(library: Library) -> dict[str, Any]:
        found = library.duplicates()
        context.groups = {_id_of(group): group for group in found.groups}
        shown = list(context.groups.items())[:_MOST_GROUPS]
        return {
            "groups": [_told(library, key, group) for key, group in shown],
            "all_groups": len(found.groups),
            "photos": found.photos,
            "message": found.message,
            "folder": printable(str(moved_folder(context))),
        }

    return await context.slow.run(find)


async def move_duplicates(
    context: AppContext, groups: list[str], keep: list[int]
) -> dict[str, Any]:
    """Moves all but the kept files of some groups away."""
    if keep and len(keep) != len(groups):
        raise RequestError(400, "keep must have one number for each group, or none at all")
    chosen = []
    for place, key in enumerate(groups):
        group = context.groups.get(key)
        number = keep[place] if keep else 0
        if group is None:
            raise RequestError(404, "there is no such group any more", "look for duplicates again")
        if number > len(group.others):
            raise RequestError(400, f"the group has only {len(group.others) + 1} files")
        chosen.append(_keeping(group, number))

    def move(library: Library) -> MoveResult:
        found = Duplicates(tuple(chosen), 0)
        return library.move_duplicates(found, moved_folder(context))

    return await _moved(context, await context.slow.run(move))


async def get_clutter(context: AppContext) -> dict[str, Any]:
    """Returns the clutter: how much there is of each kind, and the surest of it."""

    def find(library: Library) -> dict[str, Any]:
        kinds: Counter[str] = Counter()
        told = []
        for each in library.clutter():
            kinds[each.kind] += 1
            photo = library.photo_of(each.path)
            if photo is not None:
                told.append(
                    {
                        "id": photo,
                        "name": printable(each.path.name),
                        "kind": each.kind,
                        "score": round(each.score, 4),
                        "sure": each.sure,
                        "reasons": list(each.reasons),
                    }
                )
        told.sort(key=lambda each: (not each["sure"], -float(str(each["score"]))))
        folder = printable(str(moved_folder(context)))
        return {"clutter": told[:_MOST_CLUTTER], "kinds": dict(kinds), "folder": folder}

    return await context.slow.run(find)


async def move_clutter(context: AppContext, ids: list[int]) -> dict[str, Any]:
    """Moves photos that are clutter away."""
    done = await context.slow.run(lambda library: move_photos(library, ids, moved_folder(context)))
    return await _moved(context, done)


async def get_moved(context: AppContext) -> dict[str, Any]:
    """Returns how many files were moved away and can be moved back."""
    folder = moved_folder(context)
    files = read(folder) if os.path.lexists(folder / JOURNAL) else []  # all may be back
    there = sum(os.path.lexists(folder / name) for _, name in files)
    return {"files": there, "folder": printable(str(folder))}


async def move_back(context: AppContext) -> dict[str, Any]:
    """Moves everything that was moved away back to where it was."""
    done = await context.slow.run(lambda library: library.undo_move(moved_folder(context)))
    return await _moved(context, done)


def moved_folder(context: AppContext) -> Path:
    """Returns the folder to which the app moves duplicates and clutter: beside the library."""
    return context.database.with_name(f"{context.database.name}-moved")


async def _moved(context: AppContext, done: MoveResult) -> dict[str, Any]:
    context.indexing.ask()  # so that the library knows where the files are now
    problems = [*done.held, *done.problems]
    return {
        "moved": len(done.files),
        "beside": len(done.beside),
        "problems": [printable(str(each)) for each in problems[:50]],
        "folder": printable(str(moved_folder(context))),
    }


def _id_of(group: Group) -> str:
    names = b"\0".join(os.fsencode(path) for path in (group.keep, *(o.path for o in group.others)))
    return hashlib.sha256(names).hexdigest()[:8]


def _keeping(group: Group, number: int) -> Group:
    """Returns a group of which another file is kept: 0 is the proposed one."""
    if number == 0:
        return group
    kept = group.others[number - 1]
    old = Duplicate(group.keep, kept.relation, kept.path, kept.similarity, "another is kept")
    others = (old, *(each for each in group.others if each is not kept))
    return Group(kept.path, tuple(replace(each, like=kept.path) for each in others))


def _told(library: Library, key: str, group: Group) -> dict[str, Any]:
    files = [_file(library, group.keep)]
    for other in group.others:
        about = {"relation": other.relation, "reason": other.reason}
        about["similarity"] = str(round(other.similarity, 3))
        files.append(_file(library, other.path) | about)
    return {"id": key, "files": files}


def _file(library: Library, path: Path) -> dict[str, Any]:
    photo = library.photo_of(path) or 0
    facts = library.store.facts([photo])[photo] if photo else None
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return {
        "id": photo,
        "name": printable(path.name),
        "folder": printable(str(path.parent)),
        "bytes": size,
        "width": facts.width if facts else 0,
        "height": facts.height if facts else 0,
        "taken": facts.taken_text if facts else None,
    }


OPERATIONS = (
    Operation("GET", "/duplicates", "Copies and bursts, in groups.", get_duplicates),
    Operation(
        "POST",
        "/duplicates/move",
        "Moves all but one file of each group away; `keep` says which, 0 the proposed one.",
        move_duplicates,
        body={
            "groups": array(text(8, least=8), _MOST_GROUPS),
            "keep": array(integer(0, 1000), _MOST_GROUPS, []),
        },
    ),
    Operation(
        "GET", "/clutter", "Screenshots, receipts, blurred photos and the like.", get_clutter
    ),
    Operation(
        "POST", "/clutter/move", "Moves photos away.", move_clutter, body={"ids": photo_ids()}
    ),
    Operation("GET", "/moved", "How many files were moved away.", get_moved),
    Operation("POST", "/moved/undo", "Moves everything back.", move_back),
)
