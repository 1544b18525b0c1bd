"""Photos that code draws and describes: ``speedrun_photos.py FOLDER CAPTIONS.csv [COUNT]``."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 96
COLOURS = {
    "red": (210, 40, 40),
    "green": (40, 150, 60),
    "blue": (50, 70, 200),
    "yellow": (235, 210, 60),
    "white": (245, 245, 245),
    "black": (25, 25, 25),
}
SHAPES = ("circle", "square", "triangle", "bar", "cross")
SIZES = {"small": 12, "large": 26}


def draw(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """One shape on a background, slightly off its colours and place, and two captions."""
    shape, (size, radius) = rng.choice(SHAPES), rng.choice(list(SIZES.items()))
    colour, ground = rng.sample(sorted(COLOURS), 2)
    image = Image.new("RGB", (SIDE, SIDE), _near(COLOURS[ground], rng))
    pen = ImageDraw.Draw(image)
    x, y = (rng.randint(30, SIDE - 30) for _ in range(2))
    fill = _near(COLOURS[colour], rng)
    box = (x - radius, y - radius, x + radius, y + radius)
    if shape == "circle":
        pen.ellipse(box, fill=fill)
    elif shape == "square":
        pen.rectangle(box, fill=fill)
    elif shape == "triangle":
        pen.polygon(
            [(x, y - radius), (x - radius, y + radius), (x + radius, y + radius)], fill=fill
        )
    else:
        pen.rectangle((box[0], y - radius // 3, box[2], y + radius // 3), fill=fill)
        if shape == "cross":
            pen.rectangle((x - radius // 3, box[1], x + radius // 3, box[3]), fill=fill)
    return image, [
        f"a {size} {colour} {shape} on a {ground} background",
        f"a {colour} {shape}, {size}, in front of a {ground} wall",
    ]


def _near(colour: tuple[int, int, int], rng: random.Random) -> tuple[int, ...]:
    return tuple(min(255, max(0, c + rng.randint(-12, 12))) for c in colour)


def main(folder: Path, captions: Path, count: int) -> None:
    """Draw the photos into a folder and write their captions beside it."""
    rng = random.Random(0)  # noqa: S311 - the same photos each time
    folder.mkdir(parents=True, exist_ok=True)
    with captions.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["photo", "caption"])
        for number in range(count):
            image, sentences = draw(rng)
            file = folder / f"{number:05}.png"
            image.save(file)
            writer.writerows([str(file), sentence] for sentence in sentences)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1500)
