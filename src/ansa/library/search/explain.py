"""Explains what a search understood, and why it found each photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.library.search.filters import Filter
from ansa.library.search.name_matches import NameMatches
from ansa.library.search.parse import Part
from ansa.library.search.ranking import QueryStep, RankedTerm, Reason
from ansa.library.search.tag_names import NamedTags
from ansa.library.search.text_matches import TextMatches
from ansa.scene import Facts, Vector

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot

_ROLES = {
    "alone": "by meaning",
    "with": "by meaning, tags are a hint",
    "after": "by meaning and tags",
}
_LONGEST = 60  # the most characters of a query that are repeated


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A part of a query by which photos are ranked, without its facts; the tags that it names, and
    the photos whose names, or texts, have its words."""

    part: Part
    term: RankedTerm
    concepts: NamedTags
    names: NameMatches | None = None
    texts: TextMatches | None = None


@dataclass(frozen=True, slots=True)
class QueryExplanation:
    """Explains a search in words.

    Attributes:
        snapshot: the photos.
        asked: the parts by which they are ranked.
        filters: the facts that photos must have or, if False, must not have.
        alike: (d,), the vector of the photo to which they should be similar, if any.
        unread: words that look like a time but are none, each with the reason.
    """

    snapshot: Snapshot
    asked: Sequence[QueryPart]
    filters: Sequence[tuple[bool, Filter]]
    alike: Vector | None = None
    unread: Sequence[tuple[str, str]] = ()

    def steps(self) -> Iterator[QueryStep]:
        """Returns how the query was understood: facts, then tags and texts, then the photo."""
        for wanted, fact in self.filters:
            photos = int(fact.rows.sum())
            yield QueryStep(fact.kind, fact.said, fact.meaning, photos, wanted, note=fact.note)
        for said, why in self.unread:
            yield QueryStep("date", shortened(said), "", note=why)
        for each in self.asked:
            wanted, weight = each.part.wanted, each.part.weight
            for said, names in each.concepts.named:
                photos = int(self.snapshot.shown(names).sure.sum())
                yield QueryStep("tag", shortened(said), " or ".join(names), photos, wanted, weight)
            if each.names:
                said, files = " ".join(each.names.words), int((each.names.share > 0).sum())
                meaning = "in names of files and folders"
                yield QueryStep("name", shortened(said), meaning, files, wanted, weight)
            if each.texts:
                said, photos = " ".join(each.texts.words), int((each.texts.share > 0).sum())
                meaning = "in the text of pictures"
                yield QueryStep("ocr", shortened(said), meaning, photos, wanted, weight)
            text = shortened(each.part.text)
            role = "after" if each.concepts.leading else "with" if each.concepts.named else "alone"
            yield QueryStep("text", text, _ROLES[role], None, wanted, weight)
        if self.alike is not None:
            yield QueryStep("like", "the photo", "by looks")

    def reasons(
        self, row: int, facts: Facts, path: Path, folders: Sequence[Path]
    ) -> Iterator[Reason]:
        """Yields the reasons for the photo in a row, whose file is in one of some folders."""
        photo = self.snapshot.vectors[row]
        for wanted, fact in self.filters:
            if wanted and fact.chances is not None:
                chance = float(fact.chances[row])
                yield Reason(fact.kind, fact.said, chance, f"{_fact(fact, facts)} {chance:.2f}")
            elif wanted:
                yield Reason(fact.kind, fact.said, None, _fact(fact, facts))
        for each in self.asked:
            if each.part.wanted:
                yield from self._tags(row, each.concepts)
                if each.names and each.names.share[row] > 0:
                    said = " ".join(each.names.words)
                    share = float(each.names.share[row])
                    told = each.names.told(path, folders)
                    yield Reason("name", said, share, f'"{shortened(said)}" {told}')
                if each.texts and each.texts.share[row] > 0:
                    yield from self._written(row, each.texts)
                terms = (each.term, *each.term.others)
                score = max(float(photo @ term.vector) for term in terms)
                mean, spread = (
                    float(values[row])
                    for values in (each.term.everyday.mean, each.term.everyday.spread)
                )
                above = f"{(score - mean) / spread:+.1f} to everyday texts"
                text = shortened(each.part.text)
                yield Reason("text", text, score, f'"{text}" {score:.3f} ({above})')
        if self.alike is not None:
            score = float(photo @ self.alike)
            yield Reason("like", "the photo", score, f"like the photo {score:.3f}")

    def _written(self, row: int, texts: TextMatches) -> Iterator[Reason]:
        if text := self.snapshot.text(row):
            said, share = " ".join(texts.words), float(texts.share[row])
            snippet = texts.snippet(text.lines)
            yield Reason("ocr", said, share, f'the text in it says "{snippet}"')

    def _tags(self, row: int, concepts: NamedTags) -> Iterator[Reason]:
        for _, names in concepts.named:
            score = float(self.snapshot.shown(names).scores[row])
            if score <= 0:
                continue
            kind = self.snapshot.kind(row, names)
            more = f" ({kind.name} {kind.score:.2f})" if kind else ""
            name = " or ".join(names)
            yield Reason("tag", name, score, f"{name} {score:.2f}{more}")


def shortened(text: str | None) -> str:
    """Shortens a text that may be very long, so that it fits into a line."""
    text = text or ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _fact(fact: Filter, facts: Facts) -> str:
    if fact.kind == "date" and facts.taken:
        return f"taken {facts.taken:%Y-%m-%d}"
    if fact.kind == "camera" and facts.camera:
        return f"by {facts.camera}"
    if fact.kind == "trip":
        title = fact.said if "," in fact.said else fact.meaning
        return "on a trip" if fact.said == "trip" else f"on the trip {title}"
    lead = {"place": "in ", "people": "with ", "count": "with ", "event": "on "}.get(fact.kind, "")
    return f"{lead}{fact.meaning}"
