"""A flat thing as a scanner or a camera sees it: askew, unevenly lit, not quite sharp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ansa_train.data.synthetic.canvas import Canvas, gradient, smooth


def scanned(studio: Canvas, flat: Image.Image) -> Image.Image:
    """Nearly straight, on white or with the lid's dark rim, sometimes in grey or faded."""
    rng = studio.rng
    rim = studio.colour(0, 60) if studio.chance(0.3) else (255, 255, 255)
    if studio.chance(0.5):  # smaller than the glass
        wide = round(flat.width * rng.uniform(1.0, 1.6))
        high = round(flat.height * rng.uniform(1.0, 1.4))
        glass = Image.new("RGB", (wide, high), rim)
        glass.paste(flat, (rng.randint(0, wide - flat.width), rng.randint(0, high - flat.height)))
        flat = glass
    flat = flat.rotate(rng.gauss(0, 1), Image.Resampling.BICUBIC, fillcolor=rim)
    values = np.asarray(flat, np.float32)
    fading = rng.uniform(0.0, 0.6) if studio.chance(0.4) else 0.0
    values = values * (1 - fading) + 255 * fading
    grain = studio.noise.standard_normal((*values.shape[:2], 1), np.float32)
    values += rng.uniform(0, 8) * grain
    image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    return image.convert("L").convert("RGB") if studio.chance(0.4) else image


def photographed(studio: Canvas, flat: Image.Image) -> Image.Image:
    """On a table, a wall or a photo; in perspective, with shadows, blur and noise."""
    rng = studio.rng
    long = 400
    aspect = rng.choice((3 / 4, 4 / 3, 9 / 16, 1.0, flat.width / flat.height))
    size = (long, round(long / aspect)) if aspect > 1 else (round(long * aspect), long)
    corners = _corners(studio, flat, size)
    placed, where = warped(flat, corners, size)
    ground = np.asarray(surface(studio, size), np.float32)
    mask = where[..., None]
    # What lies on something throws a soft shadow on it.
    shade = Image.fromarray((where * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(6))
    ground *= 1 - 0.5 * (np.asarray(shade, np.float32) / 255)[..., None]
    values = placed * mask + ground * (1 - mask)
    return exposed(studio, values)


def surface(studio: Canvas, size: tuple[int, int]) -> Image.Image:
    """What things lie on: plain, wooden, checked, or blurred photo."""
    rng = studio.rng
    kind = rng.choice(("plain", "wood", "cloth", "photo", "photo"))
    if kind == "photo":
        image = studio.photo(*size)
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 6)))
    base = gradient(size, studio.colour(20, 230), studio.colour(20, 230))
    if kind == "plain":
        return base
    brown = np.array((rng.randint(90, 200), rng.randint(60, 140), rng.randint(30, 100)))
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    if kind == "wood":
        grain = smooth(studio.noise, (size[0] // 40 + 2, size[1]), 12)
        stripes = np.asarray(Image.fromarray(grain).resize(size))
        pattern = 0.6 + 0.5 * stripes
    else:
        period = rng.uniform(4, 40)
        pattern = 0.75 + 0.25 * (np.sin(x / period) * np.sin(y / period))
    return Image.fromarray((brown * pattern[..., None]).clip(0, 255).astype(np.uint8))


def _corners(studio: Canvas, flat: Image.Image, size: tuple[int, int]) -> NDArray[np.float64]:
    """Where the four corners come to lie, (4, 2) in pixels, clockwise from the top left."""
    rng = studio.rng
    fill = rng.uniform(0.75, 1.25)
    scale = fill * min(size[0] / flat.width, size[1] / flat.height)
    half = np.array((flat.width, flat.height)) * scale / 2
    signs = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1)))
    angle = np.radians(rng.gauss(0, 7) + (90 if studio.chance(0.05) else 0))
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    corners = (signs * half) @ turn.T
    # Pinhole: what is farther off is smaller.
    tilt = np.array((rng.gauss(0, 0.18), rng.gauss(0, 0.25))) / np.array(size)
    corners /= (1 + corners @ tilt)[:, None].clip(0.5, 2)
    shift = np.array((rng.gauss(0, 0.04), rng.gauss(0, 0.04))) * size
    return np.asarray(corners + np.array(size) / 2 + shift)


def warped(
    flat: Image.Image, corners: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The picture with its corners there, and 1 where it is."""
    w, h = flat.size
    source = ((0, 0), (w, 0), (w, h), (0, h))
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved = tuple(np.linalg.solve(np.array(rows), np.array(right)))
    flat = flat.copy()
    flat.putalpha(255)
    warped = flat.transform(size, Image.Transform.PERSPECTIVE, solved, Image.Resampling.BILINEAR)
    values = np.asarray(warped, np.float32)
    return values[..., :3], values[..., 3] / np.float32(255)


def exposed(studio: Canvas, values: NDArray[np.float32]) -> Image.Image:
    """Light, colour cast, blur and noise."""
    rng = studio.rng
    height, width = values.shape[:2]
    light = rng.uniform(0.55, 1.05) * (0.65 + 0.5 * smooth(studio.noise, (width, height), 2))
    if studio.chance(0.25):  # the shadow of a hand or a phone
        hand = smooth(studio.noise, (width, height), 3) > 0.6
        soft = Image.fromarray((hand * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(9))
        light *= 1 - rng.uniform(0.2, 0.5) * np.asarray(soft, np.float32) / 255
    cast = np.array((1.0, rng.uniform(0.9, 1.0), rng.uniform(0.75, 1.0)))
    lit = values * light[..., None] * (cast if studio.chance(0.7) else cast[::-1])
    image = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(abs(rng.gauss(0, 0.8))))
    noisy = np.asarray(image, np.float32)
    noisy = noisy + rng.uniform(0, 10) * studio.noise.standard_normal(noisy.shape, np.float32)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
