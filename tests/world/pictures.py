"""What photos of the world show: real ones of a pack, or drawn by code."""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ansa_train.data.distinct_photos import distinct
from ansa_train.data.labels.utility_classes import real, rules_of
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.synthetic.blanks import blank
from ansa_train.data.synthetic.canvas import LOOKS, Canvas
from ansa_train.data.synthetic.codes import code
from ansa_train.data.synthetic.memes import captioned, meme
from ansa_train.data.synthetic.papers import paper
from ansa_train.data.synthetic.phones import phone
from ansa_train.data.synthetic.receipts import receipt
from ansa_train.data.synthetic.scenes import scene
from ansa_train.data.synthetic.screens import screen
from ansa_train.data.synthetic.slides import slide

EVERYDAY = "everyday"

_RECIPE = Path(__file__).parents[2] / "recipes" / "heads" / "utility.toml"
"""Says what the pictures of the pack are."""

# What a photo must be labelled, or two of its captions must say, to be of a theme; the first fits.
_THEMES = {
    "party": (r"pizza", r"birthday|\bcake|party|balloon|candle|celebrat"),
    "food": (r"pizza|strawberry|lobster|cup|crab", r"\btables?\b|eating|restaurant|dinner|\bfood"),
    "pets": (r"dog|cat|dalmatian", r"\bdogs?\b|\bcats?\b|pupp(y|ies)|kitten"),
    "snow": (r"glacier", r"\bsnow|\bski|\bsled"),
    "sea": (r"sea|ferry|schooner|ketch", r"beach|ocean|\bsurf|\bsea\b|waves?\b"),
    "mountain": (r"mountain", r"mountain|\bhik|\bclimb|cliff"),
    "forest": (r"forest|joshua tree", r"forest|woods\b|\btrees\b"),
    "city": (r"building|street|house|minaret|pagoda|car side", r"\bcity|\bstreet|building"),
    "animals": (r"elephant|giraffe|flamingo|emu|leopards|rhino|llama|kangaroo|horse", r"\bhorse"),
    "sky": (r"sunrise|sunshine|cloudy|rain", r"sunset|sunrise"),
    "people": (r"person|face", r"\bm[ae]n\b|wom[ae]n|girls?\b|boys?\b|people|child"),
}

_CLUTTER: Mapping[str, tuple[Callable[[Canvas], Image.Image], ...]] = {
    "receipt": (receipt,),
    "document": (paper, paper, slide),
    "screenshot": (screen, phone),
    "code": (code,),
    "meme": (meme,),
    "blank": (blank,),
}
CLUTTER = tuple(_CLUTTER)

DRAWING = "drawing"
"""Paintings, cartoons and sketches: no photos, and no clutter."""


class Pictures(Protocol):
    """Where pictures come from; each is named by a key."""

    def photos(self) -> Mapping[str, Sequence[str]]:
        """Keys of photos by theme, in a stable order; no two show the same."""
        ...

    def real(self, kind: str) -> Sequence[str]:
        """Keys of real pictures of a kind of clutter, or of drawings, as far as there are any."""
        ...

    def spare(self) -> Sequence[str]:
        """Keys of photos that are in no theme, to be put into what is drawn."""
        ...

    def words(self, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The labels and captions of a photo."""
        ...

    def picture(self, key: str) -> Image.Image:
        """It in RGB, in a size of its own."""
        ...

    def clutter(self, kind: str, key: str, inside: str) -> Image.Image:
        """A real picture of a kind of clutter, or one drawn, with a spare photo in it if named."""
        ...

    def flat(self, key: str, inside: str) -> Image.Image:
        """A photo of a phone, a sign or a board, in a spare photo if one is named."""
        ...


def in_a_usual_shape(sample: Sample) -> Image.Image:
    """Returns the picture of a sample, those that are squashed to a square in 4:3 or 3:4, as most
    of them were."""
    image = sample.read()
    if sample.source == "flickr8k":
        wide = random.Random(sample.key).random() < 0.7
        image = image.resize((320, 240) if wide else (240, 320), Image.Resampling.BICUBIC)
    return image


class PackPictures:
    """Pictures of one split of a pack. See :class:`Pictures`.

    Args:
        folder: of the pack's tars.
        split: which.
        cache: a file that keeps which photos show the same as another.
        most: so many photos at most, chosen by chance; all if left out.
    """

    def __init__(self, folder: Path, split: Split, cache: Path, most: int | None = None) -> None:
        rules = rules_of(tomllib.loads(_RECIPE.read_text("utf-8"))["head"]["rules"])
        found = (real(sample, rules) for sample in read_pack(folder, [split]))
        items = [item for item in found if item]
        samples = [item.sample for item in items if item.sample and item.kind == "photo"]
        if most is not None and len(samples) > most:
            samples = random.Random(f"{split} few").sample(samples, most)
        samples = distinct(samples, cache)
        random.Random(f"{split} pictures").shuffle(samples)
        spare = len(samples) // 8
        self._spare, samples = samples[:spare], samples[spare:]
        self._samples = {item.key: item.sample for item in items if item.sample}
        self._themes: dict[str, list[str]] = defaultdict(list)
        for sample in samples:
            self._themes[_theme(sample)].append(sample.key)
        self._real: dict[str, list[str]] = defaultdict(list)
        for item in items:
            self._real[item.kind].append(item.key)

    def photos(self) -> Mapping[str, Sequence[str]]:
        """See the protocol."""
        return self._themes

    def real(self, kind: str) -> Sequence[str]:
        """See the protocol."""
        return self._real[kind]

    def spare(self) -> Sequence[str]:
        """See the protocol."""
        return [sample.key for sample in self._spare]

    def words(self, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """See the protocol."""
        sample = self._samples[key]
        return tuple(dict.fromkeys(sample.labels + sample.objects)), sample.captions

    def picture(self, key: str) -> Image.Image:
        """See the protocol."""
        return in_a_usual_shape(self._samples[key])

    def clutter(self, kind: str, key: str, inside: str) -> Image.Image:
        """See the protocol."""
        studio = Canvas(key, LOOKS["unseen"], [self._samples[inside]] if inside else ())
        if key not in self._samples:
            return studio.rng.choice(_CLUTTER[kind])(studio)
        image = self._samples[key].read()
        return captioned(studio, image) if kind == "meme" else image

    def flat(self, key: str, inside: str) -> Image.Image:
        """See the protocol."""
        return scene(Canvas(key, LOOKS["unseen"], [self._samples[inside]] if inside else ()))


def _theme(sample: Sample) -> str:
    for theme, (labels, words) in _THEMES.items():
        if any(re.fullmatch(labels, label) for label in sample.labels):
            return theme
        if sum(bool(re.search(words, caption.lower())) for caption in sample.captions) >= 2:
            return theme
    return EVERYDAY


class DrawnPictures:
    """As many drawn pictures as one likes. See :class:`Pictures`.

    Args:
        each: how many photos of each theme.
    """

    def __init__(self, each: int) -> None:
        self._themes = {
            theme: [f"drawn/{theme}/{number}" for number in range(each)]
            for theme in [*_THEMES, EVERYDAY]
        }

    def photos(self) -> Mapping[str, Sequence[str]]:
        """See the protocol."""
        return self._themes

    def real(self, kind: str) -> Sequence[str]:
        """See the protocol."""
        return ()

    def spare(self) -> Sequence[str]:
        """See the protocol."""
        return ()

    def words(self, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """See the protocol."""
        return (key.split("/")[1],), ()

    def picture(self, key: str) -> Image.Image:
        """See the protocol."""
        return _draw(random.Random(key))

    def clutter(self, kind: str, key: str, inside: str) -> Image.Image:
        """See the protocol."""
        studio = Canvas(key, LOOKS["unseen"])
        return studio.rng.choice(_CLUTTER[kind])(studio)

    def flat(self, key: str, inside: str) -> Image.Image:
        """See the protocol."""
        return scene(Canvas(key, LOOKS["unseen"]))


def _draw(rng: random.Random, width: int = 320, height: int = 240) -> Image.Image:
    """Soft light behind sharp shapes, a few large and many small: unlike any other of its kind."""
    noise = np.random.default_rng(rng.getrandbits(32))
    light = noise.integers(0, 256, (3, 4, 3), np.uint8)
    image = Image.fromarray(light).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    few, many = rng.randint(4, 9), rng.randint(30, 60)
    for most in (2,) * few + (10,) * many:
        x, y = rng.randrange(width), rng.randrange(height)
        w, h = rng.randint(6, width // most), rng.randint(6, height // most)
        colour = tuple(rng.randrange(256) for _ in range(3))
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=colour)
    grain = noise.normal(0, 4, (height, width, 1))
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
