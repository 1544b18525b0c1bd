"""Runs every task for every bundle, through the same Analyzer that users have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from ansa.model.analyzer import Analyzer
from ansa.photo.read import MAX_FILE_BYTES, OversizedPhoto, PhotoError
from ansa.processors import processor_count
from ansa.scene import Vector
from ansa_train.data.pack import Sample
from ansa_train.evaluate.plot import draw
from ansa_train.evaluate.report import Report
from ansa_train.evaluate.task import EvaluationError, FailedPhoto, Table, Task
from ansa_train.output_files import report_files

_AHEAD = 64  # photos in hand: bounds memory


class EvaluationProgress(Protocol):
    """Shows how far a run is."""

    def __call__(
        self, items: Iterable[Vector | PhotoError], total: int
    ) -> Iterable[Vector | PhotoError]:
        """The items, as they are."""


def embed(analyzer: Analyzer, samples: Sequence[Sample]) -> Iterator[Vector | PhotoError]:
    """Analyzes each sample as a user's photo, and gives its vector or its error."""

    def look(sample: Sample) -> Vector | PhotoError:
        if sample.size > MAX_FILE_BYTES:
            return OversizedPhoto(sample.key, "it is too large", "export a smaller copy of it")
        try:
            vector: Vector = analyzer.embed_image(sample.read_bytes())[0]
        except PhotoError as error:
            return PhotoError(sample.key, error.reason, error.remedy)
        except OSError as error:
            return PhotoError(sample.key, f"it cannot be read ({error.strerror})", "copy it again")
        return vector

    with ThreadPoolExecutor(processor_count()) as threads:
        for start in range(0, len(samples), _AHEAD):
            yield from threads.map(look, samples[start : start + _AHEAD])


def evaluate(
    analyzers: Sequence[Analyzer],
    tasks: Sequence[Task],
    *,
    split: str,
    command: str,
    skipped: int = 0,
    refused: Sequence[FailedPhoto] = (),
    progress: EvaluationProgress = lambda items, total: items,
) -> Report:
    """Measures bundles, side by side if there are several.

    Args:
        analyzers: one a bundle.
        tasks: what to measure.
        split: what the tasks report, for the page.
        command: that was given, for the page.
        skipped: files that are no photos, for the page.
        refused: entries that could not be used, for the page.
        progress: wraps the photos as they are looked at.

    Raises:
        EvaluationError: nothing could be measured.
    """
    samples = list(dict.fromkeys(s for task in tasks for s in task.samples))
    seen: list[dict[Sample, Vector]] = []
    failed: dict[Sample, FailedPhoto] = {}
    for analyzer in analyzers:
        vectors = {}
        outcomes = progress(embed(analyzer, samples), len(samples))
        for sample, outcome in zip(samples, outcomes, strict=True):
            if isinstance(outcome, PhotoError):
                failed[sample] = FailedPhoto(sample.key, f"{outcome.reason}; {outcome.remedy}")
            else:
                vectors[sample] = outcome
        seen.append(vectors)
    for vectors in seen:  # every bundle is measured on the same photos
        for sample in failed:
            vectors.pop(sample, None)
    rows: list[Sequence[Table]] = []
    left_out = []
    for task in tasks:
        try:
            found = [task.measure(a, v) for a, v in zip(analyzers, seen, strict=True)]
        except EvaluationError as error:
            left_out.append(str(error))
        else:
            rows += list(zip(*found, strict=True))
    if not rows:
        raise EvaluationError("; ".join(left_out) or "nothing to measure on")
    return Report(
        command=command,
        split=split,
        bundles=[f"{a.bundle.manifest.name} {a.bundle.id[:12]}" for a in analyzers],
        tables=rows,
        photos=len(samples),
        skipped=skipped,
        refused=refused,
        failed=list(failed.values()),
        left_out=left_out,
    )


def write(report: Report, prefix: Path) -> list[Path]:
    """Writes PREFIX.md, PREFIX.json and PREFIX.svg; returns them."""
    page, document, picture = report_files(prefix)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    draw(report, picture)
    page.write_text(report.to_markdown(picture.name), "utf-8")
    document.write_text(json.dumps(report.to_dict(), indent=1, allow_nan=False) + "\n", "utf-8")
    return [page, document, picture]
