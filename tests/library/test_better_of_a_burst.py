"""Of two shots of a moment, the one without a fault is chosen, whatever the networks' noise."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from ansa.library.cleanup.candidates import Candidate, candidate_of, sort_best_first
from ansa.library.selection.diversity import select_diverse
from ansa.library.selection.gallery import merits, selectable
from ansa.library.selection.judgements import judge
from ansa.model.heads.quality import NAMES, overall
from ansa.scene import Facts, Object, Quality, Scene
from tests.library.drawn_gallery import gallery_of, vector

FAULTS = "blur", "dark", "tilt", "head", "subject"
PAIRS = 200
WEIGHTS = dict(zip(NAMES, (0.95, 0.9, 0.7, 0.7, 0.95, 0.4), strict=True))


def shot(rng: Random, fault: str, aesthetics: float) -> Scene:
    """What the networks say of a shot, with their noise."""
    strengths = {name: abs(rng.gauss(0.02, 0.03)) for name in NAMES}
    strengths |= {"exposure": rng.gauss(0, 0.05), "tilt": rng.gauss(0, 1.5)}
    left, top = rng.uniform(0.2, 0.4), rng.uniform(0.1, 0.2)
    match fault:
        case "blur":
            strengths["motion_blur"] += rng.uniform(0.25, 0.6)
        case "dark":
            strengths["exposure"] -= rng.uniform(0.25, 0.6)
        case "tilt":
            strengths["tilt"] += rng.choice((-1, 1)) * rng.uniform(8, 20)
        case "head":
            top = 0.0
        case "subject":
            left = 0.0
    quality = Quality(**strengths, overall=overall(strengths, WEIGHTS, 20))
    body = Object("person", 0.9, (left, top, left + 0.3, 0.95))
    face = Object("face", 0.9, (left + 0.1, top, left + 0.2, top + 0.15))
    looks = min(1.0, max(0.0, aesthetics + rng.gauss(0, 0.04)))
    signals = {"quality": quality, "detection": (body, face), "aesthetics": looks}
    return Scene(Facts(4000, 3000), vector(rng.randrange(9999)), signals)


def pairs(fault: str) -> list[tuple[Scene, Scene]]:
    rng = Random(fault)
    made = []
    for _ in range(PAIRS):
        aesthetics = rng.uniform(0.2, 0.8)
        made.append((shot(rng, "", aesthetics), shot(rng, fault, aesthetics)))
    return made


def candidate(number: int, scene: Scene) -> Candidate:
    return candidate_of(number, (Path(f"/{number}.jpg"),), scene.facts, scene.signals, False)


@pytest.mark.parametrize("fault", FAULTS)
def test_duplicates_keep_the_better_shot(fault: str) -> None:
    # The name decides between equals, so the worse shot has the smaller one.
    kept = [sort_best_first([candidate(2, good), candidate(1, bad)])[0].photo
            for good, bad in pairs(fault)]  # fmt: skip
    assert kept.count(2) >= 0.9 * PAIRS


@pytest.mark.parametrize("fault", FAULTS)
def test_selections_show_the_better_shot(fault: str) -> None:
    right = 0
    for good, bad in pairs(fault):
        photos = [selectable(n, f"/{n}.jpg", scene.facts, judge(scene), False)
                  for n, scene in enumerate((bad, good))]  # fmt: skip
        gallery = gallery_of(photos, merits(photos).tolist(), [vector(1), vector(1)])
        (choice,) = select_diverse(gallery, np.arange(2), 2)
        right += choice.row == 1
    assert right >= 0.9 * PAIRS
