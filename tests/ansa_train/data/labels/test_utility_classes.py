"""What the pack's samples are, and the pictures made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.labels.utility_classes import KINDS, UtilityPicture, real
from ansa_train.data.pack import Sample, Split, known, read_pack
from ansa_train.data.synthetic.utility_pictures import DRAWN, UtilityPictures
from tests.ansa_train.conftest import Note, note, write_tar


def of(key: str, source: str, kind: str, label: str = "") -> UtilityPicture | None:
    return real(_sample(note(key, source=source, kind=kind, labels=[label] if label else [])))


def _sample(noted: Note) -> Sample:
    return Sample(**known(noted), file=Path("none.tar"), offset=0, size=0)


def test_a_source_is_where_a_picture_was_made() -> None:
    wanted = {
        ("utility/receipt_001", "utility", "receipt"): ("receipt", "receipts"),
        ("utility/code_ean13-1_23", "utility", "barcode"): ("code", "codes"),
        ("utility/code_qrcode-2_1", "utility", "qr code"): ("code", "codes"),
        ("utility/phone_01", "utility", "screenshot"): ("screenshot", "phones"),
        ("screens/kicad-doc-en_ffffff", "screens", "screenshot"): ("screenshot", "kicad-doc-en"),
        ("pacs/sketch_dog_1", "pacs", "sketch"): ("drawing", "pacs sketch"),
        ("pacs/photo_dog_1", "pacs", "photo"): ("photo", "pacs photo"),
        ("coco/1", "coco", "photo"): ("photo", "coco"),
    }
    for (key, source, kind), found in wanted.items():
        item = of(key, source, kind)
        assert item is not None
        assert (item.kind, item.source) == found


def test_drawings_among_photos_are_not_called_photos() -> None:
    garfield = of("caltech101/garfield_1", "caltech101", "photo", "garfield")
    assert garfield is not None
    assert garfield.kind == "drawing"
    assert of("caltech101/yin_yang_1", "caltech101", "photo", "yin yang") is None
    leopard = of("caltech101/leopards_1", "caltech101", "photo", "leopards")
    assert leopard is not None
    assert leopard.kind == "photo"


def test_what_is_no_code_or_no_screenshot_is_left_out() -> None:
    assert of("utility/code_falsepositives_07", "utility", "barcode") is None
    assert of("screens/debian-handbook_0d0fe41086c8", "screens", "screenshot") is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine photos, three memes and three receipts; photos of "voc" are drawn with."""
    made = tmp_path_factory.mktemp("kinds")
    notes = [note(f"{i:03}", source=("coco", "voc")[i % 2]) for i in range(9)]
    notes += [note(f"{i:03}", source="utility", kind="meme") for i in range(9, 12)]
    notes += [note(f"{i:03}", source="utility", kind="receipt") for i in range(12, 15)]
    write_tar(made / "photos.tar", notes)
    return made


def pictures(folder: Path, split: Split, drawn: int = 2, most: int = 99) -> UtilityPictures:
    return UtilityPictures(read_pack(folder, ["train"]), split, drawn, most, ["voc"])


def test_every_kind_but_photos_is_drawn_and_all_have_their_target(folder: Path) -> None:
    made = pictures(folder, "train")
    assert len(made) == 15 + 9 * 2  # memes and documents twice
    assert {i.kind for i in made.items if i.source == DRAWN} == set(KINDS) - {"photo"}
    assert [KINDS[target] for target in made.targets] == [item.kind for item in made.items]
    assert {photo.source for photo in made.photos} == {"voc"}


def test_no_source_gives_more_than_wanted(folder: Path) -> None:
    made = pictures(folder, "train", most=2)
    assert sum(item.source == "coco" for item in made.items) == 2
    assert [i.key for i in made.items] == [i.key for i in pictures(folder, "train", most=2).items]


def test_a_picture_is_always_the_same(folder: Path) -> None:
    made, again = pictures(folder, "train"), pictures(folder, "train")
    for index in range(0, len(made), 4):
        pixels = made.render(index, 64)
        assert pixels.shape == (64, 64, 3)
        np.testing.assert_array_equal(pixels, again.render(index, 64))


def test_real_pictures_to_report_on_stay_as_they_are_but_memes_get_captions(folder: Path) -> None:
    made = pictures(folder, "test")
    for index, item in enumerate(made.items):
        if item.sample is not None:
            same = made.picture(index).tobytes() == item.sample.read().tobytes()
            assert same == (item.kind != "meme")


def test_other_pictures_have_another_identity(folder: Path) -> None:
    made = [pictures(folder, "train"), pictures(folder, "dev"), pictures(folder, "train", drawn=3)]
    assert len({each.identity() for each in made}) == 3
    assert made[0].identity() == pictures(folder, "train").identity()
