"""Compares two aligned pictures block by block."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from ansa.library.cleanup.alignment import Affine, Alignment
from ansa.library.cleanup.keypoints import ComparisonImage, Grey, fitted, slopes

_BLOCK = 12  # pixels per side
_STEP = 1.02
_REACH = 1
_EDGE = 4  # pixels by which a picture is extended at its edges, because blocks may stick out by one
_RAMP = np.linspace(-1, 1, _BLOCK, dtype=np.float32)
_RAMP /= _RAMP.std()
_GRID = 96  # pixels of the longer side at which local mean colours are compared
_GRID_STEP = 3
_EVEN = ImageFilter.GaussianBlur(2)
_FOLLOWS = 0.3  # the correlation from which on a block shows where the picture moves
_LEAST_DEVIATION = 3.0
_LEAST_BLOCKS = 4
_STEADY = 1e-4
_MOST_STEP = 0.1  # largest step, as a share of the longer side
_STILL = 0.05  # a movement in pixels below which the alignment is finished


@dataclass(frozen=True, slots=True)
class BlockAgreement:
    """The blocks of one picture, compared with what lies on them in another.

    Attributes:
        like: (rows, columns), -1..1: the correlation of grey levels, if moved by up to one pixel.
        contrast: (rows, columns, 2): the standard deviation of grey levels in each picture,
            0..128, after removal of a linear gradient.
        inside: (rows, columns): which blocks lie completely on the other picture.
        pixels: the longer side of the first picture, in pixels, at which they were compared.
    """

    like: Grey
    contrast: Grey
    inside: NDArray[np.bool_]
    pixels: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both pictures at the scale of the first one; the second has a margin."""

    one: Grey
    other: Grey
    inside: NDArray[np.bool_]


def lay(one: ComparisonImage, other: ComparisonImage, way: Alignment, side: int) -> BlockAgreement:
    """Lays the second picture on the first. Neither picture is enlarged, and neither has more than
    ``side`` pixels per side."""
    pair = _warped(one, other, way, side)
    high, wide = pair.one.shape
    mean = _means(pair.one)
    deviation = np.sqrt(np.maximum(0, _means(pair.one**2) - mean**2))
    squares = pair.other**2
    like = np.full(mean.shape, -1.0, np.float32)
    for down in range(2 * _REACH + 1):
        for right in range(2 * _REACH + 1):
            cut = np.s_[down : down + high, right : right + wide]
            its_mean = _means(pair.other[cut])
            its = np.sqrt(np.maximum(0, _means(squares[cut]) - its_mean**2))
            both = _means(pair.one * pair.other[cut]) - mean * its_mean
            np.maximum(like, both / np.maximum(1, deviation * its), out=like)
    inner = np.s_[_REACH : _REACH + high, _REACH : _REACH + wide]
    contrast = np.stack([_contrast(pair.one), _contrast(pair.other[inner])], -1)
    return BlockAgreement(like, contrast, pair.inside, max(high, wide))


def refined(
    one: ComparisonImage, other: ComparisonImage, way: Alignment, side: int, steps: int
) -> Alignment:
    """Refines an alignment with some steps of Lucas and Kanade (An Iterative Image Registration
    Technique, 1981). Only similar blocks count, and each has its own gain."""
    for _ in range(steps):
        pair = _warped(one, other, way, side)
        step = _step(pair)
        if step is None:
            return way
        way = replace(way, map=_after(way.map, step))
        if np.abs(step).max() * max(pair.one.shape) < _STILL:
            break
    return way


def _step(pair: _Pair) -> Affine | None:
    """Returns a small move of the second picture that improves agreement; None if unknown."""
    high, wide = pair.one.shape
    inner = np.s_[_REACH : _REACH + high, _REACH : _REACH + wide]
    mine, theirs = _centred(pair.one), _centred(pair.other[inner])
    power, its_power, both = _means(mine**2), _means(theirs**2), _means(mine * theirs)
    deviations = np.sqrt(power * its_power)
    use = pair.inside & (both > _FOLLOWS * deviations) & (deviations > _LEAST_DEVIATION**2)
    if use.sum() < _LEAST_BLOCKS:
        return None
    gain = _spread((both / np.maximum(1e-3, its_power)).astype(np.float32))
    weight = _spread((use / np.maximum(1, power)).astype(np.float32))
    long = max(high, wide)
    x = (np.arange(wide, dtype=np.float32) + 0.5) / long
    y = ((np.arange(high, dtype=np.float32) + 0.5) / long)[:, None]
    rows = np.empty((6, high, wide), np.float32)
    down, right = slopes(pair.other)
    for row, slope in ((0, right), (3, down)):
        np.multiply(gain, slope[inner], out=rows[row + 2])
        np.multiply(rows[row + 2], x, out=rows[row])
        np.multiply(rows[row + 2], y, out=rows[row + 1])
    weighted = (rows * weight).reshape(6, -1)
    square = (weighted @ rows.reshape(6, -1).T).astype(np.float64)
    square += np.diag(np.diag(square)) * _STEADY + np.eye(6) * 1e-9
    wanted = weighted @ (mine - gain * theirs).ravel()
    step: Affine = np.linalg.solve(square, wanted).reshape(2, 3).astype(np.float64) / long
    return step if np.isfinite(step).all() and np.abs(step).max() <= _MOST_STEP else None


def _after(map_: Affine, step: Affine) -> Affine:
    """Returns the map followed by a small move."""
    whole = np.eye(3)
    whole[:2] += step
    together: Affine = map_ @ whole
    return together


def _warped(one: ComparisonImage, other: ComparisonImage, way: Alignment, side: int) -> _Pair:
    long, long_other = max(one.grey.size), max(other.grey.size)
    scale = float(np.sqrt(abs(np.linalg.det(way.map[:, :2])))) * long_other / long
    scale = _STEP ** round(math.log(scale, _STEP))  # rounded, so that sizes recur and can be cached
    share = min(1.0, side / long, scale)
    size, there = fitted(one.grey.size, share), fitted(other.grey.size, min(1.0, share / scale))
    base = np.asarray(one.small(size), np.float32)
    picture = other.small(there)
    if way.mirrored:
        picture = ImageOps.mirror(picture)
    matrix = way.map[:, :2] * max(there) / max(size)
    offset = max(there) * way.map[:, 2]
    start = offset - matrix @ (_REACH, _REACH)
    rows, columns = max(1, size[1] // _BLOCK), max(1, size[0] // _BLOCK)
    high, wide = rows * _BLOCK, columns * _BLOCK
    if base.shape[0] < high or base.shape[1] < wide:
        base = np.pad(base, [(0, max(0, high - base.shape[0])), (0, max(0, wide - base.shape[1]))])
    edged = Image.fromarray(np.pad(np.asarray(picture), _EDGE, mode="edge"))
    laid = edged.transform(
        (wide + 2 * _REACH, high + 2 * _REACH),
        Image.Transform.AFFINE,
        (*matrix[0], start[0] + _EDGE, *matrix[1], start[1] + _EDGE),
        Image.Resampling.BICUBIC,
    )
    inside = np.ones((rows, columns), bool)
    y, x = np.mgrid[:rows, :columns]
    for right, down in ((0, 0), (1, 1), (0, 1), (1, 0)):
        corner = np.stack([x + right, y + down], -1) * float(_BLOCK) @ matrix.T + offset
        inside &= ((corner >= -1) & (corner <= np.array(there) + 1)).all(axis=-1)
    return _Pair(base[:high, :wide], np.asarray(laid, np.float32), inside)


def _means(grey: Grey) -> Grey:
    """Returns the mean of each block."""
    bands = grey.reshape(grey.shape[0] // _BLOCK, _BLOCK, -1).sum(axis=1)
    means: Grey = bands.reshape(len(bands), -1, _BLOCK).sum(axis=2) / _BLOCK**2
    return means


def _spread(blocks: Grey) -> Grey:
    """Expands one number per block to one number per pixel."""
    return blocks.repeat(_BLOCK, 0).repeat(_BLOCK, 1)


def _centred(grey: Grey) -> Grey:
    """Subtracts the mean of each block."""
    return grey - _spread(_means(grey))


def _contrast(grey: Grey) -> Grey:
    """Returns the standard deviation in each block after removal of a linear gradient."""
    centred = _centred(grey)
    variance = _means(centred**2)
    for ramp in (_RAMP, _RAMP[:, None]):
        tiles = (grey.shape[0] // _BLOCK, 1) if ramp.ndim == 2 else (grey.shape[1] // _BLOCK,)
        variance = variance - _means(centred * np.tile(ramp, tiles)) ** 2
    contrast: Grey = np.sqrt(np.maximum(0, variance))
    return contrast


def tints(one: ComparisonImage, other: ComparisonImage, way: Alignment) -> tuple[Grey, Grey]:
    """Returns the colours of both, float32 (n, 3), 0..255, at grid positions inside both."""
    size = fitted(one.colour.size, _GRID / max(one.colour.size))
    scale = np.sqrt(abs(np.linalg.det(way.map[:, :2])))
    there = fitted(other.colour.size, _GRID * float(scale) / max(other.colour.size))
    picture = other.colour.resize(there, Image.Resampling.BOX).filter(_EVEN)
    if way.mirrored:
        picture = ImageOps.mirror(picture)
    matrix, offset = way.map[:, :2] * max(there) / max(size), max(there) * way.map[:, 2]
    laid = picture.transform(
        size,
        Image.Transform.AFFINE,
        (*matrix[0], offset[0], *matrix[1], offset[1]),
        Image.Resampling.BILINEAR,
    )
    base = one.colour.resize(size, Image.Resampling.BOX).filter(_EVEN)
    y, x = np.mgrid[: size[1] : _GRID_STEP, : size[0] : _GRID_STEP]
    at = (np.stack([x, y], -1) + 0.5) @ matrix.T + offset
    edge = np.minimum(1, np.array(there) / 4)
    inside = ((at >= edge) & (at <= np.array(there) - edge)).all(axis=-1)
    first, second = (np.asarray(image, np.float32)[y, x][inside] for image in (base, laid))
    return first, second
