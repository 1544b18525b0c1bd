"""Reads music from a file that a user names, as samples for playback and for finding beats.

The file is not trusted. It is opened here, and the decoder gets only its bytes, which it may
decode as common sound formats. Playlists are refused, because they could open other files or
addresses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa.files import open_plain
from ansa.render.movie.beats import Samples
from ansa.render.movie.errors import MovieError

RATE = 44_100
_FORMATS = "aac,ac3,aiff,asf,caf,flac,matroska,webm,mov,mp4,m4a,mp3,ogg,opus,wav,w64"
_REMEDY = "give a sound file, such as MP3, M4A, FLAC, OGG or WAV"


@dataclass(frozen=True, eq=False, slots=True)
class Music:
    """Decoded music.

    Attributes:
        stereo: float32 (2, n), -1..1, 44,100 samples per second.
    """

    stereo: Samples

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return float(self.stereo.shape[1] / RATE)

    @property
    def mono(self) -> Samples:
        """The mean of both channels at half the sample rate, shape (n // 2,), for finding beats."""
        both = self.stereo.mean(axis=0)[: self.stereo.shape[1] // 2 * 2]
        halved: Samples = both.reshape(-1, 2).mean(axis=1, dtype=np.float32)
        return halved

    def fitted(self, seconds: float, fade: float = 2.0) -> Music:
        """The music at a given duration: repeated or cut, with its end faded out."""
        wanted = max(1, round(seconds * RATE))
        times = -(-wanted // self.stereo.shape[1])
        fit = np.tile(self.stereo, times)[:, :wanted].copy()
        tail = min(wanted, round(fade * RATE))
        fit[:, wanted - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
        return Music(fit)


def read_music(path: str | os.PathLike[str], most_seconds: float = 600.0) -> Music:
    """Reads the music in a file, at most its first ``most_seconds``.

    Raises:
        MovieError: the file cannot be read, or contains no sound.
        ModuleNotFoundError: the package ``av`` is not installed.
    """
    import av

    name = os.fspath(path)
    try:
        data = open_plain(Path(path).expanduser())
    except OSError as error:
        raise MovieError(name, f"cannot be read ({error.strerror})", _REMEDY) from None
    chunks: list[Samples] = []
    left = round(most_seconds * RATE)
    with data:
        if not data.read(1):
            raise MovieError(name, "no sound in it", _REMEDY)
        data.seek(0)
        try:
            options = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
            with av.open(data, "r", options=options) as container:
                resampler = av.AudioResampler("fltp", "stereo", RATE)
                for frame in container.decode(container.streams.audio[0]):
                    for made in resampler.resample(frame):
                        chunks.append(made.to_ndarray().astype(np.float32))
                        left -= made.samples
                    if left <= 0:
                        break
        except (av.FFmpegError, OSError, IndexError, ValueError) as error:
            if not chunks:  # else a file that is cut short: what there is will do
                raise MovieError(name, f"no sound that can be read ({error})", _REMEDY) from None
    if not chunks:
        raise MovieError(name, "no sound in it", _REMEDY)
    stereo = np.concatenate(chunks, axis=1)[:, : round(most_seconds * RATE)]
    return Music(np.nan_to_num(np.clip(stereo, -1, 1)).astype(np.float32))
