"""Distributed training: one process, or as many as ``torchrun`` starts. No other file knows.

Every process takes its share of the global batch. A loss compares its own rows with everybody's
(:meth:`Processes.gather`), and is the mean over the rows of all (:meth:`Processes.mean`); so the
mean of the processes' gradients, which DistributedDataParallel takes, is the gradient of the loss
of the whole batch, whatever the number of processes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ansa_train.errors import TrainingError

T = TypeVar("T")


class WorkerLost(TrainingError):  # noqa: N818 - the name says what it is
    """Another process of the run has ended or does not answer."""


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among all; alone unless :func:`processes` finds others.

    Attributes:
        rank: number of this process, from 0.
        world: how many there are.
        device: where its tensors live.
        patient: a group whose members wait for each other for as long as it takes.
    """

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    patient: Any = None

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """The part of this process: contiguous, in order of rank, of equal size up to one."""
        start, end = (len(items) * r // self.world for r in (self.rank, self.rank + 1))
        return items[start:end]

    def gather(self, rows: Tensor) -> Tensor:
        """Joins (n, ...) of all processes, n may differ, to (sum of n, ...) in order of rank.

        Gradients go back to the process each row came from, summed over all that used it.
        """
        if self.world == 1:
            return rows
        gathered: Tensor = _Gather.apply(rows, self)  # type: ignore[no-untyped-call]
        return gathered

    def total(self, tensor: Tensor) -> Tensor:
        """The sum of a value over the processes, without gradients."""
        tensor = tensor.detach().clone()
        if self.world > 1:
            dist.all_reduce(tensor)
        return tensor

    def mean(self, values: Tensor) -> Tensor:
        """The part of this process in the mean over the values (n,) of all.

        The mean of the parts over the processes is the mean of the values; zero if there are none.
        """
        count = self.total(torch.tensor(float(len(values)), device=values.device))
        return values.sum() * self.world / count.clamp(min=1.0)

    def average(self, values: dict[str, Tensor]) -> dict[str, float]:
        """The mean of each value over the processes."""
        means = self.total(torch.stack([v.detach().float() for v in values.values()])) / self.world
        return dict(zip(values, means.tolist(), strict=True))

    def wrap(self, module: nn.Module) -> nn.Module:
        """Wraps a module, so that its gradients are averaged while they are computed."""
        if self.world == 1 or not any(p.requires_grad for p in module.parameters()):
            return module
        return DistributedDataParallel(module, forward_sync_buffers=False)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Averages, after the backward pass, gradients that no wrapped module averages."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if self.world == 1 or not gradients:
            return
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        for gradient, mean in zip(
            gradients, torch.split(flat / self.world, [g.numel() for g in gradients]), strict=True
        ):
            gradient.copy_(mean.view_as(gradient))

    def collect(self, thing: T) -> list[T]:
        """What each process has, in order of rank. For small things only."""
        things: list[Any] = [thing] * self.world
        if self.world > 1:
            dist.all_gather_object(things, thing)
        return things

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """The first process goes through the block before the others do, however long it takes."""
        if self.world > 1 and not self.first:
            dist.barrier(self.patient)
        yield
        if self.world > 1 and self.first:
            dist.barrier(self.patient)


def unsynchronised(module: nn.Module) -> AbstractContextManager[None]:
    """Backward passes of a wrapped module inside add up gradients and average none yet."""
    if isinstance(module, DistributedDataParallel):
        context: AbstractContextManager[None] = module.no_sync()
        return context
    return nullcontext()


@contextmanager
def processes(timeout: float = 600.0) -> Iterator[Processes]:
    """The processes of this run, until the block ends.

    Under ``torchrun`` each takes a GPU of its own (nccl), or all share the cores (gloo).

    Args:
        timeout: seconds after which a process that does not answer counts as lost.

    Raises:
        WorkerLost: another process ended or did not answer, or this one was told to end because
            of that.
        TrainingError: there are more processes than GPUs.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    device = torch.device("cpu")
    if torch.cuda.is_available():
        local, there = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
        if local >= there:
            raise TrainingError(
                f"process {local} of this machine has no GPU: there are {there}; start as many "
                'processes, or set CUDA_VISIBLE_DEVICES="" to compute without'
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    if world == 1:
        yield Processes(device=device)
        return
    backend = "nccl" if device.type == "cuda" else "gloo"
    before = signal.signal(signal.SIGTERM, _ended)
    try:
        dist.init_process_group(backend, timeout=timedelta(seconds=timeout))
        patient = dist.new_group(backend="gloo", timeout=timedelta(days=7))
        yield Processes(dist.get_rank(), world, device, patient)
        signal.signal(signal.SIGTERM, before)
    except BaseException as error:
        _have_the_last_word()
        if isinstance(error, RuntimeError) and _from_the_network(error):
            raise WorkerLost("another process of the run was lost: it ended or hangs") from error
        raise
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _ended(number: int, frame: FrameType | None) -> None:
    """torchrun tells the others to end when one has."""
    _have_the_last_word()
    raise WorkerLost("told to end; another process of the run may have been lost")


def _have_the_last_word() -> None:
    """Not to be ended by torchrun before the error has been said; it insists after a while."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _from_the_network(error: RuntimeError) -> bool:
    """Gloo raises plain RuntimeErrors, which name the place in its source or the peer."""
    signs = ("gloo", "peer", "timed out", "timeout", "nccl", "connection")
    return isinstance(error, dist.DistError) or any(s in str(error).lower() for s in signs)


class _Gather(torch.autograd.Function):
    """All rows to all processes, and their gradients back."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, among: Processes) -> Tensor:
        size = torch.tensor([len(rows)], device=rows.device)
        sizes = [torch.empty_like(size) for _ in range(among.world)]
        dist.all_gather(sizes, size)
        counts = [int(s) for s in sizes]
        padded = rows.new_zeros(max(counts), *rows.shape[1:])
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(parts, padded)
        ctx.start, ctx.count = sum(counts[: among.rank]), len(rows)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        gradient = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(gradient)
        return gradient[ctx.start : ctx.start + ctx.count], None
