"""Chooses three to five edits for a photo, by its faults, its light and what it shows."""

from __future__ import annotations

import os
from functools import reduce

import numpy as np

from ansa.photo.read import ImageSource, read_photo, read_srgb
from ansa.render.styles.corrections import corrections
from ansa.render.styles.light import measure_light
from ansa.render.styles.other_ways import other_ways
from ansa.render.styles.photo_edit import combined
from ansa.render.styles.style import Style
from ansa.render.styles.tilt import estimate_tilt
from ansa.scene import Pixels, Scene

FEWEST, MOST = 3, 5
"""How many edits are suggested."""

_SIDE = 256  # pixels that the shorter side must keep for what is measured here
_MADE = frozenset({"screenshot", "code", "meme", "drawing", "graphic", "blank"})
"""Kinds of pictures that are as they were meant, so that nothing is corrected."""

_CORRECTIONS = 3


def suggest_styles(photo: ImageSource, scene: Scene) -> tuple[Style, ...]:
    """Suggests three to five edits of a photo, the most useful first.

    Corrections of faults come first, the worst fault at the top, then other ways to show the photo.
    If there are several faults, one suggestion corrects all of them.

    Args:
        photo: a path, a file's bytes, a PIL image, or RGB pixels, uint8 (height, width, 3).
        scene: its signals, as :meth:`ansa.Analyzer.analyze` gives them. A bundle without heads will
            do, but then the suggestions follow from the pixels alone.

    Raises:
        PhotoError: the photo cannot be read.
    """
    pixels = _read(photo)
    tags = frozenset(tag.name for tag in scene.tags or () if tag.sure)
    light = measure_light(pixels, scene.quality)
    kind = scene.utility.kind if scene.utility and scene.utility.sure else "photo"
    faults: list[Style] = []
    if kind not in _MADE:
        found = corrections(light, estimate_tilt(pixels, scene.quality), tags)
        faults = [each.style for each in found[:_CORRECTIONS]]
    together = [_together(faults)] if len(faults) > 1 else []
    room = max(FEWEST - len(faults), 1 if len(faults) < _CORRECTIONS else 0)
    others = [each for each in other_ways(scene, light, tags) if not _is_among(each, faults)]
    chosen = [*faults, *others[:room], *together]
    rest = others[room:] if len(chosen) < FEWEST + 1 else []
    return tuple([*chosen, *rest[:1]][:MOST])


def _read(photo: ImageSource) -> Pixels:
    if isinstance(photo, str | bytes | os.PathLike):
        return read_srgb(photo, min_side=_SIDE)
    pixels, _ = read_photo(photo, min_side=_SIDE)
    return np.ascontiguousarray(pixels)


def _together(faults: list[Style]) -> Style:
    edit = reduce(combined, (each.edit for each in faults))
    names = [each.name.lower() for each in faults]
    both = f"{', '.join(names[:-1])} and {names[-1]}"
    return Style("All corrections", edit, f"{both}, all in one", True)


def _is_among(style: Style, faults: list[Style]) -> bool:
    """Whether a correction already changes what a style would change alone."""
    changed = [each.edit for each in faults]
    light = style.edit.exposure and any(edit.exposure for edit in changed)
    depth = style.edit.contrast and any(edit.contrast for edit in changed)
    warmth = style.edit.warmth and any(edit.warmth for edit in changed)
    alone = not style.edit.black_and_white and style.edit.crop is None
    return bool(alone and (light or depth or warmth))
