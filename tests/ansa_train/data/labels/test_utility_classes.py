"""What the pack's samples are, and the pictures made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ansa_train.data.labels.utility_classes import (
    KINDS,
    Rule,
    UtilityPicture,
    real,
    reviewed_first,
    rules_of,
)
from ansa_train.data.pack import Sample, Split, known, read_pack
from ansa_train.data.synthetic.utility_pictures import DRAWN, UtilityPictures
from ansa_train.errors import TrainingError
from tests.ansa_train.conftest import Note, note, write_tar

RULES = rules_of(
    [
        {"keys": ["caltech101/garfield*"], "kind": "drawing", "source": "cartoons"},
        {"keys": ["utility/code_falsepositives*", "*/yin_yang*"], "kind": "unsure"},
        {"keys": ["utility/code*"], "source": "codes"},
        {"keys": ["*_0d0fe4*"], "kind": "graphic", "source": "diagrams"},
    ]
)


def of(key: str, source: str, kind: str) -> UtilityPicture | None:
    return real(_sample(note(key, source=source, kind=kind)), RULES)


def _sample(noted: Note) -> Sample:
    return Sample(**known(noted), file=Path("none.tar"), offset=0, size=0)


def test_a_kind_and_a_source_are_what_the_pack_says_where_no_rule_says_more() -> None:
    wanted = {
        ("utility/receipt_001", "utility", "receipt"): ("receipt", "utility"),
        ("utility/code_ean13-1_23", "utility", "barcode"): ("code", "codes"),
        ("utility/code_qrcode-2_1", "utility", "qr code"): ("code", "codes"),
        ("pacs/sketch_dog_1", "pacs", "sketch"): ("drawing", "pacs"),
        ("coco/1", "coco", "photo"): ("photo", "coco"),
        ("caltech101/garfield_1", "caltech101", "photo"): ("drawing", "cartoons"),
        ("screens/handbook_0d0fe41086c8", "screens", "screenshot"): ("graphic", "diagrams"),
    }
    for (key, source, kind), found in wanted.items():
        item = of(key, source, kind)
        assert item is not None
        assert (item.kind, item.source) == found


def test_what_is_not_sure_is_left_out() -> None:
    assert of("utility/code_falsepositives_07", "utility", "barcode") is None
    assert of("caltech101/yin_yang_1", "caltech101", "photo") is None
    assert of("openstax/1", "openstax", "artwork") is None


def test_the_first_rule_that_says_something_counts() -> None:
    rules = [Rule(("a/*",), source="first"), Rule(("a/1",), "drawing", "second")]
    item = real(_sample(note("a/1", source="a")), rules)
    assert item is not None
    assert (item.kind, item.source) == ("drawing", "first")


@pytest.mark.parametrize(
    "table", [{"kind": "photo"}, {"keys": ["*"], "kind": "selfie"}, {"keys": ["*"], "sort": 1}]
)
def test_a_rule_that_is_none_is_refused_in_words(table: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="a rule has keys"):
        rules_of([table])


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


def test_every_kind_is_drawn_and_all_have_their_target(folder: Path) -> None:
    made = pictures(folder, "train")
    assert len(made) == 15 + 12 * 2  # memes, documents and photos twice
    assert {i.kind for i in made.items if i.source == DRAWN} == set(KINDS)
    assert [KINDS[target] for target in made.targets] == [item.kind for item in made.items]
    assert {photo.source for photo in made.photos} == {"voc"}


def test_no_source_gives_more_than_wanted(folder: Path) -> None:
    made = pictures(folder, "train", most=2)
    assert sum(item.source == "coco" for item in made.items) == 2
    assert [i.key for i in made.items] == [i.key for i in pictures(folder, "train", most=2).items]


def test_what_people_reviewed_counts_instead_of_what_the_source_says_and_all_of_it(
    tmp_path: Path,
) -> None:
    notes = [note(f"mine/{i:03}", source="mine") for i in range(6)]
    notes += [note(f"reviewed/mine/{i:03}", source="reviewed", kind="drawing") for i in range(4)]
    write_tar(tmp_path / "photos.tar", notes)
    samples = reviewed_first(read_pack(tmp_path, ["train"]))
    assert {s.key: s.kind for s in samples} == {
        **{f"mine/{i:03}": "photo" for i in (4, 5)},
        **{f"reviewed/mine/{i:03}": "drawing" for i in range(4)},
    }
    made = UtilityPictures(samples, "train", 1, 1, ["mine"])
    assert sum(item.source == "reviewed" for item in made.items) == 4
    assert sum(item.source == "mine" for item in made.items) == 1


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
