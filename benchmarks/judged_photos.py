"""Themes, clutter, numbers of people and the better of two shots, on photos that people looked at.

The photos of a pack are indexed as a library, in a folder that is deleted unless it is to be kept.
What people say of them, in captions, labels, kinds and boxes, is the truth.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.library.cleanup.candidates import candidate_of, sort_best_first
from ansa.library.cleanup.clutter import is_clutter
from ansa.library.memories.memories import theme_scores
from ansa.library.memories.themes import THEMES
from ansa.library.people import count_people
from ansa.library.selection.gallery import open_gallery
from ansa.render.heads import PERSON, heads_of
from ansa.scene import Object, Pixels, Scene
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.augment.degradations import Faults, Part, degrade
from ansa_train.data.labels.utility_classes import UtilityPicture, real, rules_of
from ansa_train.data.pack import Sample, read_pack
from benchmarks.theme_truth import CAPTIONS, ThemeTruth
from tests.world.score import balanced_accuracy

_RECIPES = Path(__file__).parents[1] / "recipes"
_CLUTTER = "receipt", "document", "screenshot", "code", "blank"
_SMALL, _TINY = 0.1, 0.05  # of a photo's height; smaller people are in the background
_MOST_PEOPLE = 3
_DRAWN = "coco", "voc"  # sources of which every person has a box
# Their boxes are of some people only, though they say that each has one; we looked at them.
_INCOMPLETE = ("pedestrians",)
_WAYS = "defocus", "motion", "dark", "bright", "tilt", "head cut off"
_KEPT = 0.94  # of a photo's sides, in two shots of one moment
_LEAST_KEPT = 0.55  # of them if a head is cut off


@dataclass(frozen=True, slots=True)
class _Looked:
    """Indexed photos.

    Attributes:
        library: the library.
        samples: the sample of each file.
        scenes: what ANSA knows of each file.
    """

    library: Library
    samples: Mapping[str, Sample]
    scenes: Mapping[str, Scene]


def measure(options: argparse.Namespace, report: QuestionReport) -> None:
    """Adds all figures to the report.

    Args:
        options: ``data``, ``split``, ``photos``, ``pairs``, ``bundle`` and ``keep``.
        report: takes them in.
    """
    samples = read_pack(options.data, (options.split,))
    random.Random(f"{options.split} judged").shuffle(samples)  # noqa: S311
    recipe = tomllib.loads((_RECIPES / "heads" / "utility.toml").read_text("utf-8"))
    rules = rules_of(recipe["head"]["rules"])
    items = [item for sample in samples if (item := real(sample, rules)) and item.sample]
    photos = [item.sample for item in items if item.kind == "photo" and item.sample]
    analyzer = Analyzer(options.bundle)
    spoken = [s for s in photos if len(s.captions) >= CAPTIONS][: options.photos]
    boxed = [s for s in photos if _is_boxed(s)][: options.photos]
    kinds = _by_kind([item for item in items if item.kind != "meme"], options.photos)
    with _indexed(analyzer, [*spoken, *boxed, *kinds], options.keep) as looked:
        _themes(looked, spoken, report)
        _clutter(looked, kinds, items, report)
        _people(looked, boxed, report)
    _bursts(analyzer, photos, options.pairs, report)
    report.note(
        f"Photos are those of the {options.split} split of a pack. A photo is wrong in a theme if"
        f" none of its captions ({CAPTIONS} or more) and labels names the theme, though people"
        " leave much unmentioned: the precision is at least the one reported."
    )
    report.note(
        f"People are counted by drawn boxes of at least {_SMALL:.0%} of the photo's height, without"
        f" photos of crowds and of {', '.join(_INCOMPLETE)}, whose boxes are of some people only."
        " Templates of memes are left out of the clutter: without words they are photos."
        " Shots of a pair are one photo, cut a little differently, one of them"
        " with a fault; the better one is the one that `ansa duplicates` would keep."
    )


@contextmanager
def _indexed(analyzer: Analyzer, samples: Sequence[Sample], keep: Path | None) -> Iterator[_Looked]:
    with tempfile.TemporaryDirectory() as temporary:
        base = keep or Path(temporary)
        folder = base / "photos"
        folder.mkdir(parents=True, exist_ok=True)
        named = {_file_name(sample): sample for sample in samples}
        for old in {each.name for each in folder.iterdir()} - set(named):
            (folder / old).unlink()
        for name, sample in named.items():
            if not (folder / name).exists():
                (folder / name).write_bytes(sample.read_bytes())
        database = base / "library.sqlite"
        with Library(folder, database=database, analyzer=analyzer) as library:
            library.index()
            scenes = {
                path.name: photo.scene
                for photo in library.photos()
                for path in (photo.path, *photo.copies)
            }
            yield _Looked(library, named, scenes)


def _file_name(sample: Sample) -> str:
    """Returns a name that says nothing of the photo; the suffix does not matter."""
    return f"{blake2b(sample.key.encode(), digest_size=8).hexdigest()}.webp"


def _of(looked: _Looked, samples: Iterable[Sample]) -> list[tuple[Sample, Scene]]:
    """Returns the photos of a part with what ANSA knows of them."""
    wanted = {sample.key for sample in samples}
    return [
        (sample, looked.scenes[name])
        for name, sample in looked.samples.items()
        if sample.key in wanted and name in looked.scenes
    ]


def _themes(looked: _Looked, spoken: Sequence[Sample], report: QuestionReport) -> None:
    truth = ThemeTruth(Tree.parse(looked.library.analyzer.bundle.read(FILE)))
    wanted = {sample.key for sample in spoken}
    gallery = open_gallery(looked.library)
    scores = theme_scores(looked.library, gallery)
    right = found = 0
    for theme in THEMES:
        some = [looked.samples[gallery.photos[r].path.name] for r in np.flatnonzero(scores(theme))]
        told = [
            truth.is_of(theme, each.captions, (*each.labels, *each.objects))
            for each in some
            if each.key in wanted and truth.judges(theme, each.captions, each.labels)
        ]
        right, found = right + sum(told), found + len(told)
        if told:
            report.add(f"themes: {theme.name}, {len(told)} photos: right", float(np.mean(told)))
    report.add("themes: photos in them", found)
    report.add("themes: precision", right / max(1, found), at_least=0.97)


def _by_kind(items: Sequence[UtilityPicture], count: int) -> list[Sample]:
    """Returns as many photos, and as many pictures of all kinds of clutter together, if there are
    so many."""
    by_kind: defaultdict[str, list[Sample]] = defaultdict(list)
    for item in items:
        if item.sample:
            by_kind[item.kind].append(item.sample)
    each = math.ceil(count / len(_CLUTTER))
    return by_kind["photo"][:count] + [s for kind in _CLUTTER for s in by_kind[kind][:each]]


def _clutter(
    looked: _Looked,
    kinds: Sequence[Sample],
    items: Sequence[UtilityPicture],
    report: QuestionReport,
) -> None:
    kind = {item.key: item.kind for item in items}
    told = _of(looked, kinds)
    true = {sample.key: kind[sample.key] != "photo" for sample, _ in told}
    called = {sample.key for sample, scene in told if is_clutter(scene)}
    report.add("clutter: balanced accuracy", balanced_accuracy(called, true), at_least=0.95)
    photos = [key in called for key, clutter in true.items() if not clutter]
    if photos:
        report.add("clutter: photos called clutter", float(np.mean(photos)), at_most=0.005)
    report.add("clutter: photos", len(photos))
    for name in _CLUTTER:
        found = [sample.key in called for sample, _ in told if kind[sample.key] == name]
        if found:
            report.add(f"clutter: {name}, {len(found)} pictures: found", float(np.mean(found)))


def _is_boxed(sample: Sample) -> bool:
    drawn = sample.source in _DRAWN and sample.boxes
    crowd = any(box.crowd and box.label == PERSON for box in sample.boxes)
    known = drawn or (PERSON in sample.boxed and sample.source not in _INCOMPLETE)
    return bool(known) and not crowd


def _people(looked: _Looked, boxed: Sequence[Sample], report: QuestionReport) -> None:
    right: defaultdict[int, list[bool]] = defaultdict(list)
    with_tiny = []
    for sample, scene in _of(looked, boxed):
        high = [b.box[3] - b.box[1] for b in sample.boxes if b.label == PERSON]
        true = min(_MOST_PEOPLE, sum(each >= _SMALL for each in high))
        told = min(_MOST_PEOPLE, count_people(scene.objects or ()))
        right[true].append(told == true)
        with_tiny.append(told == min(_MOST_PEOPLE, sum(each >= _TINY for each in high)))
    everything = [each for some in right.values() for each in some]
    if everything:
        report.add("people: counts right", float(np.mean(everything)), at_least=0.85)
        tiny = f"people: counts right, if people of {_TINY:.0%} of the height count too"
        report.add(tiny, float(np.mean(with_tiny)))
    for number, some in sorted(right.items()):
        name = f"{number} or more" if number == _MOST_PEOPLE else f"{number}"
        report.add(f"people: {name}, {len(some)} photos: right", float(np.mean(some)))


def _bursts(
    analyzer: Analyzer, photos: Sequence[Sample], pairs: int, report: QuestionReport
) -> None:
    size = analyzer.bundle.manifest.image.size
    chosen: list[bool] = []
    for way in _WAYS:
        rng = random.Random(f"{way} of a burst")  # noqa: S311
        right: list[bool] = []
        for sample in photos:
            if len(right) >= pairs:
                break
            if made := _pair(sample, way, size, rng):
                good, bad = (analyzer.analyze(pixels) for pixels in made)
                right.append(_keeps_first(good, bad))
        if right:
            share = float(np.mean(right))
            report.add(f"bursts: {way}, {len(right)} pairs: the better one", share)
        chosen += right
    if chosen:
        report.add("bursts: the better one", float(np.mean(chosen)), at_least=0.9)


def _keeps_first(good: Scene, bad: Scene) -> bool:
    # Among equals the name decides, so the worse one has the smaller.
    shots = [
        candidate_of(number, (Path(f"/{number}"),), scene.facts, scene.signals, False)
        for number, scene in ((2, good), (1, bad))
    ]
    return sort_best_first(shots)[0].photo == 2


def _pair(sample: Sample, way: str, size: int, rng: random.Random) -> tuple[Pixels, Pixels] | None:
    """Returns a good and a bad shot of one moment; None if the photo cannot have the fault."""
    strength = rng.uniform(0.3, 0.9)
    good, bad = _part(rng), _part(rng)
    match way:
        case "defocus":
            faults = Faults(defocus_blur=strength)
        case "motion":
            faults = Faults(motion_blur=strength)
        case "dark":
            faults = Faults(exposure=-strength)
        case "bright":
            faults = Faults(exposure=strength)
        case "tilt":
            faults = Faults(tilt=rng.choice((-1, 1)) * rng.uniform(6, 18))
        case _:
            faults, cut = Faults(), _through_head(sample)
            if cut is None:
                return None
            bad = cut
    photo = sample.read()
    return (
        degrade(photo, Faults(), size, f"{sample.key} good", good),
        degrade(photo, faults, size, f"{sample.key} bad", bad),
    )


def _part(rng: random.Random) -> Part:
    return _KEPT, rng.random(), rng.random()


def _through_head(sample: Sample) -> Part | None:
    """Returns the part of a photo whose upper edge goes through the head of the largest person."""
    boxes = [b.box for b in sample.boxes if b.label == PERSON and not b.crowd]
    if not boxes:
        return None
    (head,) = heads_of([Object(PERSON, 1.0, boxes[0])])
    share = 1 - (head[1] + head[3]) / 2
    if head[1] <= 1 - _KEPT or share < _LEAST_KEPT:
        return None
    middle = (head[0] + head[2]) / 2
    x = (middle - share / 2) / max(1e-6, 1 - share)
    return share, min(1.0, max(0.0, x)), 1.0
