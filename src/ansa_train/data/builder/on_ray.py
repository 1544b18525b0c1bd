"""The same work as a Ray Data job, on a cluster or on a local Ray that the command starts.

Every node needs ansa[scale] and the photos at the same paths. What is prepared comes back to the
command in order, which alone writes, so the shards have the same bytes as those of one machine.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from ansa_train.data.builder.photo import Encoding, Job, Outcome, prepare
from ansa_train.errors import TrainingError

_SLICE = 64
"""Batches handed over at a time: neither the driver nor the object store ever holds a corpus."""


def run_ray(
    batches: Iterable[list[Job]], encoding: Encoding, workers: int, address: str | None
) -> Iterator[list[Outcome]]:
    """The outcomes of each batch, in their order.

    Args:
        batches: photos to prepare.
        encoding: how they are stored.
        workers: processes of a local Ray.
        address: of a cluster; None starts a local Ray. Its ports listen on every interface, as
            Ray's always do; since 2.60 they answer to its token alone.

    Raises:
        TrainingError: Ray is not installed, cannot be reached, or lost its workers.
    """
    with ray_session(workers, address) as data:
        yield from _run(data, iter(batches), encoding)


@contextmanager
def ray_session(workers: int, address: str | None) -> Iterator[Any]:
    """A context that gives Ray Data in a running Ray, whose results keep the order of their inputs.

    Args:
        workers: processes of a local Ray.
        address: of a cluster; None starts a local Ray, which ends with the context.

    Raises:
        TrainingError: Ray is not installed, cannot be reached, or lost its workers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise TrainingError(
            f"--engine ray needs Ray ({error.name} is missing): pip install 'ansa[scale]'"
        ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        _start(ray, workers, address)
        context = ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        yield ray.data
    except (ray.exceptions.RayError, ConnectionError, RuntimeError) as error:
        raise TrainingError(
            f"Ray failed: {error}; see its logs, or use --engine local, which names the photo"
        ) from error
    finally:
        ray.shutdown()


def _start(ray: Any, workers: int, address: str | None) -> None:
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address:
            ray.init(address, **quiet)
        else:
            ray.init(num_cpus=workers, include_dashboard=False, **quiet)
    except Exception as error:  # Ray raises bare exceptions, for example on a machine too busy
        raise TrainingError(
            f"Ray does not start or cannot be reached: {error}; see its logs, or use --engine local"
        ) from error


def _run(data: Any, batches: Iterator[list[Job]], encoding: Encoding) -> Iterator[list[Outcome]]:
    while group := list(islice(batches, _SLICE)):
        rows = [{"job": pickle.dumps(job)} for batch in group for job in batch]
        dataset = data.from_items(rows).map_batches(
            _prepare,
            batch_size=len(group[0]),
            batch_format="numpy",
            fn_kwargs={"encoding": encoding},
        )
        outcomes = (pickle.loads(row["outcome"]) for row in dataset.iter_rows())  # noqa: S301
        for batch in group:
            yield list(islice(outcomes, len(batch)))


def _prepare(rows: dict[str, Any], encoding: Encoding) -> dict[str, list[bytes]]:
    jobs = (pickle.loads(job) for job in rows["job"])  # noqa: S301 - from the driver
    return {"outcome": [pickle.dumps(prepare(job, encoding)) for job in jobs]}
