"""The signals of one photo, as plain dataclasses: what every other room of ANSA passes around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""float32 of shape (d,) or (n, d); every row has unit length."""

Pixels = NDArray[np.uint8]
"""uint8 of shape (height, width, 3): RGB, upright, row 0 at the top."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a photo's file says about itself, without looking at the picture.

    Attributes:
        width: pixels of the upright photo at full size.
        height: pixels of the upright photo at full size.
        format: the decoder's name for the file format ("JPEG"); None for mere pixels.
        taken: when the shutter opened, from EXIF; aware if the file states its offset from UTC,
            else naive local time. None if absent or absurd.
        latitude: degrees north, -90..90; None if unknown.
        longitude: degrees east, -180..180; None if unknown.
        camera: maker and model, without doubling ("Canon EOS R5"); None if unknown.
    """

    width: int
    height: int
    format: str | None = None
    taken: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The facts as JSON-ready values; ``taken`` as ISO 8601."""
        return {
            "width": self.width,
            "height": self.height,
            "format": self.format,
            "taken": self.taken.isoformat() if self.taken else None,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "camera": self.camera,
        }


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything one look at a photo gave.

    Attributes:
        facts: what the file says about itself.
        embedding: float32 (d,), unit length, in the space shared with text.
    """

    facts: Facts
    embedding: Vector

    def to_dict(self) -> dict[str, Any]:
        """The scene as JSON-ready values."""
        return {"facts": self.facts.to_dict(), "embedding": [float(x) for x in self.embedding]}
