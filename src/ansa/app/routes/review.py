"""Review: proposals of a queue, answered one after another by one person of several."""

from __future__ import annotations

from typing import Any, cast

from starlette.responses import Response

from ansa.app.context import AppContext, Review
from ansa.app.operations import Operation, RequestError, choice, integer, text
from ansa.library.thumbnails.picture import make_picture
from ansa.review.proposal import SAID, PhotoChanged, Said

_AHEAD = 8


async def get_review(context: AppContext, skip: str, count: int) -> dict[str, Any]:
    """Returns what is to be answered next, without what others said."""
    review = _review(context)
    passed = [each for each in skip.split(",") if each]

    def read() -> dict[str, Any]:
        items = review.queue.upcoming(review.annotator, count, passed)
        return {
            "annotator": review.annotator,
            "proposals": [
                {
                    "id": item.proposal.id,
                    "concept": item.proposal.concept,
                    "reason": item.proposal.reason,
                }
                for item in items
            ],
            "summary": review.queue.summary().to_dict(),
        }

    return await context.slow.run(lambda library: read())


async def answer_proposal(
    context: AppContext, proposal: str, said: str, kind: str
) -> dict[str, Any]:
    """Notes an answer, which is on disk when this returns."""
    review = _review(context)

    def note() -> dict[str, Any]:
        _item(review, proposal)
        made = review.queue.answer(proposal, review.annotator, cast(Said, said), kind=kind)
        return {"said": made.said}

    return await context.slow.run(lambda library: note())


async def get_proposal_picture(context: AppContext, proposal: str) -> Response:
    """Returns the photo of a proposal, as a large picture."""
    review = _review(context)

    def read() -> bytes:
        try:
            data = _item(review, proposal).photo.read_bytes()
        except PhotoChanged as error:
            raise RequestError(404, error.reason, "pass it over") from None
        return make_picture(data, "screen")

    data = await context.slow.run(lambda library: read())
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private"})


def _item(review: Review, proposal: str) -> Any:
    review.queue.refresh()
    for item in review.queue.items():
        if item.proposal.id == proposal:
            return item.proposal
    raise RequestError(404, "the queue has no such proposal", "load the page again")


def _review(context: AppContext) -> Review:
    if context.review is None:
        raise RequestError(
            404, "there is nothing to review", "start `ansa app --review QUEUE --annotator NAME`"
        )
    return context.review


OPERATIONS = (
    Operation(
        "GET",
        "/review",
        "Proposals that are to be answered next.",
        get_review,
        query={"skip": text(4000, ""), "count": integer(1, 50, _AHEAD)},
    ),
    Operation(
        "POST",
        "/review/{proposal}",
        "Answers a proposal.",
        answer_proposal,
        body={"said": choice(*SAID), "kind": text(100, "")},
    ),
    Operation(
        "GET",
        "/review/{proposal}/picture",
        "The photo of a proposal.",
        get_proposal_picture,
        returns="image/webp",
    ),
)
