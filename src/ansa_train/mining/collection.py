"""Observes a collection of photos or shards into a store; goes on where it was stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.model.bundle import Bundle
from ansa.photo.formats import SUFFIXES
from ansa.photo.pixels import resize_square
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import limit_per_source
from ansa_train.errors import TrainingError
from ansa_train.evaluate.datasets import file_sample
from ansa_train.evaluate.task import FailedPhoto
from ansa_train.mining.tag_boundary import tag_names
from ansa_train.mining.vector_store import StoredPhoto, StoredRow, VectorStore
from ansa_train.models.teacher import class_teacher, teacher_size
from ansa_train.slicing.conditions import CONDITIONS
from ansa_train.slicing.observation import Observation
from ansa_train.slicing.observe import ObservationEngine, observe_all

NAMES = [condition.name for condition in CONDITIONS]
_TAGS = 5


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of observing a collection.

    Attributes:
        store: with all photos of it.
        new: how many were observed now.
        failed: photos that could not be opened.
    """

    store: VectorStore
    new: int
    failed: Sequence[FailedPhoto]


def collect(sources: Sequence[Path], split: Split = "train", most: int = 0) -> list[Sample]:
    """The photos of folders of shards, of folders of photos and of files, each once.

    Args:
        sources: the folders and files.
        split: of shards, whose other photos are left out: what is mined and reviewed is learned
            from, and what is measured on must not be.
        most: at most so many of each source, chosen by a hash of their names; 0 for all.

    Raises:
        TrainingError: one does not exist or holds no photo.
    """
    found: dict[str, Sample] = {}
    for source in sources:
        here = list(_samples(source, split))
        if not here:
            raise TrainingError(f"{source}: no photo and no shard is there")
        for sample in here:
            found.setdefault(sample.key, sample)
    return limit_per_source(list(found.values()), most=most, captioned=True)


def observe_into(
    folder: Path,
    bundle: Path | None,
    samples: Sequence[Sample],
    *,
    teacher: str | None = None,
    engine: ObservationEngine | None = None,
    progress: Callable[[Iterable[Observation], int], Iterable[Observation]] = lambda items, _: (
        items
    ),
) -> Observed:
    """Observes the photos that are not in a store yet, and adds them.

    Args:
        folder: of the store.
        bundle: its folder; None for the one that ships.
        samples: the photos.
        teacher: whose class is noted for each photo, one of
            :data:`ansa_train.models.teacher.TEACHERS`; None for nobody's.
        engine: where photos are observed; in this process if left out.
        progress: wraps the observations as they are made, and is told their number.

    Raises:
        TrainingError: the store is of another bundle or damaged; the teacher cannot be fetched.
    """
    store = VectorStore(folder, Bundle.open(bundle), NAMES)
    known = store.keys()
    fresh = [sample for sample in samples if sample.key not in known]
    failed: list[FailedPhoto] = []
    ask = _asker(teacher) if teacher else None
    places = {name: place for place, name in enumerate(tag_names(Bundle.open(bundle)))}

    def rows() -> Iterator[StoredRow]:
        seen = progress(observe_all(bundle, fresh, engine or ObservationEngine()), len(fresh))
        for sample, each in zip(fresh, seen, strict=True):
            if each.problem:
                failed.append(FailedPhoto(sample.key, each.problem))
                continue
            try:
                yield _row(sample, each, ask, places)
            except OSError as error:
                failed.append(FailedPhoto(sample.key, f"{error.strerror or error}; copy it again"))

    return Observed(store, store.append(rows()), failed)


def _samples(source: Path, split: Split) -> Iterator[Sample]:
    if not source.exists():
        raise TrainingError(f"{source}: there is nothing; check its name")
    if source.is_file():
        yield _file(source, source.name)
    elif any(source.glob("*.tar")):
        yield from read_pack(source, [split])
    else:
        for file in sorted(source.rglob("*")):
            if file.suffix.lower() in SUFFIXES and file.is_file():
                yield _file(file, f"{source.resolve().name}/{file.relative_to(source).as_posix()}")


def _file(file: Path, key: str) -> Sample:
    return file_sample(file.resolve(), key=key, split="train")


def _row(
    sample: Sample,
    seen: Observation,
    ask: Callable[[Sample], tuple[int, float]] | None,
    places: Mapping[str, int],
) -> StoredRow:
    assert seen.vector is not None
    bits = 0
    for place, condition in enumerate(CONDITIONS):
        bits |= bool(condition.holds(seen, sample)) << place
    photo = StoredPhoto(
        key=sample.key,
        file=str(sample.file),
        offset=sample.offset,
        size=sample.size,
        source=sample.source,
        sha256=hashlib.sha256(sample.read_bytes()).hexdigest(),
        tags=tuple(tag.name for tag in seen.tags[:_TAGS]),
        teacher=ask(sample) if ask else None,
    )
    sure = max((tag.score for tag in seen.tags), default=float("nan"))
    tags = [(places[tag.name], tag.score) for tag in seen.tags]
    return StoredRow(photo, seen.vector, bits, sure, tags, seen.kinds)


def _asker(name: str) -> Callable[[Sample], tuple[int, float]]:
    network, size = class_teacher(name), teacher_size(name)

    def ask(sample: Sample) -> tuple[int, float]:
        pixels = resize_square(np.asarray(sample.read()), size)
        logits: NDArray[np.float64] = network(pixels[None]).float().numpy()[0].astype(np.float64)
        odds = np.exp(logits - logits.max())
        best = int(odds.argmax())
        return best, float(odds[best] / odds.sum())

    return ask
