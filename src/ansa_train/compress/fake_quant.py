"""A text network that computes as if its products were in whole numbers, and can still learn.

Forwards, weights and activations are rounded as :mod:`ansa_train.export.dynamic_quant` rounds them;
backwards, rounding is taken for the identity (Jacob et al., "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", 2018).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ansa_train.compress.weight_masks import matrices
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.export.dynamic_quant import LEVELS, evener
from ansa_train.export.load_text_encoder import read
from ansa_train.models.narrow_types import autocast
from ansa_train.models.text_encoder import TextTower


class BFloat16Text(nn.Module):
    """A text network, its layers in bfloat16: ids and mask -> vectors (n, d)."""

    def __init__(self, tower: TextTower) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors (n, d) of texts: ids and mask, both int64 (n, t)."""
        tower = self.tower
        with autocast(ids.device):
            x = tower.hidden(tower.embed_tokens(ids), mask, 0, len(tower.layers))
        return tower.pool(x.float(), mask)


class FakeQuantization:
    """Computes a text network as if its products were quantized, and lets gradients through.

    Args:
        tower: whose channels tell how loud they are; not changed.
        tokens: sentences -> tokens.
        texts: some hundred, as they come.
    """

    def __init__(self, tower: TextTower, tokens: TokenBatches, texts: Sequence[str]) -> None:
        self._eveners = _eveners(tower, tokens, texts)

    def __call__(self, tower: TextTower, ids: Tensor, mask: Tensor) -> Tensor:
        """Vectors (n, d), as :class:`BFloat16Text` gives them. Gradients reach all weights."""
        weights = {f"tower.{name}": self._weight(name, w) for name, w in matrices(tower).items()}
        with self._listening(tower, mask):
            vectors: Tensor = functional_call(BFloat16Text(tower), weights, (ids, mask))
        return vectors

    def _weight(self, name: str, weight: Tensor) -> Tensor:
        """A matrix (outputs or rows, inputs), rounded with one step for each of its rows."""
        scale = self._eveners.get(name)
        even = weight.detach() if scale is None else weight.detach() * scale
        step = even.abs().amax(1, keepdim=True).clamp(min=1e-12) / LEVELS
        whole = (even / step).round() * step
        return _as_if(weight, whole if scale is None else whole / scale)

    @contextmanager
    def _listening(self, tower: TextTower, mask: Tensor) -> Iterator[None]:
        layers = {f"{n}.weight": m for n, m in tower.named_modules() if isinstance(m, nn.Linear)}
        hooks = [
            layer.register_forward_pre_hook(partial(self._input, self._eveners[name], mask))
            for name, layer in layers.items()
            if name in self._eveners
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @staticmethod
    def _input(
        scale: Tensor, mask: Tensor, layer: nn.Module, given: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """What a layer reads, rounded in 256 steps of each text's own range; padding has no say."""
        x = given[0]
        even = x.detach().float() / scale
        inside = even.flatten(1)
        if x.dim() == 3:
            inside = (even * mask[:, :, None]).flatten(1)
        low = inside.amin(1).clamp(max=0.0)
        step = (inside.amax(1).clamp(min=0.0) - low).clamp(min=1e-12) / 255
        low, step = (each.view(-1, *[1] * (x.dim() - 1)) for each in (low, step))
        zero = (-low / step).round()
        whole = ((even / step).round() + zero).clamp(0, 255) - zero
        return (_as_if(x, whole * step * scale),)


def _as_if(x: Tensor, value: Tensor) -> Tensor:
    """The value, with the gradient of ``x``."""
    return x + (value.to(x.dtype) - x.detach())


def _eveners(tower: TextTower, tokens: TokenBatches, texts: Sequence[str]) -> Mapping[str, Tensor]:
    """What the channels that each layer reads are divided by, by the name of its weight."""
    loud: dict[str, Tensor] = {}
    read_last: list[tuple[Tensor, str]] = []
    first_reader: dict[str, str] = {}

    def look(name: str, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        # Layers that read the very same tensor share its evener.
        first = next((n for x, n in read_last if x is given[0]), name)
        first_reader[name] = first
        read_last[:] = [*read_last[-3:], (given[0], first)]
        here = given[0].detach().abs().flatten(0, -2).amax(0)
        loud[first] = torch.maximum(loud.get(first, here), here)

    weights = matrices(tower)
    layers = {f"{n}.weight": m for n, m in tower.named_modules() if isinstance(m, nn.Linear)}
    hooks = [
        layer.register_forward_pre_hook(partial(look, name))
        for name, layer in layers.items()
        if name in weights
    ]
    try:
        for text in texts:  # one by one: padding would be heard too
            read(tower, tokens, [text])
    finally:
        for hook in hooks:
            hook.remove()
    largest: dict[str, Tensor] = {}
    for name, first in first_reader.items():
        here = weights[name].detach().abs().amax(0)
        largest[first] = torch.maximum(largest.get(first, here), here)
    scales = {
        first: torch.from_numpy(evener(loud[first].numpy(), largest[first].numpy()))
        for first in loud
    }
    return {name: scales[first] for name, first in first_reader.items()}
