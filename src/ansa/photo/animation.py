"""The telling frames of an animated picture, as of a film."""

from __future__ import annotations

from contextlib import suppress

from ansa.photo.film import FilmFrame
from ansa.photo.read import PhotoError, read_animation
from ansa.photo.telling_frames import choose

_CANDIDATES = 60  # the most frames of which the telling ones are chosen


def telling_animation(data: bytes, *, min_side: int = 288) -> tuple[FilmFrame, ...]:
    """Reads the telling frames of an animated GIF, PNG, WebP or AVIF.

    Args:
        data: the bytes of the file.
        min_side: how many pixels the shorter side of a frame has, unless the picture has fewer.

    Returns:
        The frames, by time; none if the picture does not move, or its first frame tells all.
    """
    frames: list[FilmFrame] = []
    with suppress(PhotoError):  # what was read before the damage is there
        for second, pixels in read_animation(data, most=_CANDIDATES, min_side=min_side):
            frames.append(FilmFrame(round(second, 3), pixels))
    if len(frames) < 2:
        return ()
    chosen, _ = choose([frame.pixels for frame in frames], [frame.second for frame in frames])
    return () if chosen == [0] else tuple(frames[place] for place in chosen)
