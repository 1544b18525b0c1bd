"""Cache of the features that the frozen layers of a text network give for sentences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor, nn

from ansa.atomic_write import open_atomic
from ansa.processors import processor_count
from ansa_train.models.narrow_types import autocast
from ansa_train.models.text_encoder import TextTower

GROUP = 96
"""Sentences that are read together, of about one length, so that little of them is padding."""

WORTH_SAVING = 1.02
"""Growth of the cache since it was last written from which it is written again."""


class TextFeatureCache:
    """Sentences -> summaries, float32 (n, s), of a network whose layers never learn.

    Args:
        text: the network.
        tokens: sentences -> ids and mask (n, t).
        folder: where summaries are kept from run to run, in a file that is called after the
            network's weights.
        dropout: share of a summary that is hidden from a projection that learns.
    """

    def __init__(
        self,
        text: TextTower,
        tokens: Callable[[Sequence[str]], tuple[Tensor, Tensor]],
        folder: Path,
        dropout: float = 0.0,
    ) -> None:
        self._text, self._tokens, self._dropout = text, tokens, dropout
        head = {id(parameter) for parameter in text.head()}
        checksum = 0
        for parameter in text.parameters():
            if id(parameter) not in head:
                checksum = zlib.crc32(parameter.detach().cpu().numpy().tobytes(), checksum)
        self._file = folder / f"texts-{checksum:08x}.pt"
        self._known: dict[str, Tensor] = {}
        if self._file.exists():
            sentences, rows = torch.load(self._file, weights_only=True)
            self._known = dict(zip(sentences, rows, strict=True))
        self._saved = len(self._known)

    def __call__(self, sentences: Sequence[str], *, learning: bool = False) -> Tensor:
        """The summaries of sentences; with ``learning``, after dropout."""
        new = sorted({s for s in sentences if s not in self._known}, key=len)
        groups = [new[start : start + GROUP] for start in range(0, len(new), GROUP)]
        for group, rows in zip(groups, self._rows(groups), strict=True):
            self._known.update(zip(group, rows, strict=True))
        device = next(self._text.parameters()).device
        if not sentences:
            return torch.zeros(0, self._text.project.in_features, device=device)
        rows = torch.stack([self._known[s] for s in sentences]).float().to(device)
        return nn.functional.dropout(rows, self._dropout) if learning else rows

    def save(self) -> None:
        """Writes the cache for the next run, if much is new."""
        if len(self._known) > WORTH_SAVING * self._saved:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open_atomic(self._file) as stream:
                torch.save((list(self._known), torch.stack(list(self._known.values()))), stream)
            self._saved = len(self._known)

    def meanings(self, sentences: Sequence[str]) -> Tensor:
        """The mean over the tokens of the last layer, (n, width), unit length."""
        return nn.functional.normalize(self(sentences)[:, : self._text.width], dim=-1)

    def _rows(self, groups: Sequence[Sequence[str]]) -> list[Tensor]:
        """A thread a group where the processor reads, none of which waits for the others."""
        if len(groups) < 2 or next(self._text.parameters()).device.type != "cpu":
            return [self._read(group) for group in groups]
        at_once = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(processor_count()) as threads:
                return list(threads.map(self._read, groups))
        finally:
            torch.set_num_threads(at_once)

    @torch.no_grad()
    def _read(self, sentences: Sequence[str]) -> Tensor:
        text = self._text
        device = next(text.parameters()).device
        ids, mask = (t.to(device) for t in self._tokens(sentences))
        with autocast(device):
            x = text.hidden(text.embed_tokens(ids), mask, 0, len(text.layers))
        return text.summary(x.float(), mask).half().cpu()
