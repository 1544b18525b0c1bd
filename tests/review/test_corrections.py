from __future__ import annotations

from pathlib import Path

from ansa.review.corrections import add_corrections
from ansa.review.queue import ReviewQueue


def test_corrections_become_answered_proposals_once_and_photos_that_are_gone_are_counted(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    queue = ReviewQueue(tmp_path / "queue.jsonl")
    said = [(tmp_path / "a.jpg", "cat", "yes"), (tmp_path / "a.jpg", "dog", "no")]
    said.append((tmp_path / "gone.jpg", "dog", "yes"))
    assert add_corrections(queue, "mara", said) == (2, 1)  # type: ignore[arg-type]
    assert add_corrections(queue, "mara", said) == (0, 1)  # type: ignore[arg-type]
    answers = {i.proposal.concept: [a.said for a in i.answers] for i in queue.items()}
    assert answers == {"cat": ["yes"], "dog": ["no"]}
    assert queue.item(next(iter(queue.items())).proposal.id).state == "open"  # others answer, too
