"""Photos with captions from any source that shards can be built from, as samples to measure on."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from ansa.names import printable
from ansa_train.data.builder.readers.detect_format import read_source
from ansa_train.data.builder.readers.source_paths import SourceFolder, below
from ansa_train.data.builder.records import FoundPhoto, PhotoAnnotation, PhotoLocation, Refusal
from ansa_train.data.pack import Sample, Split
from ansa_train.evaluate.task import EvaluationError, FailedPhoto


@dataclass(frozen=True, slots=True)
class CaptionedPhotos:
    """The captioned photos of one source, and what could not be used.

    Attributes:
        samples: its photos with captions.
        refused: entries that could not be used, photos that are not there among them.
    """

    samples: Sequence[Sample]
    refused: Sequence[FailedPhoto]


def read_captions(path: Path, split: Split, photos: Path | None = None) -> CaptionedPhotos:
    """Reads captioned photos from COCO's JSON, a table, tars, or texts beside photos.

    Args:
        path: file or folder.
        split: of photos that come without one.
        photos: folder that paths in the file start from; that of the file itself if None.

    Raises:
        EvaluationError: there is no such file or folder, or no photo has a caption.
        TrainingError: it is of no known format, or too damaged to be read on.
    """
    if not path.exists():
        raise EvaluationError(f"{path}: no such file or folder")
    base = path if path.is_dir() else path.parent
    source = SourceFolder(path, path.resolve().stem, photos or base)
    found: dict[str, FoundPhoto] = {}
    captions: dict[str, list[str]] = defaultdict(list)
    refused = []
    for record in read_source(source, "auto"):
        if isinstance(record, Refusal):
            refused.append(FailedPhoto(printable(record.name), record.reason))
        elif isinstance(record, PhotoAnnotation):
            captions[record.key] += record.captions
        else:
            found[record.key] = record
    samples = []
    for key, photo in found.items():
        if captions[key]:
            sample = _sample(photo, tuple(dict.fromkeys(captions[key])), split)
            if isinstance(sample, FailedPhoto):
                refused.append(sample)
            else:
                samples.append(sample)
    if not samples:
        why = f"; {refused[0].photo}: {refused[0].reason}" if refused else ""
        raise EvaluationError(f"{path}: no photo with a caption{why}")
    return CaptionedPhotos(samples, refused)


def _sample(photo: FoundPhoto, captions: tuple[str, ...], split: Split) -> Sample | FailedPhoto:
    size = _size(photo.place)
    if isinstance(size, str):
        return FailedPhoto(photo.key, size)
    own = cast(Split, photo.split) if photo.split in get_args(Split) else split
    return Sample(
        key=photo.key,
        source=photo.source,
        split=own,
        kind=photo.kind,
        captions=captions,
        labels=(),
        objects=(),
        file=Path(photo.place.file),
        offset=max(photo.place.offset, 0),
        size=size,
    )


def _size(place: PhotoLocation) -> int | str:
    """Bytes of the photo, or what is wrong with it."""
    if place.row >= 0:
        return "it is inside a table; build shards of it first: ansa data build"
    if place.offset >= 0:
        return place.size
    real = os.path.realpath(place.file)
    if place.root and not below(place.root, real):
        return "it is a link out of the folder of the photos"
    if not Path(real).is_file():
        return "there is no such photo; see --photos FOLDER"
    return Path(real).stat().st_size
