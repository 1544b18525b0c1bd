"""Decides whether one picture shows the same as another, apart from edits.

The second picture is laid on the first, and their blocks are compared. The less a picture shows,
the more must agree. A photo full of detail is recognized even with a sticker, blur or another tint.
In a page, a drawing or a screen, where most is one colour, every block must agree, because two
pages with one layout agree nearly everywhere. If a picture shows almost nothing, its colours must
agree everywhere. A picture of one colour resembles all others of that colour and is no copy of
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ansa.library.cleanup.alignment import Alignment, alignments, overlap, whole
from ansa.library.cleanup.block_comparison import BlockAgreement, lay, refined, tints
from ansa.library.cleanup.keypoints import SIDE, ComparisonImage

MOST_FLAT = 0.5
"""The share of one colour from which on a picture is a page, a drawing, a screen, ..."""

_ROUGH, _COARSE, _MIDDLE = 96, 160, 240  # pixels of the longer side
_CONTRAST = 8.0  # standard deviation in grey levels from which on a block shows something
_OF_STRONGEST = 0.3  # and the same as a share of the strongest blocks
_ALIKE = 0.6
_FINELY_ALIKE = 0.85
_FOOTHOLDS, _POOR, _RICH = 6, 20, 80  # numbers of blocks that show something
_LEAST_SHARE = 0.7  # share of blocks that must agree in a picture full of detail
_LEAST_FLAT = 0.9  # the same for a page, before it is compared more closely
# Share of each picture's area that must be covered, and of one of them.
_LEAST_LAID, _MOSTLY = 0.25, 0.85
_SAME_TINT, _OTHER_TINT = 2.0, 16.0  # difference of mean colours, in levels of 0..255
_MOST_TINT = 8.0  # largest difference of colours anywhere
_SHIFT = 5.0  # largest shift of the colours of a page as a whole
_LEAST_TINTS = 4.0  # standard deviation of a poor picture's colours
_NEARLY_WHOLE, _WHOLLY = 0.7, 0.93  # shares of area that must be covered for poor pictures
_SURROUNDED = 0.95


@dataclass(frozen=True, slots=True)
class PictureMatch:
    """Two pictures that show the same.

    Attributes:
        surrounded: whether the second picture shows more around the first, as a screenshot does.
    """

    surrounded: bool


def same_picture(
    one: ComparisonImage, other: ComparisonImage, *, flat: bool = False, plain: bool = False
) -> PictureMatch | None:
    """Returns how the second picture is an edited copy of the first; None if it is not.

    Args:
        one: the first picture.
        other: the second picture.
        flat: whether both are surely pages or screens, so that every block must agree.
        plain: whether two pictures of the same single colour are equal, as within an animation.
    """
    way, laid = _best(one, other)
    shares = overlap(one, other, way.map)
    if min(shares) < _LEAST_LAID or max(shares) < _MOSTLY:
        return None
    flat = flat or min(one.flatness, other.flatness) >= MOST_FLAT
    shown, alike = _counts(laid, _ALIKE)
    if shown >= _POOR and alike < (_LEAST_FLAT if flat else _LEAST_SHARE / 2) * shown:
        return None
    way = refined(one, other, way, 2 * _ROUGH, 3)
    laid = lay(one, other, way, _MIDDLE)
    shown, alike = _counts(laid, _ALIKE)
    if shown < _FOOTHOLDS:  # a soft gradient fits any other once it is moved and stretched
        way = whole(one, other)[0]
        laid = lay(one, other, way, _MIDDLE)
        shown, alike = _counts(laid, _ALIKE)
    first, second = tints(one, other, way)
    if not len(first):
        return None
    apart = np.abs(first - second)
    if shown < _POOR:
        tinted = plain or first.std(axis=0).max() >= _LEAST_TINTS
        agree = tinted and alike == shown
        agree &= apart.mean() <= _SAME_TINT and apart.max() <= _MOST_TINT
        shares = overlap(one, other, way.map)
        agree &= min(shares) >= _NEARLY_WHOLE and max(shares) >= _WHOLLY
    elif flat:
        shift = np.abs((first - second).mean(axis=0)).max()
        agree = alike >= _LEAST_FLAT * shown and shift <= _SHIFT and _finely(one, other, way)
    else:
        needed = np.interp(shown, (_POOR, _RICH), (1.0, _LEAST_SHARE))
        agree = alike >= needed * shown
        nearly = np.interp(shown, (_POOR, _RICH), (_SAME_TINT, _OTHER_TINT))
        agree &= shown >= _RICH or apart.mean() <= nearly
    return PictureMatch(overlap(one, other, way.map)[1] < _SURROUNDED) if agree else None


def _best(one: ComparisonImage, other: ComparisonImage) -> tuple[Alignment, BlockAgreement]:
    """Returns the best alignment; the whole on the whole is accepted without trying others."""
    as_it_is, mirrored = whole(one, other)
    best = _laid(one, other, as_it_is)
    shown, alike = _counts(best[1], _ALIKE)
    if shown >= _FOOTHOLDS and alike >= 0.95 * shown:
        return best
    if max(_shown(each) for each in (one, other)) < _FOOTHOLDS:
        return best
    others = [mirrored, *alignments(one, other)]
    likely = max(others, key=lambda way: _agreement(lay(one, other, way, _ROUGH)))
    return max(best, _laid(one, other, likely), key=lambda way: _agreement(way[1]))


def _agreement(laid: BlockAgreement) -> int:
    shown, alike = _counts(laid, _ALIKE)
    return 2 * alike - shown


def _shown(detail: ComparisonImage) -> int:
    """Returns the number of blocks in a picture that show something."""
    return _counts(lay(detail, detail, whole(detail, detail)[0], _COARSE), _ALIKE)[0]


def _laid(
    one: ComparisonImage, other: ComparisonImage, way: Alignment
) -> tuple[Alignment, BlockAgreement]:
    way = refined(one, other, way, _ROUGH, 3)
    return way, lay(one, other, way, _COARSE)


def _finely(one: ComparisonImage, other: ComparisonImage, way: Alignment) -> bool:
    way = refined(one, other, way, 4 * _ROUGH, 2)
    shown, alike = _counts(lay(one, other, way, SIDE), _FINELY_ALIKE)
    return alike == shown


def _counts(laid: BlockAgreement, least: float) -> tuple[int, int]:
    """Returns the number of blocks that show something, and of those in which both agree."""
    contrast = laid.contrast.max(axis=-1)
    if not laid.inside.any():
        return 0, 0
    strongest = float(np.quantile(contrast[laid.inside], 0.95))
    shown = laid.inside & (contrast > max(_CONTRAST, _OF_STRONGEST * strongest))
    return int(shown.sum()), int((shown & (laid.like > least)).sum())
