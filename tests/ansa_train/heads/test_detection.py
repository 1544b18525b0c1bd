"""The detection head learns from drawn boxes and the teacher's, and gives objects with boxes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa import Analyzer, Bundle
from ansa.model.heads.detection import DetectionReader
from ansa.scene import Object
from ansa_train.data.augment.mosaic import Mosaics
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import put_heads
from ansa_train.heads.base import HeadContext, HeadRecipe, settings_of
from ansa_train.heads.detection import CLASSES, DetectionHead, DetectionSettings, odds_line, rarity
from ansa_train.heads.train_head import train_head
from ansa_train.pretrained import PARTS
from ansa_train.teachers.nanodet import NanoDet
from ansa_train.teachers.yunet import YuNet
from tests.ansa_train.conftest import Note, note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.teachers.ncnn_networks import write_detector
from tests.ansa_train.teachers.test_yunet import write_yunet
from tests.bundles import write_bundle
from tests.photos import draw_photo

DOG, CAT, PERSON = LABELS.index("dog"), LABELS.index("cat"), LABELS.index("person")
PHOTOS = {"flickr8k": 3, "farm": 5}


def boxed(key: str, split: str, source: str = "coco", **more: object) -> Note:
    boxes = [
        {"label": "dog", "bbox": [0.1, 0.1, 0.5, 0.6], "crowd": 0},
        {
            "label": "aeroplane" if source == "voc" else "cat",
            "bbox": [0.5, 0.5, 0.4, 0.4],
            "crowd": 0,
        },
        {"label": "person", "bbox": [0.0, 0.0, 0.3, 0.2], "crowd": int(source != "voc")},
    ]
    return note(key, split=split, source=source, boxes=boxes, **more)


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack and a bundle; one teacher sees things at random, one faces in red."""
    for name, write in (("nanodet", write_detector), ("yunet", write_yunet)):
        folder = tmp_path / "parts-cache" / "parts" / PARTS[name].requirement.replace("/", "+")
        write(folder / PARTS[name].file)
    use_parts(monkeypatch, tmp_path / "parts-cache")
    notes = [boxed(f"coco{i:03}", split) for i, split in enumerate(("train", "dev") * 2)]
    notes += [note(f"flickr{i:03}", source="flickr8k") for i in range(10, 14)]
    notes.append(note("coco020", source="coco"))  # nobody drew boxes: nothing is known of it
    farm = boxed("farm030", "train", "farm", boxed=["dog", "person", "tractor"])
    farm["boxes"].append({"label": "tractor", "bbox": [0.1, 0.1, 0.5, 0.6], "crowd": 0})
    notes.append(farm)
    write_tar(tmp_path / "pack" / "one.tar", notes)
    write_bundle(tmp_path / "bundle")
    return tmp_path


def head(material: Path, photos: dict[str, int] = PHOTOS) -> DetectionHead:
    settings = DetectionSettings(photos=photos, looks=200, precision=0.85)
    return DetectionHead(HeadContext(material / "pack", material / "own", 32), settings)


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
        head={
            "photos": PHOTOS,
            "looks": 12,
            "width": 8,
            "mixes": [0, 1, 1],
            "context": 4,
            "k": 12,
        },
    )
    made = train_head("detection", recipe)
    assert {"coco_ap", "coco_ap50", "voc_ap", "voc_ap50"} <= made["metrics"].keys()
    assert all(0 <= value <= 1 for value in made["metrics"].values())
    assert made["settings"]["labels"] == [*LABELS, "face"]
    assert len(made["licences"]) == 2
    settings = made["settings"] | {"threshold": 0.0}
    file = recipe.folder / "head.json"
    file.write_text(json.dumps(made | {"settings": settings}))
    put_heads(Bundle.open(material / "bundle"), [recipe.folder], material / "new")
    objects = Analyzer(material / "new").analyze(draw_photo()).objects
    assert objects
    assert all(isinstance(each, Object) and each.label in CLASSES for each in objects)
    assert [each.score for each in objects] == sorted((o.score for o in objects), reverse=True)


def test_photos_are_learned_from_as_the_recipe_says_and_the_judges_never(
    material: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taught = head(material, PHOTOS | {"elsewhere": 9}).taught()
    assert [sample.source for sample in taught] == ["flickr8k"] * 3 + ["farm"]
    assert "no training photos of elsewhere; it is left out" in capsys.readouterr().out
    unclear = HeadRecipe(Path(), Path(), Path(), head={"photos": {"flickr8k": "all"}})
    with pytest.raises(TrainingError, match=r"photos\.flickr8k = 'all', but it is a whole number"):
        settings_of(DetectionHead, unclear)


def test_drawn_boxes_are_sure_and_the_teacher_fills_in_what_nobody_drew(material: Path) -> None:
    made = head(material)
    looks = made.pictures("train")
    assert isinstance(looks, Mosaics)
    place = [sample.key for sample in looks.samples].index("farm030")
    whole = [
        looks.known(i)
        for i, (first, *more) in enumerate(looks.plan)
        if not more and first.window == (0, 0, 1, 1) and first.photo == place and not first.mirrored
    ]
    assert whole
    teacher = made.opinions(made.taught())["farm030"]
    others = teacher[~np.isin(teacher[:, 5], [DOG, PERSON])]
    for known in whole:
        drawn = known[np.isin(known[:, 5], [DOG, PERSON])]
        assert drawn[:, 4:].tolist() == [[1, DOG], [0, PERSON]], "nothing is learned of a crowd"
        filled = known[~np.isin(known[:, 5], [DOG, PERSON, CLASSES.index("face")])]
        assert sorted(filled[:, 5]) == sorted(others[:, 5])


def test_faces_come_from_their_own_teacher(material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faces(photo: Image.Image, least: float) -> np.ndarray:
        return np.array([[0.4, 0.1, 0.6, 0.3, 0.9, 0]], np.float32)

    def person(photo: Image.Image, least: float) -> np.ndarray:
        return np.array([[0.2, 0.0, 0.8, 1.0, 0.9, PERSON]], np.float32)

    monkeypatch.setattr(YuNet, "__call__", lambda self, photo, least: faces(photo, least))
    monkeypatch.setattr(NanoDet, "__call__", lambda self, photo, least: person(photo, least))
    looks = head(material).pictures("train")
    assert isinstance(looks, Mosaics)
    kinds = {int(kind) for i in range(len(looks)) for kind in looks.known(i)[:, 5]}
    assert CLASSES.index("face") in kinds


def test_photos_that_nobody_boxed_do_not_judge_and_training_photos_of_judges_do(
    material: Path,
) -> None:
    dev = head(material).pictures("dev")
    keys = [sample.key for sample in dev.samples]  # type: ignore[attr-defined]
    assert keys == ["coco000", "coco001", "coco002", "coco003"]


def test_a_recipe_without_photos_is_refused(material: Path) -> None:
    recipe = HeadRecipe(
        data=material / "pack",
        folder=material / "run",
        cache=material / "cache",
        bundle=material / "bundle",
    )
    with pytest.raises(TrainingError, match="no training pictures for the head detection"):
        train_head("detection", recipe)


def test_the_threshold_keeps_the_stated_precision_on_dev_photos(material: Path) -> None:
    made = head(material)
    rng = np.random.default_rng(0)
    raw = np.zeros((4, 40, 6), np.float32)
    raw[:, :, :4] = rng.uniform(0, 0.4, (4, 40, 4))
    raw[:, :, 2:4] += 0.6
    raw[:, :, 4] = rng.uniform(0.05, 0.3, (4, 40))
    raw[:, :, 5] = 30 + np.arange(40)
    raw[:, 0] = (0.1, 0.1, 0.6, 0.7, 0.6, DOG)
    raw[:, 1] = (0.5, 0.5, 0.9, 0.9, 0.4, CAT)
    raw[0, 2] = (0.5, 0.5, 0.9, 0.9, 0.5, DOG)  # wrong
    settings = made.calibrate(raw)
    read = DetectionReader((40, 6), settings)
    shown = [read(each) for each in raw]
    assert [len(objects) for objects in shown] == [3, 2, 2, 2]
    perfect = made.measure(raw, read, "dev")
    assert perfect["coco_shown_precision"] == pytest.approx(8 / 9)
    assert perfect["coco_shown_recall"] == 1
    assert "voc_ap" not in perfect, "there are none among the dev photos"


def test_calibration_without_anything_right_leaves_scores_as_they_are(material: Path) -> None:
    settings = head(material).calibrate(np.zeros((4, 5, 6), np.float32))
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
