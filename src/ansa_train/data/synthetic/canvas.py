"""What renderers work with: chance, typefaces, made-up words, photos, colours."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ansa_train.data.pack import Sample

Font = ImageFont.FreeTypeFont
Colour = tuple[int, int, int]

_ONSETS, _VOWELS, _CODAS = (
    tuple(sounds.split(" "))
    for sounds in (
        "b c d f g h j k l m n p r s t v w z br ch cl cr dr fl gr pl pr sh st th tr",
        "a e i o u ai ea ee io ou",
        "   l m n r s t d k nd ng rt st",
    )
)
_TYPES = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The typefaces of some pictures, as files that matplotlib brings; "" is Pillow's own.

    Two looks share nothing, so that what was learned from one can be tested on the other.
    """

    sans: tuple[str, ...]
    serif: tuple[str, ...]
    mono: tuple[str, ...]
    bold: tuple[str, ...]


LOOKS = {
    "seen": Typefaces(
        sans=("DejaVuSans", "", "DejaVuSans-Oblique"),
        serif=("DejaVuSerif", "STIXGeneral", "STIXGeneralItalic"),
        mono=("DejaVuSansMono", "DejaVuSansMono-Bold"),
        bold=("DejaVuSans-Bold", "DejaVuSerif-Bold", "STIXGeneralBol"),
    ),
    "unseen": Typefaces(sans=("cmss10",), serif=("cmr10",), mono=("cmtt10",), bold=("cmb10",)),
}
"""Pictures to learn from are "seen", those to report on "unseen"."""


class Canvas:
    """Everything a renderer takes from outside; the same seed gives the same picture.

    Args:
        seed: of all chance.
        look: its typefaces.
        photos: real photos that go into pictures; without any, colours stand for them.
    """

    def __init__(self, seed: str, look: Typefaces, photos: Sequence[Sample] = ()) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self.noise = np.random.default_rng(self.rng.getrandbits(63))
        self.look, self.photos = look, photos

    # Chance

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def between(self, low: float, high: float) -> int:
        """A whole number, both ends included."""
        return self.rng.randint(round(low), max(round(low), round(high)))

    # Words

    def word(self) -> str:
        """One to three syllables of no language."""
        return "".join(
            self.rng.choice(_ONSETS) + self.rng.choice(_VOWELS) + self.rng.choice(_CODAS)
            for _ in range(self.rng.choice((1, 1, 2, 2, 3)))
        )

    def words(self, low: int, high: int) -> str:
        """Some words."""
        return " ".join(self.word() for _ in range(self.between(low, high)))

    def title(self, low: int = 1, high: int = 4) -> str:
        """Some words with capitals."""
        return self.words(low, high).title()

    def sentence(self) -> str:
        """Words that begin with a capital and end with a full stop."""
        return self.words(4, 14).capitalize() + self.rng.choice((".", ".", ".", "?", "!"))

    def number(self, digits: int) -> str:
        """So many digits."""
        return "".join(self.rng.choice("0123456789") for _ in range(digits))

    def price(self) -> str:
        """An amount of money."""
        return f"{self.rng.lognormvariate(2, 1):.2f}"

    def date(self) -> str:
        """A day, in one of the usual orders."""
        day, month, year = self.between(1, 28), self.between(1, 12), self.between(1995, 2026)
        mark = self.rng.choice("/.-")
        return f"{day:02}{mark}{month:02}{mark}{year}"

    def clock(self) -> str:
        """A time of day."""
        return f"{self.between(0, 23)}:{self.between(0, 59):02}"

    # Typefaces

    def face(self, *families: str) -> str:
        """A typeface of one of the families: sans, serif, mono, bold."""
        return str(self.rng.choice(getattr(self.look, self.rng.choice(families))))

    # Colours and photos

    def colour(self, low: int = 0, high: int = 255) -> Colour:
        """Each of red, green and blue between the two."""
        return (self.between(low, high), self.between(low, high), self.between(low, high))

    def photo(self, width: int, height: int) -> Image.Image:
        """A part of a real photo, of that size."""
        if not self.photos:
            return gradient((width, height), self.colour(), self.colour())
        image = self.rng.choice(self.photos).read()
        share = self.rng.uniform(0.6, 1.0)
        w = share * min(image.width, image.height * width / height)
        h = w * height / width
        left = self.rng.uniform(0, image.width - w)
        top = self.rng.uniform(0, image.height - h)
        box = (left, top, left + w, top + h)
        return image.resize((width, height), Image.Resampling.BICUBIC, box)

    def backdrop(
        self, width: int, height: int, photos: float, low: int = 0, high: int = 255
    ) -> Image.Image:
        """A photo that often, else a gradient between two colours of that range."""
        if self.chance(photos):
            return self.photo(width, height)
        return gradient((width, height), self.colour(low, high), self.colour(low, high))


@lru_cache(256)
def font(face: str, size: int) -> Font:
    """A typeface at a size in pixels."""
    if not face:
        made = ImageFont.load_default(size)
        assert isinstance(made, ImageFont.FreeTypeFont)
        return made
    return ImageFont.truetype(_TYPES / f"{face}.ttf", size)


def wrapped(text: str, width: float, type_: Font) -> list[str]:
    """Lines of at most that width in pixels."""
    lines, line = [], ""
    space = type_.getlength(" ")
    length = 0.0
    for word in text.split():
        advance = type_.getlength(word)
        if line and length + space + advance > width:
            lines.append(line)
            line, length = word, advance
        else:
            line = f"{line} {word}" if line else word
            length += advance + (space if length else 0)
    return [*lines, line] if line else lines


def gradient(size: tuple[int, int], start: Colour, end: Colour) -> Image.Image:
    """From one colour at the top to another at the bottom."""
    ramp = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array(start) * (1 - ramp) + np.array(end) * ramp
    return Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8))


def smooth(noise: np.random.Generator, size: tuple[int, int], cells: int) -> NDArray[np.float32]:
    """Soft random hills, float32 (height, width) in 0..1, about so many a side."""
    grid = Image.fromarray(noise.random((cells + 1, cells + 1)).astype(np.float32))
    return np.asarray(grid.resize(size, Image.Resampling.BICUBIC)).clip(0, 1)


def sheet(size: tuple[int, int], colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty picture and what draws on it."""
    image = Image.new("RGB", size, colour)
    return image, ImageDraw.Draw(image)
