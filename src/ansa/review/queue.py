"""The review queue: one JSON Lines file of proposals and answers, to which lines are only added.

Several people, in several processes, may answer one queue at a time. Every answer is one line that
is written at once, under a lock, and is on disk before it counts. So a process that is killed loses
at most the answer it was about to write; what it leaves of a line is passed over, and counted.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np

from ansa.review.agreement import cohens_kappa, fleiss_kappa
from ansa.review.proposal import (
    SAID,
    ReviewAnswer,
    ReviewError,
    ReviewProposal,
    Said,
    check_annotator,
)
from ansa.review.proposal import read_line as _read_line

MAX_BYTES = 2**30
MAX_LINE = 2**16

State = Literal["open", "agreed", "third opinion", "disputed"]


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A proposal and what was said of it.

    Attributes:
        proposal: the question.
        answers: the last answer of each annotator, the first to answer first.
        opinions: how many answers the queue wants of each proposal.
    """

    proposal: ReviewProposal
    answers: Sequence[ReviewAnswer]
    opinions: int

    @property
    def state(self) -> State:
        """ "open" until enough people answered; "third opinion" if they differ and nobody has
        the majority; "disputed" if a third did not settle it either; else "agreed"."""
        if len(self.answers) < self.opinions:
            return "open"
        if self.verdict is not None:
            return "agreed"
        return "third opinion" if len(self.answers) < max(3, self.opinions + 1) else "disputed"

    @property
    def verdict(self) -> Said | None:
        """What more than half of them said; None before enough answered, or if nothing has."""
        if len(self.answers) < self.opinions:
            return None
        word, votes = Counter(answer.said for answer in self.answers).most_common(1)[0]
        return word if 2 * votes > len(self.answers) else None


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How far a review is.

    Attributes:
        proposals: how many there are.
        states: how many are in each state.
        verdicts: how many were agreed on each word.
        annotators: how many proposals each answered.
        kappa: Cohen's for two annotators, over proposals both answered; Fleiss' for more; None if
            it is not defined.
        kappa_of: "Cohen", "Fleiss" or "".
        changed: answers that somebody changed later.
        unknown: answers to proposals that are not in the queue.
        damaged: lines that are neither a proposal nor an answer.
    """

    proposals: int
    states: dict[str, int]
    verdicts: dict[str, int]
    annotators: dict[str, int]
    kappa: float | None
    kappa_of: str
    changed: int
    unknown: int
    damaged: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        told = {name: getattr(self, name) for name in self.__slots__}
        kappa = None if self.kappa is None else round(self.kappa, 4)
        return told | {"kappa": kappa}


@dataclass(slots=True)
class _Read:
    """What a file held when it was read last."""

    end: int = 0
    proposals: dict[str, ReviewProposal] = field(default_factory=dict)
    answers: dict[str, dict[str, ReviewAnswer]] = field(default_factory=lambda: defaultdict(dict))
    changed: int = 0
    damaged: int = 0


class ReviewQueue:
    """A queue in a file.

    Args:
        file: a JSON Lines file; it is made when the first proposal is added.
        opinions: how many people are to answer each proposal, before it counts as answered.

    Raises:
        ReviewError: the file is no queue or too large.

    Example:
        >>> queue = ReviewQueue(Path("night.jsonl"))
        >>> while (item := queue.next("mara")) is not None:
        ...     queue.answer(item.proposal.id, "mara", "yes")
    """

    def __init__(self, file: str | os.PathLike[str], opinions: int = 2) -> None:
        if not 1 <= opinions <= 99:
            raise ValueError(f"opinions is from 1 to 99, not {opinions}")
        self.file, self.opinions = Path(file).expanduser(), opinions
        self._read = _Read()
        self.refresh()

    def refresh(self) -> None:
        """Reads what was added to the file since it was read last, by anybody.

        Raises:
            ReviewError: the file is no queue or too large.
        """
        if not self.file.exists():
            return
        if not self.file.is_file():
            raise ReviewError(f"{self.file}: not a plain file; name the file of a review queue")
        size = self.file.stat().st_size
        if size > MAX_BYTES:
            raise ReviewError(f"{self.file}: larger than {MAX_BYTES:,} bytes; split the queue")
        if size < self._read.end:
            self._read = _Read()  # it was replaced
        with self.file.open("rb") as stream:
            stream.seek(self._read.end)
            for line in _whole_lines(stream):
                self._read.end += len(line)
                self._take(line)
        if self._read.damaged and not self._read.proposals:
            raise ReviewError(
                f"{self.file}: not a review queue; `ansa mine --queue FILE` makes one"
            )

    def items(self) -> Iterator[QueueItem]:
        """Every proposal in the order in which it was added, with its answers."""
        for id_, proposal in self._read.proposals.items():
            answers = sorted(self._read.answers.get(id_, {}).values(), key=lambda a: a.at)
            yield QueueItem(proposal, answers, self.opinions)

    def item(self, id_: str) -> QueueItem:
        """One proposal with its answers.

        Raises:
            ReviewError: the queue has no such proposal.
        """
        if id_ not in self._read.proposals:
            raise ReviewError(f"{self.file}: there is no proposal {id_!a:.40}")
        answers = sorted(self._read.answers.get(id_, {}).values(), key=lambda a: a.at)
        return QueueItem(self._read.proposals[id_], answers, self.opinions)

    def next(self, annotator: str, skip: Iterable[str] = ()) -> QueueItem | None:
        """The first of :meth:`upcoming`; None if nothing is left for them."""
        return next(iter(self.upcoming(annotator, 1, skip)), None)

    def upcoming(self, annotator: str, count: int, skip: Iterable[str] = ()) -> list[QueueItem]:
        """What somebody is to answer next, at most ``count`` proposals.

        Proposals on which others differ come first, then those that somebody began, then new ones.
        The answers of others are not to be shown: they would lead.

        Args:
            annotator: who asks.
            count: how many are wanted.
            skip: ids to pass over for now.

        Raises:
            ReviewError: the name is empty or not printable.
        """
        self.refresh()
        who, passed = _name(annotator), set(skip)
        ranks = []
        for place, item in enumerate(self.items()):
            if item.proposal.id in passed or any(a.annotator == who for a in item.answers):
                continue
            if item.state == "third opinion":
                ranks.append((-100, place, item))
            elif item.state == "open":
                ranks.append((-len(item.answers), place, item))
        return [item for _, _, item in sorted(ranks, key=lambda row: row[:2])[:count]]

    def add(self, proposals: Iterable[ReviewProposal]) -> int:
        """Adds proposals that the queue does not have yet; returns how many.

        Raises:
            ReviewError: the file cannot be written.
        """
        self.refresh()
        fresh = {each.id: each for each in proposals if each.id not in self._read.proposals}
        self._append([each.to_dict() for each in fresh.values()])
        return len(fresh)

    def answer(
        self, id_: str, annotator: str, said: Said, *, kind: str = "", at: datetime | None = None
    ) -> ReviewAnswer:
        """Notes an answer. It is on disk when this returns. A later answer replaces an earlier one.

        Args:
            id_: of the proposal.
            annotator: who answers.
            said: one of :data:`ansa.review.proposal.SAID`.
            kind: with "wrong kind", what the picture is.
            at: when, aware; now if left out.

        Raises:
            ReviewError: the queue has no such proposal, the word is none of those, the name is
                empty, or the file cannot be written.
        """
        self.refresh()
        if id_ not in self._read.proposals:
            raise ReviewError(f"{self.file}: there is no proposal {id_!a:.40}; reload the queue")
        if said not in SAID:
            raise ReviewError(f"an answer is one of {', '.join(SAID)}, not {said!a:.40}")
        made = ReviewAnswer(id_, _name(annotator), said, at or datetime.now(UTC), kind[:100])
        self._append([made.to_dict()])
        return made

    def take_in(self, file: Path) -> tuple[int, int]:
        """Adds the answers that another tool or another copy of the queue holds.

        Answers that are here already are passed over, so that a file can be taken in twice.

        Returns:
            how many answers were added, and how many lines could not be used.

        Raises:
            ReviewError: the file cannot be read.
        """
        self.refresh()
        here = {
            (a.proposal, a.annotator, a.at)
            for answers in self._read.answers.values()
            for a in answers.values()
        }
        fresh, unusable = [], 0
        try:
            with file.open("rb") as stream:
                for line in _whole_lines(stream, last=True):
                    if not line.strip():
                        continue
                    try:
                        found = _read_line(line)
                    except ValueError:
                        unusable += 1
                        continue
                    if isinstance(found, ReviewProposal):
                        continue
                    if found.proposal not in self._read.proposals:
                        unusable += 1
                    elif (found.proposal, found.annotator, found.at) not in here:
                        here.add((found.proposal, found.annotator, found.at))
                        fresh.append(found.to_dict())
        except OSError as error:
            raise ReviewError(f"{file}: it cannot be read ({error.strerror})") from error
        self._append(fresh)
        return len(fresh), unusable

    def summary(self) -> QueueSummary:
        """How far the review is, and how far annotators agree."""
        self.refresh()
        items = list(self.items())
        annotators = Counter(a.annotator for item in items for a in item.answers)
        kappa, kappa_of = _kappa(items, sorted(annotators))
        return QueueSummary(
            proposals=len(items),
            states=dict(Counter(item.state for item in items)),
            verdicts=dict(Counter(item.verdict for item in items if item.verdict)),
            annotators=dict(sorted(annotators.items())),
            kappa=kappa,
            kappa_of=kappa_of,
            changed=self._read.changed,
            unknown=sum(
                len(answers)
                for id_, answers in self._read.answers.items()
                if id_ not in self._read.proposals
            ),
            damaged=self._read.damaged,
        )

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            found = _read_line(line)
        except ValueError:
            self._read.damaged += 1
            return
        if isinstance(found, ReviewProposal):
            self._read.proposals.setdefault(found.id, found)
            return
        answers = self._read.answers[found.proposal]
        before = answers.get(found.annotator)
        if before is None or found.at >= before.at:
            answers[found.annotator] = found
        self._read.changed += before is not None and before.said != found.said

    def _append(self, documents: Sequence[dict[str, Any]]) -> None:
        if not documents:
            return
        lines = [json.dumps(each, ensure_ascii=False, allow_nan=False) for each in documents]
        data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab+") as stream, _locked(stream):
                # A line that a killed process left unfinished must not swallow this one.
                end = stream.seek(0, os.SEEK_END)
                if end:
                    stream.seek(end - 1)
                    if stream.read(1) != b"\n":
                        data = b"\n" + data
                stream.seek(0, os.SEEK_END)
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise ReviewError(
                f"{self.file}: the answer could not be written ({error.strerror}); see whether "
                "the disk is full, and answer again"
            ) from error
        self.refresh()


def _whole_lines(stream: BinaryIO, *, last: bool = False) -> Iterator[bytes]:
    """The lines that end, and with ``last`` also one that does not; long ones in pieces."""
    while line := stream.readline(MAX_LINE):
        if not line.endswith(b"\n") and len(line) < MAX_LINE and not last:
            return  # somebody is writing it
        yield line


def _name(annotator: str) -> str:
    try:
        return check_annotator(annotator)
    except ValueError as error:
        raise ReviewError(f"{error}; give one with --annotator") from None


def _kappa(items: Sequence[QueueItem], annotators: Sequence[str]) -> tuple[float | None, str]:
    if len(annotators) < 2:
        return None, ""
    said = [{a.annotator: a.said for a in item.answers} for item in items]
    if len(annotators) == 2:
        both = [each for each in said if len(each) == 2]
        one, other = ([each[name] for each in both] for name in annotators)
        return cohens_kappa(one, other), "Cohen"
    counts = np.array([[list(e.values()).count(word) for word in SAID] for e in said], np.int64)
    return fleiss_kappa(counts), "Fleiss"


@contextmanager
def _locked(stream: BinaryIO) -> Iterator[None]:
    """Holds the file for oneself; other writers wait."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        import msvcrt

        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(stream, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(stream, fcntl.LOCK_UN)
