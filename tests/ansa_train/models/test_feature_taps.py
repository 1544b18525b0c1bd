"""What heads branch from is what the bundle's own network computes."""

from __future__ import annotations

import numpy as np
import pytest

from ansa import Analyzer, Bundle
from ansa.photo.read import resize_square
from ansa.scene import Pixels
from ansa_train.errors import TrainingError
from ansa_train.models.feature_taps import NAMES, FeatureTaps
from tests.bundles import DIM, SIZE, write_bundle
from tests.photos import draw_photo


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture
def squares() -> Pixels:
    photos = [np.asarray(draw_photo(90, 60, seed)) for seed in range(3)]
    return np.stack([resize_square(photo, SIZE) for photo in photos])


def test_every_branch_has_its_shape(bundle: Bundle) -> None:
    branches = FeatureTaps(bundle, NAMES)
    maps = {f"stride{s}": (3, SIZE // s, SIZE // s) for s in (4, 8, 16, 32)}
    assert branches.shapes == {"embedding": (DIM,), "features": (3,)} | maps
    assert branches.size == SIZE
    assert branches.backbone == bundle.manifest.image.backbone != ""


def test_the_embedding_is_the_one_that_users_get(bundle: Bundle, squares: Pixels) -> None:
    seen = FeatureTaps(bundle, ["embedding"])(squares)["embedding"]
    np.testing.assert_array_equal(seen, Analyzer(bundle).embed_image(list(squares)))


def test_maps_tell_where_things_are(bundle: Bundle) -> None:
    square = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    square[0, :16, 16:] = (255, 0, 0)  # top right
    (seen,) = FeatureTaps(bundle, ["stride16"])(square)["stride16"]
    np.testing.assert_allclose(seen[0], [[0, 1], [0, 0]])


def test_only_what_is_asked_for_is_computed(bundle: Bundle, squares: Pixels) -> None:
    branches = FeatureTaps(bundle, ["features", "stride8"])
    assert branches(squares).keys() == {"features", "stride8"}
    assert branches(squares, ["stride8"]).keys() == {"stride8"}


def test_a_branch_that_a_network_lacks_is_named_with_a_remedy(bundle: Bundle) -> None:
    with pytest.raises(
        TrainingError, match=r"bundle\d: .* no branch stride2, stride64 .* export the"
    ):
        FeatureTaps(bundle, ["stride64", "stride8", "stride2"])


def test_the_shipped_bundle_opens_or_says_what_it_lacks() -> None:
    shipped = Bundle.open()
    if shipped.manifest.image.backbone:
        assert FeatureTaps(shipped, NAMES).shapes.keys() == set(NAMES)
    else:
        with pytest.raises(TrainingError, match="export the bundle anew"):
            FeatureTaps(shipped, NAMES)
