from __future__ import annotations

import hashlib
import io
import itertools
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from torch.utils.data import DataLoader

from ansa.photo.read import PhotoError
from ansa_train.data.shard_dataset import ShardDataset, ShardSample
from ansa_train.errors import TrainingError
from tests.ansa_train.conftest import note, write_tar

LENGTHS = (7, 1, 12, 3)
TOTAL = sum(LENGTHS)


def write_shard(file: Path, splits: Sequence[str], start: int = 0) -> Path:
    """A tar of samples whose photos are never decoded."""
    with tarfile.open(file, "w") as tar:
        for number, split in enumerate(splits, start):
            text = json.dumps(note(f"k{number:04}", split=split, captions=["x"])).encode()
            for suffix, data in (("jpg", b"photo %d" % number), ("json", text)):
                member = tarfile.TarInfo(f"k{number:04}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return file


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """Shards of unequal length, with a test sample between the train samples of one."""
    start = 0
    for number, length in enumerate(LENGTHS):
        splits = ["train"] * length
        if number == 2:
            splits.insert(4, "test")
        write_shard(tmp_path / f"train-{number:06}.tar", splits, start)
        start += len(splits)
    return tmp_path


def keys(samples: Iterator[ShardSample], count: int) -> list[str]:
    return [sample.key for sample in itertools.islice(samples, count)]


def test_an_epoch_holds_every_sample_once_and_the_next_has_another_order(shards: Path) -> None:
    stream = iter(ShardDataset(shards, shuffle=5))
    first, second = keys(stream, TOTAL), keys(stream, TOTAL)
    assert len(set(first)) == TOTAL
    assert set(first) == set(second)
    assert first != second
    assert "k0012" not in first  # the test sample


@pytest.mark.parametrize("world", [2, 3])
@pytest.mark.parametrize("workers", [0, 2])
def test_ranks_and_workers_share_an_epoch_without_overlap(
    shards: Path, world: int, workers: int
) -> None:
    parts = world * max(1, workers)
    seen: list[str] = []
    for rank in range(world):
        stream = ShardDataset(shards, rank=rank, world=world, workers=workers, shuffle=3)
        for worker in range(max(1, workers)):
            part = rank * max(1, workers) + worker
            length = TOTAL * (part + 1) // parts - TOTAL * part // parts
            assert length in (TOTAL // parts, TOTAL // parts + 1)
            seen += keys(stream._read(worker), length)
    assert len(seen) == len(set(seen)) == TOTAL


def test_the_order_follows_from_seed_rank_and_sharing_alone(shards: Path) -> None:
    def order(**options: int) -> list[str]:
        return keys(iter(ShardDataset(shards, **options)), 60)  # type: ignore[arg-type]

    assert order(seed=1) == order(seed=1)
    assert order(seed=1) != order(seed=2)
    assert order(seed=1, world=2, rank=0) != order(seed=1, world=2, rank=1)


@pytest.mark.parametrize("shuffle", [1, 4, 2048])
@pytest.mark.parametrize("workers", [0, 2, 3])
def test_it_goes_on_exactly_where_it_was(shards: Path, shuffle: int, workers: int) -> None:
    def stream(start: int) -> Iterator[ShardSample]:
        return iter(
            ShardDataset(shards, world=2, rank=1, shuffle=shuffle, workers=workers, start=start)
        )

    whole = keys(stream(0), 80)
    for start in (1, 5, 11, 12, 23, 47):
        assert keys(stream(start), 80 - start) == whole[start:]


def test_a_loader_with_workers_gives_the_order_of_one_process_and_resumes(shards: Path) -> None:
    def loaded(start: int, batches: int) -> list[list[str]]:
        stream = ShardDataset(shards, shuffle=4, workers=2, batch=3, start=start)
        loader = DataLoader(stream, 3, num_workers=2, collate_fn=lambda s: [x.key for x in s])
        return list(itertools.islice(loader, batches))

    alone = keys(iter(ShardDataset(shards, shuffle=4, workers=2, batch=3)), 36)
    batches = loaded(0, 12)
    assert list(itertools.chain(*batches)) == alone
    assert loaded(9, 9) == batches[3:]


def test_a_loader_with_another_number_of_workers_is_refused(shards: Path) -> None:
    loader = DataLoader(ShardDataset(shards, workers=2), None, num_workers=1)
    with pytest.raises(TrainingError, match="give both the same number"):
        next(iter(loader))


def test_skipped_shards_are_not_opened(shards: Path) -> None:
    stream = ShardDataset(shards, shuffle=1)
    order = keys(iter(stream), TOTAL)
    last = next(s for s in iter(stream) if s.key == order[-1]).file
    for shard in stream._shards:
        if shard.file != last:
            shard.file.unlink()
    stream._batches = TOTAL - 1
    assert keys(iter(stream), 1) == order[-1:]


def test_photos_come_along_and_are_decoded_when_they_are_read(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [note("good-001", captions=["a dog"])])
    sample = next(iter(ShardDataset(tmp_path)))
    assert sample.captions == ("a dog",)
    assert sample.read().size == (96, 72)
    assert sample.read_bytes() == sample.data


def test_a_photo_that_cannot_be_decoded_is_named_when_it_is_read(shards: Path) -> None:
    sample = next(iter(ShardDataset(shards)))
    with pytest.raises(PhotoError, match=rf"train-.*\.tar: {sample.key}: .*; "):
        sample.read()


def test_a_shard_that_was_cut_short_is_named_before_training(shards: Path) -> None:
    file = shards / "train-000002.tar"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(TrainingError, match=r"train-000002\.tar is damaged or cut short"):
        ShardDataset(shards)


def test_a_manifest_saves_reading_the_shards_and_is_held_to_them(shards: Path) -> None:
    entries: list[dict[str, Any]] = []
    for file in sorted(shards.glob("*.tar")):
        data = file.read_bytes()
        train = LENGTHS[len(entries)]
        entries.append(
            {
                "file": file.name,
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "samples": train,
                "splits": {"train": train},
            }
        )
    without = keys(iter(ShardDataset(shards)), TOTAL)
    manifest = shards / "manifest.json"
    manifest.write_text(json.dumps({"format": 1, "shards": entries}))
    assert keys(iter(ShardDataset(shards)), TOTAL) == without
    entries[0]["splits"] = {"train": 8}
    manifest.write_text(json.dumps({"format": 1, "shards": entries}))
    with pytest.raises(TrainingError, match=r"train-000000\.tar holds fewer samples"):
        keys(iter(ShardDataset(shards)), TOTAL + 1)
    (shards / "train-000001.tar").write_bytes(b"")
    with pytest.raises(TrainingError, match="has 0 bytes and should have"):
        ShardDataset(shards)


def test_samples_of_one_name_in_a_row_stay_apart(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [note("same-001", labels=[label]) for label in ("a", "b")])
    stream = ShardDataset(tmp_path, shuffle=1)
    assert [s.labels for s in itertools.islice(stream, 2)] == [("a",), ("b",)]


@pytest.mark.parametrize("text", [b'{"key": "a"}', b"[1]", b'{"captions": ["\xff"]}'])
def test_a_damaged_note_is_named_with_its_shard(tmp_path: Path, text: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for suffix, data in (("jpg", b"photo"), ("json", text)):
            member = tarfile.TarInfo(f"k1.{suffix}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    with pytest.raises(TrainingError, match=r"a\.tar: k1\.json is damaged"):
        ShardDataset(tmp_path)


def test_too_few_samples_or_none_are_refused(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="too few for 40 readers"):
        ShardDataset(shards, world=10, workers=4)
    with pytest.raises(TrainingError, match="no samples of dev"):
        ShardDataset(shards, "dev")
    with pytest.raises(ValueError, match="rank 2"):
        ShardDataset(shards, rank=2, world=2)
