"""The quality head looks at degraded photos, and what it says is judged against what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ansa.model.heads import reader
from ansa.model.heads.quality import NAMES
from ansa_train.data.pack import Split
from ansa_train.errors import TrainingError
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.quality import SCALE, SHOTS, QualityHead, QualitySettings, burst_ranks
from tests.ansa_train.conftest import note, write_tar

SPLITS: tuple[Split, ...] = ("dev", "test")
SMALL: dict[str, Any] = {"pictures": 30, "judged": 60, "alone": 5, "bursts": 4, "width": 12}
SHAPES = {"stride4": (6, 16, 16), "stride8": (5, 8, 8), "stride16": (4, 4, 4)}


@pytest.fixture
def head(tmp_path: Path) -> QualityHead:
    """On nine photos, three a split, and one screenshot, which it does not learn from."""
    splits = ("train", "dev", "test")
    notes = [note(f"{i:03}", source="coco", split=splits[i % 3]) for i in range(9)]
    write_tar(tmp_path / "photos.tar", [*notes, note("009", source="screens", kind="screenshot")])
    place = HeadContext(tmp_path, tmp_path / "quality", 64)
    return QualityHead(place, QualitySettings(**SMALL))


def test_the_registry_finds_it() -> None:
    assert find("quality") is QualityHead


def test_single_shots_come_before_bursts_of_one_photo_each(head: QualityHead) -> None:
    pictures = head.pictures("test")
    assert len(pictures) == 60 + 6 * 5 + 4 * SHOTS
    bursts = [pictures.shots[90 + i * SHOTS : 90 + (i + 1) * SHOTS] for i in range(4)]
    for burst in bursts:
        assert len({shot.sample.key for shot in burst}) == 1
        assert len({shot.faults for shot in burst}) == SHOTS
    assert {shot.sample.source for shot in pictures.shots} == {"coco"}


def test_some_shots_have_one_fault_alone(head: QualityHead) -> None:
    alone = head.pictures("test").strengths[60:90].reshape(6, 5, 6)
    for i, shots in enumerate(alone):
        assert (shots[:, i] != 0).all()
        assert (np.delete(shots, i, 1) == 0).all()


def test_photos_of_one_split_are_in_no_other(head: QualityHead) -> None:
    keys = [{shot.sample.key for shot in head.pictures(s).shots} for s in ("train", "dev", "test")]
    assert not keys[0] & keys[1] | keys[0] & keys[2] | keys[1] & keys[2]


def test_a_picture_is_always_the_same_and_as_degraded_as_it_says(head: QualityHead) -> None:
    pictures = head.pictures("train")
    first, again = pictures.render(3, 64), pictures.render(3, 64)
    assert first.shape == (64, 64, 3)
    np.testing.assert_array_equal(first, again)
    wanted = [pictures.shots[3].faults.defocus_blur, pictures.shots[3].faults.tilt]
    np.testing.assert_allclose(pictures.strengths[3, [0, 5]], wanted, rtol=1e-6)


def test_it_learns_a_few_pictures_by_heart(head: QualityHead) -> None:
    torch.manual_seed(0)
    network = head.network(SHAPES)
    branches = [torch.randn(16, *shape) * 20 for shape in SHAPES.values()]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        total = sum(head.loss(network(*branches), range(16), network).values())
        assert isinstance(total, torch.Tensor)
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < 0.4 * losses[0]


def test_the_exported_graph_gives_what_the_reader_takes(head: QualityHead) -> None:
    graph = export_head(head.network(SHAPES), head.BRANCHES, SHAPES)
    assert graph.shape == (6,)
    raw = np.random.default_rng(0).normal(size=(80, 6))
    quality = reader("quality", 1, graph.shape, head.calibrate(raw))(raw[0].astype(np.float32))
    assert 0 <= quality.overall <= 1


def test_who_knows_the_faults_is_measured_as_perfect(head: QualityHead) -> None:
    # Whatever numbers the network has for them: the line is found on dev photos.
    raw = {s: head.pictures(s).strengths / SCALE * 3 - 1 for s in SPLITS}
    read = reader("quality", 1, (6,), head.calibrate(raw["dev"]))
    metrics = head.measure(raw["test"], read, "test")
    for name in NAMES:
        assert metrics[f"{name}_spearman"] == pytest.approx(1)
        assert metrics[f"{name}_alone_spearman"] == pytest.approx(1)
        assert metrics[f"{name}_error"] == pytest.approx(0, abs=1e-4)
    assert metrics["burst_top1"] == metrics["burst_pairs"] == metrics["exposure_sign"] == 1
    assert metrics["overall_flawless"] == pytest.approx(1, abs=1e-4)


def test_who_knows_nothing_is_not_calibrated_to_something(head: QualityHead) -> None:
    raw = np.random.default_rng(0).normal(size=(110, 6))
    read = reader("quality", 1, (6,), head.calibrate(raw))
    assert head.measure(raw[::-1], read, "test")["tilt_error"] > 5
    reader("quality", 1, (6,), head.calibrate(np.zeros((80, 6))))  # and is no failure


def test_bursts_are_ranked_by_pairs_and_by_who_leads() -> None:
    true = np.array([[0.9, 0.5, 0.1], [0.5, 0.9, 0.9]])
    assert burst_ranks(true, true) == {"burst_top1": 1, "burst_pairs": 1}
    assert burst_ranks(-true, true)["burst_pairs"] == 0
    assert burst_ranks(np.zeros((2, 3)), true)["burst_pairs"] == 0.5


@pytest.fixture
def apart(tmp_path: Path) -> QualityHead:
    """On photos of two sources, one held out; those of a third have soft backgrounds."""
    notes = [
        note(f"{i:03}", source=("coco", "voc", "birds")[i % 3], split=split)
        for i, split in enumerate(("train", "train", "train", "dev", "dev", "dev") * 2)
    ]
    notes += [note(f"{i:03}", source="coco", split="test") for i in range(12, 15)]
    write_tar(tmp_path / "photos.tar", notes)
    settings = QualitySettings(**SMALL, sources=("coco",), held_out=("voc",), soft=("birds",))
    return QualityHead(HeadContext(tmp_path, tmp_path / "quality", 64), settings)


def test_nothing_is_learned_of_a_source_held_out_and_dev_looks_at_it_alone(
    apart: QualityHead,
) -> None:
    every: tuple[Split, ...] = ("train", *SPLITS)
    train, dev, test = (apart.pictures(split) for split in every)
    assert {s.source for s in train.samples} == {"coco"}
    assert {s.source for s in dev.samples} == {"voc"}
    assert {s.source for s in test.samples} == {"coco"}  # nothing held out has test photos
    assert not train.soft


def test_a_soft_background_that_is_called_blurred_is_told(apart: QualityHead) -> None:
    pictures = apart.pictures("dev")
    assert {pictures.shots[i].sample.source for i in pictures.soft} == {"birds"}
    raw = pictures.strengths / SCALE
    read = reader("quality", 1, (6,), apart.calibrate(raw))
    assert apart.measure(raw, read, "dev")["soft_called_blurred"] == 0
    raw[pictures.soft.start, NAMES.index("defocus_blur")] = 0.9
    assert apart.measure(raw, read, "dev")["soft_called_blurred"] == 1 / len(pictures.soft)


def test_sources_of_another_pack_are_refused_in_words(tmp_path: Path) -> None:
    write_tar(tmp_path / "photos.tar", [note("000")])
    head = QualityHead(
        HeadContext(tmp_path, tmp_path / "quality", 64), QualitySettings(sources=("flickr8k",))
    )
    with pytest.raises(TrainingError, match=r"setting sources .* flickr8k"):
        head.pictures("train")
