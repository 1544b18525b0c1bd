"""A new bundle beside its predecessor: the figures of both on the same photos, and every set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample, read_pack
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.recipe import AcceptedLoss
from ansa_train.regression.answers import SetAnswers, answers_of
from ansa_train.regression.cases import RegressionSet, read_set, shipped_sets
from ansa_train.regression.gate import Verdict, verdict
from ansa_train.regression.pictures import PictureStore
from ansa_train.slicing.gaps import paired
from ansa_train.slicing.observation import Observation
from ansa_train.slicing.observe import observe_all
from ansa_train.slicing.photo_metrics import PhotoMetric, Truth, photo_metrics


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What an export is asked.

    Attributes:
        data: a folder of shards whose dev photos give the figures, and whose photos the cases of
            sets may name; None for no figures.
        sets: files of further regression sets.
        shipped: whether the sets that ship are asked, too.
        rules: what the labels of the shards mean.
        accepted: losses that are wanted.
    """

    data: Path | None = None
    sets: Sequence[Path] = ()
    shipped: bool = True
    rules: LabelRules = LabelRules()  # noqa: RUF009 - immutable
    accepted: Sequence[AcceptedLoss] = ()


def compare(
    new: Bundle,
    predecessor: Bundle,
    settings: GateSettings,
    progress: Callable[[str], object] = lambda what: None,
) -> Verdict:
    """Compares a new bundle with its predecessor.

    Args:
        new: the bundle that asks to be exported.
        predecessor: the one it would replace.
        settings: what is asked.
        progress: is told what comes next.

    Raises:
        TrainingError: a set cannot be read, or is not as it was made.
        FileNotFoundError: the data hold no shard.
    """
    sets = every_set(settings.sets, shipped=settings.shipped)
    answers = []
    for asked, beside in sets:
        progress(f"the regression set {asked.name}")
        store = PictureStore(settings.data, beside)
        answers.append((answers_of(predecessor, asked, store), answers_of(new, asked, store)))
    figures: dict[str, tuple[Estimate, Estimate]] = {}
    if settings.data is not None:
        progress("the figures of both bundles on dev photos")
        figures = _figures(predecessor, new, settings.data, settings.rules)
    name = f"{predecessor.manifest.name} {predecessor.id[:12]}"
    return verdict(name, figures, answers, settings.accepted)


def every_set(
    files: Sequence[Path], *, shipped: bool = True
) -> list[tuple[RegressionSet, Path | None]]:
    """The shipped sets and those in files, each with the folder that its own pictures lie in."""
    more: list[tuple[RegressionSet, Path | None]] = [(read_set(f), f.parent) for f in files]
    return [*((each, None) for each in (shipped_sets() if shipped else ())), *more]


def run_sets(bundle: Bundle, files: Sequence[Path], data: Path | None) -> list[SetAnswers]:
    """One bundle's answers to the shipped sets and those in files."""
    return [
        answers_of(bundle, asked, PictureStore(data, beside)) for asked, beside in every_set(files)
    ]


def _figures(
    before: Bundle, now: Bundle, data: Path, rules: LabelRules
) -> dict[str, tuple[Estimate, Estimate]]:
    samples, train = read_pack(data, ["dev"]), read_pack(data, ["train"])
    seen = [list(observe_all(bundle.path, samples)) for bundle in (before, now)]
    kept = np.array([not (a.problem or b.problem) for a, b in zip(*seen, strict=True)])
    if not kept.any():
        return {}
    old, new = (
        _metrics(bundle, samples, each, kept, train, rules)
        for bundle, each in zip((before, now), seen, strict=True)
    )
    found = {}
    for name, metric in old.items():
        if name not in new:  # a signal that the new bundle lost altogether
            new[name] = PhotoMetric(name, np.zeros_like(metric.right), metric.asked)
        if pair := paired(metric, new[name]):
            found[name] = pair[1:]
    return found


def _metrics(
    bundle: Bundle,
    samples: Sequence[Sample],
    seen: Sequence[Observation],
    kept: NDArray[np.bool_],
    train: Sequence[Sample],
    rules: LabelRules,
) -> dict[str, PhotoMetric]:
    some = [sample for sample, keep in zip(samples, kept, strict=True) if keep]
    truth = Truth(Analyzer(bundle), [*train, *some], rules)
    observed = [each for each, keep in zip(seen, kept, strict=True) if keep]
    return {metric.name: metric for metric in photo_metrics(some, observed, truth)}
