"""The crop is as bright as the photo, the rest is dim, and the clock lies inside."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ansa.render.overlay.crop_frame import with_crop


def test_the_crop_stands_out_and_the_photo_stays() -> None:
    photo = Image.new("RGB", (300, 200), (200, 100, 50))
    drawn = np.asarray(with_crop(photo, (0.25, 0.0, 0.75, 1.0)))
    assert tuple(drawn[100, 150]) == (200, 100, 50)
    assert drawn[100, 20, 0] < 100
    assert drawn[100, 280, 0] < 100
    assert photo.getpixel((20, 100)) == (200, 100, 50)


def test_the_clock_is_drawn_where_it_goes_and_fits() -> None:
    photo = Image.new("RGB", (600, 400), (120, 120, 120))
    for box in ((0.0, 0.0, 1.0, 1.0), (0.4, 0.0, 0.6, 1.0)):
        with_it = np.asarray(with_crop(photo, box, (0.25, 0.06, 0.75, 0.30), "light")).astype(int)
        without = np.asarray(with_crop(photo, box)).astype(int)
        rows, columns, _ = np.nonzero(with_it - without)
        left, right = (box[0] + x * (box[2] - box[0]) for x in (0.2, 0.8))
        assert left * 600 <= columns.min() < columns.max() <= right * 600
        assert rows.max() < 0.35 * 400
        assert with_it.max() == 255


def test_a_crop_of_nothing_draws_nothing_worse() -> None:
    assert with_crop(Image.new("RGB", (10, 10)), (0.5, 0.5, 0.5, 0.5)).size == (10, 10)
