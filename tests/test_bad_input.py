"""Whatever a picture is, what the shipped bundle says of it is finite and in its range."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ansa import Analyzer
from ansa.cli.analyze import describe
from ansa.model.bundle import Bundle
from ansa.model.heads import KINDS
from ansa.photo.read import read_photo
from ansa.render.crop import ASPECTS, best_crop
from ansa.render.overlay import draw_scene
from ansa.scene import Scene
from ansa.summary import summary
from tests.photos import as_camera_stores, draw_photo, encode, exif_block


@pytest.fixture(scope="module")
def shipped() -> Analyzer:
    return Analyzer()


def png(image: Image.Image) -> bytes:
    return encode(image, "PNG")


def tiff(values: Any) -> bytes:
    return encode(Image.fromarray(values), "TIFF")


def noise(height: int, width: int) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))


def transparent() -> Image.Image:
    image = draw_photo(120, 90).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


_TAGS = Bundle.open().manifest.heads["tags"].settings
TELLING = dict(zip(_TAGS["names"], _TAGS["telling"], strict=True))
RAMP = np.linspace(0, 1, 120 * 90).reshape(90, 120)

PICTURES: dict[str, Callable[[], bytes]] = {
    "black": lambda: png(Image.new("RGB", (300, 200))),
    "white": lambda: png(Image.new("RGB", (300, 200), "white")),
    "grey": lambda: png(Image.new("RGB", (300, 200), (128, 128, 128))),
    "noise": lambda: png(noise(200, 300)),
    "1 x 1": lambda: png(Image.new("RGB", (1, 1), "red")),
    "1 x 4000": lambda: png(noise(4000, 1)),
    "4000 x 1": lambda: png(noise(1, 4000)),
    "2 x 2": lambda: png(noise(2, 2)),
    "greyscale": lambda: png(draw_photo(120, 90).convert("L")),
    "black and white": lambda: png(draw_photo(120, 90).convert("1")),
    "palette": lambda: png(draw_photo(120, 90).convert("P")),
    "transparent": lambda: png(transparent()),
    "wholly transparent": lambda: png(Image.new("RGBA", (120, 90), (255, 0, 0, 0))),
    "grey and transparent": lambda: png(transparent().convert("LA")),
    "CMYK": lambda: encode(draw_photo(120, 90).convert("CMYK"), "JPEG"),
    "16 bits": lambda: png(Image.fromarray((RAMP * 65535).astype(np.uint16))),
    "32 bits": lambda: tiff((RAMP * 2e9).astype(np.int32)),
    "floats, as HDR has": lambda: tiff((RAMP * 40).astype(np.float32)),
    "floats that are no numbers": lambda: tiff(np.where(RAMP > 0.5, np.nan, -RAMP).astype("f4")),
    "floats without end": lambda: tiff(np.where(RAMP > 0.5, np.inf, 0).astype(np.float32)),
    "animated": lambda: encode(draw_photo(60, 40).convert("P"), "GIF"),
}


def assert_sane(scene: Scene) -> None:
    """Every signal is there or missing with a reason; numbers are finite and in their ranges."""
    assert math.isclose(float(np.linalg.norm(scene.embedding)), 1, abs_tol=1e-3)
    assert scene.signals.keys() | scene.missing.keys() >= KINDS - {"embedding"}
    assert not scene.signals.keys() & scene.missing.keys()
    assert all(scene.missing.values())
    for number in numbers(scene.to_dict()):
        assert math.isfinite(number)
    if scene.tags is not None:
        assert all(0 <= tag.score <= 1 and tag.name for tag in scene.tags)
        told = [tag.score * TELLING[tag.name] for tag in scene.tags]
        assert told == sorted(told, reverse=True)  # what tells most comes first
    for each in scene.objects or ():
        left, top, right, bottom = each.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        assert 0 <= each.score <= 1
    if (utility := scene.utility) is not None:
        assert utility.kind in utility.scores
        assert math.isclose(sum(utility.scores.values()), 1, abs_tol=1e-3)
    if (quality := scene.quality) is not None:
        faults = (
            quality.defocus_blur,
            quality.motion_blur,
            quality.noise,
            quality.compression_artifacts,
        )
        assert all(0 <= share <= 1 for share in (*faults, quality.overall))
        assert -1 <= quality.exposure <= 1
        assert -45 <= quality.tilt <= 45
    assert scene.aesthetics is None or 0 <= scene.aesthetics <= 1
    assert scene.fingerprint is None or 1 <= len(scene.fingerprint) <= 64
    if (saliency := scene.saliency) is not None:
        assert saliency.ndim == 2
        assert saliency.dtype == np.float32
        assert 0 <= saliency.min() <= saliency.max() <= 1
        for aspect in ASPECTS.values():
            left, top, right, bottom = best_crop(
                saliency, aspect, scene.facts.width, scene.facts.height
            )
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for each in value.values() for n in numbers(each)]
    if isinstance(value, list):
        return [n for each in value for n in numbers(each)]
    return [value] if isinstance(value, (int, float)) else []


@pytest.mark.parametrize("name", PICTURES)
def test_signals_are_sane_and_can_be_shown(shipped: Analyzer, name: str) -> None:
    data = PICTURES[name]()
    scene = shipped.analyze(data)
    assert_sane(scene)
    assert describe(scene.facts)
    pixels, _ = read_photo(data)
    assert draw_scene(pixels, scene, summary(scene)).width > 0


@pytest.mark.parametrize("name", ["black", "white", "grey", "noise"])
def test_of_a_blank_picture_nothing_is_sure_but_that_it_is_blank(
    shipped: Analyzer, name: str
) -> None:
    scene = shipped.analyze(PICTURES[name]())
    assert scene.utility is not None
    assert scene.tags is not None
    assert (scene.utility.kind, scene.utility.sure) == ("blank", True)
    assert not any(tag.sure for tag in scene.tags)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photo_says_what_the_upright_one_does(
    shipped: Analyzer, orientation: int
) -> None:
    photo = draw_photo(160, 120, seed=3)
    stored = as_camera_stores(photo, orientation)
    data = encode(stored, "PNG", exif=exif_block(orientation=orientation))
    upright, rotated = shipped.analyze(png(photo)), shipped.analyze(data)
    assert_sane(rotated)
    assert rotated.to_dict()["signals"] == upright.to_dict()["signals"]
    np.testing.assert_array_equal(rotated.embedding, upright.embedding)


def test_a_photo_on_its_side_is_sane(shipped: Analyzer) -> None:
    for turn in (90, 180, 270):
        assert_sane(shipped.analyze(png(draw_photo(160, 120).rotate(turn, expand=True))))


def test_the_same_picture_says_the_same_in_any_company(shipped: Analyzer) -> None:
    """Nothing is left over from the photo before."""
    photo = png(draw_photo(160, 120, seed=5))
    first = shipped.analyze(photo).to_dict()
    shipped.analyze(png(Image.new("RGB", (8, 8))))
    assert shipped.analyze(photo).to_dict() == first
