from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper

from ansa.cli.export_gate import add_gate, gated
from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.regression.cases import Case, Picture, RegressionSet, write_set
from tests.bundles import COLOURS, image_model, write_bundle
from tests.cli.conftest import paint


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A set of two colours, each the first that a search for it finds."""
    cases = []
    for name in ("red", "blue"):
        paint(tmp_path / f"{name}.png", COLOURS[name])
        digest = hashlib.sha256((tmp_path / f"{name}.png").read_bytes()).hexdigest()
        cases.append(Case(name, "search", Picture("file", f"{name}.png", digest), name, 1))
    write_set(RegressionSet("colours", "two colours", cases), tmp_path / "set.json")
    return tmp_path / "set.json"


def options(source: Path, place: Path, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_gate(parser)
    args = parser.parse_args(words)
    args.source, args.folder = source, place
    return args


def mixed_up(args: argparse.Namespace, folder: Path) -> Bundle:
    """Writes a bundle that takes red for blue."""
    model = image_model()
    for tensor in model.graph.initializer:
        if tensor.name == "weights":
            weights = np.ascontiguousarray(numpy_helper.to_array(tensor)[[2, 1, 0]])
            tensor.CopyFrom(numpy_helper.from_array(weights, "weights"))
    return Bundle.open(write_bundle(folder, image=model.SerializeToString()))


def test_a_bundle_that_falls_behind_is_refused_and_what_was_there_stands(
    colours: Path, tmp_path: Path
) -> None:
    place = write_bundle(tmp_path / "place")
    before = Bundle.open(place).id
    there = sorted(file.name for file in tmp_path.iterdir())
    args = options(place, place, "--regression", str(colours))
    with pytest.raises(TrainingError, match=r"behind its predecessor \(colours .*: red: held bef"):
        gated(args, mixed_up)
    assert Bundle.open(place).id == before
    assert sorted(file.name for file in tmp_path.iterdir()) == there  # no trial is left
    made, verdict = gated(options(place, place, "--predecessor", "none"), mixed_up)
    assert verdict is None
    assert made.id != before


def test_a_set_that_cannot_be_read_ends_the_export_before_the_work(tmp_path: Path) -> None:
    place = write_bundle(tmp_path / "place")
    (tmp_path / "set.json").write_text("{}")

    def never(args: argparse.Namespace, folder: Path) -> Bundle:
        raise AssertionError("the work began")

    with pytest.raises(TrainingError, match="not a regression set"):
        gated(options(place, place, "--regression", str(tmp_path / "set.json")), never)
