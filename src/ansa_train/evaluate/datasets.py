"""Makes the evaluation tasks that photos with captions, labels and boxes allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ansa.photo.formats import SUFFIXES
from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError
from ansa_train.evaluate.known_names import KnownNames, KnownTags
from ansa_train.evaluate.linear_probe import Probe
from ansa_train.evaluate.retrieval import Retrieval
from ansa_train.evaluate.tagging import Tagging, box_tags, caption_tags
from ansa_train.evaluate.task import EvaluationError, Task
from ansa_train.evaluate.teacher_agreement import TeacherAgreement
from ansa_train.evaluate.zeroshot import ZeroShot

Reported = Literal["dev", "test"]

ENOUGH = 100
"""Captioned photos, or ones of known classes, that a source of the pack needs to say something."""

_SPLITS: dict[str, Literal["train", "dev", "test"]] = {
    "train": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
}


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """A folder of photos whose sub-folders are classes.

    Attributes:
        samples: the photos, each with its class as the one label.
        skipped: how many other files there are.
        split: whether the folder itself says what is for training and what for tests.
    """

    samples: Sequence[Sample]
    skipped: int
    split: bool


def pack_tasks(folder: Path, split: Reported) -> list[Task]:
    """Makes every task that a folder of tars allows, for each source by what is known of it.

    Raises:
        FileNotFoundError: the folder holds no tar.
        EvaluationError: the split is empty.
    """
    samples = read_pack(folder, ["train", "dev", "test"])
    reported = [s for s in samples if s.split == split]
    if not reported:
        raise EvaluationError(f"{folder}: no photo is of the split {split}")
    tasks: list[Task] = []
    for source in sorted({s.source for s in reported}):
        here = [s for s in samples if s.source == source]
        captioned = [s for s in here if s.captions]
        if sum(s.split == split for s in captioned) >= ENOUGH:
            tasks += caption_tasks(source, captioned, split)
        tasks += label_tasks(source, [s for s in here if len(s.labels) == 1], split)
        tasks += _known_names(source, [s for s in here if s.split == split])
        boxed = _by_split([s for s in here if any(s.objects for s in here)], split)
        if boxed[0] and boxed[2]:
            train, choose, test = (box_tags(part) for part in boxed)
            tasks.append(Tagging(f"{source} objects", train, choose, test, least=3))
    return [*tasks, TeacherAgreement([s for s in reported if s.kind == "photo"])]


def _known_names(source: str, samples: Sequence[Sample]) -> list[Task]:
    try:
        tasks: list[Task] = [KnownNames(source, samples), KnownTags(source, samples)]
    except TrainingError:
        return []  # the words cannot be fetched; the comparison with the teacher says why
    return tasks if len(tasks[0].samples) >= ENOUGH else []


def caption_tasks(name: str, samples: Sequence[Sample], split: Reported) -> Iterator[Task]:
    """Makes retrieval and, if there are photos to learn from, tagging by the nouns of captions.

    Args:
        name: of the set.
        samples: with captions, of all splits.
        split: what is reported.

    Raises:
        EvaluationError: no photo is of that split.
    """
    train, choose, test = _by_split(samples, split)
    if not test:
        raise EvaluationError(f"{name}: no photo is of the split {split}")
    yield Retrieval(name, test)
    if train:
        yield Tagging(f"{name} caption nouns", *caption_tags(train, choose, test))


def label_tasks(name: str, samples: Sequence[Sample], split: Reported) -> Iterator[Task]:
    """Makes zero-shot and linear probe; nothing if there are fewer than two classes.

    Args:
        name: of the set.
        samples: with one label each, of all splits.
        split: what is reported.
    """
    classes = sorted({s.labels[0] for s in samples})
    train, _, test = _by_split(samples, split)
    if len(classes) > 1 and test:
        yield ZeroShot(name, test, classes)
        if len({s.labels[0] for s in train}) > 1:
            yield Probe(name, train, test)


def folder_tasks(folder: Path, split: Reported) -> tuple[list[Task], int]:
    """Makes zero-shot and linear probe of a label folder, and counts files that are no photos.

    Raises:
        EvaluationError: the folder holds no two classes, or no photo of the split.
    """
    found = read_label_folder(folder)
    name = folder.resolve().name
    classes = sorted({s.labels[0] for s in found.samples})
    if len(classes) < 2:
        raise EvaluationError(
            f"{folder}: photos of {len(classes)} classes; put those of at least two in folders "
            "named after them"
        )
    if not found.split:
        return [
            ZeroShot(name, found.samples, classes),
            Probe(name, [], found.samples),
        ], found.skipped
    tasks = list(label_tasks(name, found.samples, split))
    if not tasks:
        raise EvaluationError(f"{folder}: no photo is of the split {split}")
    return tasks, found.skipped


def read_label_folder(folder: Path) -> LabelledFolder:
    """Reads photos from FOLDER/CLASS/..., or from FOLDER/train/CLASS/... and FOLDER/test/CLASS/...

    Raises:
        EvaluationError: there is no such folder.
    """
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: no such folder; give one whose sub-folders are classes")
    top = [f for f in sorted(folder.iterdir()) if f.is_dir() and not f.name.startswith(".")]
    split = {f.name for f in top} <= _SPLITS.keys() and len(top) > 1
    samples: list[Sample] = []
    skipped = sum(1 for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
    for part in top if split else [folder]:
        for group in sorted(f for f in part.iterdir() if f.is_dir()):
            label = " ".join(group.name.replace("_", " ").split())
            for file in sorted(f for f in group.rglob("*") if f.is_file()):
                if not label or file.suffix.lower() not in SUFFIXES:
                    skipped += not file.name.startswith(".")
                    continue
                samples.append(
                    file_sample(
                        file,
                        key=file.relative_to(folder).as_posix(),
                        split=_SPLITS[part.name] if split else "test",
                        labels=(label,),
                    )
                )
    return LabelledFolder(samples, skipped, split)


def file_sample(
    file: Path,
    *,
    key: str,
    split: Literal["train", "dev", "test"],
    captions: tuple[str, ...] = (),
    labels: tuple[str, ...] = (),
) -> Sample:
    """A photo in a file of its own."""
    return Sample(
        key=key,
        source=file.parent.name,
        split=split,
        kind="photo",
        captions=captions,
        labels=labels,
        objects=(),
        file=file,
        offset=0,
        size=file.stat().st_size,
    )


def _by_split(
    samples: Sequence[Sample], split: Reported
) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """What to learn from, to choose by, and to report; dev is not chosen by when it is reported."""
    train = [s for s in samples if s.split == "train"]
    choose = [s for s in samples if s.split == "dev" and split == "test"]
    return train, choose, [s for s in samples if s.split == split]
