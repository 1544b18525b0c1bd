"""The signals of one photo as plain dataclasses, which all other packages of ANSA use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ansa.description import describe

Vector = NDArray[np.float32]
"""float32 of shape (d,) or (n, d); every row has unit length."""

Pixels = NDArray[np.uint8]
"""uint8 of shape (height, width, 3): RGB, upright, row 0 at the top."""


Precision = Literal["second", "minute", "hour", "day"]
"""The smallest part of a time that is known."""

PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Source = Literal[
    "exif",
    "film",
    "xmp",
    "iptc",
    "gps",
    "png text",
    "xmp sidecar",
    "photo service",
    "file name",
    "file change tag",
]
"""The source of a photo's time or place; see :attr:`Facts.taken_source`."""

SOURCES: tuple[Source, ...] = get_args(Source)
"""All sources, the most reliable first."""

_BY_CAMERA: frozenset[Source | None] = frozenset({"exif", "xmp", "iptc", "gps", None})


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a photo from its file, its sidecars and its name, without its pixels.

    Attributes:
        width: the width of the upright photo in pixels, at full size.
        height: the height of the upright photo in pixels, at full size.
        format: the name of the file format ("JPEG"); None for an array of pixels.
        taken: when the shutter opened; aware if the offset from UTC is stated, else naive local
            time. None if absent or absurd. Parts below ``taken_precision`` are zero.
        latitude: degrees north, -90..90; None if unknown.
        longitude: degrees east, -180..180; None if unknown.
        camera: maker and model, without doubling ("Canon EOS R5"); None if unknown.
        taken_source: the source of the time: "exif", "film" (its header, by a camera), "xmp" or
            "iptc" (in the file, by a camera or a person), "gps" (the receiver's clock, UTC), "png
            text", "xmp sidecar", "photo service" (its JSON beside the file, UTC), "file name", or
            "file change tag" (when the file was last changed, which is no evidence of when the
            photo was taken). None if ``taken`` is None, or an earlier ANSA did not note it.
        taken_precision: the smallest part of ``taken`` that is known.
        place_source: the source of the place: "exif", "film", "xmp", "xmp sidecar" or "photo
            service".
        seconds: the length of a film in seconds; None for a still photo.
    """

    width: int
    height: int
    format: str | None = None
    taken: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str | None = None
    taken_source: Source | None = None
    taken_precision: Precision = "second"
    place_source: Source | None = None
    seconds: float | None = None

    @property
    def shutter(self) -> datetime | None:
        """When the shutter opened, to the second, if a camera or a person wrote it into the file.

        None if only a weaker source states the time. File names, a photo service and the time of
        the last change do not prove that two files are different shots.
        """
        told = self.taken_source in _BY_CAMERA and self.taken_precision == "second"
        return self.taken if told else None

    @property
    def taken_text(self) -> str | None:
        """``taken`` as ISO 8601, as far as it is known: "2024-05-02", "2024-05-02T12:30"."""
        return when_text(self.taken, self.taken_precision) if self.taken else None

    def to_dict(self) -> dict[str, Any]:
        """The facts as JSON-ready values; ``taken`` as ISO 8601, no more of it than is known."""
        return {
            "width": self.width,
            "height": self.height,
            "format": self.format,
            "taken": self.taken_text,
            "taken_source": self.taken_source,
            "taken_precision": self.taken_precision if self.taken else None,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "place_source": self.place_source,
            "camera": self.camera,
            "seconds": self.seconds,
        }


def when_text(taken: datetime, precision: Precision) -> str:
    """A time as ISO 8601, without the parts that are not known."""
    match precision:
        case "day":
            return taken.date().isoformat()
        case "hour":
            return taken.isoformat(timespec="hours")
        case "minute":
            return taken.isoformat(timespec="minutes")
        case _:
            return taken.isoformat()


def read_when(text: str) -> tuple[datetime, Precision]:
    """Parses what :func:`when_text` gave.

    Raises:
        ValueError: the text is not a time.
    """
    parts = text.partition("T")[2].partition("+")[0].partition("-")[0].split(":")
    precision: Precision = PRECISIONS[3 - len(parts)] if parts[0] else "day"
    return datetime.fromisoformat(text), precision


Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in 0..1 of the upright photo's width and height."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A concept of the taxonomy that the photo shows.

    Attributes:
        name: plain English, as a person would type it.
        score: calibrated probability, 0..1.
        sure: whether the score reached the precision that the bundle states for the tag.
    """

    name: str
    score: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Object:
    """An object, and where it is.

    Attributes:
        label: plain English, one of the 80 classes of COCO.
        score: calibrated probability, 0..1.
        box: left, top, right, bottom, in 0..1 of the upright photo.
    """

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Utility:
    """The kind of a picture: a photo, or something with a practical use.

    Attributes:
        kind: "photo", or what else it is: a receipt, a screenshot, ...
        score: calibrated probability of that kind, 0..1.
        scores: the probability of every kind; they sum to one.
        sure: whether the score is high enough to act on it.
    """

    kind: str
    score: float
    scores: Mapping[str, float]
    sure: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The technical faults of a photo. Strengths are 0 (none) to 1 (the strongest in training).

    Attributes:
        defocus_blur: the blur of a lens that was out of focus, 0..1.
        motion_blur: the blur of a camera or a subject that moved, 0..1.
        noise: the grain of the picture, 0..1.
        compression_artifacts: blocks and ringing from strong compression, 0..1.
        exposure: from -1 (black) to 1 (overexposed); 0 is correct.
        tilt: the clockwise rotation of the horizon in degrees, -45..45.
        overall: the overall quality, from 0 (useless) to 1 (no fault).
    """

    defocus_blur: float
    motion_blur: float
    noise: float
    compression_artifacts: float
    exposure: float
    tilt: float
    overall: float


@dataclass(frozen=True, slots=True)
class PictureText:
    """The text in a picture, as a program read it.

    Attributes:
        lines: from top to bottom, of printable characters, at most
            :data:`~ansa.model.text_reader.MAX_CHARACTERS` together.
        area: how much of the picture the lines cover, 0..1.
    """

    lines: tuple[str, ...]
    area: float


@dataclass(frozen=True, slots=True)
class Scene:
    """All facts and signals of one photo.

    Each signal of the shipped bundle has its own attribute, which is None if a bundle does not
    provide the signal; ``missing`` gives the reason. ``signals`` holds all other signals by name.

    Attributes:
        facts: the facts from the file's metadata.
        embedding: float32 (d,), unit length, in the space shared with text; of shape (0,) if only
            other signals were asked for.
        signals: all other signals by name.
        missing: for each missing signal that the bundle or this version of ANSA knows, the reason.
        corrected: the signals that a person corrected, such as "utility" and "tags".
    """

    facts: Facts
    embedding: Vector
    signals: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    corrected: frozenset[str] = frozenset()

    @property
    def tags(self) -> tuple[Tag, ...] | None:
        """The concepts that the photo shows, most probable first."""
        return self.signals.get("tags")

    @property
    def objects(self) -> tuple[Object, ...] | None:
        """The objects in the photo with their boxes, most probable first."""
        return self.signals.get("detection")

    @property
    def utility(self) -> Utility | None:
        """The kind of picture: photo, receipt, document, screenshot, ..."""
        return self.signals.get("utility")

    @property
    def quality(self) -> Quality | None:
        """The strength of blur, noise, wrong exposure, compression and tilt."""
        return self.signals.get("quality")

    @property
    def aesthetics(self) -> float | None:
        """A score in 0..1 for ranking photos of one moment. Alone it means little."""
        return self.signals.get("aesthetics")

    @property
    def saliency(self) -> NDArray[np.float32] | None:
        """How much each part of the upright photo draws the eye: float32 (h, w), 0..1."""
        return self.signals.get("saliency")

    @property
    def fingerprint(self) -> bytes | None:
        """The perceptual hash, at most 64 bytes; copies of one photo have nearly the same."""
        return self.signals.get("print")

    @property
    def text(self) -> PictureText | None:
        """The text in the picture; None if nothing was read in it, or if it was not read yet.

        Only a library has it; see :meth:`ansa.Library.read_text`.
        """
        return self.signals.get("text")

    @property
    def description(self) -> str:
        """One plain sentence for people who cannot see the photo, of what is surely there.

        "One or more people" and the name of an animal say that there is at least one. See
        :mod:`ansa.description`.
        """
        film = self.facts.seconds is not None
        return describe(self.tags, self.objects, self.utility, film=film).sentence

    def to_dict(self) -> dict[str, Any]:
        """The scene as JSON-ready values."""
        return {
            "facts": self.facts.to_dict(),
            "description": self.description,
            "embedding": [float(x) for x in self.embedding],
            "signals": {name: plain(signal) for name, signal in self.signals.items()},
            "missing": dict(self.missing),
        }


def plain(value: Any) -> Any:
    """Converts a signal for JSON: numbers to 4 places, bytes to hex, dataclasses to objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    return round(value, 4) if isinstance(value, float) else value
