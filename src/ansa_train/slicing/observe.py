"""The pass over many photos, on all cores or as a Ray Data job; the observations are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ansa.model.analyzer import Analyzer
from ansa_train.data.pack import Sample
from ansa_train.models.feature_taps import processors
from ansa_train.slicing.observation import Observation, observe
from ansa_train.slicing.skin_tone import typology_angle

if TYPE_CHECKING:
    from ansa_train.teachers.yunet import YuNet

_AHEAD = 64
"""Photos in hand: memory does not grow with the collection."""

SURE_FACE = 0.7
"""Score from which on a face is measured, 0..1."""


@dataclass(frozen=True, slots=True)
class ObservationEngine:
    """Where photos are observed; what is observed does not depend on it.

    Attributes:
        name: "local" for threads of this process, "ray" for a Ray Data job.
        workers: threads, or processes of a local Ray; None for one a core.
        address: of a Ray cluster; None to start a local Ray.
    """

    name: Literal["local", "ray"] = "local"
    workers: int | None = None
    address: str | None = None


class Observer:
    """Observes photos with one bundle.

    Args:
        bundle: its folder; None for the one that ships.
        faces: whether faces are looked for and their skin tone is measured.

    Raises:
        BundleError: there is no such bundle.
        TrainingError: the detector of faces cannot be fetched.
    """

    def __init__(self, bundle: Path | None, *, faces: bool = False) -> None:
        self.analyzer = Analyzer(bundle)
        self._faces: YuNet | None = None
        if faces:
            from ansa_train.teachers.yunet import YuNet

            self._faces = YuNet()

    def __call__(self, sample: Sample) -> Observation:
        """One photo."""
        seen = observe(self.analyzer, sample)
        if self._faces is None or seen.problem:
            return seen
        photo = sample.read()
        pixels = np.asarray(photo)
        angles = (
            typology_angle(pixels, tuple(row[:4].tolist()))
            for row in self._faces(photo, least=SURE_FACE)
        )
        return replace(seen, tones=tuple(angle for angle in angles if angle is not None))


def observe_all(
    bundle: Path | None,
    samples: Iterable[Sample],
    engine: ObservationEngine = ObservationEngine(),
    *,
    faces: bool = False,
) -> Iterator[Observation]:
    """What is observed of each photo, in their order.

    Args:
        bundle: its folder; None for the one that ships.
        samples: the photos.
        engine: who does the work.
        faces: whether faces are looked for and their skin tone is measured.

    Raises:
        TrainingError: Ray is wanted and missing, cannot be reached, or lost its workers.
    """
    if engine.name == "ray":
        from ansa_train.slicing.on_ray import observe_on_ray

        workers = engine.workers or processors()
        return observe_on_ray(bundle, samples, workers, engine.address, faces=faces)
    return in_threads(Observer(bundle, faces=faces), samples, engine.workers or processors())


def in_threads(
    look: Callable[[Sample], Observation], samples: Iterable[Sample], workers: int
) -> Iterator[Observation]:
    """The same in threads of this process, a few photos ahead."""
    waiting = iter(samples)
    with ThreadPoolExecutor(workers) as threads:
        while some := list(islice(waiting, _AHEAD)):
            yield from threads.map(look, some)
