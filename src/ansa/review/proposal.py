"""A proposal: a photo and the question whether it shows something; and an answer to it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from ansa.errors import AnsaError

Said = Literal["yes", "no", "unsure", "wrong kind"]

SAID: tuple[Said, ...] = get_args(Said)
"""What an annotator may say. "wrong kind" means that the picture is none that can be judged: a
drawing, a screenshot, a collage."""

MAX_TEXT = 1000
"""Characters of a concept, a reason, a name."""


class ReviewError(AnsaError):
    """A queue, a proposal or an answer that cannot be used; the message says what helps."""


class PhotoChanged(ReviewError):  # noqa: N818 - the name says what it is
    """A photo is gone, or is another than the one that was proposed."""


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    """Where a proposed photo lies: a file, or a stretch of a shard.

    Attributes:
        key: unique name.
        file: full path.
        offset: first byte in a shard; 0 for a whole file.
        size: bytes.
        sha256: of them, in hex.
        source: where the photo is from.
    """

    key: str
    file: str
    offset: int
    size: int
    sha256: str
    source: str = ""

    def read_bytes(self) -> bytes:
        """The photo, encoded.

        Raises:
            PhotoChanged: it was deleted, moved or changed since it was proposed.
        """
        try:
            with Path(self.file).open("rb") as stream:
                stream.seek(self.offset)
                # A file that grew is another file; in a shard other samples follow.
                data = stream.read(self.size + (self.offset == 0))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PhotoChanged(
                f"{self.file}: the photo cannot be read any more ({reason})"
            ) from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise PhotoChanged(f"{self.file}: the photo is another than the one that was proposed")
        return data


@dataclass(frozen=True, slots=True)
class ReviewProposal:
    """A question about a photo.

    Attributes:
        photo: where it lies.
        concept: what it may show; the question is whether it does.
        reason: why it is asked, in words.
        mined_by: what chose the photo, in words.
        expected: what the bundle said, for people to compare afterwards; "" if nothing.
    """

    photo: PhotoPlace
    concept: str
    reason: str = ""
    mined_by: str = ""
    expected: str = ""

    @property
    def id(self) -> str:
        """Stands for the photo's bytes and the concept: 16 hexadecimal digits."""
        return hashlib.sha256(f"{self.photo.sha256} {self.concept}".encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values, as a line of a queue holds them."""
        place = {name: getattr(self.photo, name) for name in PhotoPlace.__slots__}
        told = {name: getattr(self, name) for name in ("concept", "reason", "mined_by", "expected")}
        return {"type": "proposal", "id": self.id, "photo": place, **told}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> ReviewProposal:
        """A proposal from the values of a line.

        Raises:
            ValueError: a value is missing or of the wrong kind.
        """
        place = _object(told.get("photo"))
        photo = PhotoPlace(
            _text(place, "key"),
            _text(place, "file"),
            _number(place, "offset"),
            _number(place, "size"),
            _text(place, "sha256"),
            _text(place, "source", needed=False),
        )
        if len(photo.sha256) != 64:
            raise ValueError("photo.sha256 has not 64 digits")
        found = cls(
            photo,
            _text(told, "concept"),
            _text(told, "reason", needed=False),
            _text(told, "mined_by", needed=False),
            _text(told, "expected", needed=False),
        )
        if told.get("id", found.id) != found.id:
            raise ValueError("the id is not that of the photo and the concept")
        return found


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """What somebody said of a proposal.

    Attributes:
        proposal: its id.
        annotator: who.
        said: one of :data:`SAID`.
        at: when, aware.
        kind: with "wrong kind", what the picture is; "" if nothing was said.
    """

    proposal: str
    annotator: str
    said: Said
    at: datetime
    kind: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values, as a line of a queue holds them."""
        told = {"type": "answer", "proposal": self.proposal, "annotator": self.annotator}
        told |= {"said": self.said, "at": self.at.isoformat()}
        return told | ({"kind": self.kind} if self.kind else {})

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> ReviewAnswer:
        """An answer from the values of a line.

        Raises:
            ValueError: a value is missing or of the wrong kind.
        """
        said = told.get("said")
        if said not in SAID:
            raise ValueError(f"said is one of {', '.join(SAID)}, not {said!a:.40}")
        at = datetime.fromisoformat(_text(told, "at"))
        if at.tzinfo is None:
            raise ValueError("at has no offset from UTC")
        who = check_annotator(_text(told, "annotator"))
        return cls(_text(told, "proposal"), who, said, at, _text(told, "kind", needed=False))


def check_annotator(name: str) -> str:
    """The name of an annotator without space around it.

    Raises:
        ValueError: it is empty, too long, or not printable.
    """
    name = name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise ValueError("the annotator's name has 1 to 100 printable characters")
    return name


def read_line(line: bytes) -> ReviewProposal | ReviewAnswer:
    """A line of a queue.

    Raises:
        ValueError: it is neither a proposal nor an answer; the message says what is wrong.
    """
    try:
        told = _object(json.loads(line.decode("utf-8"), parse_constant=_no_number))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    match told.get("type"):
        case "proposal":
            return ReviewProposal.from_dict(told)
        case "answer":
            return ReviewAnswer.from_dict(told)
        case other:
            raise ValueError(f"type is proposal or answer, not {other!a:.40}")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is no object")
    return value


def _text(told: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > 4 * MAX_TEXT or "\0" in value:
        raise ValueError(f"{name} is no text of at most {4 * MAX_TEXT:,} characters")
    if needed and not value.strip():
        raise ValueError(f"{name} is missing")
    return value


def _number(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    if type(value) is not int or not 0 <= value <= 2**62 or math.isnan(value):
        raise ValueError(f"{name} is no whole number from 0")
    return value
