"""Tags are judged by what people say of photos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ansa.scene import Tag
from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.concept_labels import ConceptLabels
from ansa_train.data.pack import Sample
from ansa_train.evaluate.tag_metrics import label_recall, named_first, object_map, tag_metrics

TREE = Tree((Concept("animal"), Concept("dog", "animal"), Concept("cat", "animal")))


def sample(source: str, **known: Any) -> Sample:
    plain: dict[str, Any] = {"key": "a", "split": "test", "kind": "photo", "source": source}
    plain |= {"captions": (), "labels": (), "objects": (), "file": Path(), "offset": 0, "size": 0}
    return Sample(**plain | known)


PHOTOS = [
    sample("pets", labels=("dog",)),
    sample("pets", labels=("dog",)),
    sample("pets", labels=("cat",)),
    sample("coco", objects=("dog",)),
    sample("coco", objects=("cat",)),
]
SHOWN = ConceptLabels(TREE, PHOTOS, least=1)
SCORES = np.array(
    [[0.9, 0.9, 0.1], [0.8, 0.3, 0.8], [0.9, 0.1, 0.9], [0.9, 0.9, 0.2], [0.6, 0, 0.6]]
)


def test_recall_is_the_mean_over_labels_and_kinds_above_do_not_compete() -> None:
    assert label_recall(PHOTOS, SHOWN, SCORES, "pets") == pytest.approx((0.5 + 1) / 2)
    assert np.isnan(label_recall(PHOTOS, SHOWN, SCORES, "weather"))


def test_objects_are_ranked() -> None:
    assert object_map(PHOTOS, SHOWN, SCORES, "coco") == 1
    assert object_map(PHOTOS, SHOWN, SCORES[:, [0, 2, 1]], "coco") == 0.5
    assert np.isnan(object_map(PHOTOS, SHOWN, SCORES, "voc"))


def test_what_a_photo_is_of_counts_among_its_first_tags_only() -> None:
    photos = [sample("pets", labels=("animal",)), sample("pets", labels=("cat",))]
    first = [Tag(name, 0.5, False) for name in ("cat", "dog")]
    assert named_first(photos, SHOWN, [first, [first[0]]], "pets") == 1
    late = [first[1]] * 5 + [first[0]]
    assert named_first(photos, SHOWN, [first, late], "pets") == 0.5
    assert np.isnan(named_first(photos, SHOWN, [first, late], "weather"))


def test_sure_tags_are_counted_where_people_know() -> None:
    tags = [(Tag("dog", 0.9, True),), (Tag("cat", 0.8, True),), (Tag("cat", 0.9, False),), (), ()]
    found = tag_metrics(PHOTOS, SHOWN, SCORES, tags)
    assert found["sure_precision"] == 0.5
    assert found["sure_tags_a_photo"] == pytest.approx(2 / 5)
    assert 0 <= found["ece"] <= 1
    assert "weather_recall" not in found
