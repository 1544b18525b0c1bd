"""A user's own corrections as proposals that they have answered; only ever by their own act."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ansa.review.proposal import PhotoPlace, ReviewProposal, Said
from ansa.review.queue import ReviewQueue


def add_corrections(
    queue: ReviewQueue, annotator: str, said: Iterable[tuple[Path, str, Said]]
) -> tuple[int, int]:
    """Adds what somebody corrected: a proposal for each, with their word as the first answer.

    What the same person said before of a photo and a concept is not added again.

    Args:
        queue: the queue.
        annotator: whose corrections they are.
        said: photo, concept and what they said of it.

    Returns:
        how many answers were added, and how many photos are gone or cannot be read.

    Raises:
        ReviewError: the name of the annotator is no name, or the queue cannot be written.
    """
    rows, gone = [], 0
    for path, concept, word in said:
        try:
            data = path.read_bytes()
        except OSError:
            gone += 1
            continue
        digest = hashlib.sha256(data).hexdigest()
        place = PhotoPlace(path.name, str(path), 0, len(data), digest, "corrections")
        reason = "its owner corrected it"
        rows.append((ReviewProposal(place, concept, reason, "corrections"), word))
    queue.add(proposal for proposal, _ in rows)
    added = 0
    for proposal, word in rows:
        before = [a.said for a in queue.item(proposal.id).answers if a.annotator == annotator]
        if before != [word]:
            queue.answer(proposal.id, annotator, word)
            added += 1
    return added, gone
