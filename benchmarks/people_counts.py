"""Is the number of people in a photo right?

    python -m benchmarks.people_counts --data PACK [--split test]

The truth is the boxes around all people, or the number that most captions of a photo agree on
(:mod:`benchmarks.search_truth`). Numbers are 0, 1, 2, and 3 or more.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer
from ansa.library.people import count_people
from ansa_train.benchmark.question_report import QuestionReport, parse_photos
from ansa_train.data.pack import Sample, Split, read_pack
from benchmarks.search_truth import numbers_of

_NAMES = "nobody", "one person", "two people", "three or more"
_RIGHT = 85  # percent of photos with boxes


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if fewer numbers are right than should be, else 0."""
    options = parse_photos(__doc__, arguments, photos=130)
    report = QuestionReport("people_counts", __doc__, options)
    splits: list[Split] = ["train", "dev"] if options.split == "dev" else [options.split]
    judges = [s for s in read_pack(options.data, splits) if s.source in ("coco", "voc")]
    samples = [s for s in read_pack(options.data, (options.split,)) if s.kind == "photo"]
    boxed = [s for s in samples if "person" in s.boxed] + [s for s in judges if s.boxes]
    boxed = list({sample.key: sample for sample in boxed}.values())
    named = [sample for sample in samples if sample.captions and not sample.boxes]
    analyzer = Analyzer(options.bundle)
    for name, target, some in (("boxes", _RIGHT, boxed), ("captions", None, named)):
        random.Random(f"{options.split} {name}").shuffle(some)  # noqa: S311
        truth = np.minimum(numbers_of(some, "people"), 3)
        rows = chosen(truth, options.photos if name == "captions" else len(some))
        if not len(rows):
            continue
        told = np.array([_told(analyzer, some[row]) for row in rows])
        same = told == truth[rows]
        bound = {} if target is None else {"at_least": float(target)}
        report.add(f"{name}: right, of {len(rows)} photos", 100 * float(same.mean()), "%", **bound)
        for number, said in enumerate(_NAMES):
            if (here := truth[rows] == number).any():
                share = 100 * float(same[here].mean())
                report.add(f"{name}: right with {said}, of {here.sum()} photos", share, "%")
    report.note(
        "Boxes are those of sources in which all people have one; nothing was learned from COCO and"
        " VOC, so that their training photos are asked here too. Of the photos with captions, each"
        f" number has at most {options.photos}."
    )
    return report.write()


def chosen(truth: NDArray[np.int16], most: int) -> NDArray[np.intp]:
    """Returns the rows whose number is known, at most so many of each number, ascending."""
    rows = [np.flatnonzero(truth == number)[:most] for number in range(len(_NAMES))]
    return np.sort(np.concatenate(rows))


def _told(analyzer: Analyzer, sample: Sample) -> int:
    scene = analyzer.analyze(sample.read_bytes(), signals=["objects"])
    return min(count_people(scene.objects or ()), len(_NAMES) - 1)


if __name__ == "__main__":
    sys.exit(main())
