"""One plain sentence about a picture, for people who cannot see it: "A dog on a beach."

A sentence says only what is surely there. Whoever cannot see a photo cannot see either that its
description is wrong, so that a word is left out rather than guessed: only tags whose probability
reaches a floor are said, by words that stood the comparison with people's captions
(``python -m benchmarks.descriptions``). How many people there are is said only if every one of
them was surely found and nothing else might be one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class _Tag(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def sure(self) -> bool: ...


class _Object(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def score(self) -> float: ...


class _Utility(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def sure(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Description:
    """A description of a picture.

    Attributes:
        sentence: one sentence in plain English.
        claims: the names of the tags that it claims to be there; what it counts is among them.
    """

    sentence: str
    claims: tuple[str, ...]


_FLOOR = 0.85
"""The probability from which on a tag is said."""

_FLOORS: Mapping[str, float] = {
    "person": 0.5, "dog": 0.75, "water": 0.7, "ball": 0.95, "bicycle": 0.8, "running": 0.8,
    "beach": 0.85, "mountain": 0.9, "forest": 0.85, "boat": 0.85, "jumping": 0.95, "sitting": 0.9,
    "swimming pool": 0.9, "football": 0.95, "city": 0.95, "crowd": 0.85, "child": 0.9,
}  # fmt: skip
"""Where captions of dev photos allow less or ask for more."""

_FOUND, _PERHAPS = 0.8, 0.15
"""From which probability on a box surely is an object, and up to which it surely is none."""

_SEVERAL = 0.5  # two people as likely as this are several people, as far as captions go

_KINDS: Mapping[str, str] = {
    "receipt": "A receipt.",
    "document": "A page of a document.",
    "screenshot": "A screenshot.",
    "code": "A bar code or a matrix code.",
    "meme": "A picture with a caption on it.",
    "drawing": "A drawing or a painting.",
    "graphic": "A poster, a logo or a diagram.",
    "blank": "A picture in which nothing can be seen.",
}

_ANIMALS = (
    "dog", "cat", "horse", "cow", "sheep", "goat", "pig", "bird", "duck", "swan", "goose",
    "chicken", "owl", "eagle", "parrot", "penguin", "flamingo", "elephant", "giraffe", "zebra",
    "lion", "tiger", "bear", "monkey", "deer", "rabbit", "squirrel", "fox", "wolf", "camel",
    "butterfly", "fish", "turtle", "snake", "frog", "insect", "spider", "panda", "kangaroo",
)  # fmt: skip
_UNSAID = frozenset({"raccoon"})
"""Animals that are not named, because cats are taken for them too often."""

_INSTRUMENTS = frozenset({"guitar", "piano", "violin", "drum"})
_THINGS = (
    "bicycle", "motorcycle", "car", "bus", "truck", "train", "airplane", "helicopter", "boat",
    "ship", "tractor", "ball", "frisbee", "skateboard", "surfboard", "snowboard", "kite",
    "guitar", "piano", "violin", "drum", "book", "laptop", "phone", "umbrella", "bench",
    "clock", "pizza", "cake", "hamburger", "sandwich", "cup", "bottle", "vase", "flower",
    "tree", "cactus", "bridge", "castle", "lighthouse", "statue", "fountain", "windmill",
    "tent", "campfire", "balloon", "snowman", "sandcastle",
)  # fmt: skip
_ALONE: Mapping[str, str] = {
    "crowd": "a crowd",
    "fireworks": "fireworks",
    "football player": "a football player",
    "baseball player": "a baseball player",
    "basketball player": "a basketball player",
    "musical instrument": "a musical instrument",
    "salad": "salad",
    "skis": "skis",
}
_SUBJECTS: Mapping[str, str] = {
    **{name: f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in (*_ANIMALS, *_THINGS)},
    "fish": "fish",
    "sheep": "sheep",
    "teddy bear": "a teddy bear",
    "ferris wheel": "a ferris wheel",
    **_ALONE,
}
"""What is named, with its article."""

_PEOPLE = frozenset({"crowd", "football player", "baseball player", "basketball player", "child"})
"""Tags that say that there are people, and more."""

_PLACES: Mapping[str, tuple[str, str]] = {
    "beach": ("a beach", "on a beach"),
    "snow": ("snow", "in the snow"),
    "swimming pool": ("a swimming pool", "at a swimming pool"),
    "water": ("water", "at the water"),
    "grass": ("grass", "on grass"),
    "mountain": ("a mountain", "in the mountains"),
    "forest": ("a forest", "in a forest"),
    "desert": ("a desert", "in a desert"),
    "city": ("a city", "in a city"),
    "kitchen": ("a kitchen", "in a kitchen"),
    "bathroom": ("a bathroom", "in a bathroom"),
    "bedroom": ("a bedroom", "in a bedroom"),
    "stadium": ("a stadium", "in a stadium"),
    "playground": ("a playground", "on a playground"),
}
"""Places: alone, and with what is there. Only the first that is sure is said."""

_TIMES: Mapping[str, str] = {"sunset": "at sunset", "sunrise": "at sunrise", "night": "at night"}

_ACTIVITIES: Mapping[str, str] = {
    name: name
    for name in (
        "running", "jumping", "swimming", "skiing", "surfing", "snowboarding", "skateboarding",
        "rock climbing", "sitting", "sleeping", "dancing", "rowing", "ice skating", "fishing",
    )
}  # fmt: skip
_MOST = 3  # the most subjects that are named
_NUMBERS = {2: "two", 3: "three", 4: "four"}


def describe(
    tags: Iterable[_Tag] | None,
    objects: Iterable[_Object] | None,
    utility: _Utility | None,
    *,
    film: bool = False,
) -> Description:
    """Describes a picture.

    Args:
        tags: its tags; None if they are not known.
        objects: its objects; likewise.
        utility: the kind of picture; likewise.
        film: whether it stands for a film.
    """
    if utility is not None and utility.sure and utility.kind in _KINDS:
        return Description(_KINDS[utility.kind], (utility.kind,))
    known = tuple(tags or ())
    surely = {tag.name: tag.score for tag in known if tag.sure and tag.score >= _floor(tag.name)}
    known_objects = tuple(objects or ())
    people, claimed = _people(surely, known_objects)
    doubtful = _doubtful_animals(surely, known_objects)
    named = [
        name
        for name in surely
        if name in _SUBJECTS and not (people and name in _PEOPLE) and name not in doubtful
    ]
    if _INSTRUMENTS.intersection(named):
        named = [name for name in named if name != "musical instrument"]
    named.sort(key=lambda name: (name not in _ANIMALS, name not in _PEOPLE, -surely[name]))
    named = named[: _MOST - bool(people)]
    subjects = [people] * bool(people) + [_SUBJECTS[name] for name in named]
    claims = [*claimed, *named]
    place = next((name for name in _PLACES if name in surely), None)
    doing = next((name for name in _ACTIVITIES if name in surely), None)
    when = next((name for name in _TIMES if name in surely), None)
    words = _listed(subjects)
    if doing and len(subjects) == 1 and (people or named[0] in (*_ANIMALS, *_PEOPLE)):
        words += f" {_ACTIVITIES[doing]}"
        claims.append(doing)
    if place:
        alone, there = _PLACES[place]
        words += f" {there}" if subjects else alone
        claims.append(place)
    if when and words:
        words += f" {_TIMES[when]}"
        claims.append(when)
    kind = "film" if film else "photo"
    if not words:
        return Description(f"A {kind}.", ())
    sentence = words[0].upper() + words[1:]
    return Description(f"A film: {words}." if film else f"{sentence}.", tuple(claims))


def _floor(name: str) -> float:
    return _FLOORS.get(name, _FLOOR)


def _people(surely: Mapping[str, float], objects: Sequence[_Object]) -> tuple[str, list[str]]:
    """The words for the people in a picture, and what they claim."""
    boxes = sorted((each.score for each in objects if each.label == "person"), reverse=True)
    if "crowd" in surely:
        return "", []  # which is named
    found = sum(score >= _FOUND for score in boxes)
    doubtful = sum(_PERHAPS <= score < _FOUND for score in boxes)
    if found in _NUMBERS and not doubtful:
        return f"{_NUMBERS[found]} people", ["person"]
    if sum(score >= _SEVERAL for score in boxes) >= 2:
        return "several people", ["person"]
    if special := next((name for name in surely if name in _PEOPLE), None):
        return _SUBJECTS.get(special, f"a {special}"), [special]
    if found == 1 and not doubtful:
        return "a person", ["person"]
    if "person" in surely or any(score >= _SEVERAL for score in boxes):
        return "one or more people", ["person"]
    return "", []


def _doubtful_animals(surely: Mapping[str, float], objects: Sequence[_Object]) -> set[str]:
    """The animals beside a surer one of another kind that no box confirms: a kangaroo looks like a
    dog to some degree, and it is the dog that is wrong."""
    animals = [name for name in surely if name in _ANIMALS or name in _UNSAID]
    surest = max(animals, key=surely.__getitem__, default="")
    seen = {each.label for each in objects if each.score >= _SEVERAL}
    return {name for name in animals if name != surest and name not in seen}


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
