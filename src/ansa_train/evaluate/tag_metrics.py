"""Metrics of tags: average precision, recall of labels, first tags, calibration, sure tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Tag
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNKNOWN, ConceptLabels
from ansa_train.data.pack import Sample
from ansa_train.evaluate.calibration import calibration_error
from ansa_train.evaluate.tagging import map_of
from ansa_train.taxonomy.build import LEFT_UNSAID

SETS = ("caltech101", "pets", "scenes6", "weather", "clothing", "pacs")
"""Sets of the pack whose photos have one label each."""

NAMED = ("imagenette", "caltech101")
"""Sets whose first label is what the photo is of."""

FIRST = 5
"""Tags of a photo among which its name is looked for."""

ENOUGH = 30
"""Sure tags of a set's photos that people say something of, for their precision to be a figure."""

LEAST = 0.05
"""Nearly all pairs of photo and tag are absent; calibration is of those at least so likely."""


def tag_metrics(
    samples: Sequence[Sample],
    shown: ConceptLabels,
    scores: NDArray[np.float64],
    tags: Sequence[Sequence[Tag]],
) -> dict[str, float]:
    """The metrics of a split by name.

    Args:
        samples: the photos.
        shown: what people say of them.
        scores: (photos, concepts) probabilities, parents at least as likely as their children.
        tags: of each photo, as users see them.
    """
    found = {
        f"{source}_map": object_map(samples, shown, scores, source) for source in ("coco", "voc")
    }
    found |= {f"{source}_recall": label_recall(samples, shown, scores, source) for source in SETS}
    found["recall"] = float(np.mean([found[f"{source}_recall"] for source in SETS]))
    found |= {f"{source}_first": named_first(samples, shown, tags, source) for source in NAMED}
    states = shown(samples)
    likely = (states != UNKNOWN) & (scores >= LEAST)
    likely[:, [shown.place[name] for name in LEFT_UNSAID if name in shown.place]] = False
    found["ece"] = calibration_error(scores[likely], (states[likely] == PRESENT).astype(np.float64))
    sure: defaultdict[int, int] = defaultdict(int)
    sources: defaultdict[str, list[bool]] = defaultdict(list)
    for sample, row, said in zip(samples, states, tags, strict=True):
        for tag in said:
            state = int(row[shown.place[tag.name]])
            sure[state] += tag.sure
            if tag.sure and state != UNKNOWN:
                sources[sample.source].append(state == PRESENT)
    for source, right in sorted(sources.items()):
        if len(right) >= ENOUGH:
            found[f"{source}_sure_precision"] = float(np.mean(right))
    known = sum(count for state, count in sure.items() if state != UNKNOWN)
    found["sure_precision"] = sure[PRESENT] / max(1, known)
    found["sure_precision_labels"] = sure[PRESENT] / max(1, sure[PRESENT] + sure[ABSENT])
    found["sure_tags_a_photo"] = sum(sure.values()) / max(1, len(samples))
    return {name: value for name, value in found.items() if np.isfinite(value)}


def object_map(
    samples: Sequence[Sample], shown: ConceptLabels, scores: NDArray[np.float64], source: str
) -> float:
    """mAP, 0..1, over the boxed classes of a source that some photo of it shows."""
    rows = [i for i, sample in enumerate(samples) if sample.source == source]
    boxed = [set(samples[i].objects) for i in rows]
    labels = sorted({label for objects in boxed for label in objects})
    if not labels:
        return float("nan")
    places = [_place(label, source, shown) for label in labels]
    truth = np.array([[label in objects for label in labels] for objects in boxed])
    return map_of(scores[rows][:, places], truth)


def label_recall(
    samples: Sequence[Sample], shown: ConceptLabels, scores: NDArray[np.float64], source: str
) -> float:
    """Mean over a source's labels of how often theirs is the likeliest of all its labels' concepts.

    What a concept is a kind of does not compete with it, as it is never less likely.
    """
    rows = [i for i, s in enumerate(samples) if s.source == source and len(s.labels) == 1]
    if not rows:
        return float("nan")
    place = {label: _place(label, source, shown) for label in {samples[i].labels[0] for i in rows}}
    concepts = sorted(set(place.values()))
    right = defaultdict(list)
    for i in rows:
        concept = place[samples[i].labels[0]]
        rivals = [c for c in concepts if c not in shown.above[concept]]
        right[concept].append(scores[i, concept] > scores[i, rivals].max(initial=-np.inf))
    return float(np.mean([np.mean(each) for each in right.values()]))


def named_first(
    samples: Sequence[Sample], shown: ConceptLabels, tags: Sequence[Sequence[Tag]], source: str
) -> float:
    """How often what a photo of a source is of, or a kind of it, is among its first five tags."""
    right = []
    for sample, said in zip(samples, tags, strict=True):
        if sample.source == source and sample.labels:
            kinds = shown.below[_place(sample.labels[0], source, shown)]
            right.append(any(shown.place[tag.name] in kinds for tag in said[:FIRST]))
    return float(np.mean(right)) if right else float("nan")


def _place(label: str, source: str, shown: ConceptLabels) -> int:
    concepts = shown.rules.concepts(label, shown.tree, source)
    if not concepts:
        raise ValueError(f"the tree has no concept for the label {label!a}")
    return shown.place[concepts[0].name]
