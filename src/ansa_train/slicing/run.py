"""Slices of a bundle's quality: one pass over the photos, every metric under every condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.photo.read import PhotoError
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.task import FailedPhoto
from ansa_train.slicing.conditions import (
    CONDITIONS,
    SOURCE,
    Condition,
    source_conditions,
    subject_conditions,
)
from ansa_train.slicing.gaps import ENOUGH, SliceFigure, paired, share_of, slice_figure
from ansa_train.slicing.made_conditions import MADE, MadeCondition
from ansa_train.slicing.observation import Observation, of_scene
from ansa_train.slicing.observe import ObservationEngine, in_threads, observe_all
from ansa_train.slicing.photo_metrics import PhotoMetric, Truth, photo_metrics

SHOWN = 25
"""How many of the worst figures pages and pictures show first; the JSON has all."""

SHOWN_KEYS = 12
"""Photos that the report names for a slice."""


@dataclass(frozen=True, slots=True)
class SliceSettings:
    """What is measured.

    Attributes:
        faces: whether faces are looked for and their skin tone is measured.
        made: photos that are put under the made conditions; 0 for none.
        only: names of conditions; empty for all.
        rules: what labels mean.
        engine: where photos are observed.
    """

    faces: bool = False
    made: int = 300
    only: tuple[str, ...] = ()
    rules: LabelRules = field(default_factory=LabelRules)
    engine: ObservationEngine = field(default_factory=ObservationEngine)


@dataclass(frozen=True, slots=True)
class SliceResult:
    """A slice and its figures.

    Attributes:
        name: of the condition.
        group: what it is a condition of.
        told_by: by what it is told: "signal", "pixels", "EXIF", "label", "measure" or "made".
        about: the rule in words.
        photos: how many photos are in it.
        unknown: of how many it cannot be told.
        figures: by metric, those with enough photos.
        keys: some of its photos that the bundle gets wrong.
    """

    name: str
    group: str
    told_by: str
    about: str
    photos: int
    unknown: int
    figures: Sequence[SliceFigure]
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SliceMeasurement:
    """All slices of one bundle.

    Attributes:
        bundle: its name and the start of its id.
        photos: how many could be opened.
        overall: each metric over all photos.
        slices: of found conditions.
        made: of made conditions; ``rest`` is of the same photos as they were.
        failed: photos that could not be opened.
    """

    bundle: str
    photos: int
    overall: dict[str, Estimate]
    slices: Sequence[SliceResult]
    made: Sequence[SliceResult]
    failed: Sequence[FailedPhoto]

    def worst(self, *, sources: bool = False) -> list[tuple[SliceResult, SliceFigure]]:
        """Every figure that has a gap, the surest and largest loss first.

        Args:
            sources: those of sources, which say which photos are hard; else those of all other
                conditions, which say what of them is.
        """
        some = [each for each in self.slices if (each.group == SOURCE) == sources]
        rows = [(each, figure) for each in some for figure in each.figures if figure.gap]
        return sorted(rows, key=lambda row: (row[1].rank, row[0].name, row[1].metric))


def measure_slices(
    bundle: Path | None,
    samples: Sequence[Sample],
    train: Sequence[Sample],
    settings: SliceSettings = SliceSettings(),
    progress: Callable[[Iterable[Observation], int], Iterable[Observation]] = lambda items, _: (
        items
    ),
) -> SliceMeasurement:
    """Measures one bundle.

    Args:
        bundle: its folder; None for the one that ships.
        samples: the photos to measure on.
        train: photos that say which labels exclude each other; nothing is measured on them.
        settings: what is measured.
        progress: wraps the observations as they are made, and is told their number.

    Raises:
        TrainingError: a condition is unknown, no photo could be opened, or nothing is known of any.
    """
    check_names(settings.only, samples)
    analyzer = Analyzer(bundle)
    every = list(
        progress(observe_all(bundle, samples, settings.engine, faces=settings.faces), len(samples))
    )
    failed = [FailedPhoto(each.key, each.problem) for each in every if each.problem]
    pairs = [(s, o) for s, o in zip(samples, every, strict=True) if not o.problem]
    if not pairs:
        raise TrainingError(f"none of the {len(samples):,} photos could be opened")
    opened, seen = [s for s, _ in pairs], [o for _, o in pairs]
    truth = Truth(analyzer, [*train, *opened], settings.rules)
    metrics = photo_metrics(opened, seen, truth)
    if not metrics:
        raise TrainingError("nothing is known of the photos: they need captions, labels or boxes")
    conditions = [
        *CONDITIONS,
        *subject_conditions(truth.subjects(opened)),
        *source_conditions(opened),
    ]
    slices = [
        slice_of(condition, opened, seen, metrics)
        for condition in conditions
        if not settings.only or condition.name in settings.only
    ]
    made = (
        []
        if settings.only and not MADE.keys() & set(settings.only)
        else _made(analyzer, opened, seen, truth, settings)
    )
    return SliceMeasurement(
        bundle=f"{analyzer.bundle.manifest.name} {analyzer.bundle.id[:12]}",
        photos=len(opened),
        overall={m.name: _overall(m) for m in metrics},
        slices=slices,
        made=made,
        failed=failed,
    )


def check_names(names: Iterable[str], samples: Sequence[Sample] = ()) -> None:
    """Checks that slices of these names exist.

    Subjects depend on a bundle's tags, so any name that begins with "subject: " is accepted.

    Raises:
        TrainingError: one does not; the message names the nearest.
    """
    from difflib import get_close_matches

    known = [c.name for c in (*CONDITIONS, *source_conditions(samples))] + list(MADE)
    for name in names:
        if name not in known and not name.startswith("subject: "):
            near = get_close_matches(name, known, 1, 0.0)
            raise TrainingError(
                f"there is no slice {name!a}; the nearest is {near[0]!a}, and "
                "`ansa evaluate --slices --pack DATA` lists all"
            )


def members(
    condition: Condition, samples: Sequence[Sample], seen: Sequence[Observation]
) -> NDArray[np.int8]:
    """(n,) 1 where the condition holds, 0 where it does not, -1 where that is unknown."""
    told = (condition.holds(o, s) for s, o in zip(samples, seen, strict=True))
    return np.array([-1 if each is None else int(each) for each in told], np.int8)


def slice_of(
    condition: Condition,
    samples: Sequence[Sample],
    seen: Sequence[Observation],
    metrics: Sequence[PhotoMetric],
) -> SliceResult:
    """One condition's slice."""
    member = members(condition, samples, seen)
    sources = [sample.source for sample in samples]
    # A source cannot be compared with other photos of the same source.
    alone = [""] * len(sources) if condition.group == SOURCE else sources
    found = [slice_figure(metric, member, alone) for metric in metrics]
    wrong = np.zeros(len(samples), bool)
    for metric in metrics:
        wrong |= metric.right < metric.asked
    keys = [samples[i].key for i in np.flatnonzero((member == 1) & wrong)[:SHOWN_KEYS]]
    return SliceResult(
        condition.name,
        condition.group,
        condition.told_by,
        condition.about,
        int((member == 1).sum()),
        int((member == -1).sum()),
        [figure for figure in found if figure],
        keys,
    )


def _overall(metric: PhotoMetric) -> Estimate:
    rows = np.flatnonzero(metric.asked > 0)
    return share_of(metric.right[rows], metric.asked[rows])


def _made(
    analyzer: Analyzer,
    samples: Sequence[Sample],
    seen: Sequence[Observation],
    truth: Truth,
    settings: SliceSettings,
) -> list[SliceResult]:
    """The made conditions, on photos that are spread evenly over all sources."""
    if not settings.made:
        return []
    known = [i for i, s in enumerate(samples) if s.kind == "photo"]
    rows = known[:: max(1, -(-len(known) // settings.made))]
    if len(rows) < ENOUGH:
        return []
    some, before = [samples[i] for i in rows], [seen[i] for i in rows]
    plain = {m.name: m for m in photo_metrics(some, before, truth)}
    results = []
    for made in MADE.values():
        if settings.only and made.name not in settings.only:
            continue
        after = list(in_threads(_under(made, analyzer), some, settings.engine.workers or 2))
        kept = np.array([not each.problem for each in after])
        now = photo_metrics(
            [s for s, k in zip(some, kept, strict=True) if k],
            [o for o in after if not o.problem],
            truth,
        )
        figures = [
            figure
            for metric in now
            if metric.name in plain
            and (figure := _paired(metric, plain[metric.name], kept)) is not None
        ]
        results.append(
            SliceResult(made.name, made.group, "made", made.about, int(kept.sum()), 0, figures)
        )
    return results


def _under(made: MadeCondition, analyzer: Analyzer) -> Callable[[Sample], Observation]:
    size = analyzer.bundle.manifest.image.size

    def look(sample: Sample) -> Observation:
        try:
            pixels = made.make(sample.read(), sample.key, size)
            return of_scene(sample.key, analyzer.analyze(pixels), pixels)
        except (PhotoError, OSError) as error:
            return Observation(sample.key, problem=str(error))

    return look


def _paired(now: PhotoMetric, plain: PhotoMetric, kept: NDArray[np.bool_]) -> SliceFigure | None:
    """A metric with and without the condition, on the same photos."""
    found = paired(PhotoMetric(plain.name, plain.right[kept], plain.asked[kept]), now)
    if found is None:
        return None
    photos, rest, value = found
    return SliceFigure(now.name, photos, value, rest, value.minus(rest))
