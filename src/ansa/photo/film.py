"""Reads films: a few telling frames, and the facts in the header.

A film is not trusted. It is opened here, and the decoder (PyAV, which is FFmpeg) gets only its
bytes, in formats of a list. Playlists are refused, because they could open other files or
addresses. Only key frames are decoded, which makes a film quick to read however long it is: of a
long one some are sought out, and of any the time that is spent is limited.
"""

from __future__ import annotations

import io
import math
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from ansa.photo.errors import (
    DamagedPhoto,
    MissingDecoder,
    OversizedPhoto,
    PhotoError,
    UnsupportedPhoto,
)
from ansa.photo.file_kinds import FILM
from ansa.photo.film_facts import film_facts
from ansa.photo.formats import HEAD_BYTES, identify
from ansa.photo.telling_frames import choose
from ansa.scene import Facts, Pixels

# PyAV's classes: the package is optional, so that they cannot be named before it is needed.
InputContainer: TypeAlias = Any
VideoStream: TypeAlias = Any
VideoFrame: TypeAlias = Any

FilmSource = str | os.PathLike[str] | bytes

MAX_FRAME_PIXELS = 64_000_000
"""Above 8K (33 megapixels), and below what hurts to decode."""

_FORMATS = "asf,avi,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,mpegvideo,ogg,gif,apng"
_STILLS = frozenset({"JPEG", "WEBP", "TIFF", "BMP", "HEIF", "RAW"})
_CANDIDATES = 120  # the most key frames of which the telling ones are chosen
_APART = 1.0  # seconds between two of them, at least
_WALK = 900.0  # seconds of film up to which all key frames are passed, and not sought
_LONE_PIXELS = 600_000_000  # decoded frame by frame where a film has no other key frame
_MOST_SECONDS = 30.0  # of work on one film
_TRIES = 300  # packets within which a place that was sought must give a frame
_POSTER_CANDIDATES = 8
_LIVE_ID = "com.apple.quicktime.content.identifier"
_LONGEST = 30 * 86_400.0  # seconds: a length beyond is nonsense


@dataclass(frozen=True, eq=False, slots=True)
class FilmFrame:
    """A frame of a film.

    Attributes:
        second: when it is shown, in seconds from the start of the film.
        pixels: uint8 (height, width, 3), upright, reduced in size.
    """

    second: float
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class FilmHeader:
    """What the header of a film says.

    Attributes:
        facts: the facts; width and height are as they are stored, which may be before the picture
            is turned upright.
        live_id: what the still of a Live Photo states, too; empty for any other film.
    """

    facts: Facts
    live_id: str


@dataclass(frozen=True, eq=False, slots=True)
class Film:
    """What is read of a film.

    Attributes:
        facts: the facts in its header; ``facts.seconds`` is its length.
        frames: its telling frames, by time; at least one.
        poster: the index of the frame that stands for the film.
    """

    facts: Facts
    frames: tuple[FilmFrame, ...]
    poster: int


def read_film(source: FilmSource, *, min_side: int = 288, name: str | None = None) -> Film:
    """Reads the telling frames of a film: unlike each other, neither blank nor blurred.

    Args:
        source: its path, or its bytes.
        min_side: how many pixels the shorter side of a frame has, unless the film has fewer.
        name: what errors call the film; a path is its own name.

    Raises:
        PhotoError: the film cannot be read; the subclass tells the kind of trouble.
    """
    with _opened(source, name) as (container, stream, called):
        frames = list(_candidates(container, stream, min_side))
        if not frames:
            raise _no_frames(called)
        facts = _facts(container, stream, frames[-1])
    chosen, poster = choose([frame.pixels for frame in frames], [frame.second for frame in frames])
    return Film(facts, tuple(frames[place] for place in chosen), chosen.index(poster))


def read_frame(
    source: FilmSource,
    second: float | None = None,
    *,
    min_side: int | None = None,
    name: str | None = None,
) -> tuple[Pixels, Facts]:
    """Reads one frame of a film: the one that is shown at a second, or else a poster.

    Args:
        source: its path, or its bytes.
        second: the time in seconds from the start; None for the best frame of its beginning.
        min_side: how many pixels the shorter side keeps, at least; None for full size.
        name: what errors call the film; a path is its own name.

    Returns:
        Pixels, uint8 (height, width, 3), read-only, upright; and the facts of the film.

    Raises:
        PhotoError: the film cannot be read; the subclass tells the kind of trouble.
        ValueError: the second is negative or no number.
    """
    if second is not None and not (math.isfinite(second) and second >= 0):
        raise ValueError(f"a film has no second {second}")
    with _opened(source, name) as (container, stream, called):
        if second is None:
            frames = list(_candidates(container, stream, min_side, _POSTER_CANDIDATES))
            if not frames:
                raise _no_frames(called)
            seconds = [frame.second for frame in frames]
            _, poster = choose([frame.pixels for frame in frames], seconds)
            frame = frames[poster]
        else:
            found = _frame_at(container, stream, second, min_side)
            if found is None:
                raise _no_frames(called)
            frame = found
        facts = _facts(container, stream, frame)
    return frame.pixels, facts


def frames_of(source: FilmSource, *, name: str | None = None) -> Iterator[tuple[float, Pixels]]:
    """Yields every frame of a film in turn.

    Args:
        source: its path, or its bytes.
        name: what errors call the film; a path is its own name.

    Yields:
        Its second; and its pixels, uint8 (height, width, 3), upright, at full size.

    Raises:
        PhotoError: the film cannot be read.
    """
    with _opened(source, name) as (container, stream, called):
        count = 0
        for packet in _packets(container, stream):
            for frame in _decoded(packet):
                count += 1
                made = _converted(frame, stream, None)
                yield made.second, made.pixels
        if not count:
            raise _no_frames(called)


def read_header(source: FilmSource, *, name: str | None = None) -> FilmHeader:
    """Reads the header of a film, without decoding it.

    Raises:
        PhotoError: the film cannot be opened.
    """
    with _opened(source, name) as (container, stream, _):
        length = _length(container, stream)
        size = max(1, stream.width), max(1, stream.height)
        facts = _told(container, stream, *size, length)
        return FilmHeader(facts, container.metadata.get(_LIVE_ID, ""))


@contextmanager
def _opened(
    source: FilmSource, name: str | None
) -> Iterator[tuple[InputContainer, VideoStream, str]]:
    called = name or ("this film" if isinstance(source, bytes) else os.fspath(source))
    try:
        import av
    except ImportError:
        raise MissingDecoder(
            called, "it is a film, which needs one more package", f"run {FILM.remedy}"
        ) from None
    try:
        with _file(source, called) as file:
            if identify(file.read(HEAD_BYTES)) in _STILLS:
                raise UnsupportedPhoto(called, "it is a photo and no film", "name a film")
            file.seek(0)
            options = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
            with av.open(file, "r", options=options, metadata_errors="ignore") as container:
                if not container.streams.video:
                    raise UnsupportedPhoto(called, "it holds sound and no picture", "nothing to do")
                stream = container.streams.video[0]
                _check_size(stream.width, stream.height, called)
                stream.thread_type = "NONE"
                stream.codec_context.thread_count = 1
                yield container, stream, called
    except PhotoError:
        raise
    except MemoryError:
        raise OversizedPhoto(
            called, "there is not enough memory to decode it", "close other programs and try again"
        ) from None
    except OSError as error:
        if isinstance(error, av.FFmpegError) or error.errno is None:
            raise _damaged(called, error) from error
        raise PhotoError(
            called,
            f"it cannot be read ({error.strerror})",
            "check that it still exists and that you may read it",
        ) from error
    except Exception as error:  # decoders raise nearly every kind of exception on hostile bytes
        raise _damaged(called, error) from error


@contextmanager
def _file(source: FilmSource, name: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    path = Path(source)
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnsupportedPhoto(name, "it is not a file", "name a film")
    with path.open("rb") as file:
        yield file


def _damaged(name: str, error: Exception) -> DamagedPhoto:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return DamagedPhoto(
        name,
        f"the film is damaged or cut off, so that nothing in it can be found ({said})",
        "restore it from a backup or copy it again from the camera",
    )


def _no_frames(name: str) -> DamagedPhoto:
    return DamagedPhoto(
        name,
        "no frame of the film can be decoded",
        "play it in another program; if that works, export it as MP4",
    )


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_FRAME_PIXELS:
        most = MAX_FRAME_PIXELS // 10**6
        raise OversizedPhoto(
            name,
            f"its frames have {width} x {height} pixels, and ANSA opens {most} megapixels at most",
            "export a smaller copy of it",
        )


# Frames


def _candidates(
    container: InputContainer,
    stream: VideoStream,
    min_side: int | None,
    most: int = _CANDIDATES,
) -> Iterator[FilmFrame]:
    """Yields up to ``most`` frames in the order of time, a second apart at least."""
    until = time.monotonic() + _MOST_SECONDS
    length = _length(container, stream)
    if most < _CANDIDATES:
        found = _walk(container, stream, _APART, most)
    elif length is not None and length > _WALK:
        found = _seek_all(container, stream, length, most)
    else:
        found = _walk(container, stream, max(_APART, (length or _WALK) / most), most)
    count = 0
    for frame in found:
        count += 1
        yield _converted(frame, stream, min_side)
        if time.monotonic() > until:
            return
    if count <= 1 and (length is None or length > 2 * _APART):
        # A film of one key frame: the frames between have to be decoded in turn.
        yield from _between(container, stream, min_side, skip=count > 0)


def _walk(
    container: InputContainer, stream: VideoStream, step: float, most: int
) -> Iterator[VideoFrame]:
    """Yields key frames while it passes through the film, ``step`` seconds apart at least."""
    stream.codec_context.skip_frame = "NONKEY"
    last, count = -math.inf, 0
    wanted = last
    for packet in _packets(container, stream):
        # The packets between are passed without their bytes being looked at.
        if packet.size and not packet.is_keyframe:
            continue
        at = _second(packet.pts if packet.pts is not None else packet.dts, stream)
        if packet.size and at is not None and at - wanted < step:
            continue
        wanted = at if at is not None else wanted
        for frame in _decoded(packet):
            second = _second(frame.pts, stream)
            if second is None or second - last >= step or last == -math.inf:
                last = second if second is not None else last
                yield frame
                count += 1
        if count >= most:
            return


def _seek_all(
    container: InputContainer, stream: VideoStream, length: float, most: int
) -> Iterator[VideoFrame]:
    """Yields the key frames nearest to places that are evenly spread over a long film."""
    last = None
    for place in range(most):
        frame = _sought(container, stream, length * (place + 0.5) / most)
        if frame is not None and (last is None or frame.pts is None or frame.pts > last):
            last = frame.pts
            yield frame


def _sought(container: InputContainer, stream: VideoStream, second: float) -> VideoFrame | None:
    """The key frame at or before a second; None if nothing there can be decoded."""
    import av

    stream.codec_context.skip_frame = "NONKEY"
    try:
        container.seek(_pts(second, stream), stream=stream, backward=True)
    except av.FFmpegError:
        return None
    for number, packet in enumerate(_packets(container, stream)):
        for frame in _decoded(packet):
            return frame
        if number > _TRIES:
            return None
    return None


def _frame_at(
    container: InputContainer, stream: VideoStream, second: float, min_side: int | None
) -> FilmFrame | None:
    """The frame that is shown at a second: the last one that is not after it."""
    found = _sought(container, stream, second)
    stream.codec_context.skip_frame = "DEFAULT"
    until = time.monotonic() + _MOST_SECONDS
    import av

    try:
        container.seek(_pts(second, stream), stream=stream, backward=True)
    except av.FFmpegError:
        container.seek(0)
    for packet in _packets(container, stream):
        for frame in _decoded(packet):
            at = _second(frame.pts, stream)
            if at is not None and at > second + 1e-3 and found is not None:
                return _converted(found, stream, min_side)
            found = frame
        if time.monotonic() > until:
            break
    return None if found is None else _converted(found, stream, min_side)


def _between(
    container: InputContainer, stream: VideoStream, min_side: int | None, *, skip: bool
) -> Iterator[FilmFrame]:
    """Yields a frame for each second of the first frames of a film."""
    import av

    stream.codec_context.skip_frame = "DEFAULT"
    try:
        container.seek(0)
    except av.FFmpegError:
        return
    last = 0.0 if skip else -math.inf
    left, found = _LONE_PIXELS, 0
    for packet in _packets(container, stream):
        for frame in _decoded(packet):
            left -= frame.width * frame.height
            second = _second(frame.pts, stream)
            if second is not None and second - last >= _APART:
                last = second
                found += 1
                yield _converted(frame, stream, min_side)
        if left <= 0 or found >= _CANDIDATES:
            return


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Any]:
    """Yields packets up to where the film is cut off."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        yield packet


def _decoded(packet: Any) -> list[VideoFrame]:
    """The frames that a packet completes; none if it is damaged."""
    import av

    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def _converted(frame: VideoFrame, stream: VideoStream, min_side: int | None) -> FilmFrame:
    _check_size(frame.width, frame.height, "a frame")
    width, height = _shown_size(frame, stream)
    if min_side and min(width, height) > min_side:
        share = min_side / min(width, height)
        width, height = max(1, round(width * share)), max(1, round(height * share))
    picture = frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
    turns = round(frame.rotation / 90) % 4
    pixels = np.ascontiguousarray(np.rot90(picture, turns))
    pixels.flags.writeable = False
    return FilmFrame(round(_second(frame.pts, stream) or 0.0, 3), pixels)


def _shown_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height with square pixels, before the picture is turned upright."""
    aspect = stream.sample_aspect_ratio
    if aspect and 0.25 <= aspect <= 4 and aspect != 1:
        return max(1, round(frame.width * aspect)), frame.height
    return frame.width, frame.height


def _facts(container: InputContainer, stream: VideoStream, frame: FilmFrame) -> Facts:
    height, width = frame.pixels.shape[:2]
    full = max(stream.width, stream.height) / max(width, height)
    if full > 1:
        width, height = round(width * full), round(height * full)
    length = _length(container, stream) or frame.second
    return _told(container, stream, width, height, length)


def _told(
    container: InputContainer, stream: VideoStream, width: int, height: int, length: float | None
) -> Facts:
    tags = {**stream.metadata, **container.metadata}
    kind = _NAMES.get(container.format.name.split(",")[0], container.format.name.upper())
    return film_facts(tags, width, height, kind, length)


_NAMES = {"mov": "MP4", "matroska": "MKV", "mpegts": "MPEG-TS", "mpeg": "MPEG"}


def _length(container: InputContainer, stream: VideoStream) -> float | None:
    """The length in seconds; None if nothing sensible is stated."""
    lengths = []
    if container.duration:
        lengths.append(container.duration / 1_000_000)
    if stream.duration and stream.time_base:
        lengths.append(float(stream.duration * stream.time_base))
    return next((length for length in lengths if 0 < length < _LONGEST), None)


def _second(pts: int | None, stream: VideoStream) -> float | None:
    """Seconds from the start of the film."""
    if pts is None or stream.time_base is None:
        return None
    return max(0.0, float((pts - (stream.start_time or 0)) * stream.time_base))


def _pts(second: float, stream: VideoStream) -> int:
    base = stream.time_base
    return (stream.start_time or 0) + (int(second / base) if base else 0)
