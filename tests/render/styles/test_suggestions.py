"""Three to five edits, the worst fault first, for any photo; the same for the same photo."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.photo.read import PhotoError, read_srgb
from ansa.render.styles import PhotoEdit, Style, apply_edit, suggest_styles
from ansa.render.styles.geometry import straightened
from ansa.render.styles.tone import displayed_values, linear_light
from ansa.scene import Object, Quality, Tag, Utility
from tests import photos
from tests.render.styles.streets import draw_street, scene_of

STREETS = range(10)


def dark(pixels: np.ndarray) -> np.ndarray:
    return light_times(pixels, 2**-1.5)


def bright(pixels: np.ndarray) -> np.ndarray:
    return light_times(pixels, 2**1.3)


def warm(pixels: np.ndarray) -> np.ndarray:
    return light_times(pixels, np.exp([0.22, 0, -0.22]))


def cold(pixels: np.ndarray) -> np.ndarray:
    return light_times(pixels, np.exp([-0.22, 0, 0.22]))


def flat(pixels: np.ndarray) -> np.ndarray:
    return (pixels * 0.5 + 64).astype(np.uint8)


def tilted(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(straightened(Image.fromarray(pixels), 5))


def tilted_back(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(straightened(Image.fromarray(pixels), -4))


def light_times(pixels: np.ndarray, gain: float | np.ndarray) -> np.ndarray:
    shown = displayed_values(linear_light(pixels / 255) * gain)
    return (shown * 255 + 0.5).astype(np.uint8)


UNDOES: dict[Callable[[np.ndarray], np.ndarray], Callable[[PhotoEdit], bool]] = {
    dark: lambda edit: 0.5 <= edit.exposure <= 2.5,
    bright: lambda edit: -2.3 <= edit.exposure <= -0.4,
    warm: lambda edit: -2500 <= edit.warmth <= -400,
    cold: lambda edit: 600 <= edit.warmth <= 6000,
    flat: lambda edit: edit.contrast >= 0.5,
    tilted: lambda edit: -7.5 <= edit.straighten <= -2.5,
    tilted_back: lambda edit: 2 <= edit.straighten <= 6,
}
"""Ways to spoil a photo, and whether an edit undoes it."""


def suggested(pixels: np.ndarray, **signals: object) -> tuple[Style, ...]:
    return suggest_styles(pixels, scene_of(pixels, **signals))


@pytest.mark.parametrize("spoil", UNDOES, ids=lambda spoil: spoil.__name__)
def test_undoing_a_fault_is_among_the_first_three_of_four_in_five_photos(
    spoil: Callable[[np.ndarray], np.ndarray],
) -> None:
    undone = [
        any(UNDOES[spoil](style.edit) for style in suggested(spoil(draw_street(seed)))[:3])
        for seed in STREETS
    ]
    assert np.mean(undone) >= 0.8


def test_a_photo_without_a_fault_gets_few_corrections() -> None:
    counts = [sum(s.is_correction for s in suggested(draw_street(seed))) for seed in STREETS]
    assert np.mean(counts) <= 1


def test_several_faults_can_be_corrected_at_once() -> None:
    styles = suggested(tilted(flat(draw_street(3))))
    (all_in_one,) = [style for style in styles if style.name == "All corrections"]
    assert all_in_one.edit.contrast > 0.5
    assert all_in_one.edit.straighten < -2
    assert styles.index(all_in_one) > 1


SIGNALS: dict[str, dict[str, object]] = {
    "nothing": {},
    "a portrait": {
        "detection": (Object("person", 0.9, (0.3, 0.1, 0.8, 1.0)),),
        "saliency": np.eye(16, dtype=np.float32),
    },
    "food": {"tags": (Tag("food", 0.9, True),)},
    "a view": {"tags": (Tag("mountain", 0.9, True),), "saliency": np.ones((8, 8), np.float32)},
    "a sunset": {"tags": (Tag("sunset", 0.9, True),)},
    "a receipt": {"utility": Utility("receipt", 0.99, {"receipt": 0.99}, True)},
    "a screenshot": {"utility": Utility("screenshot", 0.99, {"screenshot": 0.99}, True)},
    "noise": {"quality": Quality(0, 0, 0.8, 0, -0.5, 3.0, 0.4)},
    "a broken saliency": {"saliency": np.full((4, 4), math.nan, np.float32)},
}


@pytest.mark.parametrize("signals", SIGNALS.values(), ids=SIGNALS)
@pytest.mark.parametrize("seed", range(2))
def test_there_are_always_three_to_five_with_a_reason_each(
    seed: int, signals: dict[str, object]
) -> None:
    street = draw_street(seed)
    for pixels in (street, dark(street), tilted(warm(flat(street))), street[:1, :1], street[:2]):
        styles = suggested(np.ascontiguousarray(pixels), **signals)
        assert 3 <= len(styles) <= 5
        assert len({style.name for style in styles}) == len(styles)
        assert all(style.reason and style.edit != PhotoEdit() for style in styles)
        for style in styles:
            assert apply_edit(np.ascontiguousarray(pixels), style.edit).dtype == np.uint8


def test_the_same_photo_gets_the_same_suggestions() -> None:
    assert suggested(draw_street(4)) == suggested(draw_street(4))


def test_what_was_made_on_a_screen_is_not_corrected() -> None:
    styles = suggested(dark(tilted(draw_street(0))), **SIGNALS["a screenshot"])
    assert not any(style.is_correction for style in styles)


def test_light_that_belongs_to_a_scene_comes_behind_other_faults() -> None:
    pixels = tilted(warm(draw_street(5)))
    names = [style.name for style in suggested(pixels, tags=(Tag("sunset", 0.9, True),))]
    assert "Straightened" in names
    assert "Cooler" not in names[: names.index("Straightened")]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "a grey photo": lambda: encoded(photos.draw_photo().convert("L"), "JPEG"),
    "16 bits": lambda: encoded(
        Image.fromarray((np.mgrid[:60, :80][1] * 800).astype(np.uint16)), "PNG"
    ),
    "transparent": lambda: encoded(Image.new("RGBA", (40, 30), (200, 10, 10, 90)), "PNG"),
    "an animation": lambda: photos.animated_gif(5),
    "CMYK": lambda: encoded(photos.draw_photo().convert("CMYK"), "JPEG"),
    "one pixel": lambda: encoded(Image.new("RGB", (1, 1)), "PNG"),
    "a line": lambda: encoded(Image.new("RGB", (3000, 1), "white"), "PNG"),
    "palette": lambda: encoded(photos.draw_photo().convert("P"), "GIF"),
    "large": lambda: encoded(photos.draw_photo(4000, 3000), "JPEG"),
    "held upright": lambda: encoded(
        photos.as_camera_stores(photos.draw_photo(), 6),
        "JPEG",
        exif=photos.exif_block(orientation=6),
    ),
}


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
def test_files_of_every_kind_get_suggestions(write: Callable[[], bytes], tmp_path: Path) -> None:
    data = write()
    file = tmp_path / "photo"
    file.write_bytes(data)
    pixels = read_srgb(data)
    by_bytes, by_path = (suggest_styles(each, scene_of(pixels)) for each in (data, file))
    assert by_bytes == by_path
    assert 3 <= len(by_bytes) <= 5


def test_a_damaged_photo_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0 cut short")
    with pytest.raises(PhotoError, match=r"broken\.jpg"):
        suggest_styles(file, scene_of(draw_street(0)))
