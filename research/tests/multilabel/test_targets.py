from __future__ import annotations

import torch

from ansa_train.data.labels.label_groups import LabelGroups
from research.multilabel.targets import LabelTargets
from tests.ansa_train.data.labels.test_label_groups import sample


def test_what_is_not_said_is_unknown_or_hardly_absent() -> None:
    said = [f"a dog on the {place}" for place in ("beach", "grass")] * 5
    captioned = [sample(captions=(caption,)) for caption in said]
    labelled = sample(labels=("cat",)), sample(labels=("horse",))
    targets = LabelTargets([*captioned, *labelled], LabelGroups(labelled), 0.2)
    names = ["cat", "horse", *targets.nouns]
    present, weight = targets([captioned[0], labelled[0]])
    assert {"dog", "beach", "grass"} <= set(names)
    of_caption, of_label = (
        dict(zip(names, torch.stack([present[i], weight[i]], 1).tolist(), strict=True))
        for i in (0, 1)
    )
    assert of_caption["dog"] == of_caption["beach"] == [1.0, 1.0]
    assert of_caption["grass"][0] == 0.0
    assert 0 < of_caption["grass"][1] < 0.5
    assert of_caption["cat"][1] == 0.0  # nobody looked for a cat
    assert of_label["cat"] == [1.0, 1.0]
    assert of_label["horse"] == [0.0, 1.0]  # the other choice of its source
    assert of_label["dog"][1] == 0.0
