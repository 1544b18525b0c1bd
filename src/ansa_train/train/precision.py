"""Mixed precision: both networks in one call, each with a precision of its own.

Micikevicius et al., "Mixed Precision Training" (2018): weights stay float32, the arithmetic is
float16 with its loss scaled, or bfloat16, which needs no scale. On processors the backward pass of
depthwise convolutions is slower in bfloat16 and transformers are faster, hence one for each side.
Where a processor has no bfloat16, float32 takes its place.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.narrow_types import autocast
from ansa_train.models.text_encoder import TextTower

Precision = Literal["fp32", "bf16", "fp16"]
GROUP = 96
"""Texts that are read together; of about one length, so that little of it is padding."""

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class MixedPrecisionEncoder(nn.Module):
    """Images (n, ...) and any number of pairs of ids and mask (m, t) -> features and vectors.

    Args:
        image: gives (n, features) from its block ``entry`` on.
        text: gives (m, dim), unit length; None if nothing is read.
        entry: block that the images enter at.
        image_precision: of the image network.
        text_precision: of the text network; what pools its tokens is always float32.
    """

    def __init__(
        self,
        image: ImageEncoder,
        text: TextTower | None,
        entry: int = 0,
        image_precision: Precision = "fp32",
        text_precision: Precision = "fp32",
    ) -> None:
        super().__init__()
        self.image, self.text, self.entry = image, text, entry
        self._image_type, self._text_type = TYPES[image_precision], TYPES[text_precision]

    def forward(self, images: Tensor, *tokens: Tensor) -> tuple[Tensor, ...]:
        """Features and vectors, float32, of images and pairs of token ids and mask."""
        with autocast(images.device, self._image_type):
            features = self.image.from_block(images, self.entry)
        pairs = zip(tokens[::2], tokens[1::2], strict=True)
        return (features.float(), *(self.read(ids, mask) for ids, mask in pairs))

    def read(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The vectors (m, dim) of the texts alone.

        In the place of ids may be summaries (m, s), what layers make that never learn.
        """
        if ids.is_floating_point():
            assert self.text is not None
            return self.text.from_summary(ids)
        if len(ids) <= GROUP:
            return self._read(ids, mask)
        lengths = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(1)
        order = lengths.argsort(stable=True)
        groups = torch.split(order, GROUP)
        longest = [int(lengths[group[-1]]) for group in groups]
        parts = [
            self._read(ids[group, :length], mask[group, :length])
            for group, length in zip(groups, longest, strict=True)
        ]
        return torch.cat(parts)[order.argsort()]

    def _read(self, ids: Tensor, mask: Tensor) -> Tensor:
        text = self.text
        assert text is not None
        with autocast(ids.device, self._text_type):
            x = text.hidden(text.embed_tokens(ids), mask, 0, len(text.layers))
        return text.pool(x.float(), mask)


def scaler(device: torch.device, *precisions: Precision) -> torch.amp.GradScaler:
    """Scales losses where one of the precisions is float16; elsewhere it does nothing."""
    return torch.amp.GradScaler(device.type, enabled="fp16" in precisions)
