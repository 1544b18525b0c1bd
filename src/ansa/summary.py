"""Describes a scene in a few lines of text, and marks what is uncertain."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansa.names import printable
from ansa.scene import Quality, Scene, Tag, plain

MISSING = "missing"
"""The label of the line that lists missing signals."""

_MOST = 8
"""The largest number of tags and of objects that are named."""

_MAX_TEXT = 60
"""The longest text, in characters, of a signal without its own description."""

_EVEN = 0.5
"""The probability below which an object is more likely absent than present."""


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One item of a line.

    Attributes:
        text: the item in words and numbers.
        sure: whether the item is certain enough to rely on.
        share: the value as a share in 0..1; None if it has none.
    """

    text: str
    sure: bool = True
    share: float | None = None

    def __str__(self) -> str:
        return self.text if self.sure else f"{self.text}?"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary: a label and its items."""

    label: str
    said: tuple[SummaryItem, ...]

    def __str__(self) -> str:
        return f"{self.label}: {', '.join(map(str, self.said))}"


def summary(scene: Scene) -> list[Line]:
    """One line for each signal but the embedding; the last one lists missing signals and why."""
    signals = dict(scene.signals)
    lines = []
    for name, (label, say) in _WORDS.items():
        if (signal := signals.pop(name, None)) is not None:
            lines.append(Line(label, tuple(say(signal))))
    lines += [Line(printable(name), (_other(signal),)) for name, signal in signals.items()]
    if scene.missing:
        lines.append(Line(MISSING, tuple(_missing(scene))))
    return lines


def _kind(utility: Any) -> Iterator[SummaryItem]:
    yield _scored(utility.kind, utility.score, utility.sure)


def _tags(tags: Any) -> Iterator[SummaryItem]:
    # Each tag has a threshold of its own, so a likely one may be unsure and a lesser one sure.
    first = sorted(tags, key=lambda tag: not tag.sure)[:_MOST]
    yield from (_scored(tag.name, tag.score, tag.sure) for tag in first)
    yield from _rest(len(tags))


def _objects(objects: Any) -> Iterator[SummaryItem]:
    yield from (
        _scored(each.label, each.score, object_sure(each.score)) for each in objects[:_MOST]
    )
    yield from _rest(len(objects))


def object_sure(score: float) -> bool:
    """Whether an object with that score is more likely present than absent."""
    return score >= _EVEN


def _rest(count: int) -> Iterator[SummaryItem]:
    if not count:
        yield SummaryItem("none")
    elif count > _MOST:
        yield SummaryItem(f"{count - _MOST} more")


def _quality(quality: Quality) -> Iterator[SummaryItem]:
    yield _scored("overall", quality.overall)
    for name in ("defocus_blur", "motion_blur", "noise", "compression_artifacts"):
        yield _scored(name.replace("_", " "), getattr(quality, name))
    yield SummaryItem(f"exposure {quality.exposure:+.2f}", share=abs(quality.exposure))
    yield SummaryItem(f"tilt {quality.tilt:+.0f}°", share=abs(quality.tilt) / 45)


def _aesthetics(score: float) -> Iterator[SummaryItem]:
    yield SummaryItem(f"{score:.2f}", share=score)


def _saliency(saliency: Any) -> Iterator[SummaryItem]:
    share = float(saliency.mean())
    yield SummaryItem(f"{share:.0%} draws the eye", share=share)


def _print(data: bytes) -> Iterator[SummaryItem]:
    yield SummaryItem(f"{data[:8].hex()}... ({len(data)} bytes)")


_WORDS: dict[str, tuple[str, Any]] = {
    "utility": ("kind", _kind),
    "tags": ("tags", _tags),
    "detection": ("objects", _objects),
    "quality": ("quality", _quality),
    "aesthetics": ("aesthetics", _aesthetics),
    "saliency": ("saliency", _saliency),
    "print": ("print", _print),
}
"""For each signal of the shipped bundle, in the order of output: its label and its text."""


def _scored(name: str, score: float, sure: bool = True) -> SummaryItem:
    return SummaryItem(f"{printable(name)} {score:.2f}", sure, score)


def _other(signal: Any) -> SummaryItem:
    """The text of a signal that has no entry in ``_WORDS``."""
    if isinstance(signal, Tag):
        return _scored(signal.name, signal.score, signal.sure)
    if isinstance(signal, float):
        return SummaryItem(f"{signal:.2f}", share=signal if 0 <= signal <= 1 else None)
    text = json.dumps(plain(signal), ensure_ascii=False)
    return SummaryItem(printable(text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 3]}..."))


def _missing(scene: Scene) -> Iterator[SummaryItem]:
    names = defaultdict(list)
    for name, reason in sorted(scene.missing.items()):
        names[reason].append(printable(name))
    for reason, those in names.items():
        yield SummaryItem(f"{', '.join(those)} ({printable(reason)})")
