"""Light, warmth, contrast and black and white: pixels become other pixels one by one.

Exposure and warmth are gains in linear light, as if the photo had been taken that way. What would
exceed white is compressed into the brightest fifth instead of being cut off. Contrast bends the
curve of displayed values around the middle grey.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa.render.styles.photo_edit import DAYLIGHT, PhotoEdit
from ansa.scene import Pixels

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""How much red, green and blue of sRGB add to brightness in linear light."""

_SHOULDER = 0.8  # linear light above which highlights are compressed
_KNEE = 0.85  # displayed value above which contrast is compressed, and below 1 - which
_MIDDLE = 0.5  # the displayed value that contrast keeps
_STRIP = 256  # rows that are changed at once, which bounds the memory
_GREYS = 4096  # steps of brightness in black and white
_TO_SRGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)


def linear_light(displayed: NDArray[np.floating]) -> NDArray[np.float64]:
    """Converts displayed sRGB values, 0..1, to linear light, 0..1."""
    values = np.asarray(displayed, np.float64)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def displayed_values(light: NDArray[np.floating]) -> NDArray[np.float64]:
    """Converts linear light to displayed sRGB values, 0..1; what is above 1 is cut off."""
    values = np.clip(np.asarray(light, np.float64), 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


LIGHT_OF = linear_light(np.arange(256) / 255)
"""The linear light of each of the 256 values of a channel, float64 (256,)."""


def warmth_gains(warmth: float) -> NDArray[np.float64]:
    """Returns what red, green and blue are multiplied by in linear light; grey stays as bright.

    Args:
        warmth: see :class:`~ansa.render.styles.photo_edit.PhotoEdit`.
    """
    gains = _white_of(DAYLIGHT) / _white_of(DAYLIGHT + warmth)
    normal: NDArray[np.float64] = gains / (gains @ LUMINANCE)
    return normal


def change_tones(pixels: Pixels, edit: PhotoEdit) -> Pixels:
    """Applies everything but the geometry of an edit.

    Args:
        pixels: uint8 (height, width, 3), sRGB or another space with nearly its curve.
        edit: the edit.

    Returns:
        uint8 (height, width, 3); the same pixels if the edit changes no colour.
    """
    if not edit.changes_tones:
        return pixels
    gains = warmth_gains(edit.warmth) * 2**edit.exposure
    light = LIGHT_OF[:, None] * gains
    changed = np.empty_like(pixels)
    if not edit.black_and_white:
        tables = _encoded(_compressed(light, float(gains.max())), edit.contrast)
        for channel in range(3):
            changed[..., channel] = tables[:, channel][pixels[..., channel]]
        return changed
    parts = (light * LUMINANCE).astype(np.float32)
    peak = float(parts[-1].sum())
    # Steps are even in the root of light, so that shadows have as many as highlights.
    greys = peak * np.linspace(0, 1, _GREYS) ** 2
    table = _encoded(_compressed(greys, peak), edit.contrast)
    for start in range(0, len(pixels), _STRIP):
        strip = pixels[start : start + _STRIP]
        brightness = sum(parts[:, channel][strip[..., channel]] for channel in range(3))
        steps = np.sqrt(np.clip(brightness / peak, 0, 1)) * (_GREYS - 1)
        changed[start : start + _STRIP] = table[steps.round().astype(np.int32)][..., None]
    return changed


def _compressed(light: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    return _soft_limit(light, _SHOULDER, peak)


def _encoded(light: NDArray[np.float64], contrast: float) -> NDArray[np.uint8]:
    values = displayed_values(light)
    if contrast:
        slope = 2**contrast
        middle = _MIDDLE + slope * (values - _MIDDLE)
        peak = _MIDDLE + slope * (1 - _MIDDLE)
        values = 1 - _soft_limit(1 - _soft_limit(middle, _KNEE, peak), _KNEE, peak)
    encoded: NDArray[np.uint8] = (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
    return encoded


def _soft_limit(values: NDArray[np.float64], start: float, peak: float) -> NDArray[np.float64]:
    """Bends values above ``start`` so that ``peak`` becomes 1, with no kink; others stay."""
    if peak <= 1:
        return values
    bend = 1 / (1 - start) - 1 / (peak - start)
    above = np.clip(values - start, 0, None)
    return np.where(values > start, start + above / (1 + bend * above), values)


def _white_of(kelvins: float) -> NDArray[np.float64]:
    """The colour of a glowing body in linear sRGB, by the approximation of Kim and others (2002).

    Args:
        kelvins: its temperature, 1667..25,000.
    """
    thousand = 1000 / kelvins
    if kelvins < 4000:
        x = -0.2661239 * thousand**3 - 0.2343589 * thousand**2 + 0.8776956 * thousand + 0.179910
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        x = -3.0258469 * thousand**3 + 2.1070379 * thousand**2 + 0.2226347 * thousand + 0.240390
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    white: NDArray[np.float64] = _TO_SRGB @ np.array([x / y, 1.0, (1 - x - y) / y])
    return np.clip(white, 1e-3, None)
