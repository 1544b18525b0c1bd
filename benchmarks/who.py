"""Does the vector of a face or of a pet tell who it is?

    python -m benchmarks.who --faces FOLDER --data PACK [--split test]

FOLDER holds faces, cut out already, several of each person, called NAME_0001.jpg and so on. They
are looked at, and nothing is learned from them. Of cats and dogs, the pack has one photo each: four
made shots of each stand for more of them, cut, mirrored, turned and lit differently, which is
easier than other photos of the same animal. In each, the largest cat or dog that the detector finds
is cut out and analyzed by itself. In made albums of six individuals, two cuts are called the same
if the cosine of their vectors reaches a threshold. It is the lowest that is right for 95 % of the
pairs in albums of one half of the individuals, and its precision and recall are those in albums of
the other half.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from sklearn.metrics import roc_auc_score

from ansa import Analyzer
from ansa.photo.read import read_srgb
from ansa.scene import Object, Pixels, Vector
from ansa_train.benchmark.question_report import QuestionReport
from ansa_train.data.pack import Split, read_pack

_SURE = 0.95
_ALBUMS, _INDIVIDUALS = 200, 6
_SHOTS = 4
_LEAST = 20  # pairs that a threshold must find to count
_PETS = frozenset({"cat", "dog"})
_MARGIN = 0.15  # of a box, on each side
_NUMBERED = re.compile(r"(.+)_\d+")

Pairs = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""The cosines of pairs of cuts, and whether both show the same individual."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if faces are not told apart surely."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faces", type=Path, required=True, help="photos called NAME_0001.jpg")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the pack")
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--pets", type=int, default=60, help="how many cats and dogs")
    parser.add_argument("--bundle", help="a bundle's folder; the shipped one if left out")
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    options.sizes = {"split": options.split, "pets": options.pets}
    report = QuestionReport("who", __doc__, options)
    analyzer = Analyzer(options.bundle)
    for name, cuts_of in (
        ("faces", _people(options.faces)),
        ("pets", _pets(analyzer, options.data, options.split, options.pets)),
    ):
        vectors = _vectors(analyzer, cuts_of)
        known = {who: cuts for who, cuts in vectors.items() if len(cuts) > 1}
        report.note(f"{name}: {sum(map(len, known.values())):,} cuts of {len(known)} individuals.")
        chosen, held_out = halves(known)
        threshold = sure_threshold(pairs(chosen, random.Random(0)))  # noqa: S311
        found = pairs(held_out, random.Random(1))  # noqa: S311
        report.add(f"{name}: two of one individual are more alike than two of two",
                   roc_auc_score(found[1], found[0]))  # fmt: skip
        precision, recall = at(found, threshold)
        report.add(f"{name}: threshold of the cosine", min(threshold, 1.0))
        # Made shots cannot show that pets are told apart, only that they are not.
        target = {"at_least": _SURE} if name == "faces" else {}
        report.add(f"{name}: pairs called the same that are", precision, "", **target)
        report.add(f"{name}: pairs of one individual that are called the same", recall)
    return report.write()


def sure_threshold(found: Pairs) -> float:
    """The lowest cosine from which on 95 % of the pairs are the same; above 1 if there is none."""
    order = np.argsort(-found[0], kind="stable")
    right = np.cumsum(found[1][order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((right >= _SURE) & (np.arange(len(order)) >= _LEAST))
    return float(found[0][order][enough[-1]]) if len(enough) else 2.0


def at(found: Pairs, threshold: float) -> tuple[float, float]:
    """Precision and recall of the pairs whose cosine reaches a threshold."""
    called = found[0] >= threshold
    right = float((called & found[1]).sum())
    return right / max(called.sum(), 1), right / max(found[1].sum(), 1)


def pairs(vectors: Mapping[str, Sequence[Vector]], rng: random.Random) -> Pairs:
    """The pairs of cuts in albums of a few individuals, drawn by chance."""
    cosines, same = [], []
    for _ in range(_ALBUMS):
        album = rng.sample(sorted(vectors), min(_INDIVIDUALS, len(vectors)))
        who = np.array([name for name in album for _ in vectors[name]])
        cuts = np.stack([cut for name in album for cut in vectors[name]])
        one, other = np.triu_indices(len(cuts), 1)
        cosines.append((cuts @ cuts.T)[one, other])
        same.append(who[one] == who[other])
    return np.concatenate(cosines).astype(np.float64), np.concatenate(same)


def halves(
    vectors: Mapping[str, Sequence[Vector]],
) -> tuple[dict[str, Sequence[Vector]], dict[str, Sequence[Vector]]]:
    """Every second individual, and the others."""
    names = sorted(vectors)
    return {n: vectors[n] for n in names[::2]}, {n: vectors[n] for n in names[1::2]}


def _people(folder: Path) -> Iterator[tuple[str, Pixels]]:
    for file in sorted(folder.iterdir()):
        if named := _NUMBERED.fullmatch(file.stem):
            yield named[1], read_srgb(file)


def _pets(analyzer: Analyzer, data: Path, split: Split, count: int) -> Iterator[tuple[str, Pixels]]:
    samples = [each for each in read_pack(data, (split,)) if each.source == "pets"]
    rng = random.Random(0)  # noqa: S311
    for sample in rng.sample(samples, min(count, len(samples))):
        photo = Image.fromarray(read_srgb(sample.read_bytes()))
        for _ in range(_SHOTS):
            shot = np.asarray(another_shot(photo, rng))
            cut = largest(shot, analyzer.analyze(shot, "objects").objects or (), _PETS)
            if cut is not None:
                yield sample.key, cut


def another_shot(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A photo as if its subject had been photographed again from almost the same place."""
    share = rng.uniform(0.75, 0.95)
    wide, high = round(photo.width * share), round(photo.height * share)
    left, top = rng.randint(0, photo.width - wide), rng.randint(0, photo.height - high)
    shot = photo.rotate(rng.uniform(-8, 8), Image.Resampling.BICUBIC)
    shot = shot.crop((left, top, left + wide, top + high))
    shot = ImageOps.mirror(shot) if rng.random() < 0.5 else shot
    return ImageEnhance.Brightness(shot).enhance(rng.uniform(0.65, 1.5))


def _vectors(analyzer: Analyzer, cuts: Iterator[tuple[str, Pixels]]) -> dict[str, list[Vector]]:
    """The vectors of the cuts of each individual."""
    vectors: dict[str, list[Vector]] = defaultdict(list)
    for who, cut in cuts:
        vectors[who].append(analyzer.embed_image(cut)[0])
    return vectors


def largest(pixels: Pixels, objects: Sequence[Object], labels: frozenset[str]) -> Pixels | None:
    """The part of a photo with the largest likely object of these labels; None without one."""
    boxes = [each.box for each in objects if each.label in labels and each.score >= 0.5]
    if not boxes:
        return None
    left, top, right, bottom = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    x, y = _MARGIN * (right - left), _MARGIN * (bottom - top)
    height, width = pixels.shape[:2]
    rows = slice(round(max(top - y, 0) * height), round(min(bottom + y, 1) * height))
    columns = slice(round(max(left - x, 0) * width), round(min(right + x, 1) * width))
    cut = pixels[rows, columns]
    return np.ascontiguousarray(cut) if min(cut.shape[:2]) >= 8 else None


if __name__ == "__main__":
    sys.exit(main())
