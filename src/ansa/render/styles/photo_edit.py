"""What is changed about a photo: light, contrast, warmth, colour, level and crop, in units."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ansa.scene import Box

DAYLIGHT = 6500.0
"""The colour temperature, in kelvins, to which photos are balanced that need no warmth."""

_LIMITS = {
    "exposure": (-5.0, 5.0),
    "contrast": (-1.0, 1.0),
    "warmth": (-3000.0, 6000.0),
    "straighten": (-45.0, 45.0),
}


@dataclass(frozen=True, slots=True)
class PhotoEdit:
    """An edit of a photo. The default changes nothing.

    Attributes:
        exposure: exposure value (EV), -5..5; each step of 1 doubles the light.
        contrast: stops by which the slope of the tone curve changes in the middle, -1..1; 1 doubles
            the difference of neighbouring greys.
        warmth: kelvins added to the white balance of daylight (6500 K), -3000..6000. As in a RAW
            converter, a higher temperature makes the picture warmer.
        black_and_white: whether the colours are removed; each grey is as bright as its colour was.
        straighten: degrees by which the picture is turned clockwise, -45..45; the largest part
            of its own shape that has no empty corners is kept.
        crop: the part that is kept: left, top, right, bottom, in 0..1 of the straightened picture.
            None keeps all of it.

    Raises:
        ValueError: a value is not finite or outside of its range, or the crop has no area.
    """

    exposure: float = 0.0
    contrast: float = 0.0
    warmth: float = 0.0
    black_and_white: bool = False
    straighten: float = 0.0
    crop: Box | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:  # also refuses NaN
                raise ValueError(f"{name} is {value}, which is not in {low:g}..{high:g}")
        if self.crop is not None:
            left, top, right, bottom = self.crop
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError(f"{self.crop} is no part of a picture in 0..1")

    @property
    def changes_tones(self) -> bool:
        """Whether it changes any colour."""
        return bool(self.exposure or self.contrast or self.warmth or self.black_and_white)

    def to_dict(self) -> dict[str, Any]:
        """Returns the edit as JSON-ready values."""
        return {
            "exposure": round(self.exposure, 2),
            "contrast": round(self.contrast, 2),
            "warmth": round(self.warmth),
            "black_and_white": self.black_and_white,
            "straighten": round(self.straighten, 2),
            "crop": [round(each, 4) for each in self.crop] if self.crop else None,
        }


def clipped(name: str, value: float) -> float:
    """Returns a value of an edit within the range of its name; 0 if it is not finite."""
    low, high = _LIMITS[name]
    return min(max(value, low), high) if math.isfinite(value) else 0.0


def combined(first: PhotoEdit, second: PhotoEdit) -> PhotoEdit:
    """Returns both edits as one; what both change is taken from the second.

    A crop of the second is of the picture as it straightens it.
    """
    values = {name: getattr(second, name) for name in _LIMITS if getattr(second, name)}
    return replace(
        first,
        **values,
        black_and_white=first.black_and_white or second.black_and_white,
        crop=second.crop or first.crop,
    )
