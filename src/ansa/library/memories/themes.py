"""The themes of memories, and which photos of a library show them.

A theme is found by tags of the tree and, if the tree has no word for it, by sentences. A photo
matches a sentence if its score is further above its own scores for everyday texts, and above the
mean of this library, than chance would explain (see :mod:`ansa.library.search.relevance`).
Sentences alone are not enough: the photo must also show something that belongs to the theme, and
must not match better what is often taken for it.

A wrong photo spoils a memory, so what the tags say is checked three times: the text network must
not rather see something that is often taken for the theme, nor the detector another animal, and the
photo must not be more like the rest of the library than like the others of the theme. What a person
said is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import Baseline
from ansa.library.selection.gallery import Gallery, Rows, SelectablePhoto
from ansa.scene import Vector

Embed = Callable[[Sequence[str]], Vector]
"""Converts texts to unit vectors (m, d)."""

_MARGIN = 2.0  # standard deviations above the photo's scores for everyday texts
_ABOVE = 2.0  # standard deviations above this library's mean margin
_PERSON = "person"
# The second look at what the tags are sure of, in standard deviations as above.
_CERTAIN = 0.9  # a calibrated probability that needs no agreement of the text network ...
_AGREES = 1.0  # ... and the margin that agrees with a lower one
_RATHER, _RATHER_BY = 1.5, 0.5  # the margin of what is seen instead, and how much it is ahead
_LEAST_LENGTH = 1e-12  # of a vector that is divided by its length
_ODD = 0.1  # how much nearer to the rest of the library than to the theme a photo may not be
_FEW = 5  # there is no middle of fewer photos
# What the detector takes for each other.
_ANIMALS = frozenset(
    "dog cat horse sheep cow bear elephant zebra giraffe bird".split()  # noqa: SIM905
) | {"teddy bear"}


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
        rivals: what is taken for the theme by mistake, in words.
        animals: the theme's animals in the words of the detector; where it sees only others, the
            photo does not belong to the theme.
        shows: what a photo must also show that only the sentences speak for: something of each of
            these sets, as a sure tag or as an object of the detector.
    """

    name: str
    title: str
    mood: Mood
    tags: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    people: bool = False
    without: frozenset[str] = frozenset()
    rivals: tuple[str, ...] = ()
    animals: frozenset[str] = frozenset()
    shows: tuple[frozenset[str], ...] = ()


def _tags(*names: str) -> frozenset[str]:
    return frozenset(names)


THEMES = (
    Theme(
        "dogs",
        "Dogs",
        LIVELY,
        _tags("dog"),
        rivals=("cat", "sheep", "lamb", "fox", "horse", "tree stump", "soft toy", "statue"),
        animals=frozenset({"dog"}),
    ),
    Theme(
        "cats",
        "Cats",
        TENDER,
        _tags("cat"),
        rivals=("dog", "fox", "soft toy", "statue", "owl"),
        animals=frozenset({"cat"}),
    ),
    Theme(
        "small pets",
        "Small friends",
        TENDER,
        _tags("rabbit", "hamster", "guinea pig", "goldfish"),
        rivals=("dog", "cat", "soft toy", "statue", "person"),
    ),
    Theme(
        "horses",
        "Horses",
        WARM,
        _tags("horse", "horse rider"),
        rivals=("cow", "dog", "statue", "carousel", "deer"),
        animals=frozenset({"horse"}),
    ),
    Theme(
        "birds",
        "Birds",
        CALM,
        _tags("bird"),
        rivals=("airplane", "statue", "insect", "plant"),
        animals=frozenset({"bird"}),
    ),
    Theme(
        "wild animals",
        "Wild animals",
        CALM,
        _tags("big cat", "bear", "wild cat", "elephant", "monkey", "fox", "zebra", "giraffe"),
        rivals=("dog", "cat", "soft toy", "statue", "person", "horse"),
    ),
    Theme(
        "food",
        "Good food",
        WARM,
        _tags("food", "drink"),
        without=_tags("animal", "flower"),
        rivals=("price list", "shop shelf", "screenshot", "person", "plant"),
    ),
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
        rivals=("office", "lecture", "shop", "street", "stage"),
        shows=(_tags("table", "dining table", "food", "drink", "eating", "restaurant"),),
    ),
    Theme(
        "hikes",
        "Out on the trail",
        ADVENTUROUS,
        _tags("hiking", "hiker"),
        ("people hiking in the mountains", "a hiker on a mountain trail"),
        people=True,
        without=_tags("vehicle", "skiing", "snowboarding"),
        rivals=("street", "beach", "building", "room"),
        shows=(
            _tags("mountain", "hill", "summit", "valley", "cliff", "path", "forest", "glacier"),
            _tags("backpack", "hiking", "hiker", "walking", "rock climbing", "climber"),
        ),
    ),
    Theme(
        "birthdays",
        "Birthdays",
        FESTIVE,
        texts=(
            "a birthday cake with candles",
            "people at a birthday party",
            "blowing out the candles of a cake",
        ),
        without=_tags("wedding", "bride"),
        rivals=("campfire", "church", "shop", "restaurant", "flower", "wedding cake"),
        shows=(_tags("cake", "candle", "balloon", "party", "gift"),),
    ),
    Theme(
        "celebrations",
        "Celebrations",
        FESTIVE,
        _tags("party", "wedding", "bride", "groom", "carnival", "parade", "mortarboard"),
        rivals=("lecture", "office", "shop", "street", "museum"),
    ),
    Theme(
        "sunsets",
        "Sunsets",
        CALM,
        _tags("sunset", "sunrise"),
        without=_tags("night"),
        rivals=("street at night", "lamp", "city at night", "room with warm light", "candle"),
    ),
    Theme(
        "beaches",
        "At the beach",
        SUNNY,
        _tags("beach", "coast"),
        rivals=("desert", "swimming pool", "river", "snow", "road"),
    ),
    Theme(
        "mountains",
        "Mountains",
        ADVENTUROUS,
        _tags("mountain", "glacier", "summit"),
        rivals=("building", "street", "beach", "room"),
    ),
    Theme(
        "forests",
        "In the woods",
        CALM,
        _tags("forest", "jungle"),
        rivals=("garden", "house plant", "street", "park"),
    ),
    Theme(
        "flowers",
        "In bloom",
        SUNNY,
        _tags("flower", "garden"),
        rivals=("wallpaper pattern", "food", "painting", "insect", "building"),
    ),
    Theme(
        "snow",
        "Snow",
        LIVELY,
        _tags("snow", "skiing", "snowboarding", "sled"),
        rivals=("sand", "cloud", "white wall", "document"),
    ),
    Theme(
        "fun in the water",
        "In the water",
        LIVELY,
        _tags("swimming", "swimming pool", "surfing", "splash"),
        rivals=("boat", "fountain", "aquarium", "bathroom"),
    ),
    Theme(
        "boats",
        "Boats",
        CALM,
        _tags("boat", "ship", "sailboat", "kayaking"),
        rivals=("bridge", "car", "beach", "building"),
    ),
    Theme(
        "bicycles and motorcycles",
        "On two wheels",
        ADVENTUROUS,
        _tags("bicycle", "cycling", "motorcycle"),
        rivals=("car", "baby carriage", "wheelchair", "street"),
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
            "rugby",
            "race",
            "football player",
            "basketball player",
        ),
        rivals=("street", "concert", "playground", "meadow", "television"),
    ),
    Theme(
        "playing children",
        "Little ones",
        TENDER,
        _tags("baby", "toddler", "playground", "swing"),
        ("children playing", "a smiling child"),
        people=True,
        without=_tags("sport", "man"),
        rivals=("doll", "statue", "dog", "cat"),
        shows=(_tags("child", "boy", "girl", "baby", "toddler", "playground", "swing"),),
    ),
    Theme(
        "people close together",
        "Together",
        TENDER,
        _tags("family", "hugging", "friends"),
        ("people hugging", "friends with their arms around each other"),
        people=True,
        without=_tags("sport"),
        rivals=("statue", "shop", "street", "crowd", "lecture"),
        shows=(_tags("family", "friends", "hugging", "kissing", "smile", "laughing"),),
    ),
    Theme(
        "music",
        "Music",
        LIVELY,
        _tags("playing music", "singing", "drum", "violin", "cello", "guitar", "saxophone"),
        rivals=("lecture", "theatre", "office", "restaurant"),
    ),
    Theme(
        "city nights",
        "City lights",
        LIVELY,
        texts=(
            "a city at night with its lights",
            "a street at night, lit by lamps and signs",
            "the lights of buildings in the dark",
        ),
        without=_tags("sunset", "sunrise", "indoors"),
        rivals=("sunset", "room", "concert", "street by day", "campfire", "forest"),
        shows=(
            _tags("night"),
            _tags("city", "skyline", "skyscraper", "building", "street", "bridge", "square", "car"),
        ),
    ),
    Theme(
        "streets",
        "Through the streets",
        WARM,
        _tags("street", "square", "market"),
        rivals=("room", "shop shelf", "car interior", "garden"),
    ),
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
        words = {word for theme in THEMES if theme.rivals for word in (*theme.tags, *theme.rivals)}
        texts += sorted(map(_sentence, words))
        margins = embed(texts) @ (gallery.vectors / everyday.spread[:, None]).T
        margins -= everyday.mean / everyday.spread
        self._margins = dict(zip(texts, margins, strict=True))
        self._tagged: dict[str, list[tuple[int, float]]] = {}
        wanted = frozenset[str]().union(*(theme.tags for theme in THEMES))
        for row, photo in enumerate(gallery.photos):
            for tag in wanted.intersection(photo.tags):
                self._tagged.setdefault(tag, []).append((row, (photo.scores or {})[tag]))
        self._said = [(row, p.said) for row, p in enumerate(gallery.photos) if p.said]
        self._total = gallery.vectors.sum(axis=0)
        self._scores: dict[str, NDArray[np.float64]] = {}
        self._shown: NDArray[np.bool_] | None = None

    def __call__(self, theme: Theme) -> NDArray[np.float64]:
        """Returns (n,): 0 for a photo that does not belong to the theme, else 0..1."""
        if theme.name not in self._scores:
            self._scores[theme.name] = self._score(theme)
        return self._scores[theme.name]

    def shares(self, rows: Rows) -> NDArray[np.float64]:
        """Returns which share of some photos (m,) shows each theme, in the order of themes."""
        if self._shown is None:
            self._shown = np.stack([self(theme) > 0 for theme in THEMES])
        return np.asarray(self._shown[:, rows].mean(axis=1), np.float64)

    def _score(self, theme: Theme) -> NDArray[np.float64]:
        photos = self._gallery.photos
        said = np.zeros(len(photos), bool)
        said[[row for row, tags in self._said if theme.tags & tags]] = True
        found = np.zeros(len(photos))
        for tag in theme.tags:
            for row, score in self._tagged.get(tag, ()):
                found[row] = max(found[row], score)
        if theme.rivals:
            found[self._doubtful(theme, found) & ~said] = 0
        if theme.texts:
            found = np.maximum(found, self._by_texts(theme))
        for row in np.flatnonzero((found > 0) & ~said).tolist():
            if not _fits(theme, photos[row]):
                found[row] = 0
        return self._without_odd(found, said)

    def _doubtful(self, theme: Theme, found: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Returns which photos the text network does not see as the theme, (n,)."""
        own = np.full(len(found), -np.inf)
        for tag in theme.tags:
            margins = self._margins[_sentence(tag)]
            for row, _ in self._tagged.get(tag, ()):
                own[row] = max(own[row], margins[row])
        rivals = self._rivals(theme)
        rather = (rivals >= _RATHER) & (rivals - own > _RATHER_BY)
        unsure = (found < _CERTAIN) & (own < _AGREES)
        doubtful: NDArray[np.bool_] = rather | unsure
        return doubtful

    def _without_odd(
        self, found: NDArray[np.float64], said: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Returns the scores without photos that look like the rest and not like the theme."""
        inside = found > 0
        looks = self._gallery.vectors
        if inside.sum() < _FEW or (~inside).sum() < _FEW:
            return found
        total = looks[inside].sum(axis=0)
        rest = _unit(self._total - total)
        rows = np.flatnonzero(inside & ~said)
        own = looks[rows]
        others = total - own  # a photo always looks like itself
        others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), _LEAST_LENGTH)
        odd = own @ rest - (own * others).sum(axis=1) > _ODD
        kept = found.copy()
        kept[rows[odd]] = 0
        return kept

    def _by_texts(self, theme: Theme) -> NDArray[np.float64]:
        """Returns how surely photos match the theme's sentences and show what belongs to it."""
        if not len(self._gallery):
            return np.zeros(0)
        margins = np.mean([self._margins[text] for text in theme.texts], axis=0, dtype=np.float64)
        needed = max(_MARGIN, float(margins.mean() + _ABOVE * margins.std()))
        matching = np.asarray(margins > needed, bool)
        if theme.rivals:
            matching &= self._rivals(theme) - margins <= _RATHER_BY
        for row in np.flatnonzero(matching).tolist():
            matching[row] = _shows(theme, self._gallery.photos[row])
        # Certainty is 1 at twice the required margin.
        sure: NDArray[np.float64] = np.clip(margins / needed / 2, 0, 1) * matching
        return sure

    def _rivals(self, theme: Theme) -> NDArray[np.float64]:
        """Returns how well photos match what is taken for the theme by mistake, (n,)."""
        rivals: NDArray[np.float64] = np.max(
            [self._margins[_sentence(word)] for word in theme.rivals], axis=0
        )
        return rivals


def _sentence(word: str) -> str:
    return f"a photo of {'an' if word[0] in 'aeiou' else 'a'} {word}"


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = vector / max(float(np.linalg.norm(vector)), _LEAST_LENGTH)
    return unit


def _shows(theme: Theme, photo: SelectablePhoto) -> bool:
    seen = {*photo.tags, *(photo.objects or ())}
    return all(wanted & seen for wanted in theme.shows)


def _fits(theme: Theme, photo: SelectablePhoto) -> bool:
    if theme.animals:
        seen = _ANIMALS.intersection(photo.objects or ())
        if seen and not seen & theme.animals:
            return False
    if theme.people and not photo.people and _PERSON not in photo.tags:
        return False
    return not theme.without.intersection(photo.tags)
