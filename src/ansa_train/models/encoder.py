"""The interface of all networks: blocks in order, to freeze, to branch after or to recompute."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Encoder(nn.Module, ABC):
    """A network that is a chain of blocks.

    Attributes:
        recompute: keep only what goes from block to block and compute the rest again in the
            backward pass (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016):
            less memory, the same gradients.
    """

    recompute: bool = False

    @abstractmethod
    def blocks(self) -> Sequence[nn.Module]:
        """The blocks in order, the one that reads the input first."""

    def call(self, function: Callable[..., Any], *inputs: Tensor) -> Any:
        """The output of a block, or of a part of one."""
        if not (self.recompute and torch.is_grad_enabled()):
            return function(*inputs)
        return checkpoint(
            function,
            *inputs,
            use_reentrant=False,
            context_fn=lambda: (nullcontext(), keep_statistics(self)),
        )


class ImageEncoder(Encoder):
    """Normalised pixels (n, 3, s, s) -> features (n, ``features``), whatever is inside.

    Attributes:
        features: length of the pooled features.
    """

    features: int

    def forward(self, x: Tensor) -> Tensor:
        """Features (n, ``features``) of normalised pixels (n, 3, s, s)."""
        return self.from_block(x, 0)

    @abstractmethod
    def from_block(self, x: Tensor, first: int) -> Tensor:
        """Features from what the blocks before ``first`` give; from the pixels if it is 0.

        Beyond the last block, ``x`` is the features themselves.
        """

    def stages(self, x: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The maps that heads may read, (n, c, s / stride, s / stride) by stride, and features.

        The maps are those before the network halves its resolution and the last; most networks
        have none.
        """
        return {}, self(x)

    def fit(self, size: int) -> None:
        """Settle on square inputs of ``size`` pixels, in place; convolutions take any.

        Raises:
            ValueError: the network does not take squares of that size.
        """

    def activations(self) -> Sequence[Any]:
        """What goes from ReLU6 to hard-swish by its ``blend``; none in most networks."""
        return ()


@contextmanager
def keep_statistics(network: nn.Module) -> Iterator[None]:
    """Batch norms take in no batch meanwhile: one that is computed twice must not count twice."""
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    known = [(norm.momentum, norm.num_batches_tracked) for norm in norms]
    for norm in norms:
        norm.momentum, norm.num_batches_tracked = 0.0, None
    try:
        yield
    finally:
        for norm, (momentum, count) in zip(norms, known, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, count
