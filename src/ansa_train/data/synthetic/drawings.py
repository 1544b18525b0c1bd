"""Drawings: pencil, ink, cartoon and paint made of photos, and doodles made of nothing."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from ansa_train.data.synthetic.canvas import Canvas, sheet


def drawing(studio: Canvas) -> Image.Image:
    """One of all kinds."""
    kinds = (_pencil, _ink, _cartoon, _cartoon, _oil, _oil, _strokes, _doodle, _flat, _flat)
    return studio.rng.choice(kinds)(studio)


def _photo(studio: Canvas, side: int = 256) -> Image.Image:
    return studio.photo(side, round(side * studio.rng.choice((3 / 4, 1.0, 4 / 3))))


def _pencil(studio: Canvas) -> Image.Image:
    """Colour dodge of a photo over its blurred negative, the usual pencil filter."""
    grey = ImageOps.grayscale(_photo(studio))
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(studio.rng.uniform(3, 12)))
    dodged = np.asarray(grey, np.float32) * 255 / (256 - np.asarray(soft, np.float32))
    paper = 1 - 0.06 * studio.noise.random(dodged.shape)
    return Image.fromarray((dodged.clip(0, 255) * paper).astype(np.uint8)).convert("RGB")


def _ink(studio: Canvas) -> Image.Image:
    """The outlines of a photo in one colour."""
    lines = _outlines(_photo(studio), studio.rng.uniform(1.0, 2.5), studio.rng.uniform(0.06, 0.12))
    return ImageOps.colorize(lines, studio.colour(0, 90), studio.colour(225, 255))


def _outlines(photo: Image.Image, sigma: float, share: float) -> Image.Image:
    """L: black where the photo's edges are strongest, that share of it; else white."""
    grey = ImageOps.grayscale(photo)
    fine = np.asarray(grey.filter(ImageFilter.GaussianBlur(sigma)), np.float32)
    coarse = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.6 * sigma)), np.float32)
    edges = coarse - fine
    lines = np.where(edges > np.quantile(edges, 1 - share), 0, 255).astype(np.uint8)
    return Image.fromarray(lines).filter(ImageFilter.MedianFilter(3))


def _cartoon(studio: Canvas) -> Image.Image:
    """Few flat, vivid colours with dark outlines."""
    photo = _photo(studio)
    smooth = photo
    for _ in range(studio.between(1, 3)):
        smooth = smooth.filter(ImageFilter.MedianFilter(5))
    colours = smooth.quantize(studio.between(5, 16), Image.Quantize.MEDIANCUT).convert("RGB")
    vivid = Image.blend(
        ImageOps.grayscale(colours).convert("RGB"), colours, studio.rng.uniform(1, 1.8)
    )
    lines = _outlines(smooth, studio.rng.uniform(1.5, 2.5), studio.rng.uniform(0.03, 0.08))
    return ImageChops.multiply(vivid, lines.convert("RGB"))


def _oil(studio: Canvas) -> Image.Image:
    """Patches of paint: the most frequent colour around each place, and the canvas."""
    photo = _photo(studio, 224)
    colours = ImageOps.posterize(photo, studio.between(3, 5))
    painted = colours.filter(ImageFilter.ModeFilter(studio.rng.choice((5, 7, 9))))
    painted = Image.blend(
        ImageOps.grayscale(painted).convert("RGB"), painted, studio.rng.uniform(1, 1.7)
    )
    if studio.chance(0.5):
        relief = painted.filter(ImageFilter.EMBOSS).convert("L").convert("RGB")
        painted = Image.blend(painted, ImageChops.overlay(painted, relief), 0.6)
    return painted


def _strokes(studio: Canvas) -> Image.Image:
    """A photo painted stroke by stroke, large ones first (after Haeberli, 1990)."""
    photo = _photo(studio)
    image = photo.filter(ImageFilter.GaussianBlur(20))
    draw = ImageDraw.Draw(image)
    slant = studio.rng.uniform(0, np.pi)
    for size, count in ((14, 400), (8, 900), (5, studio.between(300, 1500))):
        for _ in range(count):
            x, y = studio.between(0, photo.width - 1), studio.between(0, photo.height - 1)
            colour = photo.getpixel((x, y))
            assert isinstance(colour, tuple)
            tone = studio.between(-18, 18)
            angle = slant + studio.rng.gauss(0, 0.5)
            dx, dy = 1.5 * size * np.cos(angle), 1.5 * size * np.sin(angle)
            fill = tuple(min(255, max(0, part + tone)) for part in colour)
            draw.line((x - dx, y - dy, x + dx, y + dy), fill, size // 2 + 1)
    return image


def _doodle(studio: Canvas) -> Image.Image:
    """Thin shaky lines on white: loops, limbs, faces."""
    image, draw = sheet((320, 320), studio.colour(240, 255))
    ink, width = studio.colour(0, 90), studio.between(1, 5)
    for _ in range(studio.between(2, 9)):
        x, y = studio.rng.uniform(60, 260), studio.rng.uniform(60, 260)
        a, b = studio.rng.uniform(8, 90), studio.rng.uniform(8, 90)
        turns = np.linspace(0, studio.rng.choice((np.pi, 2 * np.pi, 2 * np.pi)), 40)
        shake = 1 + 0.06 * np.sin(turns * studio.between(2, 6) + studio.rng.random())
        points = list(
            zip(x + a * shake * np.cos(turns), y + b * shake * np.sin(turns), strict=True)
        )
        draw.line(points, ink, width, joint="curve")
        for _ in range(studio.between(0, 4)):
            start = points[studio.between(0, 39)]
            end = (start[0] + studio.rng.gauss(0, 50), start[1] + studio.rng.gauss(0, 50))
            draw.line((start, end), ink, width)
    return image


def _flat(studio: Canvas) -> Image.Image:
    """A figure of flat shapes with outlines, on a plain ground or a simple scene."""
    ground = (255, 255, 255) if studio.chance(0.6) else studio.colour(120, 255)
    image, draw = sheet((320, 320), ground)
    if studio.chance(0.4):
        draw.rectangle((0, studio.between(160, 280), 320, 320), fill=studio.colour(60, 220))
    line = (0, 0, 0) if studio.chance(0.8) else None
    width, body = studio.between(2, 6), studio.colour()
    x, y = studio.between(120, 200), studio.between(120, 220)
    a, b = studio.between(30, 90), studio.between(30, 90)
    for side in (-1, 1):  # limbs
        for at in (-0.6, 0.7):
            foot = (x + side * studio.between(20, 100), y + at * b + studio.between(20, 90))
            draw.line((x + side * a * 0.6, y + at * b, *foot), body, 14)
            draw.ellipse((foot[0] - 12, foot[1] - 9, foot[0] + 12, foot[1] + 9), body, line, width)
    draw.ellipse((x - a, y - b, x + a, y + b), body, line, width)
    radius = studio.between(25, 70)
    top = y - b - radius // 2
    for side in (-1, 1):  # ears
        ear = (x + side * 0.7 * radius, top - 0.7 * radius)
        draw.ellipse((ear[0] - 16, ear[1] - 20, ear[0] + 16, ear[1] + 20), body, line, width)
    draw.ellipse(
        (x - radius, top - radius, x + radius, top + radius),
        studio.rng.choice((body, studio.colour())),
        line,
        width,
    )
    for side in (-1, 1):  # eyes
        eye = x + side * 0.4 * radius
        draw.ellipse((eye - 11, top - 16, eye + 11, top + 8), "white", line, 2)
        draw.ellipse((eye - 4, top - 8, eye + 4, top + 2), "black")
    smile = (x - 0.5 * radius, top, x + 0.5 * radius, top + 0.6 * radius)
    draw.arc(smile, 10, 170, "black", width)
    return image
