"""What is no keepsake is told from photos, with its reasons, and with doubt where there is any."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import Library, LibraryError
from ansa.library.cleanup.clutter import Clutter, is_clutter, signs
from ansa.model.analyzer import Analyzer
from ansa.scene import Facts, Object, Quality, Scene, Tag, Utility
from tests.library.seen import seeing_bundle


def scene(kind: str = "photo", score: float = 0.9, sure: bool = True, **faults: float) -> Scene:
    none = dict.fromkeys(
        ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure", "tilt"), 0.0
    )
    quality = Quality(**none | faults, overall=0.5)
    utility = Utility(kind, score, {kind: score}, sure)
    signals = {"quality": quality, "utility": utility}
    return Scene(Facts(4, 3), np.ones(1, np.float32), signals)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (scene(), []),
        (scene("drawing"), []),
        (scene("receipt"), [("receipt", True, "a receipt: 90%")]),
        (scene("meme", 0.6, False), [("meme", False, "a meme: 60%")]),
        (scene("meme", 0.3, False), []),
        (scene("blank"), [("blank", True, "blank: 90%")]),
        (scene(defocus_blur=0.9), [("blurred", True, "out of focus: 0.90")]),
        (scene(motion_blur=0.55), [("blurred", False, "moved: 0.55")]),
        (scene(defocus_blur=0.3), []),
        (scene(exposure=-0.95), [("exposure", True, "too dark: 0.95")]),
        (scene(exposure=0.5), [("exposure", False, "blown out: 0.50")]),
        (
            scene(defocus_blur=0.9, exposure=-0.5),
            [
                ("blurred", True, "out of focus: 0.90"),
                ("accidental", False, "nothing to be seen"),
                ("exposure", False, "too dark: 0.50"),
            ],
        ),
        (Scene(Facts(4, 3), np.ones(1, np.float32)), []),
    ],
)
def test_each_sign_has_its_reason(seen: Scene, told: list[tuple[str, bool, str]]) -> None:
    assert [(sign.kind, sign.sure, sign.reason) for sign in signs(seen)] == told
    assert is_clutter(seen) == any(sure for _, sure, _ in told)


def test_it_may_be_sure_that_a_picture_is_no_photo_and_not_what_it_is() -> None:
    scores = {"photo": 0.02, "drawing": 0.01, "receipt": 0.5, "document": 0.47}
    seen = Scene(
        Facts(4, 3), np.ones(1, np.float32), {"utility": Utility("receipt", 0.5, scores, False)}
    )
    (sign,) = signs(seen)
    assert (sign.kind, sign.sure) == ("receipt", True)
    assert sign.reason == "a receipt: 50%, or the like: 97%"


def paint(path: Path, *colour: int) -> None:
    Image.new("RGB", (60, 40), colour).save(path)


def open_library(base: Path, bundle: Path) -> Library:
    return Library(base / "photos", database=base / "l.sqlite", analyzer=Analyzer(bundle))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    paint(folder / "photo.png", 200, 128, 60)
    paint(folder / "receipt.png", 128, 255, 0)
    paint(folder / "screen.png", 128, 0, 255)
    paint(folder / "dark.png", 3, 3, 3)
    shutil.copy(folder / "dark.png", folder / "dark-too.png")
    return folder


def test_a_library_gives_its_clutter_and_leaves_photos_alone(photos: Path, tmp_path: Path) -> None:
    with open_library(tmp_path, seeing_bundle(tmp_path / "b")) as library:
        assert list(library.clutter()) == []
        library.index(workers=1)
        found = {each.path.name: each for each in library.clutter()}
    kinds = {name: (each.kind, each.sure) for name, each in found.items()}
    assert kinds == {
        "receipt.png": ("receipt", True),
        "screen.png": ("screenshot", True),
        "dark-too.png": ("exposure", True),
    }
    assert found["dark-too.png"].copies == (photos / "dark.png",)
    assert isinstance(found["dark-too.png"], Clutter)


def test_what_was_deleted_since_is_no_clutter_any_more(photos: Path, tmp_path: Path) -> None:
    with open_library(tmp_path, seeing_bundle(tmp_path / "b")) as library:
        library.index(workers=1)
        (photos / "receipt.png").unlink()
        (photos / "dark.png").unlink()
        found = {each.path.name: each.copies for each in library.clutter()}
        assert found == {"screen.png": (), "dark-too.png": ()}


def test_a_library_of_nothing_but_clutter_is_all_told(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(5):
        paint(tmp_path / "photos" / f"{number}.png", 128, 250 + number, 0)
    with open_library(tmp_path, seeing_bundle(tmp_path / "b")) as library:
        library.index(workers=1)
        assert [each.kind for each in library.clutter()] == ["receipt"] * 5


def test_with_one_head_of_the_two_it_tells_what_that_one_can(photos: Path, tmp_path: Path) -> None:
    with open_library(tmp_path, seeing_bundle(tmp_path / "b", "utility")) as library:
        library.index(workers=1)
        assert [each.kind for each in library.clutter()] == ["exposure"]


def test_a_bundle_that_cannot_tell_says_so(photos: Path, tmp_path: Path) -> None:
    bundle = seeing_bundle(tmp_path / "b", "utility", "quality")
    with (
        open_library(tmp_path, bundle) as library,
        pytest.raises(LibraryError, match="does not tell clutter from photos; use one with"),
    ):
        next(library.clutter())


def test_a_lecture_with_people_and_a_shelf_of_books_are_not_surely_documents() -> None:
    board = Utility("document", 0.97, {"photo": 0.03, "document": 0.97}, True)
    person, shelf = Object("person", 0.9, (0.1, 0.2, 0.4, 0.9)), Tag("bookshelf", 0.9, True)
    for more in ({"detection": (person,)}, {"tags": (shelf,)}):
        seen = {"utility": board, **more}
        scene = Scene(Facts(1, 1), np.zeros(1, np.float32), seen)
        assert not is_clutter(scene)
        assert "but it shows a place or people" in signs(scene)[0].reason
    assert is_clutter(Scene(Facts(1, 1), np.zeros(1, np.float32), {"utility": board}))
    meme = Utility("meme", 0.97, {"photo": 0.03, "meme": 0.97}, True)
    people = {"utility": meme, "detection": (person,)}
    assert is_clutter(Scene(Facts(1, 1), np.zeros(1, np.float32), people))
