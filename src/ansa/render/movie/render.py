"""Renders a film frame by frame, with crossfades, a title and music."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ansa.names import printable
from ansa.outputs import check_free, mark_movie, writing
from ansa.photo.read import PhotoError, read_photo, read_srgb
from ansa.render.movie.beats import find_beats
from ansa.render.movie.camera import Move, plan_move
from ansa.render.movie.errors import MovieError
from ansa.render.movie.music import RATE, Music, read_music
from ansa.render.movie.timeline import cuts
from ansa.render.overlay.text import font, wrapped
from ansa.scene import Box

SIZE = 1280, 720
FPS = 25
_FADE = 0.6  # seconds of a crossfade
_ENDS = 0.8  # seconds from black, and to it
_TITLE = 2.6  # seconds
_AUDIO_FRAME = 1024


@dataclass(frozen=True, eq=False, slots=True)
class Still:
    """A photo for a film.

    Attributes:
        path: the file of the photo.
        saliency: its saliency map, float32 (h, w), 0..1; None if unknown.
        heads: where people's heads are, in 0..1 of the photo; they are kept whole if possible.
    """

    path: Path
    saliency: NDArray[np.float32] | None = None
    heads: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Movie:
    """A film that was written.

    Attributes:
        path: the file of the film.
        seconds: its duration.
        photos: the number of photos in it.
        tempo: the beats per minute that it is cut to.
        heard: whether these beats were found in the music.
        problems: the photos that could not be opened, with reasons.
    """

    path: Path
    seconds: float
    photos: int
    tempo: float
    heard: bool
    problems: tuple[PhotoError, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The film as values that JSON can hold."""
        return {
            "path": str(self.path),
            "seconds": round(self.seconds, 2),
            "photos": self.photos,
            "tempo": round(self.tempo, 1),
            "heard": self.heard,
            "problems": [
                {"file": each.file, "reason": each.reason, "remedy": each.remedy}
                for each in self.problems
            ],
        }


@dataclass(eq=False)
class _Scene:
    """A photo at the size that the film needs, and the camera's move over it."""

    image: Image.Image
    move: Move
    size: tuple[int, int] = field(default=SIZE)

    def frame(self, share: float) -> Image.Image:
        left, top, right, bottom = self.move.at(share)
        wide, high = self.image.size
        box = (left * wide, top * high, right * wide, bottom * high)
        return self.image.resize(self.size, Image.Resampling.BILINEAR, box)


def make_movie(
    stills: Sequence[Still],
    out: str | os.PathLike[str],
    *,
    title: str = "",
    tempo: float = 96.0,
    music: str | os.PathLike[str] | None = None,
    size: tuple[int, int] = SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> Movie:
    """Writes photos as an MP4 movie (H.264, AAC): one file, complete or not there at all.

    Args:
        stills: the photos in their order.
        out: the file; one that is there is replaced if ANSA made it, and nobody changed it since.
        title: shown over the first photo.
        tempo: beats a minute to cut to, without music or where it has no beat.
        music: a sound file; its beats are what is cut to. It is repeated if it is too short.
        size: pixels, width and height, even.
        progress: called as ``progress(frames done, all frames)``.

    Raises:
        MovieError: no photo can be opened, the music is none, or ``out`` cannot be written.
        ModuleNotFoundError: the package ``av`` is not installed.
    """
    import av

    out = Path(out).expanduser()
    _check(out)
    sound = None if music is None else read_music(music)
    found, problems = _openable(stills)
    if not found:
        raise MovieError(os.fspath(out), "none of its photos can be opened", "run `ansa index`")
    # Beats are sought where the music is heard, so also where it begins again.
    long = sound and sound.fitted(max(sound.seconds, 5.0 * len(found)))
    beats = long and find_beats(long.mono, RATE // 2)
    times = cuts(len(found), beats.tempo if beats else tempo, beats.times if beats else None)
    try:
        with writing(out, over_ours=True) as file:
            # A file that is open already: a name could be taken for an address.
            with av.open(file, "w", format="mp4") as container:
                _write(container, found, times, title, sound, size, progress)
            mark_movie(file)
    except FileExistsError:
        raise _taken(out) from None
    except OSError as error:  # FFmpeg's errors too
        raise MovieError(
            os.fspath(out), f"cannot be written ({error.strerror or error})", "choose another place"
        ) from error
    heard = beats is not None
    used = beats.tempo if beats else tempo
    return Movie(out, times[-1], len(found), used, heard, tuple(problems))


def _check(out: Path) -> None:
    if out.suffix.lower() != ".mp4":
        raise MovieError(os.fspath(out), "not the name of a movie", "end it in .mp4")
    try:
        check_free(out, or_ours=True)
    except FileExistsError:
        raise _taken(out) from None


def _taken(out: Path) -> MovieError:
    reason = "there already, and not as ANSA made it"
    return MovieError(os.fspath(out), reason, "choose another name")


def _openable(stills: Sequence[Still]) -> tuple[list[Still], list[PhotoError]]:
    found, problems = [], []
    for still in stills:
        try:
            read_photo(still.path, min_side=16)
            found.append(still)
        except PhotoError as error:
            problems.append(error)
    return found, problems


def _write(
    container: Any,
    stills: Sequence[Still],
    times: Sequence[float],
    title: str,
    sound: Music | None,
    size: tuple[int, int],
    progress: Callable[[int, int], None] | None,
) -> None:
    import av

    video = container.add_stream("libx264", rate=FPS, options={"crf": "20", "preset": "veryfast"})
    video.width, video.height, video.pix_fmt = *size, "yuv420p"
    audio = container.add_stream("aac", rate=RATE) if sound else None
    if audio:
        audio.layout = "stereo"
    total = round(times[-1] * FPS)
    for number, frame in enumerate(_frames(stills, times, title, size)):
        made = av.VideoFrame.from_ndarray(np.asarray(frame), "rgb24")
        made.pts, made.time_base = number, Fraction(1, FPS)
        container.mux(video.encode(made))
        if progress:
            progress(number + 1, total)
    container.mux(video.encode())
    if sound and audio:
        fit = sound.fitted(times[-1]).stereo
        for start in range(0, fit.shape[1], _AUDIO_FRAME):
            part = np.ascontiguousarray(fit[:, start : start + _AUDIO_FRAME])
            heard = av.AudioFrame.from_ndarray(part, "fltp", "stereo")
            heard.sample_rate, heard.pts, heard.time_base = RATE, start, Fraction(1, RATE)
            container.mux(audio.encode(heard))
        container.mux(audio.encode())


def _frames(
    stills: Sequence[Still], times: Sequence[float], title: str, size: tuple[int, int]
) -> Iterator[Image.Image]:
    """Yields all frames. At most two photos are in memory."""
    black = Image.new("RGB", size)
    words = _title(title, size) if title else None
    length = times[-1]
    scenes: dict[int, _Scene] = {}
    for number in range(round(length * FPS)):
        now = number / FPS
        at = int(np.searchsorted(times, now, side="right")) - 1
        shown = [(at, 1.0)]
        if at + 1 < len(stills) and times[at + 1] - now < _FADE / 2:
            shown.append((at + 1, 0.5 - (times[at + 1] - now) / _FADE))
        elif at > 0 and now - times[at] < _FADE / 2:
            shown = [(at - 1, 1.0), (at, 0.5 + (now - times[at]) / _FADE)]
        for each in scenes.keys() - {place for place, _ in shown}:
            del scenes[each]
        frame = black
        for place, weight in shown:
            if place not in scenes:
                scenes[place] = _scene(stills[place], size, outward=place % 2 == 1)
            first, last = times[place] - _FADE / 2, times[place + 1] + _FADE / 2
            share = min(1.0, max(0.0, (now - first) / (last - first)))
            seen = scenes[place].frame(share)
            frame = seen if weight >= 1 else Image.blend(frame, seen, weight)
        if words and now < _TITLE:
            strength = min(1.0, now / _ENDS, (_TITLE - now) / _ENDS)
            frame = Image.composite(
                Image.new("RGB", size, "white"), frame, words.point(lambda x, s=strength: x * s)
            )
        dark = min(1.0, now / _ENDS, (length - now) / _ENDS)
        yield frame if dark >= 1 else Image.blend(black, frame, dark)


def _scene(still: Still, size: tuple[int, int], *, outward: bool) -> _Scene:
    pixels = read_srgb(still.path, min_side=max(size))
    high, wide = pixels.shape[:2]
    move = plan_move(still.saliency, size[0] / size[1], wide, high, outward, still.heads)
    image = Image.fromarray(pixels)
    # No more pixels than the nearest window shows: smoother, and quicker.
    window = min(
        (move.start[2] - move.start[0]) * wide / size[0],
        (move.end[2] - move.end[0]) * wide / size[0],
    )
    if window > 1.2:
        image = image.resize((round(wide / window), round(high / window)), Image.Resampling.LANCZOS)
    return _Scene(image, move, size)


def _title(title: str, size: tuple[int, int]) -> Image.Image:
    """The title as a mask: white text in the lower third."""
    wide, high = size
    letters = font(high // 11)
    lines = list(wrapped(printable(title), letters, 0.86 * wide))[:3]
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        top = 0.78 * high - (len(lines) - number - 1) * high / 9
        draw.text((0.07 * wide, top), line, fill=255, font=letters)
    return mask
