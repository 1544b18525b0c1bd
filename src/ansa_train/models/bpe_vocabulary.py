"""A byte-pair vocabulary learned from the captions of a run.

Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units" (2016), over bytes as
in Radford et al., GPT-2 (2019): any text has tokens, none is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import NFKC, Lowercase, Replace, Sequence, Strip
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer

from ansa.atomic_write import write_atomically

PADDING, START, END = "<|padding|>", "<|start|>", "<|end|>"
"""Tokens 0, 1 and 2 of every vocabulary; the others begin with the 256 bytes."""

SMALLEST = 3 + 256
_FEWEST = 2  # a pair seen once is no piece of words


def learn_vocabulary(captions: Iterable[str], size: int, file: Path) -> None:
    """Write ``file``, a tokenizer that gives lower-case text between a start and an end mark.

    The same captions, in whatever order, give the same file.

    Args:
        captions: read once.
        size: greatest number of tokens; few captions give fewer.
        file: a ``tokenizer.json``; it stands there whole or not at all.

    Raises:
        ValueError: no caption, or a size below :data:`SMALLEST`.
    """
    if size < SMALLEST:
        raise ValueError(f"a vocabulary has at least {SMALLEST} tokens, not {size}")
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = Sequence([NFKC(), Lowercase(), Replace(Regex(r"\s+"), " "), Strip()])
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
    trainer = BpeTrainer(
        vocab_size=size,
        min_frequency=_FEWEST,
        special_tokens=[PADDING, START, END],
        initial_alphabet=sorted(ByteLevel.alphabet()),
        show_progress=False,
    )
    count = 0

    def counted() -> Iterable[str]:
        nonlocal count
        for caption in captions:
            count += 1
            yield caption

    tokenizer.train_from_iterator(counted(), trainer)
    if not count:
        raise ValueError("there is no caption to learn a vocabulary from")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, 1), (END, 2)]
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, tokenizer.to_str(pretty=True))
