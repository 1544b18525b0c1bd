"""Agreed answers of a review as training shards and as a regression set, with their provenance."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from ansa.atomic_write import open_atomic, write_atomically
from ansa.names import printable
from ansa.review.proposal import PhotoChanged
from ansa.review.queue import QueueItem, ReviewQueue
from ansa_train.data.labels.concept_labels import REVIEWED
from ansa_train.data.labels.utility_classes import KINDS
from ansa_train.errors import TrainingError
from ansa_train.regression.cases import Case, Picture, RegressionSet, write_set

SHARD_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What was written of a review.

    Attributes:
        folder: of the shards.
        samples: photos in them.
        yes: labels that photos show.
        no: labels that photos do not show.
        kinds: pictures whose kind is known.
        problems: photos that are gone or changed; their answers stay in the queue.
        left: proposals that are not agreed on, or agreed to be unsure.
    """

    folder: str
    samples: int
    yes: int
    no: int
    kinds: int
    problems: Sequence[str]
    left: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"problems": list(self.problems)}


@dataclass(slots=True)
class _Photo:
    data: bytes
    key: str
    source: str
    yes: dict[str, None] = field(default_factory=dict)
    no: dict[str, None] = field(default_factory=dict)
    kind: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)


def to_shards(queue: ReviewQueue, folder: Path, split: Literal["train", "dev"]) -> HandedOn:
    """Writes the photos that people agreed on as shards that training and evaluation read.

    A label that people denied stands under ``absent``: of labels that a shard does not name,
    nothing is known. Each sample says who said what, and when. The kind of a picture is noted if
    people were asked for it and agreed, or if most of those who said that the kind is wrong named
    the same.

    Raises:
        TrainingError: the folder holds other files, or people agreed on nothing.
    """
    if folder.exists() and any(folder.iterdir()):
        raise TrainingError(f"{folder} holds files already; name a new folder for the shards")
    photos: dict[str, _Photo] = {}
    gone: dict[str, str] = {}
    left = 0
    queue.refresh()
    for item in queue.items():
        if item.verdict in (None, "unsure"):
            left += 1
            continue
        place = item.proposal.photo
        if place.sha256 not in photos and place.sha256 not in gone:
            try:
                photos[place.sha256] = _Photo(place.read_bytes(), place.key, place.source)
            except PhotoChanged as error:
                gone[place.sha256] = str(error)
        if place.sha256 in photos:
            _note(photos[place.sha256], item)
    usable = {d: p for d, p in photos.items() if p.yes or p.no or p.kind}
    if not usable:
        lost = f"; {len(gone):,} photos are gone or changed" if gone else ""
        raise TrainingError(f"{queue.file}: people agreed on nothing that can be learned{lost}")
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(usable.items())
    shards = []
    for number, start in enumerate(range(0, len(ordered), SHARD_SAMPLES)):
        some = ordered[start : start + SHARD_SAMPLES]
        shards.append(_write_shard(folder / f"{split}-{number:06}.tar", some, split))
    _write_manifest(folder, shards, split, usable)
    return HandedOn(
        str(folder),
        len(usable),
        sum(len(photo.yes) for photo in usable.values()),
        sum(len(photo.no) for photo in usable.values()),
        sum(bool(photo.kind) for photo in usable.values()),
        list(gone.values()),
        left,
    )


def to_regression_set(queue: ReviewQueue, file: Path) -> int:
    """Writes the agreed answers as a regression set of hashes; returns how many cases it has.

    Raises:
        TrainingError: people agreed on nothing that a set can ask.
        FileExistsError: the file exists.
    """
    queue.refresh()
    cases = [case for item in queue.items() for case in _cases(item, file.resolve().parent)]
    if not cases:
        raise TrainingError(
            f"{queue.file}: people agreed on nothing that a set can ask of photos in shards, or "
            f"beside {file}"
        )
    names = {case.name: case for case in cases}
    about = f"what people agreed on in the review {printable(queue.file.name)}"
    write_set(RegressionSet(file.stem, about[:1000], list(names.values()), []), file)
    return len(names)


def _note(photo: _Photo, item: QueueItem) -> None:
    concept = item.proposal.concept
    if kind := _kind(item):
        photo.kind = kind
    elif concept not in KINDS and item.verdict == "yes":
        photo.yes[concept] = None
    elif concept not in KINDS and item.verdict == "no":
        photo.no[concept] = None
    photo.answers += [
        {"concept": concept, "annotator": a.annotator, "said": a.said, "at": a.at.isoformat()}
        for a in item.answers
    ]


def _kind(item: QueueItem) -> str | None:
    """The kind of picture that people agreed on, if they said one."""
    if item.verdict == "yes" and item.proposal.concept in KINDS:
        return item.proposal.concept
    if item.verdict != "wrong kind":
        return None
    named = [answer.kind for answer in item.answers if answer.kind in KINDS]
    best = max(named, key=named.count, default=None)
    return best if best and 2 * named.count(best) > len(named) else None


def _cases(item: QueueItem, beside: Path) -> Iterator[Case]:
    place, concept = item.proposal.photo, item.proposal.concept
    if place.offset:
        picture = Picture("shards", place.key, place.sha256)
    elif Path(place.file).is_relative_to(beside):
        name = Path(place.file).relative_to(beside).as_posix()
        picture = Picture("file", name, place.sha256)
    else:
        return
    name = f"{printable(place.key)[:200]}: {printable(concept)[:100]}"
    why = f"reviewed by {len(item.answers)} people"
    if kind := _kind(item):
        yield Case(name, "kind", picture, kind, why=why)
    elif item.verdict == "yes":
        yield Case(name, "tag", picture, concept, why=why)
    elif item.verdict == "no" and concept not in KINDS:
        yield Case(name, "no tag", picture, concept, why=why)


def _write_shard(file: Path, photos: Sequence[tuple[str, _Photo]], split: str) -> dict[str, Any]:
    with (
        open_atomic(file) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for digest, photo in photos:
            for suffix, data in ((_suffix(photo.data), photo.data), ("json", _json(photo, split))):
                member = tarfile.TarInfo(f"{digest[:24]}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    with file.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    told = {"file": file.name, "bytes": file.stat().st_size, "sha256": digest}
    return told | {"samples": len(photos), "splits": {split: len(photos)}}


def _json(photo: _Photo, split: str) -> bytes:
    with Image.open(io.BytesIO(photo.data)) as image:
        width, height = image.size
    note = {
        "key": f"{REVIEWED}/{photo.key}",
        "source": REVIEWED,
        "split": split,
        "kind": photo.kind or "photo",
        "captions": [],
        "labels": list(photo.yes),
        "absent": list(photo.no),
        "boxes": [],
        "width": width,
        "height": height,
        "licence": "",
        "provenance": {"source": photo.source, "answers": photo.answers},
    }
    return json.dumps(note, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _write_manifest(
    folder: Path, shards: Sequence[dict[str, Any]], split: str, photos: dict[str, _Photo]
) -> None:
    sources: defaultdict[str, int] = defaultdict(int)
    for photo in photos.values():
        sources[photo.source] += 1
    manifest = {
        "format": 1,
        "shards": list(shards),
        "samples": len(photos),
        "splits": {split: len(photos)},
        "sources": {REVIEWED: len(photos)},
        "reviewed_of": dict(sorted(sources.items())),
        "licences": {"": len(photos)},
        "duplicates": 0,
        "refused": {},
        "settings": {},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "manifest.json", text.encode("utf-8", "replace"))


def _suffix(data: bytes) -> str:
    marks = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"))
    return next((suffix for mark, suffix in marks if data.startswith(mark)), "webp")
