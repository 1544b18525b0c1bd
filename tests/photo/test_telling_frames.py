from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ansa.photo.telling_frames import MOST, choose
from ansa.scene import Pixels
from tests.photos import draw_photo


def drawn(seed: int, blur: float = 0) -> Pixels:
    image = draw_photo(160, 120, seed)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)) if blur else image)


def seconds(frames: list[Pixels]) -> list[float]:
    return [float(number) for number in range(len(frames))]


def test_of_equal_frames_one_is_chosen() -> None:
    frames = [drawn(1)] * 5
    assert len(choose(frames, seconds(frames))[0]) == 1


def test_each_different_picture_is_chosen_once_in_the_order_of_time() -> None:
    frames = [drawn(seed) for seed in (1, 1, 2, 2, 3)]
    chosen, poster = choose(frames, seconds(frames))
    assert len(chosen) == 3
    assert chosen == sorted(chosen)
    assert poster in chosen


def test_the_sharp_one_of_two_is_chosen() -> None:
    frames = [drawn(1, blur=6), drawn(1), drawn(1, blur=6)]
    assert choose(frames, seconds(frames)) == ([1], 1)


def test_blank_frames_are_chosen_only_where_there_is_nothing_else() -> None:
    black = np.zeros((120, 160, 3), np.uint8)
    assert choose([black, drawn(1), black], [0.0, 1.0, 2.0])[0] == [1]
    assert len(choose([black, black], [0.0, 1.0])[0]) == 1


def test_no_film_gives_more_frames_than_the_limit() -> None:
    rng = np.random.default_rng(0)
    frames = [
        np.asarray(Image.fromarray(rng.integers(0, 255, (3, 4, 3), np.uint8)).resize((160, 120)))
        for _ in range(60)
    ]
    chosen, poster = choose(frames, seconds(frames))
    assert len(chosen) == MOST
    assert poster in chosen
