"""Makes regression sets: of sample photos and drawn pictures, of shards, of what was reviewed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ansa.model.bundle import Bundle
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.labels.utility_classes import real
from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError
from ansa_train.regression.cases import Case, Picture, RegressionSet
from ansa_train.regression.pictures import (
    CARRIERS,
    PictureMissing,
    drawn_kinds,
    package_file,
    short_name,
)
from ansa_train.slicing.made_conditions import MADE

DEMO = "demo"
DRAWN = "drawn"

# Of what each sample photo is, in words that a person would search for, and by its tag.
_SEARCHES = {
    "a cat": "skimage/data/chelsea.png",
    "an astronaut": "skimage/data/astronaut.png",
    "a cup of coffee": "skimage/data/coffee.png",
    "a rocket launch": "skimage/data/rocket.jpg",
    "a motorcycle": "skimage/data/motorcycle_left.png",
    "a pink flower": "sklearn/datasets/images/flower.jpg",
    "a Chinese temple": "sklearn/datasets/images/china.jpg",
    "a page of text": "skimage/data/page.png",
    "coins": "skimage/data/coins.png",
    "the moon": "skimage/data/moon.png",
    "a man with a camera": "skimage/data/camera.png",
    "stars in space": "skimage/data/hubble_deep_field.jpg",
    "a brick wall": "skimage/data/brick.png",
    "grass": "skimage/data/grass.png",
}
_TAGS = {
    "cat": "skimage/data/chelsea.png",
    "cup": "skimage/data/coffee.png",
    "motorcycle": "skimage/data/motorcycle_left.png",
    "flower": "sklearn/datasets/images/flower.jpg",
    "rocket": "skimage/data/rocket.jpg",
    "building": "sklearn/datasets/images/china.jpg",
}
_WRONG_TAGS = {
    "dog": "skimage/data/chelsea.png",
    "car": "skimage/data/coffee.png",
    "food": "skimage/data/motorcycle_left.png",
    "person": "sklearn/datasets/images/flower.jpg",
}
_PHOTOS = ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg", "motorcycle_left.png")
_OF_EACH_KIND = 4
_DRAWN_PHOTOS = {"chessboard_GRAY.png", "chessboard_RGB.png", "color.png", "logo.png"}


def demo_set() -> RegressionSet:
    """Searches, tags and kinds of the sample photos that two packages bring.

    Raises:
        TrainingError: the packages are not installed.
    """
    try:
        cases = [
            *(
                Case(f"search: {text}", "search", _package(name), text, 3)
                for text, name in _SEARCHES.items()
            ),
            *(Case(f"tag: {text}", "tag", _package(name), text) for text, name in _TAGS.items()),
            *(
                Case(f"no tag: {text}", "no tag", _package(name), text)
                for text, name in _WRONG_TAGS.items()
            ),
            *(
                Case(f"kind: {name}", "kind", _package(f"skimage/data/{name}"), "photo")
                for name in _PHOTOS
            ),
        ]
        library = [_package(name) for name in _sample_photos()]
    except PictureMissing as error:
        raise TrainingError(f"the sample photos are not there: {error}") from error
    about = (
        "sample photos of scikit-image and scikit-learn: what `ansa demo` searches for, and more"
    )
    return RegressionSet(DEMO, about, cases, library)


def drawn_set() -> RegressionSet:
    """The kinds of pictures that our own code draws."""
    cases = [
        Case(f"{kind} {i}", "kind", Picture("drawn", f"{kind} {i}"), kind)
        for kind in drawn_kinds()
        for i in range(_OF_EACH_KIND)
    ]
    return RegressionSet(DRAWN, "pictures that are no photos, drawn by code", cases)


def shard_set(
    name: str,
    data: Path,
    bundle: Bundle,
    rules: LabelRules,
    *,
    sources: Sequence[str] = (),
    each: int = 20,
    conditions: Sequence[str] = (),
) -> RegressionSet:
    """Labels of photos that training does not see: hashes and answers, no photo.

    Args:
        name: of the set.
        data: the folder of shards; only photos of ``dev`` are taken.
        bundle: whose taxonomy the tags are of.
        rules: what labels mean.
        sources: the sources to take from; empty for all.
        each: how many photos of a source at most, spread evenly over its labels.
        conditions: made conditions that each photo is put under, one after another; the photos as
            they are if empty.

    Raises:
        TrainingError: there is no photo with a label that the taxonomy knows, or no such condition.
    """
    if unmade := [name for name in conditions if name not in MADE]:
        raise TrainingError(f"{unmade[0]!a} is no made condition; there are {', '.join(MADE)}")
    if FILE not in bundle.manifest.files:
        raise TrainingError(f"{bundle.path} has no taxonomy; make the set with a bundle with tags")
    raw = bundle.read(FILE)
    tree = Tree.parse(raw)
    of: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in read_pack(data, ["dev"]):
        if not sources or sample.source in sources:
            of[sample.source].append(sample)
    if unknown := set(sources) - of.keys():
        raise TrainingError(f"{data}: no dev photo is of the source {sorted(unknown)[0]!a}")
    cases: list[Case] = []
    for source in sorted(of):
        for sample in _spread(of[source], each):
            cases += _of_sample(sample, tree, rules, conditions or ("",))
    if not cases:
        raise TrainingError(f"{data}: no dev photo has a label that the taxonomy knows")
    under = f", put under the conditions {', '.join(conditions)}" if conditions else ""
    about = f"labels of dev photos{under}, of {', '.join(sorted(of))}"
    return RegressionSet(name, about[:1000], cases, taxonomy=hashlib.sha256(raw).hexdigest())


def _of_sample(
    sample: Sample, tree: Tree, rules: LabelRules, conditions: Sequence[str]
) -> Iterable[Case]:
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    name = short_name(sample.key)
    concepts = rules.concepts(sample.labels[0], tree, sample.source) if sample.labels else ()
    known = real(sample)
    for condition in conditions:
        picture = Picture("shards", name, digest, condition)
        called = f"{sample.source} {name}" + (f" {condition}" if condition else "")
        if len(sample.labels) == 1 and concepts:
            yield Case(f"{called}: tag", "tag", picture, concepts[0].name)
        if known is not None:
            yield Case(f"{called}: kind", "kind", picture, known.kind)


def _spread(samples: Sequence[Sample], most: int) -> list[Sample]:
    """So many samples, label by label in turn, in the order of a hash of their keys."""
    ordered = sorted(samples, key=lambda s: hashlib.blake2b(s.key.encode()).digest())
    turns: defaultdict[tuple[str, ...], int] = defaultdict(int)
    ranked: list[tuple[int, int, Sample]] = []
    for sample in ordered:
        ranked.append((turns[sample.labels], len(ranked), sample))
        turns[sample.labels] += 1
    return [sample for _, _, sample in sorted(ranked, key=lambda row: row[:2])[:most]]


def _package(name: str) -> Picture:
    return Picture("package", name, hashlib.sha256(package_file(name).read_bytes()).hexdigest())


def _sample_photos() -> list[str]:
    found = []
    for carrier, example in zip(CARRIERS, ("coffee.png", "china.jpg"), strict=True):
        for file in sorted(package_file(f"{carrier}/{example}").parent.iterdir()):
            if file.suffix in (".png", ".jpg") and file.name not in _DRAWN_PHOTOS:
                found.append(f"{carrier}/{file.name}")
    return found
