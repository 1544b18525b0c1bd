"""The pass over many photos, on all cores or as a Ray Data job; the observations are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from ansa.processors import processor_count
from ansa_train.data.pack import Sample
from ansa_train.slicing.observation import Observation
from ansa_train.slicing.observer import Observer
from ansa_train.slicing.on_ray import observe_on_ray

_AHEAD = 64
"""Photos in hand: memory does not grow with the collection."""


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
        workers = engine.workers or processor_count()
        return observe_on_ray(bundle, samples, workers, engine.address, faces=faces)
    return in_threads(Observer(bundle, faces=faces), samples, engine.workers or processor_count())


def in_threads(
    look: Callable[[Sample], Observation], samples: Iterable[Sample], workers: int
) -> Iterator[Observation]:
    """The same in threads of this process, a few photos ahead."""
    waiting = iter(samples)
    with ThreadPoolExecutor(workers) as threads:
        while some := list(islice(waiting, _AHEAD)):
            yield from threads.map(look, some)
