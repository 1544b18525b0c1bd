"""Analyzes a camera's frames one after another, steadily: signals are smoothed over time.

A single frame of a moving camera is often blurred or half turned. What is said of it would flicker.
Each signal is therefore the mean of the last moments, the recent ones weighing most, and a hint
begins later and ends later than the frames that speak for it. If the camera swings to something
else, the past is forgotten at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ansa.model.hints import HINTS, Hint, seen_hints, subject_box
from ansa.scene import Box, Object, Pixels, Quality, Scene, Tag, Utility

_CUT = 0.5  # the cosine with what was seen before, below which the camera shows something else
_ON, _OFF = 0.6, 0.4  # smoothed shares of frames from which on, and below which, something holds
_GONE = 0.05  # a smoothed score that is as good as nothing
_SAME = 0.3  # how much of two boxes must agree for them to be of one object


class AnalyzesFrames(Protocol):
    """What analyzes a frame: an :class:`ansa.Analyzer`."""

    def analyze(self, photo: Pixels) -> Scene:
        """Analyzes a frame."""


@dataclass(frozen=True, slots=True)
class LiveScene:
    """What a camera sees at one moment.

    Attributes:
        second: the time of the frame.
        scene: the signals, smoothed over time.
        hints: what a camera would tell, the most urgent first: "document" and "food" are modes,
            "night", "backlit", "blurred" and "tilted" are what is wrong.
        subject: the part of the frame that draws the eye, for framing; None if nothing does.
        tilt: how far to turn the camera clockwise for a level horizon, in degrees; 0 unless
            "tilted" is among the hints.
    """

    second: float
    scene: Scene
    hints: tuple[Hint, ...]
    subject: Box | None
    tilt: float


class SceneStream:
    """Analyzes frames that are given one by one.

    Args:
        analyzer: analyzes each frame.
        smoothing: the seconds over which signals are smoothed.

    Raises:
        ValueError: ``smoothing`` is not above 0.
    """

    def __init__(self, analyzer: AnalyzesFrames, *, smoothing: float = 0.4) -> None:
        if not smoothing > 0:
            raise ValueError(f"smoothing takes a time above 0 seconds, not {smoothing}")
        self._analyzer = analyzer
        self._smoothing = smoothing
        self._second = -math.inf
        self._last: Scene | None = None
        self._sure: dict[str, float] = {}
        self._kind_sure = 0.0
        self._hints: dict[str, float] = {}
        self._shown: set[str] = set()

    def add(self, pixels: Pixels, second: float) -> LiveScene:
        """Analyzes the next frame.

        Args:
            pixels: RGB, uint8 (height, width, 3), upright.
            second: its time; a time before the last one begins a new stream.

        Raises:
            AnalyzerError: the network's output is invalid.
        """
        scene = self._analyzer.analyze(pixels)
        before = self._last
        passed = second - self._second
        if before is None or passed <= 0 or float(scene.embedding @ before.embedding) < _CUT:
            self._sure, self._hints, self._shown, self._kind_sure = {}, {}, set(), 0.0
            before, share = None, 1.0
        else:
            share = 1 - math.exp(-passed / self._smoothing)
        self._second = second
        self._last = smoothed = self._smoothed(before, scene, share)
        hints = self._held(seen_hints(pixels, smoothed), share)
        tilt = smoothed.quality.tilt if smoothed.quality and "tilted" in hints else 0.0
        return LiveScene(second, smoothed, hints, subject_box(smoothed.saliency), -tilt)

    def _smoothed(self, before: Scene | None, now: Scene, share: float) -> Scene:
        """The mean of what was seen before and a share of what is seen now."""
        sure = {tag.name: float(tag.sure) for tag in now.tags or ()}
        self._sure = _mixed(self._sure, sure, share)
        utility = now.utility
        kind_sure = float(utility.sure) if utility else 0.0
        self._kind_sure += share * (kind_sure - self._kind_sure)
        if before is None:
            return now
        signals = dict(now.signals)
        if now.tags is not None:
            signals["tags"] = self._tags(before.tags or (), now.tags, share)
        if now.objects is not None:
            signals["detection"] = tuple(_objects(before.objects or (), now.objects, share))
        if utility is not None and before.utility is not None:
            signals["utility"] = self._utility(before.utility, utility, share)
        if now.quality is not None and before.quality is not None:
            signals["quality"] = _quality(before.quality, now.quality, share)
        if now.saliency is not None and before.saliency is not None:
            signals["saliency"] = _mean(before.saliency, now.saliency, share)
        vector = _mean(before.embedding, now.embedding, share)
        vector = (vector / np.linalg.norm(vector)).astype(np.float32)
        return Scene(now.facts, vector, signals, now.missing)

    def _tags(self, before: Iterable[Tag], now: Iterable[Tag], share: float) -> tuple[Tag, ...]:
        earlier = {tag.name: tag for tag in before}
        current = {tag.name: tag for tag in now}
        scores = _mixed(
            {name: tag.score for name, tag in earlier.items()},
            {name: tag.score for name, tag in current.items()},
            share,
        )
        found = []
        for name, score in scores.items():
            was = name in earlier and earlier[name].sure
            sure = self._sure.get(name, 0.0) >= (_OFF if was else _ON)
            found.append(Tag(name, score, sure))
        # Those that are seen now keep the order in which the reader told them.
        order = {name: place for place, name in enumerate(current)}
        return tuple(sorted(found, key=lambda tag: order.get(tag.name, len(order))))

    def _utility(self, before: Utility, now: Utility, share: float) -> Utility:
        scores = _mixed(before.scores, now.scores, share, gone=0.0)
        kind = max(scores, key=scores.__getitem__)
        sure = self._kind_sure >= (_OFF if before.sure else _ON)
        return Utility(kind, scores[kind], scores, sure)

    def _held(self, seen: Iterable[Hint], share: float) -> tuple[Hint, ...]:
        """The hints that hold, in their order of urgency."""
        now: dict[str, float] = dict.fromkeys(seen, 1.0)
        self._hints = _mixed(self._hints, now, share)
        self._shown = {
            hint
            for hint, held in self._hints.items()
            if held >= (_OFF if hint in self._shown else _ON)
        }
        return tuple(hint for hint in HINTS if hint in self._shown)


def stream(
    analyzer: AnalyzesFrames,
    frames: Iterable[Pixels],
    *,
    rate: float = 30.0,
    smoothing: float = 0.4,
) -> Iterator[LiveScene]:
    """Analyzes the frames of a camera or a film in turn; see :class:`SceneStream`.

    Args:
        analyzer: analyzes each frame.
        frames: RGB, uint8 (height, width, 3), upright.
        rate: frames a second.
        smoothing: the seconds over which signals are smoothed.

    Raises:
        ValueError: ``rate`` or ``smoothing`` is not above 0.
    """
    if not rate > 0:
        raise ValueError(f"a camera has more than 0 frames a second, not {rate}")
    scenes = SceneStream(analyzer, smoothing=smoothing)
    for number, pixels in enumerate(frames):
        yield scenes.add(pixels, number / rate)


def _mixed(
    before: Mapping[str, float], now: Mapping[str, float], share: float, gone: float = _GONE
) -> dict[str, float]:
    """The mean of scores by name; what is not named has none."""
    names = dict.fromkeys((*now, *before))
    found = {
        name: before.get(name, 0.0) + share * (now.get(name, 0.0) - before.get(name, 0.0))
        for name in names
    }
    return {name: score for name, score in found.items() if score >= gone}


def _mean(
    before: NDArray[np.float32], now: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = (before + np.float32(share) * (now - before)).astype(np.float32)
    return mean


def _quality(before: Quality, now: Quality, share: float) -> Quality:
    return Quality(
        **{
            each.name: getattr(before, each.name)
            + share * (getattr(now, each.name) - getattr(before, each.name))
            for each in fields(Quality)
        }
    )


def _objects(before: Iterable[Object], now: Iterable[Object], share: float) -> Iterator[Object]:
    """Yields objects that keep their place and fade out, the most probable first."""
    left = list(before)
    found = []
    for each in now:
        known = max(
            (other for other in left if other.label == each.label),
            key=lambda other: _overlap(other.box, each.box),
            default=None,
        )
        if known is None or _overlap(known.box, each.box) < _SAME:
            found.append(each)
            continue
        left.remove(known)
        left_, top, right, bottom = (
            old + share * (new - old) for old, new in zip(known.box, each.box, strict=True)
        )
        score = known.score + share * (each.score - known.score)
        found.append(Object(each.label, score, (left_, top, right, bottom)))
    fading = (replace(each, score=each.score * (1 - share)) for each in left)
    found += [each for each in fading if each.score >= _GONE]
    yield from sorted(found, key=lambda each: -each.score)


def _overlap(one: Box, other: Box) -> float:
    """The area that two boxes share, as a share of what they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both) if areas > both else 0.0
