"""The same pass as a Ray Data job, on a local cluster of several processes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ansa_train.evaluate.datasets import read_label_folder
from ansa_train.slicing.observe import ObservationEngine, observe_all
from tests.bundles import COLOURS, write_bundle
from tests.cli.conftest import paint

pytest.importorskip("ray")


def test_a_cluster_of_two_processes_sees_what_one_process_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Workers must find these packages, however they are installed.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[3] / "src")]))
    for name, colour in COLOURS.items():
        (tmp_path / "album" / name).mkdir(parents=True)
        for i in range(4):
            paint(tmp_path / "album" / name / f"{i}.png", colour)
    (tmp_path / "album" / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    samples = read_label_folder(tmp_path / "album").samples
    bundle = write_bundle(tmp_path / "bundle")
    here = list(observe_all(bundle, samples))
    there = list(observe_all(bundle, samples, ObservationEngine("ray", workers=2)))
    assert [each.key for each in there] == [each.key for each in here]
    assert [each.problem for each in there] == [each.problem for each in here]
    for one, other in zip(here, there, strict=True):
        if one.vector is not None:
            assert other.vector is not None
            np.testing.assert_array_equal(one.vector, other.vector)
        assert one.appearance == other.appearance
