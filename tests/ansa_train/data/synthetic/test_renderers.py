"""What code draws: always the same for a seed, never the same for two, in typefaces kept apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from ansa_train.data.synthetic.blanks import blank
from ansa_train.data.synthetic.canvas import LOOKS, Canvas, font, wrapped
from ansa_train.data.synthetic.capture_artifacts import with_capture_artifacts
from ansa_train.data.synthetic.codes import code
from ansa_train.data.synthetic.drawings import drawing
from ansa_train.data.synthetic.graphics import board, graphic
from ansa_train.data.synthetic.memes import captioned, meme
from ansa_train.data.synthetic.papers import paper
from ansa_train.data.synthetic.phones import phone
from ansa_train.data.synthetic.receipts import receipt
from ansa_train.data.synthetic.scenes import scene
from ansa_train.data.synthetic.screens import screen
from ansa_train.data.synthetic.slides import slide

RENDERERS = (
    *(blank, board, code, drawing, graphic, meme, paper, phone, receipt, scene, screen, slide),
)


def studio(seed: str, look: str = "seen") -> Canvas:
    return Canvas(seed, LOOKS[look])


@pytest.mark.parametrize("render", RENDERERS, ids=lambda render: render.__name__)
def test_a_seed_always_gives_the_same_picture(render: Callable[[Canvas], Image.Image]) -> None:
    first, again = render(studio("1")), render(studio("1"))
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("render", RENDERERS, ids=lambda render: render.__name__)
def test_every_seed_gives_a_picture_of_its_own(
    render: Callable[[Canvas], Image.Image], look: str
) -> None:
    some = [render(studio(f"{i}", look)) for i in range(12)]
    assert all(min(image.size) >= 20 and max(image.size) <= 2000 for image in some)
    assert len({image.tobytes() for image in some}) >= 10  # two black shots are alike


@pytest.mark.parametrize("render", [board, code, paper, phone, receipt, screen, slide])
def test_what_is_meant_to_be_read_has_contrast(render: Callable[[Canvas], Image.Image]) -> None:
    deviations = [np.asarray(render(studio(f"{i}")).convert("L")).std() for i in range(8)]
    assert np.median(deviations) > 15


def test_the_looks_share_no_typeface() -> None:
    seen, unseen = (
        {face for family in ("sans", "serif", "mono", "bold") for face in getattr(look, family)}
        for look in (LOOKS["seen"], LOOKS["unseen"])
    )
    assert not seen & unseen


def test_a_caption_leaves_most_of_the_picture() -> None:
    picture = Image.new("RGB", (300, 200), (10, 200, 30))
    shares = [
        (np.asarray(captioned(studio(f"{i}"), picture))[..., 1] > 150).mean() for i in range(10)
    ]
    assert min(shares) > 0.2
    assert all(captioned(studio(f"{i}"), picture).tobytes() != picture.tobytes() for i in range(4))
    assert picture.getcolors() == [(60000, (10, 200, 30))]


def test_handling_changes_a_picture_but_not_what_it_shows() -> None:
    picture = screen(studio("1"))
    small = np.asarray(picture.convert("L").resize((8, 8)), float)
    alike = []
    for i in range(20):
        other = with_capture_artifacts(studio(f"{i}"), picture)
        assert other.mode == "RGB"
        alike.append(
            np.corrcoef(small.ravel(), np.asarray(other.convert("L").resize((8, 8))).ravel())[0, 1]
        )
    assert np.median(alike) > 0.6


def test_lines_of_text_keep_to_their_width_and_lose_no_word() -> None:
    type_ = font("DejaVuSans", 14)
    text = " ".join(studio("1").sentence() for _ in range(5))
    lines = wrapped(text, 200, type_)
    assert " ".join(lines) == text
    assert all(type_.getlength(line) <= 202 for line in lines)
    assert wrapped("", 200, type_) == []
