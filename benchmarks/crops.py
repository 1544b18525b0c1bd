"""Do crops of photos with people cut a face?

    python -m benchmarks.crops --data PACK [--split test]

The faces are those that the face teacher YuNet finds, which is fetched as for training: it sees
more of them than the small detection head by which crops are chosen.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer
from ansa.render.crop import best_crop
from ansa.render.heads import heads_of
from ansa.scene import Box
from ansa_train.benchmark.question_report import QuestionReport, parse_photos
from ansa_train.data.pack import read_pack
from ansa_train.teachers.yunet import YuNet
from benchmarks.theme_truth import CAPTIONS
from tests.world.pictures import in_a_usual_shape

_ASPECTS = 16 / 9, 9 / 16
_SURE, _LARGE = 0.7, 0.05  # the score of a face, and the share of a side that it takes at least
_CROWD = 8  # photos with more faces are left out
_TOUCHED = 0.1  # the share of a face that may be cut off, or be left of one that is left out
_PLACES = 101
_CUT = 1 / 40  # of crops may cut a face


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if more crops cut a face than should, else 0.

    Raises:
        TrainingError: the teacher's network cannot be fetched.
    """
    options = parse_photos(__doc__, arguments, photos=400)
    report = QuestionReport("crops", __doc__, options)
    samples = [s for s in read_pack(options.data, (options.split,)) if len(s.captions) >= CAPTIONS]
    random.Random(f"{options.split} crops").shuffle(samples)  # noqa: S311
    analyzer, teacher = Analyzer(options.bundle), YuNet()
    cut: list[bool] = []
    needless: list[bool] = []
    shown = 0
    for sample in samples[: options.photos]:
        photo = in_a_usual_shape(sample)
        faces = large_faces(teacher(photo, _SURE))
        if not faces:
            continue
        shown += 1
        scene = analyzer.analyze(photo, signals=["objects", "saliency"])
        assert scene.saliency is not None
        heads = heads_of(scene.objects or ())
        for aspect in _ASPECTS:
            window = best_crop(scene.saliency, aspect, *photo.size, heads)
            cut.append(cuts(window, faces))
            needless.append(cut[-1] and can_be_kept(window, faces))
    report.add("photos with faces", shown)
    report.add("crops that cut a face", float(np.mean(cut or [False])), at_most=_CUT)
    name = "crops that cut a face where another window of their size would not"
    report.add(name, float(np.mean(needless or [False])))
    report.note(
        f"Of {options.photos:,} {options.split} photos with {CAPTIONS} captions or more, those with"
        f" up to {_CROWD} faces, each cropped to 16:9 and to 9:16. Faces are those that YuNet finds"
        f" with a score of {_SURE} or more, which take {_LARGE:.0%} of a side or more. One is cut"
        f" if more than {_TOUCHED:.0%} of it are inside and more than that outside."
    )
    return report.write()


def large_faces(found: NDArray[np.float32]) -> list[Box]:
    """Returns the faces among a teacher's rows (n, 6) that should be whole; none of a crowd."""
    sides = (found[:, 2:4] - found[:, :2]).max(axis=1, initial=0)
    if len(found) > _CROWD:
        return []
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in found[sides >= _LARGE, :4].tolist()]


def cuts(window: Box, faces: Sequence[Box]) -> bool:
    """Whether an edge of a window goes through a face."""
    return any(_TOUCHED < _inside(face, window) < 1 - _TOUCHED for face in faces)


def can_be_kept(window: Box, faces: Sequence[Box]) -> bool:
    """Whether a window of this size at another place holds a face and cuts none."""
    left, top, right, bottom = window
    wide, high = right - left, bottom - top
    for place in np.linspace(0, 1, _PLACES).tolist():
        x, y = place * (1 - wide), place * (1 - high)
        other = x, y, x + wide, y + high
        held = any(_inside(face, other) >= 1 - _TOUCHED for face in faces)
        if held and not cuts(other, faces):
            return True
    return False


def _inside(face: Box, window: Box) -> float:
    """Returns the share of a face that is inside a window."""
    wide = min(face[2], window[2]) - max(face[0], window[0])
    high = min(face[3], window[3]) - max(face[1], window[1])
    area = (face[2] - face[0]) * (face[3] - face[1])
    return max(0.0, wide) * max(0.0, high) / max(area, 1e-12)


if __name__ == "__main__":
    sys.exit(main())
