"""What a search's scores mean: the chance that a photo is what was asked for, and its grade.

Cosines, margins and probabilities of tags are combined by a logistic function. Its coefficients are
fitted on dev photos with a bundle (see docs/experiments.md), so a bundle may bring its own: as
``search`` among the settings of its head ``embedding``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import Baseline

Grade = Literal["matches", "perhaps", "not here"]
MATCHES: Grade = "matches"
PERHAPS: Grade = "perhaps"
NOT_HERE: Grade = "not here"

_EVERYDAY = 0.25  # the share of a photo's own scores for everyday texts that a sentence is less

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MatchCalibration:
    """The coefficients of the logistic functions, and the limits of grades.

    The unit of margins is the standard deviation of a photo's scores for everyday texts. ``chance``
    stands for the margin that the best of so many photos reaches by chance.

    Attributes:
        word_margin, word_chance, word_offset: of texts of a word or two.
        sentence_margin, sentence_chance, sentence_offset: of longer texts.
        tag_margin, tag_odds, tag_chance, tag_offset: of texts that name tags.
        like_cosine, like_offset: of photos that are similar to one.
        names: what the whole text in a photo's names adds.
        texts: the log odds that a photo is meant whose own text says all of a query.
        matches: the score from which on a photo matches.
        perhaps: the score from which on it perhaps does.
        unwanted: the chance from which on a photo is left out that shows something unwanted.
    """

    word_margin: float = 0.74
    word_chance: float = -1.34
    word_offset: float = 0.62
    sentence_margin: float = 1.31
    sentence_chance: float = -1.2
    sentence_offset: float = -1.5
    tag_margin: float = 0.45
    tag_odds: float = 0.5
    tag_chance: float = -1.2
    tag_offset: float = 1.9
    like_cosine: float = 6.1
    like_offset: float = -3.8
    names: float = 4.5
    texts: float = 2.0
    matches: float = 0.6
    perhaps: float = 0.05
    unwanted: float = 0.3

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> MatchCalibration:
        """Returns the calibration in the settings of a bundle's head ``embedding``.

        What is missing, or is no finite number, is as for the shipped bundle.
        """
        told = settings.get("search")
        if not isinstance(told, Mapping):
            return SHIPPED
        known = {field.name for field in fields(cls)}
        return replace(
            SHIPPED,
            **{
                name: float(value)
                for name, value in told.items()
                if name in known and type(value) in (int, float) and math.isfinite(value)
            },
        )

    def grade(self, score: float) -> Grade:
        """Returns the grade of a score."""
        return MATCHES if score >= self.matches else PERHAPS if score >= self.perhaps else NOT_HERE

    def text(self, cosines: Floats, everyday: Baseline, *, short: bool) -> Floats:
        """Returns the log odds (m,) that photos show a text, by their cosines (m,) with it."""
        if short:
            margins = (cosines - everyday.mean) / everyday.spread
            offset = self.word_offset + self.word_chance * by_chance(len(cosines))
            return np.float32(self.word_margin) * margins + np.float32(offset)
        if not len(cosines):
            return cosines
        # Sentences are found best by the cosine, words by the margin.
        mean, spread = float(everyday.mean.mean()), float(everyday.spread.mean())
        usual: Floats = np.float32(_EVERYDAY) * everyday.mean + np.float32((1 - _EVERYDAY) * mean)
        above: Floats = (cosines - usual) / np.float32(spread)
        offset = self.sentence_offset + self.sentence_chance * by_chance(len(cosines))
        return np.float32(self.sentence_margin) * above + np.float32(offset)

    def tagged(self, cosines: Floats, everyday: Baseline, odds: Floats) -> Floats:
        """Returns the log odds (m,) that photos show what is named by tags.

        Args:
            cosines: (m,), with the text.
            everyday: their scores for everyday texts.
            odds: (m,), the log odds of the tags.
        """
        margins = (cosines - everyday.mean) / everyday.spread
        offset = self.tag_offset + self.tag_chance * by_chance(len(cosines))
        return (
            np.float32(self.tag_margin) * margins
            + np.float32(self.tag_odds) * odds
            + np.float32(offset)
        )

    def written(self, odds: Floats, share: Floats) -> Floats:
        """Returns the log odds (m,) that photos are meant by what they show or by what they say.

        Args:
            odds: (m,), the log odds by what they show.
            share: (m,), 0..1, how surely the query is about the text in each; 0 where it is not.
        """
        said = np.float32(self.texts) * (2 * share - 1)
        either = np.logaddexp(np.logaddexp(odds, said), odds + said)
        return np.where(share > 0, either, odds).astype(np.float32)

    def likeness(self, cosines: Floats) -> Floats:
        """Returns the log odds (m,) that photos show the same, by the cosines (m,) of two."""
        return np.float32(self.like_cosine) * cosines + np.float32(self.like_offset)


SHIPPED = MatchCalibration()
"""Fitted with the shipped bundle."""


def by_chance(count: int) -> float:
    """Returns the margin that the best of so many photos reaches by chance: the maximum of n
    standard normal numbers is about sqrt(2 ln n)."""
    return math.sqrt(2.0 * math.log(count + 1.0))


def sigmoid(logits: Floats) -> Floats:
    """Returns probabilities of log odds, float32 (m,)."""
    chances: Floats = np.float32(1) / (np.float32(1) + np.exp(-np.clip(logits, -50, 50)))
    return chances


def log_sigmoid(logits: Floats) -> Floats:
    """Returns the logarithms of probabilities of log odds, float32 (m,), at most 0; exact also
    where a probability is next to 1."""
    chances: Floats = -np.logaddexp(np.float32(0), -logits)
    return chances
