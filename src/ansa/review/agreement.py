"""How far annotators agree beyond chance.

Cohen, "A coefficient of agreement for nominal scales" (1960), for two; Fleiss, "Measuring nominal
scale agreement among many raters" (1971), for any number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cohens_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Cohen's kappa of two annotators over the same questions: 1 is full agreement, 0 is chance.

    Args:
        one: answers of the first, one a question.
        other: answers of the second, in the same order.

    Returns:
        None if there is no question, or if both always said one and the same word, so that chance
        explains everything.

    Raises:
        ValueError: the lists differ in length.
    """
    if len(one) != len(other):
        raise ValueError("both annotators answer the same questions")
    words = sorted({*one, *other})
    table = np.zeros((len(words), len(words)))
    for a, b in zip(one, other, strict=True):
        table[words.index(a), words.index(b)] += 1
    if not len(one):
        return None
    table /= len(one)
    chance = float(table.sum(0) @ table.sum(1))
    return None if chance >= 1 else (float(table.trace()) - chance) / (1 - chance)


def fleiss_kappa(counts: NDArray[np.int64]) -> float | None:
    """Fleiss' kappa of any number of annotators, also where they differ from question to question.

    Questions with fewer than two answers say nothing and are left out. Where questions have
    different numbers of answers, each pair of answers to one question counts within that question,
    and each question counts the same.

    Args:
        counts: (questions, words) how many annotators said each word.

    Returns:
        None if no question has two answers, or if everybody always said one word.
    """
    counts = counts[counts.sum(1) >= 2]
    if not len(counts):
        return None
    raters = counts.sum(1)
    pairs = (counts * (counts - 1)).sum(1) / (raters * (raters - 1))
    shares = (counts / raters[:, None]).mean(0)
    chance = float((shares**2).sum())
    return None if chance >= 1 else (float(pairs.mean()) - chance) / (1 - chance)
