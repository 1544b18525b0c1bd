"""A scene in a few lines for people: what was seen, and how sure that is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansa.names import printable
from ansa.scene import Quality, Scene, Tag, plain

MISSING = "missing"
"""Label of the line that says what is not there."""

_MOST = 8
"""Tags and objects that are named."""

_MAX_TEXT = 60
"""Characters of a signal that has no words of its own."""

_EVEN = 0.5
"""An object below this is more likely not there."""


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One thing that is said.

    Attributes:
        text: in words and numbers.
        sure: whether it may be relied on.
        share: 0..1, how much of it there is; None if that means nothing.
    """

    text: str
    sure: bool = True
    share: float | None = None

    def __str__(self) -> str:
        return self.text if self.sure else f"{self.text}?"


@dataclass(frozen=True, slots=True)
class Line:
    """What is said under one label."""

    label: str
    said: tuple[SummaryItem, ...]

    def __str__(self) -> str:
        return f"{self.label}: {', '.join(map(str, self.said))}"


def summary(scene: Scene) -> list[Line]:
    """Every signal but the embedding, one a line; at the end what is missing, and why."""
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
    """Whether an object of that score is more likely there than not."""
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
"""Signals that ship: label, and words. In the order in which they are said."""


def _scored(name: str, score: float, sure: bool = True) -> SummaryItem:
    return SummaryItem(f"{printable(name)} {score:.2f}", sure, score)


def _other(signal: Any) -> SummaryItem:
    """A signal of a head that was added."""
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
