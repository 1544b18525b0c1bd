"""Teach: custom tags, their examples and suggestions, and groups that nobody has named."""

from __future__ import annotations

from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, integer, photo_ids, text
from ansa.app.routes.corrections import files_of
from ansa.library.custom_tags.lookalikes import lookalike_groups
from ansa.library.custom_tags.training import CustomTag, rename
from ansa.library.library import Library

_NAME = text(100, least=1)


async def get_lessons(context: AppContext) -> dict[str, Any]:
    """Returns all custom tags."""

    def find(library: Library) -> list[dict[str, Any]]:
        return [_told(library, each) for each in library.lessons()]

    return {"lessons": await context.slow.run(find)}


async def teach(
    context: AppContext, name: str, yes: list[int], no: list[int], suggest: int
) -> dict[str, Any]:
    """Adds examples to a custom tag, and suggests photos to answer next."""

    def learn(library: Library) -> dict[str, Any]:
        try:
            shown, absent = files_of(library, yes), files_of(library, no)
            taught = library.teach(name, map(str, shown), map(str, absent), suggest=suggest)
        except ValueError as error:
            raise RequestError(400, str(error)) from None
        return _told(library, taught)

    return {"lesson": await context.slow.run(learn)}


async def rename_lesson(context: AppContext, name: str, to: str) -> dict[str, Any]:
    """Gives a custom tag another name."""

    def change(library: Library) -> bool:
        try:
            return rename(library, name, to)
        except ValueError as error:
            raise RequestError(400, str(error)) from None

    if not await context.slow.run(change):
        raise RequestError(404, "there is no custom tag of this name")
    return {"renamed": True}


async def delete_lesson(context: AppContext, name: str) -> dict[str, Any]:
    """Deletes a custom tag and its examples."""
    return {"deleted": await context.slow.run(lambda library: library.forget_tag(name))}


async def get_lookalikes(context: AppContext) -> dict[str, Any]:
    """Returns groups of photos that look alike."""
    found = await context.slow.run(lookalike_groups)
    return {"groups": [list(each.photos) for each in found]}


def _told(library: Library, lesson: CustomTag) -> dict[str, Any]:
    suggestions = [
        {"id": photo, "score": round(each.score, 4)}
        for each in lesson.suggestions
        if (photo := library.photo_of(each.path)) is not None
    ]
    doubtful = [library.photo_of(path) for path in lesson.doubtful]
    return {
        "name": lesson.name,
        "shown": lesson.shown,
        "absent": lesson.absent,
        "usable": lesson.tag,
        "found": lesson.found,
        "accuracy": None if lesson.accuracy is None else round(lesson.accuracy, 4),
        "folds": lesson.folds,
        "suggestions": suggestions,
        "doubtful": [photo for photo in doubtful if photo is not None],
        "message": lesson.message,
    }


OPERATIONS = (
    Operation("GET", "/lessons", "The custom tags.", get_lessons),
    Operation(
        "POST",
        "/lessons",
        "Teaches a custom tag by examples; needs the extra `teach`.",
        teach,
        body={
            "name": _NAME,
            "yes": photo_ids(1000, []),
            "no": photo_ids(1000, []),
            "suggest": integer(0, 60, 12),
        },
    ),
    Operation(
        "POST",
        "/lessons/rename",
        "Gives a custom tag another name.",
        rename_lesson,
        body={"name": _NAME, "to": _NAME},
    ),
    Operation("DELETE", "/lessons", "Deletes a custom tag.", delete_lesson, query={"name": _NAME}),
    Operation("GET", "/lookalikes", "Groups that look alike and have no name.", get_lookalikes),
)
