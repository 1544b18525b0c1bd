"""The saliency head learns the teacher's masks, and what it gives is a map in 0..1."""

from __future__ import annotations

import io
import json
import random
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from ansa.model.heads import reader
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.saliency import (
    CLEAR,
    SaliencyHead,
    SaliencySettings,
    centre,
    overlap,
    targets,
)
from ansa_train.teachers.u2netp import SIDE
from tests.ansa_train.random_parts import use_parts, write_bright_is_salient

SHAPES = {"stride8": (6, 8, 8), "stride16": (5, 4, 4), "stride32": (4, 2, 2)}


def disc(seed: int) -> bytes:
    """A photo of something light in the dark, as a file."""
    rng = random.Random(seed)
    photo = Image.new("RGB", (96, 72))
    x, y = rng.randrange(20, 76), rng.randrange(20, 52)
    ImageDraw.Draw(photo).ellipse((x - 16, y - 16, x + 16, y + 16), fill="white")
    file = io.BytesIO()
    photo.save(file, "WEBP", lossless=True)
    return file.getvalue()


@pytest.fixture
def head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SaliencyHead:
    """On six photos of discs, two of each split, and a receipt, which it does not learn from."""
    write_bright_is_salient(tmp_path)
    use_parts(monkeypatch, tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    with tarfile.open(data / "photos.tar", "w") as tar:
        for i in range(7):
            split = ("train", "dev", "test")[i % 3]
            known = {"key": f"{i}", "source": "coco", "split": split, "kind": "photo"}
            known |= {"source": "elsewhere", "kind": "receipt"} if i == 6 else {}
            for suffix, content in (("webp", disc(i)), ("json", json.dumps(known).encode())):
                member = tarfile.TarInfo(f"{i}.{suffix}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return SaliencyHead(HeadContext(data, tmp_path / "saliency", 64), SaliencySettings(width=8))


def branches(count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(count, *shape, generator=generator) * 20 for shape in SHAPES.values()]


def test_the_registry_finds_it() -> None:
    assert find("saliency") is SaliencyHead


def test_only_photos_of_its_sources_are_looked_at(head: SaliencyHead) -> None:
    assert [len(head.pictures(split)) for split in ("train", "dev", "test")] == [4, 2, 2]
    assert {s.source for s in head.samples("train")} == {"coco"}


def test_a_source_held_out_is_looked_at_in_the_test_alone(head: SaliencyHead) -> None:
    settings = SaliencySettings(held_out=("coco",), boxed=("coco",), most=1)
    apart = SaliencyHead(head.place, settings)
    assert [len(apart.samples(split)) for split in ("train", "dev", "test")] == [0, 2, 2]


def test_no_source_gives_more_than_wanted(head: SaliencyHead) -> None:
    few = SaliencyHead(head.place, SaliencySettings(sources=("coco",), most=1))
    assert [len(few.samples(split)) for split in ("train", "dev", "test")] == [1, 1, 1]


def test_it_learns_a_few_photos_by_heart(head: SaliencyHead) -> None:
    torch.manual_seed(0)
    network, rows = head.network(SHAPES), range(4)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-2)
    losses = []
    for _ in range(30):
        total = sum(head.loss(network(*branches(4)), rows, network).values(), torch.zeros(()))
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < losses[0] / 2


def test_the_exported_network_gives_a_map_that_the_reader_takes(head: SaliencyHead) -> None:
    network = head.network(SHAPES).eval()
    graph = export_head(head.exported(network), head.BRANCHES, SHAPES)
    assert graph.shape == (8, 8)
    with torch.no_grad():
        (raw,) = head.exported(network)(*branches(1)).numpy()
    read = reader("saliency", head.VERSION, graph.shape, head.calibrate(raw[np.newaxis]))(raw)
    assert ((read >= 0) & (read <= 1)).all()


def test_the_teachers_own_maps_measure_as_perfect_and_no_map_as_bad(head: SaliencyHead) -> None:
    read = reader("saliency", 1, (16, 16), {})
    own, _ = targets(head.masks("test"), 16)
    assert head.measure(own, read, "test") == {"MAE": 0.0, "IoU": 1.0}
    nothing = head.measure(np.zeros_like(own), read, "test")
    assert nothing["MAE"] > 0.05
    assert nothing["IoU"] == 0.0


def test_windows_of_photos_get_the_same_part_of_the_mask(head: SaliencyHead) -> None:
    pictures = head.pictures("train")
    outputs = torch.zeros(4, 16, 16)
    head.loss(outputs, range(4), torch.nn.Identity())
    assert head._targets is not None
    maps, clear = head._targets.rows(range(4))
    for row in range(4):
        light = pictures.render(row, 16).mean(-1) / 255
        if clear[row] == 1:
            assert overlap(maps[row].numpy(), light.astype(np.float32)) > 0.6


def test_noise_is_not_stretched_to_a_subject() -> None:
    noise = np.random.default_rng(0).integers(0, 3, (1, SIDE, SIDE), np.uint8)
    subject = np.zeros((1, SIDE, SIDE), np.uint8)
    subject[:, :20, :20] = round(CLEAR * 255) + 1
    (blank, shown), clear = targets(np.concatenate([noise, subject]), 32)
    assert clear[0] < 0.05
    assert clear[1] == 1
    np.testing.assert_allclose(blank, centre(32), atol=0.05)
    assert shown.max() == 1
    assert shown[20:, 20:].max() == 0
