"""One bundle that observes photos, and with it the detector of faces if they are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ansa.model.analyzer import Analyzer
from ansa_train.data.pack import Sample
from ansa_train.slicing.observation import Observation, observe
from ansa_train.slicing.skin_tone import typology_angle

if TYPE_CHECKING:
    from ansa_train.teachers.yunet import YuNet

SURE_FACE = 0.7
"""Score from which on a face is measured, 0..1."""


class Observer:
    """Observes photos with one bundle.

    Args:
        bundle: its folder; None for the one that ships.
        faces: whether faces are looked for and their skin tone is measured.

    Raises:
        BundleError: there is no such bundle.
        TrainingError: the detector of faces cannot be fetched.
    """

    def __init__(self, bundle: Path | None, *, faces: bool = False) -> None:
        self.analyzer = Analyzer(bundle)
        self._faces: YuNet | None = None
        if faces:
            from ansa_train.teachers.yunet import YuNet

            self._faces = YuNet()

    def __call__(self, sample: Sample) -> Observation:
        """One photo."""
        seen = observe(self.analyzer, sample)
        if self._faces is None or seen.problem:
            return seen
        photo = sample.read()
        pixels = np.asarray(photo)
        angles = (
            typology_angle(pixels, tuple(row[:4].tolist()))
            for row in self._faces(photo, least=SURE_FACE)
        )
        return replace(seen, tones=tuple(angle for angle in angles if angle is not None))
