"""Search: words, photos to be like, photos to be unlike, and what was understood."""

from __future__ import annotations

from typing import Any

from ansa.app.context import AppContext
from ansa.app.operations import Operation, RequestError, integer, photo_ids, text
from ansa.library.library import Library
from ansa.library.search.explain import shortened
from ansa.library.search.match_calibration import NOT_HERE, Grade
from ansa.library.search.ranking import Reason, SearchResult

_MOST_LIKE = 8


async def search(
    context: AppContext, q: str, like: list[int], unlike: list[int], limit: int
) -> dict[str, Any]:
    """Searches the library."""
    if not q.strip() and not like:
        raise RequestError(400, "there is nothing to search for", "give words or a photo")

    def find(library: Library) -> SearchResult:
        try:
            return library.search(
                q.strip() or None, like_photos=like, unlike_photos=unlike, limit=limit, every=True
            )
        except ValueError as error:
            raise RequestError(400, str(error)) from None

    result = await context.searching.run(find)
    return {
        "good": result.good,
        "grade": result.grade,
        "message": result.message,
        "waiting": result.waiting,
        "steps": [step.to_dict() for step in result.steps],
        "suggestions": [{"tag": tag, "photos": count} for tag, count in result.suggestions],
        "matches": [
            {
                "id": match.id,
                "score": round(match.score, 4),
                "grade": match.grade,
                "ratio": round(max(0.2, min(5.0, match.facts.width / match.facts.height)), 3),
                "taken": match.facts.taken_text,
                "second": match.second,
                "reasons": [_in_words(reason, match.grade) for reason in match.reasons],
            }
            for match in result.matches
        ],
    }


def _in_words(reason: Reason, grade: Grade) -> str:
    """Returns a reason as people say it, without the figures that compare vectors."""
    if reason.kind == "tag" and reason.value is not None:
        return f"{reason.about}, {reason.value:.0%} likely"
    if reason.kind in ("text", "like"):
        about = "the photo" if reason.kind == "like" else f'"{shortened(reason.about)}"'
        return f"{'among the nearest to' if grade == NOT_HERE else 'looks like'} {about}"
    return reason.text


OPERATIONS = (
    Operation(
        "GET",
        "/search",
        "Searches by words, by photos to be like, and by photos to be unlike.",
        search,
        query={
            "q": text(500, ""),
            "like": photo_ids(_MOST_LIKE, []),
            "unlike": photo_ids(_MOST_LIKE, []),
            "limit": integer(1, 2000, 200),
        },
    ),
)
