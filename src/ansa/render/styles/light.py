"""What is wrong with the light of a photo: too dark or bright, flat, too warm or too cold.

Each measure is 0 for the usual photo. The weights were fitted on photos of a training pack that
were spoiled by known amounts; `benchmarks/styles.py` measures on others what they achieve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.render.styles.tone import LIGHT_OF, LUMINANCE, displayed_values, warmth_gains
from ansa.scene import Pixels, Quality

_SIDE = 128  # pixels of the longer side at which light is measured
_CLIPPED = 250  # the value from which on a channel may have been cut off
# EV: of the quality signal's exposure, of the brightest 2 %, of the share clipped; constant.
_BY_NETWORK = 1.16, 2.88, 0.76, -2.48
_BY_PIXELS = 3.55, 1.57, -3.07
# Of the logarithm of red to blue: of the mean, of the sixth norm, of edges; constant.
_CAST = -0.47, 0.57, 0.79, -0.065
_TINY = 1e-3
_COLOURLESS = 0.02  # mean difference of channels, 0..1, below which there is no cast to tell
_USUAL_ENDS = 0.05  # how far from black and white the ends of the usual photo are
_FLATTEST = 0.42  # so that contrast grows by 1.3 stops at most


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a photo.

    Attributes:
        exposure: by how many EV it seems too bright; negative if too dark.
        flatness: stops of contrast that it seems to lack, from 0.
        cast: the natural logarithm of the ratio of red to blue light in excess of the usual;
            positive is warm.
        colourfulness: the mean difference of the strongest and the weakest channel, 0..1.
    """

    exposure: float
    flatness: float
    cast: float
    colourfulness: float


def measure_light(pixels: Pixels, quality: Quality | None = None) -> Light:
    """Measures the light of a photo.

    Args:
        pixels: uint8 (height, width, 3), sRGB, of any size.
        quality: the quality signal, if the bundle has it; it helps to tell a dark photo of a bright
            scene from a photo of something dark.
    """
    picture = Image.fromarray(pixels)
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    small = np.asarray(picture)
    light = LIGHT_OF[small]
    shown = displayed_values(light @ LUMINANCE)
    darkest, dark, bright, brightest = np.quantile(shown, (0.005, 0.02, 0.98, 0.995))
    clipped = float((small.max(axis=2) >= _CLIPPED).mean())
    if quality is None:
        by_bright, by_clipped, constant = _BY_PIXELS
        exposure = constant
    else:
        by_network, by_bright, by_clipped, constant = _BY_NETWORK
        exposure = by_network * quality.exposure + constant
    exposure += by_bright * float(bright) + by_clipped * clipped
    if bright - dark < _TINY:
        exposure = 0.0  # a plain colour may be meant
    ends = min(float(darkest), 1 - float(brightest), _FLATTEST)
    flatness = -np.log2((1 - 2 * ends) / (1 - 2 * _USUAL_ENDS))
    colourfulness = float((small.max(axis=2) - small.min(axis=2)).mean()) / 255
    return Light(
        exposure=exposure,
        flatness=max(0.0, float(flatness)) if brightest - darkest > _TINY else 0.0,
        cast=_cast(light) if colourfulness > _COLOURLESS else 0.0,
        colourfulness=colourfulness,
    )


def warmth_against(cast: float) -> float:
    """The warmth, in kelvins, that takes a cast away; see :class:`Light`."""
    kelvins = np.linspace(-3000, 6000, 91)
    gains = np.stack([warmth_gains(float(each)) for each in kelvins])
    shifts = np.log(gains[:, 0] / gains[:, 2])
    return float(np.interp(-cast, shifts, kelvins))


def _cast(light: NDArray[np.float64]) -> float:
    """By three guesses at the colour of the light: the mean, the sixth norm, the mean of edges."""
    flat = light.reshape(-1, 3) + 1e-4
    edges = np.abs(np.diff(light, axis=1)).sum((0, 1)) / max(1, light[:, 1:].size // 3)
    edges += np.abs(np.diff(light, axis=0)).sum((0, 1)) / max(1, light[1:].size // 3)
    guesses = flat.mean(0), (flat**6).mean(0) ** (1 / 6), edges
    ratios = [np.log((guess[0] + _TINY) / (guess[2] + _TINY)) for guess in guesses]
    *weights, constant = _CAST
    return constant + float(np.dot(weights, ratios))
