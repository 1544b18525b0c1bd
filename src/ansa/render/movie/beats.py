"""Finds the beats of a piece of music.

Onsets are where the spectrum suddenly gets louder; the tempo is the lag at which onsets repeat,
found by autocorrelation with a preference for tempi that people tap to; beats are the sequence of
about that tempo that hits most onsets, found by dynamic programming (Ellis, "Beat Tracking by
Dynamic Programming", Journal of New Music Research, 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_WINDOW, _HOP = 1024, 256
_BANDS = 40
_SLOWEST, _FASTEST = 50.0, 200.0  # beats a minute
_USUAL = 110.0
_OCTAVES = 0.9  # how far from the usual tempo most tempi lie
_TIGHT = 100.0  # what it costs to leave the tempo
_LEAST_SECONDS = 4.0
_FLAT = 1e-3  # an envelope that varies less has no onsets


@dataclass(frozen=True, slots=True)
class Beats:
    """The tempo of a piece of music and the times of its beats.

    Attributes:
        tempo: beats per minute.
        times: float64 (n,), in seconds, ascending.
    """

    tempo: float
    times: NDArray[np.float64]


def find_beats(samples: Samples, rate: int) -> Beats | None:
    """The beats of mono samples, shape (n,), -1..1, at ``rate`` samples per second.

    Returns None if there is no beat, as in silence, or if the music has less than four seconds.
    """
    if len(samples) < _LEAST_SECONDS * rate:
        return None
    onsets = onset_strength(samples, rate)
    if not onsets.any():
        return None
    frames = rate / _HOP  # a second
    lag = _lag(onsets, frames)
    beats = _track(onsets, lag)
    # A window is centred on what it hears.
    times = (beats * _HOP + _WINDOW / 2) / rate
    return Beats(60 * frames / lag, times)


def onset_strength(samples: Samples, rate: int) -> NDArray[np.float64]:
    """How much louder the bands of the spectrum get in each frame, shape (frames,).

    The result has mean 0 and standard deviation 1, or is all zeros if nothing changes."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    hann = np.hanning(_WINDOW).astype(np.float32)
    bands = _bands(rate)
    loud = np.empty((len(windows), bands.shape[1]))
    for start in range(0, len(windows), 1024):  # bounds memory
        power = np.abs(np.fft.rfft(windows[start : start + 1024] * hann)) ** 2
        loud[start : start + 1024] = np.log10(power @ bands + 1e-4)
    rise = np.maximum(0, np.diff(loud, axis=0, prepend=loud[:1])).mean(axis=1)
    rise -= np.convolve(rise, np.ones(87) / 87, mode="same")  # a second around it
    spread = float(rise.std())
    zeros: NDArray[np.float64] = np.zeros(len(rise))
    return rise / spread if spread > _FLAT else zeros


def _bands(rate: int) -> NDArray[np.float64]:
    """The bins of each frequency band, shape (bins, bands). Bands get wider with frequency."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / rate)
    edges = np.geomspace(40, min(8000, rate / 2), _BANDS + 1)
    inside = (hertz[:, None] >= edges[:-1]) & (hertz[:, None] < edges[1:])
    table: NDArray[np.float64] = inside[:, inside.any(axis=0)].astype(np.float64)
    return table


def _lag(onsets: NDArray[np.float64], frames: float) -> float:
    """The number of frames between two beats."""
    size = 1 << (2 * len(onsets) - 1).bit_length()
    spectrum = np.fft.rfft(onsets, size)
    again = np.fft.irfft(np.abs(spectrum) ** 2, size)
    lags = np.arange(int(60 * frames / _FASTEST), int(60 * frames / _SLOWEST) + 2)
    tempi = 60 * frames / lags
    usual = np.exp(-0.5 * (np.log2(tempi / _USUAL) / _OCTAVES) ** 2)
    best = int(np.argmax(again[lags] * usual))
    at = int(lags[best])
    before, here, after = again[at - 1 : at + 2]  # a parabola through three lags, between frames
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(at + np.clip(shift, -0.5, 0.5))


def _track(onsets: NDArray[np.float64], lag: float) -> NDArray[np.intp]:
    """The indices of the frames with a beat."""
    width = np.arange(-round(lag), round(lag) + 1)
    smooth = np.convolve(onsets, np.exp(-0.5 * (width * 32 / lag) ** 2), mode="same")
    back = np.arange(-round(2 * lag), -round(lag / 2) + 1)
    cost = -_TIGHT * np.log(-back / lag) ** 2
    score, before = smooth.copy(), np.full(len(smooth), -1, np.intp)
    for frame in range(-int(back[0]), len(smooth)):
        reached = score[frame + back] + cost
        best = int(np.argmax(reached))
        score[frame] += reached[best]
        before[frame] = frame + back[best]
    last = max(0, len(score) - round(lag))
    beats = [last + int(np.argmax(score[last:]))]
    while before[beats[-1]] >= 0:
        beats.append(int(before[beats[-1]]))
    return np.array(beats[::-1], np.intp)
