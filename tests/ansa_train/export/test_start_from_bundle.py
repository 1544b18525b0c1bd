from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.export.start_from_bundle import start_from_bundle
from ansa_train.heads.detection import CLASSES, DetectionHead, DetectionSettings
from ansa_train.heads.utility import UtilityHead, UtilityNetwork
from ansa_train.models.feature_pyramid import Detector, Likeliest
from ansa_train.models.feature_taps import FeatureTaps


def test_a_head_goes_on_from_the_weights_of_the_shipped_bundle() -> None:
    bundle = Bundle.open()
    taps = FeatureTaps(bundle, (*UtilityHead.BRANCHES, "head.utility"))
    network = UtilityNetwork({name: taps.shapes[name] for name in UtilityHead.BRANCHES}, 0.2)
    start_from_bundle(network, bundle, "utility")
    pixels = torch.randint(0, 256, (2, taps.size, taps.size, 3), dtype=torch.uint8).numpy()
    seen = taps(pixels, [*UtilityHead.BRANCHES, "head.utility"])
    with torch.no_grad():
        said = network.eval()(*(torch.from_numpy(seen[name]) for name in UtilityHead.BRANCHES))
    torch.testing.assert_close(said, torch.from_numpy(seen["head.utility"]), atol=1e-3, rtol=1e-3)


def test_the_detector_goes_on_though_its_norms_are_folded_in_the_bundle() -> None:
    bundle = Bundle.open()
    taps = FeatureTaps(bundle, (*DetectionHead.BRANCHES, "head.detection"))
    made = DetectionSettings()
    shapes = {name: taps.shapes[name] for name in DetectionHead.BRANCHES}
    detector = Detector(shapes, made.width, len(CLASSES), made.mixes, made.context)
    whole = Likeliest(detector, made.k)
    start_from_bundle(whole, bundle, "detection")
    pixels = np.random.default_rng(0).integers(0, 256, (2, taps.size, taps.size, 3), np.uint8)
    seen = taps(pixels, [*DetectionHead.BRANCHES, "head.detection"])
    with torch.no_grad():
        said = whole.eval()(*(torch.from_numpy(seen[name]) for name in DetectionHead.BRANCHES))
    likeliest = torch.from_numpy(seen["head.detection"])[:, :20]
    torch.testing.assert_close(said[:, :20], likeliest, atol=1e-3, rtol=1e-3)


def test_a_bundle_without_the_head_or_with_another_network_is_refused() -> None:
    bundle = Bundle.open()
    with pytest.raises(TrainingError, match="has no head poem to start from"):
        start_from_bundle(nn.Linear(2, 2), bundle, "poem")
    with pytest.raises(TrainingError, match=re.escape("other weights than the network")):
        start_from_bundle(nn.Linear(2, 2), bundle, "utility")
