"""The detection head learns from drawn boxes and the teacher's, and gives objects with boxes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ansa import Analyzer, Bundle
from ansa.model.heads.detection import DetectionReader
from ansa.scene import Object
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.export.bundle import put_heads
from ansa_train.heads.base import HeadContext, HeadRecipe
from ansa_train.heads.detection import DetectionHead, DetectionSettings, odds_line, rarity
from ansa_train.heads.train_head import train_head
from ansa_train.pretrained import PARTS
from tests.ansa_train.conftest import Note, note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.teachers.tfjs_graphs import write_detector
from tests.bundles import write_bundle
from tests.photos import draw_photo

DOG, CAT = LABELS.index("dog"), LABELS.index("cat")


def boxed(key: str, split: str, source: str = "coco") -> Note:
    boxes = [
        {"label": "dog", "bbox": [0.1, 0.1, 0.5, 0.6], "crowd": 0},
        {
            "label": "aeroplane" if source == "voc" else "cat",
            "bbox": [0.5, 0.5, 0.4, 0.4],
            "crowd": 0,
        },
        {"label": "person", "bbox": [0.0, 0.0, 0.3, 0.2], "crowd": int(source == "coco")},
    ]
    return note(key, split=split, source=source, boxes=boxes)


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack and a bundle; the teacher is tiny and sees things at random."""
    part = PARTS["nanodet"]
    folder = tmp_path / "parts-cache" / "parts" / part.requirement.replace("/", "+")
    write_detector(folder / part.file)
    use_parts(monkeypatch, tmp_path / "parts-cache")
    notes = [boxed(f"coco{i:03}", split) for i, split in enumerate(("train", "dev") * 2)]
    notes += [note(f"flickr{i:03}", source="flickr8k") for i in range(10, 14)]
    notes.append(note("coco020", source="coco"))  # nobody drew boxes: nothing is known of it
    write_tar(tmp_path / "pack" / "one.tar", notes)
    write_bundle(tmp_path / "bundle")
    return tmp_path


def head(material: Path) -> DetectionHead:
    return DetectionHead(
        HeadContext(material / "pack", material / "own", 32),
        DetectionSettings(looks=20, precision=0.7),
    )


def add_test_photos(material: Path) -> None:
    """Photos that can be opened; those that `write_tar` makes for this split cannot."""
    names = ("coco030", "voc031")
    write_tar(material / "pack" / "two.tar", [boxed(n, "dev", n[:-3]) for n in names])
    data = (material / "pack" / "two.tar").read_bytes()
    (material / "pack" / "two.tar").write_bytes(data.replace(b'"split": "dev"', b'"split":"test"'))


def test_a_head_goes_from_its_recipe_into_a_bundle_and_finds_objects(material: Path) -> None:
    add_test_photos(material)
    recipe = HeadRecipe(
        data=material / "pack",
        folder=material / "run",
        cache=material / "cache",
        bundle=material / "bundle",
        steps=3,
        batch=4,
        head={"looks": 12, "width": 8, "mixes": 1, "k": 12},
    )
    made = train_head("detection", recipe)
    assert {"coco_ap", "coco_ap50", "voc_ap", "voc_ap50"} <= made["metrics"].keys()
    assert all(0 <= value <= 1 for value in made["metrics"].values())
    assert made["settings"]["labels"] == list(LABELS)
    settings = made["settings"] | {"threshold": 0.0}
    file = recipe.folder / "head.json"
    file.write_text(json.dumps(made | {"settings": settings}))
    put_heads(Bundle.open(material / "bundle"), [recipe.folder], material / "new")
    objects = Analyzer(material / "new").analyze(draw_photo()).objects
    assert objects
    assert all(isinstance(each, Object) and each.label in LABELS for each in objects)
    assert [each.score for each in objects] == sorted((o.score for o in objects), reverse=True)


def test_drawn_boxes_are_sure_and_a_crowd_is_not_learned_from(material: Path) -> None:
    looks = head(material).pictures("train")
    whole = [
        looks.known(i)  # type: ignore[attr-defined]
        for i, (first, *_) in enumerate(looks.plan)  # type: ignore[attr-defined]
        if first.window == first.place == (0, 0, 1, 1) and first.photo < 2 and not first.mirrored
    ]
    assert whole
    for known in whole:
        sure = {LABELS[int(kind)]: chance for *_, chance, kind in known}
        assert sure == {"dog": 1, "cat": 1, "person": 0}


def test_photos_that_nobody_boxed_are_not_judged(material: Path) -> None:
    dev = head(material).pictures("dev")
    assert len(dev) == 2
    keys = {sample.key for sample in dev.samples}  # type: ignore[attr-defined]
    assert keys == {"coco001", "coco003"}


def test_the_threshold_keeps_the_stated_precision_on_dev_photos(material: Path) -> None:
    made = head(material)
    rng = np.random.default_rng(0)
    raw = np.zeros((2, 40, 6), np.float32)
    raw[:, :, :4] = rng.uniform(0, 0.4, (2, 40, 4))
    raw[:, :, 2:4] += 0.6
    raw[:, :, 4] = rng.uniform(0.05, 0.3, (2, 40))
    raw[:, :, 5] = 30 + np.arange(40)
    raw[:, 0] = (0.1, 0.1, 0.6, 0.7, 0.6, DOG)
    raw[:, 1] = (0.5, 0.5, 0.9, 0.9, 0.4, CAT)
    raw[0, 2] = (0.5, 0.5, 0.9, 0.9, 0.5, DOG)  # wrong
    settings = made.calibrate(raw)
    read = DetectionReader((40, 6), settings)
    shown = [read(each) for each in raw]
    assert [len(objects) for objects in shown] == [3, 2]
    perfect = made.measure(raw, read, "dev")
    assert perfect["coco_shown_precision"] == pytest.approx(4 / 5)
    assert perfect["coco_shown_recall"] == 1
    assert "voc_ap" not in perfect, "there are none among the dev photos"


def test_calibration_without_anything_right_leaves_scores_as_they_are(material: Path) -> None:
    settings = head(material).calibrate(np.zeros((2, 5, 6), np.float32))
    assert (settings["slope"], settings["offset"]) == (1.0, 0.0)
    DetectionReader((5, 6), settings)


def test_chances_follow_how_often_a_score_was_right() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.05, 0.95, 4000).astype(np.float32)
    slope, offset = odds_line(scores, rng.uniform(size=4000) < scores)
    assert slope == pytest.approx(1, abs=0.15)
    assert offset == pytest.approx(0, abs=0.15)


def test_photos_of_rare_things_are_drawn_more_often_and_empty_ones_seldom() -> None:
    dog = np.array([[0, 0, 1, 1, 1, DOG]], np.float32)
    both = np.concatenate([dog, np.array([[0, 0, 1, 1, 0.9, CAT]], np.float32)])
    unsure = np.array([[0, 0, 1, 1, 0.2, CAT]], np.float32)
    dogs, with_cat, with_unsure = rarity([dog, dog, dog, both, unsure])[2:]
    assert with_cat == 1
    assert dogs == pytest.approx(0.5)
    assert 0 < with_unsure < dogs
