from __future__ import annotations

import pytest

from ansa_train.data.labels.imagenet_names import ImagenetNames
from tests.ansa_train.data.labels.test_label_groups import sample

pytestmark = pytest.mark.usefixtures("parts")


def test_a_label_names_a_class_whatever_its_case_and_hyphens() -> None:
    names = ImagenetNames()
    first = names.vocabulary.names[3]
    assert names.of(sample(labels=(first[0].upper().replace(" ", "-"),))) == 3
    assert names.of(sample(labels=("no such thing",))) == -1
    assert names.of(sample()) == -1


def test_two_classes_in_one_photo_count_for_none() -> None:
    names = ImagenetNames()
    both = names.vocabulary.names[3][0], names.vocabulary.names[5][0]
    assert names.of(sample(labels=both)) == -1
