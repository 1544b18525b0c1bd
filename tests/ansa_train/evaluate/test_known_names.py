from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from ansa import Analyzer
from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.pack import Sample
from ansa_train.evaluate.known_names import KnownNames, KnownTags
from ansa_train.evaluate.task import EvaluationError
from ansa_train.evaluate.zeroshot import class_vectors
from tests.ansa_train.data.labels.test_label_groups import sample
from tests.bundles import write_bundle

pytestmark = pytest.mark.usefixtures("parts")


@pytest.fixture
def analyzer(tmp_path: Path) -> Analyzer:
    return Analyzer(write_bundle(tmp_path / "bundle"))


def _named(place: int, tmp_path: Path) -> Sample:
    file = tmp_path / f"{place}.png"
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), (255, 0, 0)).save(picture, "PNG")
    file.write_bytes(picture.getvalue())
    name = ImagenetNames().vocabulary.names[place][0]
    size = file.stat().st_size
    return sample(key=f"{place}", labels=(name,), file=file, size=size)


def test_only_photos_of_a_known_class_are_measured(tmp_path: Path) -> None:
    known = _named(3, tmp_path)
    assert KnownNames("set", [known, sample(labels=("no such thing",))]).samples == [known]


def test_a_photo_counts_where_the_text_of_its_class_is_nearest(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    samples = [_named(3, tmp_path), _named(5, tmp_path)]
    task = KnownNames("set", samples)
    names = [names[0] for names in ImagenetNames().vocabulary.names]
    texts = class_vectors(analyzer, names)
    own = texts[3]
    alone = (texts @ own >= own @ own).sum() == 1  # ties count against a bundle
    vectors = dict(zip(samples, (own, -texts[5]), strict=True))
    (table,) = task.measure(analyzer, vectors)
    assert table.group == "zero-shot"
    assert table.about == "2 photos, 1,000 classes"
    assert table.figures["top-1"].value == (50.0 if alone else 0.0)


def test_a_bundle_without_tags_is_left_out_in_words(analyzer: Analyzer, tmp_path: Path) -> None:
    one = _named(3, tmp_path)
    with pytest.raises(EvaluationError, match="has no tags"):
        KnownTags("set", [one]).measure(analyzer, {})
