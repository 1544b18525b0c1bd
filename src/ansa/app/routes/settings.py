"""Settings: folders and their state, what could not be read, personal ranking, the bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, flag, integer
from ansa.app.routes.tidy import moved_folder
from ansa.library.indexing.forget import known_folders
from ansa.library.indexing.system_folders import is_system_folder
from ansa.library.library import Library
from ansa.library.personal.personal_ranking import delete_personal, switch_personal
from ansa.library.storage.user_data import path_of as told_path_of
from ansa.library.thumbnails.cache import ThumbnailCache
from ansa.names import printable
from ansa.taxonomy.dictionaries import NAMES as LANGUAGES

_MOST_FOLDERS = 500


async def get_settings(context: AppContext) -> dict[str, Any]:
    """Returns the folders, the library and its files, the languages of searches, and the bundle."""

    def read(library: Library, pictures: ThumbnailCache) -> dict[str, Any]:
        folders = known_folders(library)
        manifest = context.analyzer.bundle.manifest
        return {
            "folders": [
                {
                    "id": library.store.roots()[os.fsencode(each.folder)],
                    "folder": printable(str(each.folder)),
                    "there": each.there,
                    "photos": each.photos,
                }
                for each in folders
            ],
            "waiting": library.waiting(),
            "library": {
                "file": printable(str(library.database)),
                "bytes": _size(library.database),
                "told": printable(str(told_path_of(library.database))),
                "pictures": pictures.bytes_used(),
                "pictures_file": printable(str(pictures.path)),
                "moved": printable(str(moved_folder(context))),
            },
            "languages": ["English", *LANGUAGES.values()],
            "bundle": {
                "name": manifest.name,
                "created": manifest.created,
                "folder": printable(str(context.analyzer.bundle.path)),
                "id": context.analyzer.bundle.id,
                "heads": sorted(manifest.heads),
            },
        }

    settings = await context.pictures.run_with_pictures(read)
    state = context.indexing.state
    problems = [
        {"file": printable(p.file), "reason": p.reason, "remedy": p.remedy} for p in state.problems
    ]
    return settings | {
        "indexing": state.to_dict(),
        "report": state.report and {k: v for k, v in state.report.items() if type(v) is int},
        "problems": problems,
        "limited_to": printable(str(context.folder)) if context.folder else None,
    }


async def get_personal(context: AppContext) -> dict[str, Any]:
    """Returns what was learned from favourites and hidden photos."""
    return await context.slow.run(lambda library: library.personal().to_dict())


async def put_personal(context: AppContext, on: bool) -> dict[str, Any]:
    """Switches the personal ranking on or off."""
    await context.slow.run(lambda library: switch_personal(library, on))
    return {"on": on}


async def delete_personal_ranking(context: AppContext) -> dict[str, Any]:
    """Deletes what was learned; the marks are kept."""
    await context.slow.run(delete_personal)
    return {"deleted": True}


async def browse_folders(context: AppContext, folder: int) -> dict[str, Any]:
    """Returns the folders in a folder, by numbers of this run; 0 is the user's home."""
    path = context.browsed.get(folder) if folder else Path.home()
    if path is None:
        raise RequestError(404, "there is no such folder any more", "begin again")
    children = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                hidden = entry.name.startswith(".") or is_system_folder(entry.name)
                if not hidden and entry.is_dir(follow_symlinks=False):
                    children.append(Path(entry.path))
    except OSError as error:
        reason = f"{printable(str(path))} cannot be listed ({error.strerror})"
        raise RequestError(409, reason) from None
    children.sort(key=lambda child: child.name.casefold())
    above = path.parent if path.parent != path else None
    return {
        "folder": {"id": _number(context, path), "path": printable(str(path))},
        "above": _number(context, above) if above else None,
        "folders": [
            {"id": _number(context, child), "name": printable(child.name)}
            for child in children[:_MOST_FOLDERS]
        ],
    }


async def add_folder(context: AppContext, folder: int) -> dict[str, Any]:
    """Indexes a folder that :func:`browse_folders` told."""
    path = context.browsed.get(folder)
    if path is None:
        raise RequestError(404, "there is no such folder any more", "choose it again")
    if context.folder is not None and not path.is_relative_to(context.folder):
        reason = f"this app shows only {printable(str(context.folder))}"
        raise RequestError(409, reason, "start `ansa app` without a folder to add others")
    context.indexing.ask(path)
    return {"folder": printable(str(path))}


async def forget_folder(context: AppContext, folder: int, dry_run: bool) -> dict[str, Any]:
    """Removes a folder from the library, and deletes no photo."""

    def forget(library: Library) -> dict[str, Any]:
        found = {row: root for root, row in library.store.roots().items()}.get(folder)
        if found is None:
            raise RequestError(404, "the library has no such folder", "it was perhaps forgotten")
        told = library.forget(os.fsdecode(found), dry_run=dry_run).to_dict()
        return told | {"folder": printable(str(told["folder"]))}

    return await context.slow.run(forget)


async def write_sidecars(context: AppContext, merge: bool) -> dict[str, Any]:
    """Writes tags to sidecars beside the photos, which other programs read."""

    def write(library: Library) -> dict[str, Any]:
        done = library.write_sidecars(merge=merge)
        return {
            "written": len(done.written),
            "removed": len(done.removed),
            "unchanged": done.unchanged,
            "foreign": len(done.foreign),
            "problems": [printable(str(each)) for each in done.problems[:50]],
        }

    return await context.slow.run(write)


def _number(context: AppContext, path: Path) -> int:
    number = context.browsed_numbers.setdefault(path, len(context.browsed_numbers) + 1)
    context.browsed[number] = path
    return number


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


OPERATIONS = (
    Operation("GET", "/settings", "Folders, library, bundle and problems.", get_settings),
    Operation("GET", "/personal", "What was learned from marks.", get_personal),
    Operation(
        "PUT", "/personal", "Switches the personal ranking.", put_personal, body={"on": flag()}
    ),
    Operation("DELETE", "/personal", "Deletes what was learned.", delete_personal_ranking),
    Operation(
        "GET",
        "/browse",
        "The folders of this machine, by numbers of this run.",
        browse_folders,
        query={"folder": integer(0, default=0)},
    ),
    Operation("POST", "/folders/{folder}/add", "Indexes a folder.", add_folder),
    Operation(
        "POST",
        "/folders/{folder}/forget",
        "Removes a folder from the library; deletes no photo.",
        forget_folder,
        body={"dry_run": flag(False)},
    ),
    Operation(
        "POST",
        "/sidecars",
        "Writes tags to XMP sidecars beside the photos.",
        write_sidecars,
        body={"merge": flag(False)},
    ),
)
