"""What one pass over a photo notes of it: signals, metadata, and how light and colour lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.model.analyzer import Analyzer
from ansa.photo.read import MAX_FILE_BYTES, OversizedPhoto, PhotoError
from ansa.scene import Box, Facts, Object, Pixels, Scene, Tag, Vector
from ansa_train.data.pack import Sample

SIDE = 64
"""Light and colour are measured on a square of so many pixels a side."""

SALIENT = 0.5
"""Saliency from which on a place belongs to the subject, of 0..1."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How light and colour lie in a photo; levels are of sRGB, 0..1.

    Attributes:
        luma: the median.
        cast: the length of the mean of a* and b* in CIELAB: 0 is neutral, grass fills about 40.
        chroma: the mean distance of pixels from grey in CIELAB; a grey photo has about 0.
        subject_luma: the mean of the subject; None without saliency.
        surroundings_luma: the mean of all else; None without saliency.
        subject_share: the subject's share of the area, 0..1; None without saliency.
        subject_at_edge: the share of the photo's border that the subject takes; None without
            saliency.
    """

    luma: float
    cast: float
    chroma: float
    subject_luma: float | None = None
    surroundings_luma: float | None = None
    subject_share: float | None = None
    subject_at_edge: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One photo as a bundle sees it.

    Attributes:
        key: of the sample.
        vector: float32 (d,), unit length; None if the photo could not be opened.
        facts: of its file; None with ``problem``.
        tags: the bundle's, the most telling first.
        objects: the bundle's.
        kind: of picture, "" if the bundle does not say.
        kind_sure: whether it is sure of it.
        kinds: the probability of every kind of picture; empty if the bundle does not say.
        faults: strengths by the names of :class:`ansa.scene.Quality`; empty if the bundle does not
            say.
        appearance: light and colour; None with ``problem``.
        tones: individual typology angles of the faces, in degrees; see
            :mod:`ansa_train.slicing.skin_tone`.
        problem: why it could not be opened, "" if it could.
    """

    key: str
    vector: Vector | None = None
    facts: Facts | None = None
    tags: tuple[Tag, ...] = ()
    objects: tuple[Object, ...] = ()
    kind: str = ""
    kind_sure: bool = False
    kinds: dict[str, float] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)
    appearance: Appearance | None = None
    tones: tuple[float, ...] = ()
    problem: str = ""

    def says(self, tag: str, least: float = 0.5) -> bool:
        """Whether the bundle says a tag, at least so probable."""
        return any(each.name == tag and each.score >= least for each in self.tags)


def observe(analyzer: Analyzer, sample: Sample) -> Observation:
    """One photo, decoded and analyzed as a user's would be; a fault of the photo is noted in it."""
    try:
        if sample.size > MAX_FILE_BYTES:
            raise OversizedPhoto(sample.key, "it is too large", "export a smaller copy of it")
        data = sample.read_bytes()
        scene = analyzer.analyze(data)
        pixels = _pixels(data)
    except PhotoError as error:
        return Observation(sample.key, problem=f"{error.reason}; {error.remedy}")
    except OSError as error:
        reason = error.strerror or "it cannot be decoded"
        return Observation(sample.key, problem=f"{reason}; copy it again, or leave it out")
    return of_scene(sample.key, scene, pixels)


def of_scene(key: str, scene: Scene, pixels: Pixels) -> Observation:
    """What is noted of an analyzed photo.

    Args:
        key: of the sample.
        scene: of the photo.
        pixels: the whole photo, of any size.
    """
    quality, utility = scene.quality, scene.utility
    names = quality.__dataclass_fields__ if quality else ()
    return Observation(
        key=key,
        vector=scene.embedding,
        facts=scene.facts,
        tags=scene.tags or (),
        objects=scene.objects or (),
        kind=utility.kind if utility else "",
        kind_sure=bool(utility and utility.sure),
        kinds=dict(utility.scores) if utility else {},
        faults={name: float(getattr(quality, name)) for name in names},
        appearance=appearance(pixels, scene.saliency),
    )


def appearance(pixels: Pixels, saliency: NDArray[Any] | None) -> Appearance:
    """Light and colour of a photo.

    Args:
        pixels: uint8 (h, w, 3).
        saliency: (h, w) of any size, 0..1, or None.
    """
    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)
    lab = to_lab(np.asarray(small))
    luma = np.asarray(small.convert("L"), np.float32) / 255
    colour = lab[..., 1:]
    found = {
        "luma": float(np.median(luma)),
        "cast": float(np.hypot(*colour.mean((0, 1)))),
        "chroma": float(np.hypot(colour[..., 0], colour[..., 1]).mean()),
    }
    if saliency is None:
        return Appearance(**found)
    map_ = Image.fromarray(np.asarray(saliency, np.float32))
    subject = np.asarray(map_.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) >= SALIENT
    edge = np.concatenate([subject[0], subject[-1], subject[1:-1, 0], subject[1:-1, -1]])
    both = subject.any() and not subject.all()
    return Appearance(
        **found,
        subject_luma=float(luma[subject].mean()) if both else None,
        surroundings_luma=float(luma[~subject].mean()) if both else None,
        subject_share=float(subject.mean()),
        subject_at_edge=float(edge.mean()),
    )


def to_lab(pixels: Pixels) -> NDArray[np.float32]:
    """SRGB, uint8 (..., 3), as CIELAB under D65: L* 0..100, a* and b* about -128..127."""
    values = np.asarray(pixels, np.float32) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ],
        np.float32,
    )
    xyz = light @ to_xyz.T / np.array([0.95047, 1.0, 1.08883], np.float32)
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    lab: NDArray[np.float32] = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)
    return lab.astype(np.float32)


def cut_box(pixels: Pixels, box: Box) -> Pixels:
    """The part of a photo inside a box, at least one pixel a side."""
    height, width = pixels.shape[:2]
    left, top = min(width - 1, int(box[0] * width)), min(height - 1, int(box[1] * height))
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return pixels[top:bottom, left:right]


def _pixels(data: bytes) -> Pixels:
    from ansa.photo.read import read_photo

    return read_photo(data, min_side=SIDE)[0]
