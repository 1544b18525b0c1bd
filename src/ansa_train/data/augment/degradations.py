"""Technical faults of photos, made on purpose and of known strength.

What is done to a photo happens in the order of a camera: it is held askew, out of focus, moved,
exposed, then its sensor is noisy and its file small. Strengths are of the square that a network
sees, not of the file: a blur of 12 pixels in a photo of 12 megapixels is below one pixel there, and
to a network that sees only the square, as to a person who sees a thumbnail, such a photo is sharp.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import fft

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels

RADIUS = 6 / 256
"""Radius of the disc that a point becomes at focus 1, in sides of the square."""

TRAIL = 24 / 256
"""Length of the line that a point becomes at motion 1, in sides of the square."""

BEND = 2.5
"""By how much a trail may turn, in radians; half of them are straight."""

STOPS = 4.0
"""By how many stops exposure 1 is too long, and -1 too short."""

DEVIATION = 0.2
"""Standard deviation of each channel's noise at noise 1, of 0..1 as displayed."""

COARSEST, STEPS = 0.8, 15.0
"""JPEG's own quantization tables times the first at compression 0, times both at 1."""

TILT = 20.0
"""The greatest tilt, in degrees."""

Part = tuple[float, float, float]
"""A part of a picture in its own proportions: share of the sides, and where it lies in what is left
over, 0 (left) to 1 (right) and 0 (top) to 1 (bottom)."""

WHOLE: Part = (1.0, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Faults:
    """The strength of each fault, named and signed as in :class:`ansa.scene.Quality`.

    Attributes:
        defocus_blur: 0..1, a disc of :data:`RADIUS` at 1.
        motion_blur: 0..1, a line of :data:`TRAIL` at 1, in any direction, straight or bent, as
            hands shake.
        noise: 0..1, Gaussian of :data:`DEVIATION` at 1, more or less coloured and coarse.
        compression_artifacts: 0 (none at all), then from JPEG at quality 60 to quality 4.
        exposure: -1..1, a gain of 2 to :data:`STOPS` in linear light at 1; what clips is lost.
        tilt: degrees clockwise.
    """

    defocus_blur: float = 0.0
    motion_blur: float = 0.0
    noise: float = 0.0
    compression_artifacts: float = 0.0
    exposure: float = 0.0
    tilt: float = 0.0


def draw_faults(rng: random.Random, tilted: float | None = None, most: int = 3) -> Faults:
    """Draws some faults with uniform strengths.

    Args:
        rng: of everything random.
        tilted: share of photos that are tilted, whatever else they have; if left out, tilt is a
            fault like any other.
        most: at most so many others.
    """
    names = ["defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure"]
    strengths = {}
    if tilted is None:
        names.append("tilt")
    elif rng.random() < tilted:
        strengths["tilt"] = rng.uniform(-TILT, TILT)
    for name in rng.sample(names, rng.randint(0, most)):
        signed = name in ("exposure", "tilt")
        strengths[name] = rng.uniform(-1.0 if signed else 0.0, 1.0)
        strengths[name] *= TILT if name == "tilt" else 1.0
    return Faults(**strengths)


def frame(photo: Image.Image, tilt: float, part: Part = WHOLE) -> Image.Image:
    """A photo held askew and cut to where it has pixels, in its own proportions.

    Args:
        photo: RGB.
        tilt: degrees by which what it shows is turned clockwise.
        part: of the largest such cut, to keep.
    """
    share, x, y = part
    width, height = photo.size
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    inner = min(
        width / (width * cos + height * abs(sin)), height / (width * abs(sin) + height * cos)
    )
    new = max(1, round(inner * share * width)), max(1, round(inner * share * height))
    # Output pixel (i, j) shows the photo's (a i + b j + c, d i + e j + f).
    left = (x - 0.5) * (inner * width - new[0]) - new[0] / 2
    top = (y - 0.5) * (inner * height - new[1]) - new[1] / 2
    across = (cos, sin, cos * left + sin * top + width / 2)
    down = (-sin, cos, -sin * left + cos * top + height / 2)
    return photo.transform(new, Image.Transform.AFFINE, (*across, *down), Image.Resampling.BICUBIC)


def seen_from_afar(pixels: Pixels, side: int, place: tuple[int, int]) -> Pixels:
    """A picture made small, in front of its own blurred image, uint8 of the same shape.

    Args:
        pixels: uint8 (size, size, 3).
        side: of the small picture, in pixels, at most size.
        place: its left and its top.
    """
    photo = Image.fromarray(pixels)
    around = photo.filter(ImageFilter.GaussianBlur(len(pixels) / 12))
    around.paste(photo.resize((side, side), Image.Resampling.LANCZOS), place)
    return np.asarray(around)


def degrade(photo: Image.Image, faults: Faults, size: int, seed: str, part: Part = WHOLE) -> Pixels:
    """A photo with faults as a network gets it, uint8 (size, size, 3).

    Args:
        photo: RGB, any size.
        faults: how strong they are.
        size: side of the square.
        seed: of what strengths leave open: direction, grain, the place of the JPEG blocks.
        part: of the photo, to keep.
    """
    if faults.tilt or part != WHOLE:
        photo = frame(photo, faults.tilt, part)
    pixels = resize_square(np.asarray(photo), size)
    rng = np.random.default_rng(list(seed.encode()))
    angle, chroma, grain = rng.uniform(0, math.pi), rng.uniform(0, 1), rng.uniform(1, 2)
    bend = max(0.0, rng.uniform(-BEND, BEND))
    if faults.defocus_blur or faults.motion_blur or faults.exposure:
        light = _linear(pixels)
        if faults.defocus_blur or faults.motion_blur:
            trail = _trail(faults.motion_blur * TRAIL * size, angle, bend)
            light = _blur(light, faults.defocus_blur * RADIUS * size, trail)
        pixels = _displayed(light * 2 ** (STOPS * faults.exposure))
    if faults.noise:
        noise = DEVIATION * faults.noise * _noise(size, chroma, grain, rng)
        pixels = np.clip(pixels + 255 * noise + 0.5, 0, 255).astype(np.uint8)
    if faults.compression_artifacts:
        pixels = _jpeg(
            pixels, COARSEST * STEPS**faults.compression_artifacts, rng.integers(0, 8, 2)
        )
    return pixels


def _linear(pixels: Pixels) -> NDArray[np.float32]:
    """sRGB, uint8 -> linear light, 0..1."""
    values = np.arange(256, dtype=np.float32) / 255
    curve = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    light: NDArray[np.float32] = curve.astype(np.float32)[pixels]
    return light


def _displayed(light: NDArray[np.float32]) -> Pixels:
    """Linear light -> sRGB, uint8; what is above 1 clips."""
    light = np.clip(light, 0, 1)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (values * 255 + 0.5).astype(np.uint8)


def _trail(length: float, angle: float, bend: float) -> NDArray[np.float32]:
    """Where a point is while the shutter is open: (points, 2), x and y in pixels around their mean.

    Args:
        length: of the whole way.
        angle: its direction in the middle.
        bend: by how much it turns from end to end.
    """
    way = np.linspace(-0.5, 0.5, 2 * math.ceil(length) + 1)
    heading = angle + bend * way
    steps = np.stack([np.cos(heading), np.sin(heading)], 1) * length / max(1, len(way) - 1)
    points = steps.cumsum(0)
    trail: NDArray[np.float32] = (points - points.mean(0)).astype(np.float32)
    return trail


def _blur(
    light: NDArray[np.float32], radius: float, trail: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Out of focus, then moved; beyond its edges the picture goes on as its mirror image."""
    size = light.shape[0]
    margin = math.ceil(radius + float(np.hypot(*trail.T).max())) + 1
    padded = np.pad(light, ((margin, margin), (margin, margin), (0, 0)), "symmetric")
    y, x = np.mgrid[-margin : margin + 1, -margin : margin + 1].astype(np.float32)
    disc = np.clip(1 + radius - np.hypot(x, y), 0, 1)
    away = np.hypot(x[..., None] - trail[:, 0], y[..., None] - trail[:, 1]).min(2)
    line = np.clip(1 - away, 0, 1)
    shape = [fft.next_fast_len(side, True) for side in padded.shape[:2]]
    spectrum = fft.rfft2(padded.transpose(2, 0, 1), shape)
    for kernel in (disc, line):
        spectrum *= fft.rfft2((kernel / kernel.sum()).astype(np.float32), shape)
    blurred = fft.irfft2(spectrum, shape).transpose(1, 2, 0)
    # The picture lies a margin inside, and each kernel's middle moved it by one more.
    moved = np.roll(blurred, (-3 * margin, -3 * margin), (0, 1))[:size, :size]
    light = moved.astype(np.float32)
    return light


def _noise(size: int, chroma: float, grain: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Of deviation 1 in each channel, (size, size, 3).

    Args:
        size: side of the square.
        chroma: share of the variance that is of each channel's own, 0 (grey) to 1 (coloured).
        grain: size of a grain in pixels.
        rng: of the grains.
    """
    coarse = math.ceil(size / grain)
    own = rng.standard_normal((coarse, coarse, 4), np.float32)
    layers = [
        np.asarray(Image.fromarray(own[..., i]).resize((size, size), Image.Resampling.BICUBIC))
        for i in range(4)
    ]
    coloured, grey = np.stack(layers[:3], 2), np.stack(layers[3:], 2)
    noise = math.sqrt(chroma) * coloured + math.sqrt(1 - chroma) * grey
    of_one: NDArray[np.float32] = (noise / noise.std()).astype(np.float32)
    return of_one


@cache
def _tables() -> list[list[int]]:
    """JPEG's own tables for brightness and colour, as they are at quality 50."""
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", quality=50)
    with Image.open(stream) as image:
        tables: dict[int, list[int]] = image.quantization  # type: ignore[attr-defined]
        return [list(tables[0]), list(tables[1])]


def _jpeg(pixels: Pixels, factor: float, offset: NDArray[np.int64]) -> Pixels:
    """Through JPEG with its own tables times ``factor``; blocks begin ``offset`` outside."""
    down, right = int(offset[0]), int(offset[1])
    padded = np.pad(pixels, ((down, 0), (right, 0), (0, 0)), "edge")
    tables = [[min(255, max(1, round(value * factor))) for value in t] for t in _tables()]
    stream = BytesIO()
    Image.fromarray(padded).save(stream, "JPEG", qtables=tables, subsampling="4:2:0")
    with Image.open(stream) as image:
        return np.asarray(image.convert("RGB"))[down:, right:]
