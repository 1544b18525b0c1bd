"""Which weights of a text network are zero, and which matter least.

Small is what changes little: a weight times how strong the channel is that it reads (Sun et al., "A
Simple and Effective Pruning Approach for Large Language Models", 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.export.load_text_encoder import read
from ansa_train.models.text_encoder import TextTower

SMALLEST = 1024
"""Matrices of fewer elements stay dense."""


class WeightMasks:
    """Masks of the weights that stay zero in a network's matrices.

    Args:
        tower: whose weights tell, by how much they matter within their matrix; made zero in place.
        wanted: share of zeros in the end.
        tables: see :class:`~ansa_train.compress.prune_text.TextPruningRecipe`.
        strengths: of the channels that linear layers read, by the names of their weights.
    """

    def __init__(
        self, tower: TextTower, wanted: float, tables: float, strengths: Mapping[str, Tensor]
    ) -> None:
        self._weights, self._strengths = matrices(tower), strengths
        self._masks = {name: torch.ones_like(w) for name, w in self._weights.items()}
        sizes = {name: weight.numel() for name, weight in self._weights.items()}
        looked_up = {f"{n}.weight" for n, m in tower.named_modules() if isinstance(m, nn.Embedding)}
        inside = sum(size for name, size in sizes.items() if name in looked_up)
        rest = sum(sizes.values()) - inside
        in_tables = min(wanted**tables, wanted * (inside + rest) / max(1, inside))
        in_layers = (wanted * (inside + rest) - in_tables * inside) / max(1, rest)
        self._wanted = {n: in_tables if n in looked_up else in_layers for n in sizes}

    @torch.no_grad()
    def cut(self, share: float) -> None:
        """Sets a share of the final zeros. Weights that are zero already stay so."""
        for name, weight in self._weights.items():
            count = round(share * self._wanted[name] * weight.numel())
            if count:
                matters = weight.detach().abs()
                if name in self._strengths:
                    matters = matters * self._strengths[name]
                limit = matters.flatten().kthvalue(count).values
                self._masks[name] = (matters > limit).to(weight.dtype)
                weight.mul_(self._masks[name])

    @torch.no_grad()
    def apply(self, tower: TextTower) -> TextTower:
        """Sets the masked weights of a network of the same shape to zero, in place; returns it."""
        for name, weight in matrices(tower).items():
            weight.mul_(self._masks[name])
        return tower


def matrices(tower: nn.Module) -> Mapping[str, Tensor]:
    """The weights that are pruned, by name: look-up tables and weights of linear layers."""
    kinds = (nn.Embedding, nn.Linear)
    modules = {name: m for name, m in tower.named_modules() if isinstance(m, kinds)}
    named: dict[str, Tensor] = {f"{name}.weight": module.weight for name, module in modules.items()}
    return {name: weight for name, weight in named.items() if weight.numel() >= SMALLEST}


def sparsity(tower: nn.Module) -> float:
    """The share of zeros among the weights that are pruned, 0..1."""
    weights = matrices(tower).values()
    zeros = sum(int((weight == 0).sum()) for weight in weights)
    return zeros / max(1, sum(weight.numel() for weight in weights))


@torch.no_grad()
def inputs(tower: TextTower, tokens: TokenBatches, texts: Sequence[str]) -> dict[str, Tensor]:
    """The strength of each channel that a linear layer reads, by the name of its weight."""
    found: dict[str, Tensor] = {}

    def look(name: str, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        squares = given[0].flatten(0, -2).square().sum(0)
        found[name] = found.get(name, torch.zeros(())) + squares

    layers = {f"{n}.weight": m for n, m in tower.named_modules() if isinstance(m, nn.Linear)}
    hooks = [m.register_forward_pre_hook(partial(look, name)) for name, m in layers.items()]
    read(tower, tokens, texts)
    for hook in hooks:
        hook.remove()
    return {name: squares.sqrt() for name, squares in found.items()}
