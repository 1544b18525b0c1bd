"""What was mined: photos with reasons, as JSON, as a page, and as proposals to review."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansa.names import printable
from ansa.outputs import write_page
from ansa.render.contact_sheet import Row, contact_sheet
from ansa.review.proposal import PhotoPlace, ReviewProposal
from ansa_train.evaluate.task import FailedPhoto
from ansa_train.mining.selection import choose
from ansa_train.mining.strategies import Strategy
from ansa_train.mining.vector_store import StoredPhoto, VectorStore

_SHOWN = 200
"""Photos on the page; the JSON and the queue have all."""


@dataclass(frozen=True, slots=True)
class MinedPhoto:
    """A photo that would teach something.

    Attributes:
        photo: which.
        score: by the strategy.
        reasons: in words; at least one.
    """

    photo: StoredPhoto
    score: float
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "key": printable(self.photo.key),
            "file": printable(self.photo.file),
            "source": printable(self.photo.source),
            "sha256": self.photo.sha256,
            "score": round(self.score, 4),
            "reasons": list(self.reasons),
            "tags": list(self.photo.tags),
        }


@dataclass(frozen=True, slots=True)
class MiningResult:
    """What was found.

    Attributes:
        strategy: in words.
        looked_at: rows that were scored.
        wanted: rows that the strategy wants at all.
        alike: rows left out as they are nearly equal to a chosen one.
        photos: the chosen ones, the most telling first.
        failed: photos that could not be observed.
    """

    strategy: str
    looked_at: int
    wanted: int
    alike: int
    photos: Sequence[MinedPhoto]
    failed: Sequence[FailedPhoto] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "strategy": self.strategy,
            "looked_at": self.looked_at,
            "wanted": self.wanted,
            "alike": self.alike,
            "photos": [each.to_dict() for each in self.photos],
            "failed": [each.to_dict() for each in self.failed],
        }

    def proposals(self, concept: str) -> list[ReviewProposal]:
        """A question about each photo: does it show the concept?"""
        return [
            ReviewProposal(
                photo=PhotoPlace(
                    each.photo.key,
                    each.photo.file,
                    each.photo.offset,
                    each.photo.size,
                    each.photo.sha256,
                    each.photo.source,
                ),
                concept=concept,
                reason="; ".join(each.reasons),
                mined_by=self.strategy,
            )
            for each in self.photos
        ]

    def write_page(self, file: Path) -> None:
        """Writes an HTML page with the first 200 photos, which needs nothing else.

        Raises:
            FileExistsError: the file exists, and is not an unchanged page of ANSA.
        """
        with tempfile.TemporaryDirectory() as folder:
            shown: list[tuple[Path, str]] = []
            for number, each in enumerate(self.photos[:_SHOWN]):
                copy = Path(folder) / f"{number:04} {Path(each.photo.key).name}"
                with suppress(OSError):  # the page shows an empty frame that says so
                    copy.write_bytes(each.photo.read_bytes())
                shown.append((copy, "; ".join(each.reasons)))
            about = (
                f"{len(self.photos):,} of {self.wanted:,} photos that qualify, of "
                f"{self.looked_at:,} looked at; {self.alike:,} are nearly equal to a chosen one."
            )
            row = Row(f"Mined by {self.strategy}", shown, about)
            write_page(file, contact_sheet([row], title="Photos that would teach most"))


def mine(store: VectorStore, strategy: Strategy, count: int) -> MiningResult:
    """Chooses at most ``count`` photos of a store.

    Raises:
        TrainingError: the store is damaged.
    """
    choice = choose(store, strategy, count)
    photos = store.photos([each.row for each in choice.chosen])
    found = []
    for each in choice.chosen:
        reasons = [strategy.reason(each.score)]
        if each.similarity > 0:
            reasons.append(f"its cosine with the nearest photo before it is {each.similarity:.2f}")
        found.append(MinedPhoto(photos[each.row], each.score, tuple(reasons)))
    return MiningResult(strategy.name, choice.looked_at, choice.wanted, choice.alike, found)
