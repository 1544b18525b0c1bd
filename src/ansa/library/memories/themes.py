"""The themes of memories, and which photos of a library show them.

A theme is found by tags of the tree and, if the tree has no word for it, by sentences. A photo
matches a sentence if its score is further above its own scores for everyday texts, and above the
mean of this library, than chance would explain (see :mod:`ansa.library.search.relevance`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import Baseline
from ansa.library.selection.gallery import Gallery, SelectablePhoto
from ansa.scene import Vector

Embed = Callable[[Sequence[str]], Vector]
"""Converts texts to unit vectors (m, d)."""

_MARGIN = 2.0  # standard deviations above the photo's scores for everyday texts
_ABOVE = 2.0  # standard deviations above this library's mean margin
_PERSON = "person"


@dataclass(frozen=True, slots=True)
class Mood:
    """The feeling of a memory.

    Attributes:
        name: one word.
        tempo: beats per minute of suitable music.
    """

    name: str
    tempo: int


CALM = Mood("calm", 72)
TENDER = Mood("tender", 84)
WARM = Mood("warm", 96)
SUNNY = Mood("sunny", 108)
ADVENTUROUS = Mood("adventurous", 116)
LIVELY = Mood("lively", 124)
FESTIVE = Mood("festive", 128)


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that photos of many days have in common.

    Attributes:
        name: a unique name, used in ids.
        title: the title of a memory, without its time.
        mood: the mood that suits it.
        tags: a photo belongs to the theme if it surely shows one of these tags, ...
        texts: ... or if it matches these sentences, which say the same in several ways ...
        people: ... and, if this is set, shows a person, as a sure tag or as a box.
        without: photos that surely show one of these tags do not belong to the theme.
    """

    name: str
    title: str
    mood: Mood
    tags: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    people: bool = False
    without: frozenset[str] = frozenset()


def _tags(*names: str) -> frozenset[str]:
    return frozenset(names)


THEMES = (
    Theme("dogs", "Dogs", LIVELY, _tags("dog")),
    Theme("cats", "Cats", TENDER, _tags("cat")),
    Theme(
        "small pets",
        "Small friends",
        TENDER,
        _tags("pet", "rabbit", "hamster", "guinea pig", "goldfish"),
    ),
    Theme("horses", "Horses", WARM, _tags("horse", "horse riding")),
    Theme("birds", "Birds", CALM, _tags("bird")),
    Theme(
        "wild animals",
        "Wild animals",
        CALM,
        _tags(
            "big cat", "bear", "wild cat", "elephant", "monkey", "deer", "fox", "zebra", "giraffe"
        ),
    ),
    Theme("food", "Good food", WARM, _tags("food", "drink"), without=_tags("animal")),
    Theme(
        "people around a table",
        "Around the table",
        WARM,
        texts=(
            "people sitting around a table",
            "a family eating dinner together at a table",
            "friends sharing a meal at a restaurant",
        ),
        people=True,
    ),
    Theme(
        "hikes",
        "Out on the trail",
        ADVENTUROUS,
        _tags("hiking", "hiker"),
        ("people hiking in the mountains", "a hiker on a mountain trail"),
        people=True,
        without=_tags("vehicle", "skiing", "snowboarding"),
    ),
    Theme("birthdays", "Birthdays", FESTIVE, _tags("birthday", "birthday cake")),
    Theme(
        "celebrations",
        "Celebrations",
        FESTIVE,
        _tags("party", "wedding", "bride", "graduation", "christening", "fireworks", "festival"),
    ),
    Theme("sunsets", "Sunsets", CALM, _tags("sunset", "sunrise")),
    Theme("beaches", "At the beach", SUNNY, _tags("beach", "coast")),
    Theme("mountains", "Mountains", ADVENTUROUS, _tags("mountain", "glacier", "summit")),
    Theme("forests", "In the woods", CALM, _tags("forest", "jungle")),
    Theme("flowers", "In bloom", SUNNY, _tags("flower", "garden", "flower field")),
    Theme("snow", "Snow", LIVELY, _tags("snow", "skiing", "snowboarding", "sledding", "snowman")),
    Theme(
        "fun in the water",
        "In the water",
        LIVELY,
        _tags("swimming", "swimming pool", "surfing", "splash"),
    ),
    Theme("boats", "Boats", CALM, _tags("boat", "ship", "sailing", "kayaking")),
    Theme(
        "bicycles and motorcycles",
        "On two wheels",
        ADVENTUROUS,
        _tags("bicycle", "cycling", "motorcycle"),
    ),
    Theme(
        "sport",
        "Game day",
        LIVELY,
        _tags(
            "football",
            "basketball game",
            "baseball game",
            "tennis",
            "hockey",
            "American football",
            "race",
            "football player",
            "basketball player",
        ),
    ),
    Theme(
        "playing children",
        "Little ones",
        TENDER,
        _tags("baby", "toddler", "playground", "swing"),
        ("children playing", "a smiling child"),
        people=True,
        without=_tags("sport", "man"),
    ),
    Theme(
        "people close together",
        "Together",
        TENDER,
        _tags("family", "hugging", "couple", "friends"),
        ("people hugging", "friends with their arms around each other"),
        people=True,
        without=_tags("sport"),
    ),
    Theme("music", "Music", LIVELY, _tags("concert", "musician", "guitarist", "drummer", "singer")),
    Theme(
        "city nights",
        "City lights",
        LIVELY,
        _tags("city at night", "neon sign"),
        without=_tags("sunset", "sunrise", "nature"),
    ),
    Theme("streets", "Through the streets", WARM, _tags("street", "square", "alley", "market")),
)


class ThemeScores:
    """Scores the photos of a gallery on themes.

    Args:
        gallery: n photos.
        embed: encodes the sentences; called once for all of them.
        everyday: the scores of each photo on everyday texts, (n,).
    """

    def __init__(self, gallery: Gallery, embed: Embed, everyday: Baseline) -> None:
        self._gallery = gallery
        texts = [text for theme in THEMES for text in theme.texts]
        scores = gallery.vectors @ embed(texts).T
        margins = (scores - everyday.mean[:, None]) / everyday.spread[:, None]
        self._margins = dict(zip(texts, margins.T, strict=True))
        self._scores: dict[str, NDArray[np.float64]] = {}

    def __call__(self, theme: Theme) -> NDArray[np.float64]:
        """Returns (n,): 0 for a photo that does not belong to the theme, else 0..1."""
        if theme.name not in self._scores:
            self._scores[theme.name] = self._score(theme)
        return self._scores[theme.name]

    def _score(self, theme: Theme) -> NDArray[np.float64]:
        found = np.array([_by_tags(theme, photo) for photo in self._gallery.photos], np.float64)
        if theme.texts:
            found = np.maximum(found, self._by_texts(theme.texts))
        if theme.people or theme.without:
            found[[not _fits(theme, photo) for photo in self._gallery.photos]] = 0
        return found

    def _by_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        margins = np.mean([self._margins[text] for text in texts], axis=0, dtype=np.float64)
        needed = max(_MARGIN, float(margins.mean() + _ABOVE * margins.std()))
        # Certainty is 1 at twice the required margin.
        sure: NDArray[np.float64] = np.clip(margins / needed / 2, 0, 1) * (margins > needed)
        return sure


def _by_tags(theme: Theme, photo: SelectablePhoto) -> float:
    scores: Mapping[str, float] = photo.scores or {}
    sure = theme.tags.intersection(photo.tags)
    return max((scores[tag] for tag in sure), default=0.0)


def _fits(theme: Theme, photo: SelectablePhoto) -> bool:
    seen = not theme.people or photo.people > 0 or _PERSON in photo.tags
    return seen and not theme.without.intersection(photo.tags)
