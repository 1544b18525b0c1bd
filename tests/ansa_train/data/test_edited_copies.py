from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ansa.photo.pixels import resize_square
from ansa_train.data.edited_copies import EditedCopies
from ansa_train.data.pack import read_pack


@pytest.fixture
def copies(pack: Path) -> EditedCopies:
    photos = read_pack(pack, ["train"])
    return EditedCopies(photos[:3], ("grey", "crop", "flip"), 2, (0.5, 1.0), 0, photos[3:5])


def test_photos_come_as_they_are_then_edited_then_the_others(copies: EditedCopies) -> None:
    assert len(copies) == 3 * 3 + 2
    edits = ["", "grey", "crop", "", "flip", "grey", "", "crop", "flip", "", ""]
    assert [copies.edit(i) for i in range(len(copies))] == edits
    shown = [copies.sample(i) for i in range(len(copies))]
    assert Counter(s.key for s in shown[:9]) == {s.key: 3 for s in copies.photos}
    assert shown[9:] == copies.others


def test_roles_say_which_picture_is_a_copy_of_which(copies: EditedCopies) -> None:
    edited, photos, originals = copies.roles()
    assert edited.tolist() == [1, 2, 4, 5, 7, 8]
    assert photos.tolist() == [0, 3, 6, 9, 10]
    assert originals.tolist() == [0, 0, 3, 3, 6, 6]


def test_a_photo_as_it_is_looks_as_the_runtime_sees_it(copies: EditedCopies) -> None:
    seen = resize_square(np.asarray(copies.photos[1].read()), 32)
    assert (copies.render(3, 32) == seen).all()
    assert not (copies.render(4, 32) == seen).all()


def test_a_picture_is_always_the_same(copies: EditedCopies) -> None:
    assert (copies.render(2, 32) == copies.render(2, 32)).all()


def test_other_photos_edits_or_seeds_have_another_identity(copies: EditedCopies) -> None:
    others = (
        replace(copies, photos=copies.photos[:2]),
        replace(copies, edits=("grey", "crop")),
        replace(copies, looks=1),
        replace(copies, strengths=(0.1, 0.9)),
        replace(copies, seed=1),
        replace(copies, others=()),
    )
    assert len({c.identity() for c in (copies, *others)}) == 7
