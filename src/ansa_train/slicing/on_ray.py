"""The same pass as a Ray Data job, on a cluster or on a local Ray that the command starts.

Every node needs the same ansa[scale], the bundle and the shards at the same paths. A bundle is
opened once in each process.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ansa_train.data.builder.on_ray import ray_session
from ansa_train.data.pack import Sample
from ansa_train.slicing.observation import Observation
from ansa_train.slicing.observer import Observer

_BATCH = 16
_SLICE = 256
"""Batches handed over at a time: neither the driver nor the object store holds a collection."""


def observe_on_ray(
    bundle: Path | None,
    samples: Iterable[Sample],
    workers: int,
    address: str | None,
    *,
    faces: bool = False,
) -> Iterator[Observation]:
    """The observations, in the order of the samples.

    Args:
        bundle: its folder; None for the one that ships.
        samples: the photos.
        workers: processes that observe.
        address: of a cluster; None starts a local Ray.
        faces: whether skin tones are measured.

    Raises:
        TrainingError: Ray is not installed, cannot be reached, or lost its workers.
    """
    with ray_session(workers, address) as data:
        waiting = iter(samples)
        while some := list(islice(waiting, _BATCH * _SLICE)):
            rows = [{"sample": pickle.dumps(sample)} for sample in some]
            dataset = data.from_items(rows).map_batches(
                _Observing,
                fn_constructor_args=(bundle, faces),
                batch_size=_BATCH,
                batch_format="numpy",
                compute=data.ActorPoolStrategy(size=workers),
            )
            for row in dataset.iter_rows():
                yield pickle.loads(row["seen"])  # noqa: S301 - from our own workers


class _Observing:
    """A process's bundle, opened once."""

    def __init__(self, bundle: Path | None, faces: bool) -> None:
        self._observer = Observer(bundle, faces=faces)

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[bytes]]:
        samples = (pickle.loads(sample) for sample in rows["sample"])  # noqa: S301 - the driver's
        return {"seen": [pickle.dumps(self._observer(sample)) for sample in samples]}
