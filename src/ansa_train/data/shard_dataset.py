"""An endless, shuffled, exactly resumable stream of the samples of WebDataset shards."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import IterableDataset, get_worker_info

from ansa.photo.read import read_photo
from ansa_train.data.pack import Sample, Split, known
from ansa_train.errors import TrainingError

MANIFEST = "manifest.json"
PHOTOS = ("jpg", "jpeg", "webp", "png")


@dataclass(frozen=True, slots=True)
class ShardSample(Sample):
    """A :class:`Sample` whose encoded photo came with it; it is decoded when it is read.

    Attributes:
        data: the photo, encoded.
    """

    data: bytes = field(repr=False)

    def read_bytes(self) -> bytes:
        """The encoded photo, without opening a file."""
        return self.data

    def read(self) -> Image.Image:
        """The photo, decoded to RGB.

        Raises:
            PhotoError: it cannot be decoded; the error names shard and sample.
        """
        return Image.fromarray(read_photo(self.data, name=f"{self.file}: {self.key}")[0])


@dataclass(frozen=True, slots=True)
class Shard:
    """One tar.

    Attributes:
        file: where it is.
        samples: how many it holds of the split.
    """

    file: Path
    samples: int


class ShardDataset(IterableDataset[ShardSample]):
    """Samples of one split, for ever, shared out among processes and their workers.

    In every epoch the shards come in a new order. Chained, they are one sequence of N samples, of
    which every worker of every rank takes an equal, contiguous part (give or take one sample): in
    an epoch no sample is seen twice and none is left out. Within its part a worker draws from a
    window that moves along. All of it follows from (seed, rank, world, workers, batch) and the
    data alone.

    Iterated in one process, it gives the order in which a ``DataLoader`` with as many workers does.

    Args:
        folder: of shards; counts are read from its manifest, or from the tars if it has none.
        split: the split.
        rank: of this process, 0 ..< world.
        world: how many processes there are.
        seed: of every order.
        shuffle: length of the window, in samples; memory holds as many encoded photos. 1 keeps the
            order of the shards.
        workers: ``num_workers`` of the ``DataLoader`` this is given to; 0 if there is none.
        batch: how many samples the loader takes from a worker at a time (its ``batch_size``).
        start: samples this rank has had already. They are skipped, undecoded; shards that hold
            nothing else are not even opened.

    Raises:
        TrainingError: there are no shards, one is damaged, or the split has too few samples.
        ValueError: the rank is not below world, or start is no multiple of batch.
    """

    def __init__(
        self,
        folder: Path,
        split: Split = "train",
        *,
        rank: int = 0,
        world: int = 1,
        seed: int = 0,
        shuffle: int = 2048,
        workers: int = 0,
        batch: int = 1,
        start: int = 0,
    ) -> None:
        if not 0 <= rank < world:
            raise ValueError(f"rank {rank} is not one of {world}")
        if start % batch:
            raise ValueError(f"start = {start} is no multiple of batch = {batch}")
        self.folder, self.split = folder, split
        self._shards = read_shards(folder, split)
        self._workers = max(1, workers)
        self._first, self._parts = rank * self._workers, world * self._workers
        self._seed, self._shuffle, self._batch = seed, max(1, shuffle), batch
        self._batches = start // batch
        if self.samples < self._parts:
            raise TrainingError(
                f"{folder} holds {self.samples} samples of {split}, too few for {self._parts} "
                "readers; use fewer processes or workers, or build more data"
            )

    @property
    def samples(self) -> int:
        """Samples of an epoch, of all ranks together."""
        return sum(shard.samples for shard in self._shards)

    def __iter__(self) -> Iterator[ShardSample]:
        """The samples of this worker from its position on, without an end."""
        info = get_worker_info()
        if info is None:
            readers = [self._read(worker) for worker in range(self._workers)]
            while True:
                for reader in readers:
                    yield from islice(reader, self._batch)
        if info.num_workers != self._workers:
            raise TrainingError(
                f"the stream was made for {self._workers} workers and its loader has "
                f"{info.num_workers}; give both the same number"
            )
        yield from self._read(info.id)

    def _read(self, worker: int) -> Iterator[ShardSample]:
        """What a loader gets from one worker.

        Loaders begin with worker 0, so after an interruption the workers move round by one for
        every batch that was had: the next batch is then the one that was due.
        """
        due = (worker + self._batches) % self._workers
        had = self._batch * ((self._batches - due + self._workers - 1) // self._workers)
        part = self._first + due
        first = self.samples * part // self._parts
        last = self.samples * (part + 1) // self._parts
        epoch, skip = divmod(had, last - first)
        for number in count(epoch):
            yield from self._epoch(number, first, last, skip if number == epoch else 0)

    def _epoch(self, epoch: int, first: int, last: int, skip: int) -> Iterator[ShardSample]:
        shards = list(self._shards)
        random.Random(f"{self._seed} {epoch}").shuffle(shards)  # noqa: S311 - reproducible
        rng = random.Random(f"{self._seed} {epoch} {first}")  # noqa: S311
        order = first + windowed(last - first, self._shuffle, rng)[skip:]
        wanted = np.zeros(last - first, bool)
        wanted[order - first] = True
        samples = self._in_order(shards, first, wanted)
        held: dict[int, ShardSample] = {}
        for position in order.tolist():
            while position not in held:
                at, sample = next(samples)
                held[at] = sample
            yield held.pop(position)

    def _in_order(
        self, shards: list[Shard], first: int, wanted: NDArray[np.bool_]
    ) -> Iterator[tuple[int, ShardSample]]:
        """The wanted samples of chained shards, each with its position in the chain."""
        begin = 0
        for shard in shards:
            low, high = max(begin, first), min(begin + shard.samples, first + len(wanted))
            if low < high and wanted[low - first : high - first].any():
                missing = high - low
                for at, sample in enumerate(islice(self._of(shard), high - begin), begin):
                    if at >= low:
                        missing -= 1
                        if wanted[at - first]:
                            yield at, sample
                if missing:
                    raise TrainingError(
                        f"{shard.file} holds fewer samples than its folder's {MANIFEST} says; "
                        "copy or build it again"
                    )
            begin += shard.samples

    def _of(self, shard: Shard) -> Iterator[ShardSample]:
        return (sample for sample in read_shard(shard.file) if sample.split == self.split)


def windowed(length: int, window: int, rng: random.Random) -> NDArray[np.int64]:
    """The numbers from 0 to length - 1, shuffled by drawing from a window that moves along."""
    order = np.empty(length, np.int64)
    held = list(range(min(window, length)))
    for drawn, incoming in enumerate(range(len(held), length)):
        slot = rng.randrange(len(held))
        order[drawn] = held[slot]
        held[slot] = incoming
    rng.shuffle(held)
    order[length - len(held) :] = held
    return order


def read_shards(folder: Path, split: Split) -> list[Shard]:
    """The shards of a folder that hold samples of a split, by name.

    Raises:
        TrainingError: there are none, or one has not the size that the manifest states.
    """
    if (folder / MANIFEST).exists():
        shards = _listed(folder, split)
    else:
        shards = [
            Shard(file, sum(sample.split == split for sample in read_shard(file)))
            for file in sorted(folder.glob("*.tar"))
        ]
    shards = [shard for shard in shards if shard.samples]
    if not shards:
        raise TrainingError(f"{folder} holds no samples of {split}; `ansa data build` makes them")
    return shards


def _listed(folder: Path, split: Split) -> list[Shard]:
    shards = []
    try:
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))["shards"]
        for entry in listed:
            file = folder / Path(entry["file"]).name
            size = file.stat().st_size if file.exists() else 0
            if size != entry["bytes"]:
                raise TrainingError(
                    f"{file} has {size:,} bytes and should have {entry['bytes']:,}; "
                    "copy or build it again"
                )
            shards.append(Shard(file, int(entry["splits"].get(split, 0))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"{folder / MANIFEST} is damaged ({error}); copy or build the folder again"
        ) from error
    return shards


def read_shard(file: Path) -> Iterator[ShardSample]:
    """Every sample of a tar, in its order.

    Raises:
        TrainingError: the tar or a sample's JSON is damaged; the error names them.
    """
    with file.open("rb") as stream:
        for parts in _grouped(file, stream):
            photo = next((parts[suffix] for suffix in PHOTOS if suffix in parts), None)
            if photo is None or "json" not in parts:
                continue
            try:
                fields = known(json.loads(parts["json"]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise TrainingError(
                    f"{file}: {parts['__key__']}.json is damaged ({error}); run the shards "
                    "through `ansa data build`, which leaves out what is damaged"
                ) from error
            yield ShardSample(**fields, file=file, offset=0, size=len(photo), data=photo)


def _grouped(file: Path, stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """The parts of each sample by suffix, and its name as "__key__".

    Unlike WebDataset's own grouping, a part that comes twice begins the next sample.
    """
    from webdataset.tariterators import base_plus_ext, tar_file_iterator

    parts: dict[str, Any] = {}
    try:
        for member in tar_file_iterator(stream):
            name, suffix = base_plus_ext(member["fname"])
            if name is None:
                continue
            suffix = suffix.lower()
            if parts and (parts["__key__"] != name or suffix in parts):
                yield parts
                parts = {}
            parts |= {"__key__": name, suffix: member["data"]}
    except tarfile.TarError as error:
        raise TrainingError(
            f"{file} is damaged or cut short ({error.args[0]}); copy or build it again"
        ) from error
    if parts:
        yield parts
