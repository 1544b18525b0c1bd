from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.evaluate.forgetting import zero_shot
from tests.ansa_train.data.labels.test_label_groups import sample

pytestmark = pytest.mark.usefixtures("parts")


def test_a_photo_counts_where_its_own_name_is_nearest() -> None:
    names = ImagenetNames()
    torch.manual_seed(0)
    table = F.normalize(torch.randn(len(names.vocabulary), 64), dim=-1)
    shown = [sample(labels=(names.vocabulary.names[i][0],)) for i in (3, 5)]
    samples = [*shown, sample(labels=("no such thing",))]
    vectors = torch.stack([table[3], table[7], table[9]])
    figures = zero_shot(samples, vectors, lambda _: table)
    assert figures["names@1"] == 50.0
    assert figures["names@5"] >= 50.0


def test_without_a_photo_that_counts_there_is_no_figure() -> None:
    assert zero_shot([sample()], torch.zeros(1, 4), lambda _: torch.zeros(1000, 4)) == {}
