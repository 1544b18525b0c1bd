"""The files of a planned library: pictures as cameras, editors and messengers would write them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageEnhance
from PIL.TiffImagePlugin import IFDRational

from ansa_train.data.augment.copy_edits import EDITS
from ansa_train.data.augment.degradations import Faults, degrade
from tests.films import film_bytes
from tests.world import lookalikes
from tests.world.pictures import Pictures
from tests.world.truth import File, Truth

_SIDE = 640  # pixels of a camera's longer side
_SQUARE = 480  # what is spoiled
_GRAIN = 2.0
_LESSER = 0.3, 0.8  # the strengths of faults of shots in a burst
_BICUBIC = Image.Resampling.BICUBIC
_MAKE, _MODEL, _EXIF, _GPS = 0x010F, 0x0110, 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011


def write(
    truth: Truth,
    pictures: Pictures,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 2,
) -> None:
    """Makes every file of a library below a folder."""
    with ThreadPoolExecutor(workers) as threads:
        made = threads.map(lambda file: _write(file, pictures, folder), truth.files)
        for done, _ in enumerate(made, 1):
            if progress:
                progress(done, len(truth.files))


def _write(file: File, pictures: Pictures, folder: Path) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(file, pictures))


def encoded(file: File, pictures: Pictures) -> bytes:
    """The bytes of a file."""
    base, _, edit = file.make.partition(" > ")
    image = _base(file, base, pictures)
    if base == "film":
        return _film(image)
    quality = 90
    if edit:
        rng = Random(f"{file.picture} {file.make}")
        image, quality = _edited(image, edit, rng)
    stream = io.BytesIO()
    if file.path.endswith(".png"):
        image.save(stream, "PNG", compress_level=3)
    else:
        image.save(stream, "JPEG", quality=quality, exif=exif(file))
    return stream.getvalue()


def exif(file: File) -> Image.Exif:
    """What a file says about itself; empty if it says nothing."""
    block = Image.Exif()
    if file.camera:
        block[_MAKE], _, block[_MODEL] = file.camera.partition(" ")
    if file.taken:
        inner = block.get_ifd(_EXIF)
        inner[_TAKEN] = file.taken.replace("-", ":").replace("T", " ")
        if file.offset:
            inner[_OFFSET] = file.offset
    if file.place:
        north, east = file.place
        gps = block.get_ifd(_GPS)
        gps[1], gps[2] = "S" if north < 0 else "N", _sexagesimal(north)
        gps[3], gps[4] = "W" if east < 0 else "E", _sexagesimal(east)
    return block


def _sexagesimal(degrees: float) -> tuple[IFDRational, ...]:
    thousandths = round(abs(degrees) * 3_600_000)
    seconds = Fraction(thousandths % 60_000, 1000)
    return (
        IFDRational(thousandths // 3_600_000),
        IFDRational(thousandths // 60_000 % 60),
        IFDRational(seconds.numerator, seconds.denominator),
    )


def _base(file: File, base: str, pictures: Pictures) -> Image.Image:
    """The shot that was taken of a picture, before anybody changed it."""
    what, _, how = base.partition(" ")
    rng = Random(f"{file.picture} {base}")
    if what in ("page", "sky"):
        return lookalikes.page(file.picture) if what == "page" else lookalikes.sky(file.picture)
    if what == "flat":
        return _fitted(pictures.flat(file.picture, how))
    if what == "clutter":
        return _fitted(pictures.clutter(file.clutter, file.picture, how))
    image = _fitted(pictures.picture(file.picture))
    if what == "spoiled":
        return _spoiled(image, how, rng)
    if what == "burst":
        image = _moved(image, rng, kept=(0.94, 0.99), angle=1.0, light=0.04)
        if fault := how.partition(" ")[2]:
            image = _spoiled(image, fault, rng, _LESSER)
    elif what == "retake":
        image = _moved(image, rng, kept=(0.8, 0.9), angle=3.0, light=0.12)
    return _grained(image, rng)


def _film(image: Image.Image) -> bytes:
    """The camera moves over what is seen for two seconds."""
    wide, high = image.size
    steps = [(n * 0.02 * wide, 0, (0.8 + n * 0.02) * wide, high) for n in range(10)]
    parts = [image.resize((320, 240), _BICUBIC, box) for box in steps]
    return film_bytes([(part, 0.2) for part in parts])


def _fitted(image: Image.Image) -> Image.Image:
    scale = _SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, _BICUBIC)


def _moved(
    image: Image.Image, rng: Random, kept: tuple[float, float], angle: float, light: float
) -> Image.Image:
    """As a hand moves between two shots: a part of it, turned, in a little other light."""
    turn = rng.uniform(-angle, angle)
    image = image.rotate(turn, _BICUBIC)
    edge = math.sin(math.radians(abs(turn))) * max(image.size)
    width = rng.uniform(*kept) * (image.width - edge)
    height = width * image.height / image.width
    left, top = (
        rng.uniform(edge / 2, max(edge / 2, whole - part - edge / 2))
        for whole, part in ((image.width, width), (image.height, height))
    )
    image = image.resize(image.size, _BICUBIC, (left, top, left + width, top + height))
    return ImageEnhance.Brightness(image).enhance(1 + rng.uniform(-light, light))


def _grained(image: Image.Image, rng: Random) -> Image.Image:
    noise = np.random.default_rng(rng.getrandbits(32))
    grain = _GRAIN * noise.standard_normal((image.height, image.width, 1), np.float32)
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def _spoiled(
    image: Image.Image, how: str, rng: Random, strengths: tuple[float, float] = (0.85, 1.0)
) -> Image.Image:
    """With a fault, by default nearly as strong as faults are."""
    strength = rng.uniform(*strengths)
    fault = {
        "focus": Faults(defocus_blur=strength),
        "motion": Faults(motion_blur=strength),
        "dark": Faults(exposure=-strength),
        "bright": Faults(exposure=strength),
    }[how]
    pixels = degrade(image, fault, _SQUARE, f"{rng.getrandbits(32)}")
    return Image.fromarray(pixels).resize(image.size, _BICUBIC)


def _edited(image: Image.Image, edit: str, rng: Random) -> tuple[Image.Image, int]:
    """What became of a shot, and the quality it was saved in."""
    if edit in ("sent", "smaller"):
        share = rng.uniform(0.3, 0.6) if edit == "sent" else rng.uniform(0.5, 0.8)
        size = (round(image.width * share), round(image.height * share))
        small = image.resize(size, Image.Resampling.LANCZOS)
        return small, rng.randint(50, 80) if edit == "sent" else 85
    if edit == "trimmed":
        return lookalikes.trimmed(image, rng), 85
    if edit == "resaved":
        return image, rng.randint(40, 75)
    name, _, strength = edit.partition(" ")
    return EDITS[name](image, float(strength), rng), rng.randint(75, 92)
