"""What is surely known of photos, by what captions do not say, and by the numbers that they say.

Nobody writes "outdoors" below a photo of a street, so silence about it says nothing. Silence about
a dog does: who sees one names it. How often those who describe a photo name a thing is told by the
photos of which somebody did. Numbers are those that most of a photo's captions agree on, or those
of the boxes around all people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.taxonomy.tree import Tree
from ansa_train.data.labels.concept_labels import UNKNOWN, UNMENTIONED, mentioned
from ansa_train.data.pack import Sample

SEVERAL = 5
"""Captions of a photo, of which silence says something."""

_SAID = 2.4
_OFTEN = 10  # photos of which captions name a thing, for the mean to be known
_READ = 2500  # photos of which captions are read for that; reading all takes minutes
_SMALL = 0.01  # of a photo's area: people in the background, of whom some count and others do not
_MANY = 99  # a group, a crowd: three or more
_UNCLEAR = -1

_NUMBERS = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4, "five": 5, "5": 5, "both": 2}
_ONE_OF = {
    "men": "man guy gentleman",
    "women": "woman lady",
    "boys": "boy",
    "girls": "girl",
    "children": "child kid toddler",
    "dogs": "dog puppy",
    "cats": "cat kitten",
    "horses": "horse",
    "birds": "bird",
}
_SEVERAL_OF = {
    "men": "men guys gentlemen",
    "women": "women ladies",
    "boys": "boys",
    "girls": "girls",
    "children": "children kids toddlers",
    "dogs": "dogs puppies",
    "cats": "cats kittens",
    "horses": "horses",
    "birds": "birds",
}
_PERSONS = ("men", "women", "boys", "girls", "children")
_YOUNG = ("boys", "girls", "children")
# Words for people that do not say of which kind they are.
_SOMEONE = (
    "person baby infant player skier surfer cyclist biker bicyclist snowboarder climber hiker"
    " runner skateboarder worker rider swimmer performer musician dancer couple adult teenager"
    " youth bride"
)
_SOME = (
    "people persons babies players skiers surfers cyclists bikers climbers hikers runners workers"
    " riders swimmers performers musicians dancers adults teenagers youths friends"
)
_GROUP = frozenset("group crowd team several many band crew family audience lots".split())  # noqa: SIM905
_WORD = re.compile(r"[a-z0-9]+")

Flags = NDArray[np.bool_]


def without_empty_silence(
    states: NDArray[np.uint8], samples: Sequence[Sample], told: Flags
) -> NDArray[np.uint8]:
    """Returns what is known, with silence that says nothing as unknown.

    Args:
        states: (n, t), as of :class:`ansa_train.data.labels.concept_labels.ConceptLabels`.
        samples: the photos (n).
        told: bool (t,), as of :func:`spoken_of`.
    """
    several = np.array([len(sample.captions) >= SEVERAL for sample in samples])
    empty = (states == UNMENTIONED) & ~(several[:, None] & told)
    return np.where(empty, np.uint8(UNKNOWN), states)


def spoken_of(samples: Sequence[Sample], tree: Tree, ambiguous: frozenset[str]) -> Flags:
    """Returns of which concepts nearly every photo that shows them has a caption that says so.

    If each of five captions names a thing with the chance p, at least one does with 1 - (1 - p)^5,
    and where one does, 5 p / (1 - (1 - p)^5) do so in the mean: from 2.4 on, fewer than one photo
    in twenty that shows the thing has five silent captions.

    Args:
        samples: photos, of which those with five captions or more are read.
        tree: of the concepts (t).
        ambiguous: words that are too often something else.

    Returns:
        bool (t,)
    """
    place = {concept.name: at for at, concept in enumerate(tree)}
    said, photos = np.zeros(len(tree)), np.zeros(len(tree))
    for sample in [each for each in samples if len(each.captions) >= SEVERAL][:_READ]:
        counts = np.zeros(len(tree))
        for caption in sample.captions[:SEVERAL]:
            found = mentioned(caption, tree, ambiguous)
            counts[list({place[up.name] for each in found for up in tree.path(each)})] += 1
        said += counts
        photos += counts > 0
    return np.asarray((photos >= _OFTEN) & (said >= _SAID * photos))


def numbers_of(samples: Sequence[Sample], noun: str) -> NDArray[np.int16]:
    """Returns how many of something each photo surely shows, int16 (n,); -1 where nobody knows.

    Args:
        samples: the photos (n).
        noun: "people", or a plural such as "men", "girls" or "dogs".
    """
    return np.array([_number(sample, noun) for sample in samples], np.int16)


def _number(sample: Sample, noun: str) -> int:
    if noun == "people" and (boxed := _boxed_people(sample)) is not None:
        return boxed
    said = [said_number(caption, noun) for caption in sample.captions]
    number = max(sorted(set(said)), key=said.count, default=_UNCLEAR)
    agreed = said.count(number)
    return number if agreed >= 2 and 2 * agreed > len(said) else _UNCLEAR


def _boxed_people(sample: Sample) -> int | None:
    """Returns the number of people with boxes; None if nobody drew boxes around all of them."""
    if not (sample.source == "coco" and sample.boxes) and "person" not in sample.boxed:
        return None
    people = [box for box in sample.boxes if box.label == "person"]
    areas = [(box.box[2] - box.box[0]) * (box.box[3] - box.box[1]) for box in people]
    unclear = any(box.crowd for box in people) or any(area < _SMALL for area in areas)
    return _UNCLEAR if unclear else len(people)


def said_number(caption: str, noun: str) -> int:
    """Returns how many of something a caption says there are: 99 for a group of people, -1 if it
    does not tell.

    >>> said_number("A man and two girls sit on a bench .", "people")
    3
    >>> said_number("A man and two girls sit on a bench .", "men")
    1
    >>> said_number("Two people sit on a bench .", "men")
    -1
    """
    words = _WORD.findall(caption.casefold())
    kinds: Mapping[str, int | None] = _said(words)
    if noun == "people":
        some = [kinds.get(kind, 0) for kind in (*_PERSONS, "someone")]
        several = [each for each in some if each is not None]
        if _GROUP & set(words):
            return _MANY
        return sum(several) if len(several) == len(some) else _UNCLEAR
    if noun in _PERSONS:
        # Children may be girls, and anybody may be a man.
        hidden = ("someone", *(() if noun not in _YOUNG else _YOUNG))
        if any(kinds.get(kind, 0) != 0 for kind in hidden if kind != noun):
            return _UNCLEAR
    if _GROUP & set(words):
        return _UNCLEAR
    number = kinds.get(noun, 0)
    return _UNCLEAR if number is None else number


def _said(words: Sequence[str]) -> dict[str, int | None]:
    """Returns how many of each kind words say there are; None for a plural without a number."""
    one = {form: kind for kind, forms in _ONE_OF.items() for form in forms.split()}
    one |= dict.fromkeys(_SOMEONE.split(), "someone")
    several = {form: kind for kind, forms in _SEVERAL_OF.items() for form in forms.split()}
    several |= dict.fromkeys(_SOME.split(), "someone")
    found: dict[str, int | None] = {}
    number: int | None = None
    since = 0
    for word in words:
        since += 1
        if word in _NUMBERS:
            number, since = _NUMBERS[word], 0
        elif word in one:
            most = 2 if word == "couple" else 1
            known = found.get(one[word], 0)
            found[one[word]] = None if known is None else known + most
        elif word in several:
            kind = several[word]
            known = found.get(kind, 0)
            near = number if since <= 3 else None  # "two young blond girls"
            found[kind] = None if known is None or near is None else known + near
            number = None
    return found
