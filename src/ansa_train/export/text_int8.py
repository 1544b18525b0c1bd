"""Exports a text network with products in whole numbers, as it goes into a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from ansa_train.export.dynamic_quant import quantize_products
from ansa_train.export.onnx import export_text
from ansa_train.models.text_encoder import TextTower

CALIBRATION = 256
"""Captions that tell well enough how strong channels are."""


def export_text_int8(
    tower: TextTower,
    max_tokens: int,
    inputs: Sequence[str],
    batches: Iterable[tuple[Tensor, Tensor]],
) -> bytes:
    """A text network as a graph with weights and products in int8.

    Args:
        tower: trained.
        max_tokens: longest text, in tokens.
        inputs: names of its ids and mask.
        batches: ids and mask of some captions, which tell how strong channels are.
    """
    model = export_text(tower, max_tokens)
    feeds = [dict(zip(inputs, (t.numpy() for t in each), strict=True)) for each in batches]
    quantize_products(model, feeds)
    data: bytes = model.SerializeToString()
    return data
