"""What stands beside the quality head measures what it says."""

import random

import numpy as np
from PIL import Image
from skimage import data

from ansa_train.data.augment.degradations import Faults, degrade
from benchmarks.heads_quality import blocks, moved, others, plain_measures
from benchmarks.sheet import LINE, SIDE, sheet, spread


def photo() -> Image.Image:
    return Image.fromarray(data.chelsea())  # type: ignore[no-untyped-call]


def test_plain_measures_grow_with_what_they_measure() -> None:
    faults = {
        "noise": [Faults(), Faults(noise=0.3), Faults(noise=0.9)],
        "compression_artifacts": [Faults(), Faults(compression_artifacts=0.9)],
        "exposure": [Faults(exposure=-0.5), Faults(), Faults(exposure=0.5)],
        "defocus_blur": [Faults(defocus_blur=0.8), Faults(defocus_blur=0.3), Faults()],
    }
    for name, several in faults.items():
        measured = plain_measures([degrade(photo(), each, 256, "seed") for each in several])[name]
        assert list(measured) == sorted(measured)


def test_blocks_are_found_wherever_they_begin() -> None:
    steps = np.repeat(np.arange(20.0), 8)[None].repeat(9, 0)
    assert blocks(steps[:, 3:]) > 5 > 2 > blocks(np.random.default_rng(0).normal(size=(99, 99)))


def test_every_way_to_spoil_a_photo_changes_it() -> None:
    small = photo().resize((120, 80))
    made = others(small)
    assert np.array_equal(np.asarray(made["as it is"]), np.asarray(small))
    for name, image in made.items():
        same = np.array_equal(np.asarray(image.resize(small.size)), np.asarray(small))
        assert same == (name == "as it is")


def test_moving_blurs_along_rows_only() -> None:
    rows = np.zeros((40, 40, 3), np.uint8)
    rows[::2] = 200
    assert np.array_equal(np.asarray(moved(Image.fromarray(rows), 9)), rows)


def test_a_sheet_shows_best_to_worst() -> None:
    values = list(range(100))
    random.Random(0).shuffle(values)
    shown = [values[i] for i in spread([float(v) for v in values], 5)]
    assert shown == [99, 74, 49, 25, 0]
    pictures = [np.full((8, 8, 3), v, np.uint8) for v in shown]
    page = sheet(pictures, [str(v) for v in shown], columns=3)
    assert page.size == (3 * SIDE, 2 * (SIDE + LINE))
    assert page.getpixel((SIDE // 2, LINE + SIDE // 2)) == (99, 99, 99)
