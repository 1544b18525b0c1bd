"""What was measured of a bundle, and the bars it has to meet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ansa_train.benchmark.metric import Metric
from ansa_train.benchmark.roofline import Peak

# The article's model (16.4 MB on disk, 24.6 MB at its peak), what its text side leaves room for,
# and what a person notices.
IMAGE_MB, PEAK_MB, TEXT_MB, WHOLE_MB = 16.4, 24.6, 15.0, 40.0
FLOORS, HEADS, QUERY, START = 2.5, 1.5, 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one call: the median, and the 95th percentile."""

    median: float
    tail: float


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One way to look at a photo, or to read a text.

    Attributes:
        name: shown.
        shipped: whether users of the bundle can have it so.
        disk: bytes of its files; of an image network, of this variant only.
        parameters: learned numbers.
        zeros: share of them, 0..1.
        multiply_adds: for one photo or text.
        peak: bytes that a fresh process takes at its peak above numpy and the bare runtime.
        networks: bytes of those above all imports.
        process: bytes of the process, all in all.
        one: on one thread.
        every: on a thread for each core.
    """

    name: str
    shipped: bool
    disk: int
    parameters: int
    zeros: float
    multiply_adds: int
    peak: float
    networks: float
    process: float
    one: Times
    every: Times


@dataclass(frozen=True, slots=True)
class BundlePart:
    """What the backbone with the embedding costs, or what a head adds to it."""

    name: str
    parameters: int
    multiply_adds: int
    disk: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StartTimes:
    """Seconds and bytes of fresh processes, each the median over several.

    Attributes:
        imports: seconds to import everything.
        photo: seconds from there to everything about the first photo, from its file.
        text: seconds more to the first text's vector.
    """

    imports: float
    photo: float
    text: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Everything that one run measured.

    Attributes:
        command: that made it.
        bundle: its name and the start of its id.
        machine: what the numbers depend on.
        query: the text that was read.
        peaks: of the machine, on one thread and on all.
        images: ways to have every signal of a photo; first the bundle as its users get it.
        texts: ways to have a text's vector; first the bundle as its users get it.
        parts: the backbone with the embedding, then each head.
        image_disk: bytes of the image side, all variants.
        disk: bytes of the whole bundle.
        start: of a fresh process.
        empty: bytes that the runtime itself takes to run a network of one node.
        dense: name of the text network in float32 that the one that ships is held against.
    """

    command: str
    bundle: str
    machine: Mapping[str, Any]
    query: str
    peaks: tuple[Peak, Peak]
    images: Sequence[BudgetRow]
    texts: Sequence[BudgetRow]
    parts: Sequence[BundlePart]
    image_disk: int
    disk: int
    start: StartTimes
    empty: float
    dense: str

    @property
    def dense_text(self) -> BudgetRow:
        """The text network that the one that ships is held against."""
        return next(row for row in self.texts if row.name == self.dense)

    def floors(self, row: BudgetRow) -> float:
        """The measured time on one thread, as a multiple of the least that its arithmetic takes."""
        if not row.multiply_adds:
            return math.nan
        return row.one.median / self.peaks[0].arithmetic(row.multiply_adds)

    def bars(self) -> list[Metric]:
        """The targets that the bundle has to meet, with what was measured."""
        image, text = self.images[0], self.texts[0]
        least = min((row for row in self.images if row.shipped), key=lambda row: row.peak)
        dense = self.dense_text
        return [
            Metric("image side on disk, all variants", self.image_disk / 1e6, "MB", IMAGE_MB),
            Metric(
                f"peak memory above numpy and the bare runtime, {least.name}",
                least.peak / 1e6,
                "MB",
                PEAK_MB,
            ),
            Metric(
                f"the same above a runtime that has run a network of one node, {least.name}",
                (least.peak - self.empty) / 1e6,
                "MB",
                PEAK_MB,
            ),
            Metric(
                "all heads, one thread / the least their arithmetic takes",
                self.floors(image),
                at_most=FLOORS,
            ),
            Metric(
                "all heads / the embedding alone, one thread",
                image.one.median / self.parts[0].seconds,
                at_most=HEADS,
            ),
            Metric("text side on disk", text.disk / 1e6, "MB", TEXT_MB),
            Metric(
                f"a query of {len(self.query.split())} words / {dense.name}, one thread",
                text.one.median / dense.one.median,
                at_most=QUERY,
            ),
            Metric(
                "first photo and first text in a fresh process, after its imports",
                self.start.photo + self.start.text,
                "s",
                START,
            ),
            Metric("the whole bundle on disk", self.disk / 1e6, "MB", WHOLE_MB),
        ]

    def to_dict(self) -> dict[str, Any]:
        """The budget as JSON-ready values, in bytes and seconds."""
        document = asdict(self) | {"date": datetime.now(UTC).date().isoformat()}
        document["bars"] = [
            {
                "name": bar.name,
                "value": bar.value,
                "unit": bar.unit,
                "target": bar.target,
                "met": bar.passed,
            }
            for bar in self.bars()
        ]
        rounded: dict[str, Any] = _rounded(document)
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
