"""Computes the loss of a large batch with the memory of a small one (GradCache).

A contrastive loss compares all with all, so the mean of the losses of parts is not the loss of the
batch. Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup" (2021):
encode every part without gradients, take the loss of all outputs and its gradients with respect to
them, then encode every part once more and send its share of those gradients back through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn

from ansa_train.distributed import unsynchronised

Inputs = tuple[Tensor, ...]


def backward(
    encode: nn.Module,
    parts: Sequence[Inputs],
    loss: Callable[..., Tensor],
    precision: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Adds the gradients of ``loss(*encode(all parts))`` to every parameter behind it.

    Args:
        encode: one part's tensors -> a tuple of tensors, one row for each row of the input; in
            several processes its gradients are averaged once, with the last part.
        parts: the batch; with a single one nothing is computed twice.
        loss: the outputs of all parts, concatenated -> a scalar. It may use parameters of its own.
        precision: around every use of ``encode``.
    """
    if len(parts) == 1:
        with precision():
            outputs = encode(*parts[0])
        loss(*outputs).backward()  # type: ignore[no-untyped-call]
        return
    states: list[_RandomState] = []
    cached: list[Inputs] = []
    with torch.no_grad(), precision():
        for part in parts:
            states.append(_RandomState())
            cached.append(encode(*part))
    leaves = [torch.cat(rows).requires_grad_() for rows in zip(*cached, strict=True)]
    loss(*leaves).backward()  # type: ignore[no-untyped-call]
    sizes = [[len(rows) for rows in each] for each in zip(*cached, strict=True)]
    gradients = zip(
        *(
            torch.split(torch.zeros_like(leaf) if leaf.grad is None else leaf.grad, size)
            for leaf, size in zip(leaves, sizes, strict=True)
        ),
        strict=True,
    )
    for i, (part, state, wanted) in enumerate(zip(parts, states, gradients, strict=True)):
        last = i == len(parts) - 1
        with nullcontext() if last else unsynchronised(encode):
            with state.again(), precision():
                outputs = encode(*part)
            pairs = [(o, g) for o, g in zip(outputs, wanted, strict=True) if o.requires_grad]
            if pairs:
                torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])


class _RandomState:
    """Torch's random numbers as they are now, so that dropout repeats."""

    def __init__(self) -> None:
        self._cpu = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []

    @contextmanager
    def again(self) -> Iterator[None]:
        """As they were, inside the block."""
        with torch.random.fork_rng():
            torch.set_rng_state(self._cpu)
            if self._cuda:
                torch.cuda.set_rng_state_all(self._cuda)
            yield
