"""Real processes of a run for tests: the same function in each, its results by rank."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ansa_train.distributed import Processes, processes
from ansa_train.errors import TrainingError

# A server that has imported torch and computed nothing: its children start at once, and torch's
# threads are not carried over.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["torch", "torch._dynamo", "ansa_train.train.pretrain"])


def together(
    world: int, folder: Path, function: Callable[..., Any], *arguments: Any, timeout: float = 60.0
) -> list[Any]:
    """What ``function(processes, *arguments)`` gives in each of ``world`` processes.

    A process that ends with a :class:`TrainingError` gives its message, one that dies its status.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    files = [folder / f"rank-{rank}.pt" for rank in range(world)]
    children = [
        _CONTEXT.Process(
            target=_child, args=(rank, world, port, timeout, file, function, arguments)
        )
        for rank, file in enumerate(files)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
        assert child.exitcode is not None, "a process hangs"
    return [
        torch.load(file, weights_only=False) if file.exists() else child.exitcode
        for file, child in zip(files, children, strict=True)
    ]


def _child(
    rank: int,
    world: int,
    port: int,
    timeout: float,
    file: Path,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    torch.set_num_threads(1)
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(world),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    try:
        with processes(timeout) as among:
            result = function(among, *arguments)
    except TrainingError as error:
        result = str(error)
    torch.save(result, file)


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """The same in this process, which is then the only one."""
    return function(Processes(), *arguments)
