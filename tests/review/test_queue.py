from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.review.proposal import (
    SAID,
    PhotoChanged,
    PhotoPlace,
    ReviewError,
    ReviewProposal,
    read_line,
)
from ansa.review.queue import ReviewQueue

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def proposal(folder: Path, name: str, concept: str = "dog") -> ReviewProposal:
    file = folder / f"{name}.jpg"
    file.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    return ReviewProposal(PhotoPlace(name, str(file), 0, len(name), digest), concept, "it is dark")


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    made = ReviewQueue(tmp_path / "queue.jsonl")
    assert made.add([proposal(tmp_path, name) for name in "abc"]) == 3
    return made


def ids(queue: ReviewQueue) -> list[str]:
    return [item.proposal.id for item in queue.items()]


def test_a_proposal_is_added_once_and_a_queue_reads_as_it_was_written(
    queue: ReviewQueue, tmp_path: Path
) -> None:
    assert queue.add([proposal(tmp_path, "a"), proposal(tmp_path, "a", "cat")]) == 1
    again = ReviewQueue(queue.file)
    assert [item.proposal for item in again.items()] == [item.proposal for item in queue.items()]


def test_each_annotator_is_asked_everything_once_and_begun_proposals_first(
    queue: ReviewQueue,
) -> None:
    first, second, third = ids(queue)
    queue.answer(second, "mara", "yes")
    asked = []
    while item := queue.next("paul"):
        asked.append(item.proposal.id)
        queue.answer(item.proposal.id, "paul", "yes")
    assert asked == [second, first, third]
    assert queue.next("paul") is None
    assert queue.next("mara", skip=[first]).proposal.id == third  # type: ignore[union-attr]


def test_two_who_agree_settle_it_and_two_who_differ_want_a_third_first(
    queue: ReviewQueue,
) -> None:
    first, second, _ = ids(queue)
    for who in ("mara", "paul"):
        queue.answer(second, who, "yes")
    queue.answer(first, "mara", "yes")
    queue.answer(first, "paul", "no")
    assert queue.item(second).state == "agreed"
    assert queue.item(first).state == "third opinion"
    asked = queue.next("ines")
    assert asked is not None
    assert asked.proposal.id == first
    queue.answer(first, "ines", "no")
    assert (queue.item(first).state, queue.item(first).verdict) == ("agreed", "no")


def test_three_who_all_differ_leave_it_disputed(queue: ReviewQueue) -> None:
    first = ids(queue)[0]
    for who, said in (("mara", "yes"), ("paul", "no"), ("ines", "unsure")):
        queue.answer(first, who, said)  # type: ignore[arg-type]
    assert (queue.item(first).state, queue.item(first).verdict) == ("disputed", None)


def test_a_later_answer_counts_and_the_earlier_one_stays_in_the_file(queue: ReviewQueue) -> None:
    first = ids(queue)[0]
    queue.answer(first, "mara", "yes", at=NOON)
    queue.answer(first, "mara", "no", at=NOON + timedelta(seconds=1))
    assert [a.said for a in queue.item(first).answers] == ["no"]
    assert queue.summary().changed == 1
    assert queue.file.read_text("utf-8").count('"said"') == 2


def test_what_is_no_answer_is_refused_in_words(queue: ReviewQueue) -> None:
    first = ids(queue)[0]
    with pytest.raises(ReviewError, match="yes, no, unsure, wrong kind"):
        queue.answer(first, "mara", "perhaps")  # type: ignore[arg-type]
    with pytest.raises(ReviewError, match="no proposal 'nowhere'"):
        queue.answer("nowhere", "mara", "yes")
    for name in ("", "   ", "a\nb", "x" * 101):
        with pytest.raises(ReviewError, match="annotator's name"):
            queue.answer(first, name, "yes")


def test_a_line_that_a_killed_process_left_unfinished_swallows_no_other(
    queue: ReviewQueue,
) -> None:
    first, second, _ = ids(queue)
    with queue.file.open("ab") as stream:
        stream.write(b'{"type": "answer", "proposal": "' + first.encode())
    again = ReviewQueue(queue.file)
    again.answer(second, "mara", "yes")
    assert len(again.item(second).answers) == 1
    assert again.summary().damaged == 1
    assert len(list(again.items())) == 3


def test_an_answer_is_on_disk_when_the_process_is_killed(queue: ReviewQueue) -> None:
    code = (
        "import os, signal, sys; from ansa.review.queue import ReviewQueue;"
        "q = ReviewQueue(sys.argv[1]);"
        "[q.answer(i.proposal.id, 'mara', 'yes') for i in list(q.items())[:2]];"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(queue.file)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert queue.summary().annotators == {"mara": 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it starts processes by fork")
def test_people_who_answer_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    queue = ReviewQueue(tmp_path / "queue.jsonl")
    queue.add([proposal(tmp_path, f"p{i}") for i in range(25)])
    children = []
    for who in ("mara", "paul", "ines"):
        child = os.fork()
        if not child:
            mine = ReviewQueue(queue.file, opinions=3)
            while item := mine.next(who):
                mine.answer(item.proposal.id, who, "yes")
            os._exit(0)
        children.append(child)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    summary = queue.summary()
    assert summary.annotators == {"ines": 25, "mara": 25, "paul": 25}
    assert summary.damaged == 0


def test_a_photo_that_was_deleted_or_changed_is_named(queue: ReviewQueue, tmp_path: Path) -> None:
    a, b, c = (item.proposal.photo for item in queue.items())
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "b.jpg").write_bytes(b"another")
    with pytest.raises(PhotoChanged, match="cannot be read any more"):
        a.read_bytes()
    with pytest.raises(PhotoChanged, match="is another than the one"):
        b.read_bytes()
    assert c.read_bytes() == b"c"


def test_answers_of_another_tool_are_taken_in_once_and_unusable_lines_are_counted(
    queue: ReviewQueue, tmp_path: Path
) -> None:
    first, second, _ = ids(queue)
    rows: list[object] = [
        {"type": "answer", "proposal": first, "annotator": "x", "said": "no", "at": str(NOON)},
        {"type": "answer", "proposal": "0" * 16, "annotator": "x", "said": "no", "at": str(NOON)},
        {"type": "answer", "proposal": second, "annotator": "x", "said": "NO", "at": str(NOON)},
        [1, 2],
    ]
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(json.dumps(row) for row in rows))
    assert queue.take_in(other) == (1, 3)
    assert queue.take_in(other) == (0, 3)
    with pytest.raises(ReviewError, match="cannot be read"):
        queue.take_in(tmp_path / "gone.jsonl")


def test_agreement_of_two_and_of_three_is_in_the_summary(queue: ReviewQueue) -> None:
    assert queue.summary().kappa is None
    for id_, (mara, paul) in zip(
        ids(queue), (("yes", "yes"), ("no", "no"), ("yes", "no")), strict=True
    ):
        queue.answer(id_, "mara", mara)  # type: ignore[arg-type]
        queue.answer(id_, "paul", paul)  # type: ignore[arg-type]
    told = queue.summary()
    assert told.kappa_of == "Cohen"
    assert told.kappa == pytest.approx(0.4)
    assert told.states == {"agreed": 2, "third opinion": 1}
    queue.answer(ids(queue)[2], "ines", "yes")
    told = queue.summary()
    assert told.kappa_of == "Fleiss"
    assert told.verdicts == {"yes": 2, "no": 1}
    assert json.loads(json.dumps(told.to_dict()))["proposals"] == 3


def test_what_is_no_queue_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("milk\neggs\n")
    with pytest.raises(ReviewError, match="not a review queue"):
        ReviewQueue(file)
    assert file.read_text() == "milk\neggs\n"
    with pytest.raises(ReviewError, match="not a plain file"):
        ReviewQueue(tmp_path)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_line_is_a_proposal_an_answer_or_an_error(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_line(line)


@given(
    st.dictionaries(
        st.sampled_from(["type", "id", "photo", "concept", "said", "at", "annotator", "proposal"]),
        st.none()
        | st.integers()
        | st.sampled_from(["answer", "proposal", *SAID, "2026-01-01", str(NOON)])
        | st.text(max_size=9)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_no_values_of_a_line_break_it(told: dict[str, object]) -> None:
    with contextlib.suppress(ValueError):
        read_line(json.dumps(told).encode())
