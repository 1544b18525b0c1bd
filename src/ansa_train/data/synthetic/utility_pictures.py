"""Pictures of every class of the utility head, real and drawn."""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.labels.concept_labels import REVIEWED
from ansa_train.data.labels.utility_classes import KINDS, Rule, UtilityPicture, real
from ansa_train.data.pack import Sample, Split
from ansa_train.data.synthetic.blanks import blank
from ansa_train.data.synthetic.canvas import LOOKS, Canvas
from ansa_train.data.synthetic.capture_artifacts import with_capture_artifacts
from ansa_train.data.synthetic.codes import code
from ansa_train.data.synthetic.drawings import drawing
from ansa_train.data.synthetic.graphics import graphic
from ansa_train.data.synthetic.memes import captioned, meme
from ansa_train.data.synthetic.papers import paper
from ansa_train.data.synthetic.phones import phone
from ansa_train.data.synthetic.receipts import receipt
from ansa_train.data.synthetic.scenes import scene
from ansa_train.data.synthetic.screens import screen
from ansa_train.data.synthetic.slides import slide

DRAWN = "drawn by code"
"""The source of all that the renderers draw."""

VERSION = 4
"""Of what renderers draw; a cache of older ones is not used."""

# What is drawn twice as often, as it is more often taken for something else.
_OFTEN = {"meme": 2, "document": 2, "photo": 2}

_RENDERERS: dict[str, tuple[Callable[[Canvas], Image.Image], ...]] = {
    "photo": (scene,),
    "receipt": (receipt,),
    "document": (paper, paper, slide),
    "screenshot": (screen, phone),
    "code": (code,),
    "meme": (meme,),
    "drawing": (drawing,),
    "blank": (blank,),
    "graphic": (graphic,),
}


class UtilityPictures:
    """The pictures of one split; see :class:`ansa_train.data.pictures.Pictures`.

    To learn from and to calibrate on, real pictures are handled as pictures are, and others drawn.
    To report on, real ones are left as they are; others are drawn in typefaces never learned from.
    Bare meme templates always get a caption, as without one they are photos and drawings. Photos
    are drawn too: real ones, with something flat in them that is not what they are about.

    Args:
        samples: of the pack, of any split; for "test", all that may be reported on.
        split: which.
        drawn: how many of each kind are drawn; twice as many of some to learn from.
        most: how many of a source are taken at most; of what people reviewed, all are.
        drawn_with: sources among the samples whose photos go into what is drawn.
        rules: what else is known of the pack's samples.

    Attributes:
        items: what they are.
        targets: int64 (n,), the place of each one's kind among KINDS.
    """

    name = "kinds"

    def __init__(
        self,
        samples: Sequence[Sample],
        split: Split,
        drawn: int,
        most: int,
        drawn_with: Sequence[str],
        rules: Sequence[Rule] = (),
    ) -> None:
        self.split = split
        found = [item for item in (real(sample, rules) for sample in samples) if item]
        self.photos = [i.sample for i in found if i.sample and i.source in drawn_with]
        self.items = _at_most(found, most)
        for kind in _RENDERERS:
            count = drawn if split == "test" else drawn * _OFTEN.get(kind, 1)
            self.items += [UtilityPicture(kind, DRAWN, f"{split} {kind} {i}") for i in range(count)]
        self.targets = np.array([KINDS.index(item.kind) for item in self.items])
        self._look = LOOKS["unseen" if split == "test" else "seen"]

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.items)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        keys = " ".join([*(i.key for i in self.items), *(p.key for p in self.photos)])
        return f"{self.split} {VERSION} {len(self)} {zlib.crc32(keys.encode()):08x}"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        return resize_square(np.asarray(self.picture(index)), size)

    def picture(self, index: int) -> Image.Image:
        """One of the pictures, in a size of its own."""
        item = self.items[index]
        studio = Canvas(item.key, self._look, self.photos)
        if item.sample is None:
            image = studio.rng.choice(_RENDERERS[item.kind])(studio)
        else:
            image = item.sample.read()
            if item.kind == "meme":
                image = captioned(studio, image)
            if self.split == "test":
                return image
        return with_capture_artifacts(studio, image)


def _at_most(items: Sequence[UtilityPicture], most: int) -> list[UtilityPicture]:
    """So many of each source, any of them, in the order they come; all that people reviewed."""
    by_source = defaultdict(list)
    for item in items:
        by_source[item.source].append(item)
    rng = random.Random(0)  # noqa: S311 - reproducible, not secret
    for some in by_source.values():
        rng.shuffle(some)
    kept = {
        item.key
        for source, some in by_source.items()
        for item in (some if source == REVIEWED else some[:most])
    }
    return [item for item in items if item.key in kept]
