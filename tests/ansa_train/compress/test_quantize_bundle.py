"""A bundle with its network in 8 bits, and what its heads lose by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa.model.variants import FLOAT, INT8, variants_of
from ansa_train.compress.accuracy_drop import AccuracyDrop, accuracy_drops, thinned
from ansa_train.compress.quantize_bundle import (
    QuantizationSettings,
    mixed,
    put_int8,
    quantized,
    refuse,
)
from ansa_train.data.pack import read_pack
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import put_heads
from ansa_train.heads.base import HeadRecipe
from ansa_train.heads.train_head import train_head
from tests import extra
from tests.bundles import write_bundle

SETTINGS = QuantizationSettings(photos=6, every=1, float_first=0)


@pytest.fixture(autouse=True)
def _warmth(monkeypatch: pytest.MonkeyPatch) -> None:
    extra.known(monkeypatch)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return extra.write_pack(tmp_path_factory.mktemp("data") / "pack")


@pytest.fixture(scope="module")
def plain(data: Path) -> Bundle:
    """A bundle in float, with a head."""
    folder = data.parent
    write_bundle(folder / "bundle")
    run = HeadRecipe(data, folder / "run", folder / "cache", folder / "bundle", 60, 8, 0.05)
    with pytest.MonkeyPatch.context() as patch:
        extra.known(patch)
        train_head("warmth", replace(run, head={"sharpness": 3, "sides": [4, 5]}))
        return put_heads(Bundle.open(folder / "bundle"), [run.folder], folder / "plain")


@pytest.fixture(scope="module")
def both(plain: Bundle, data: Path) -> Bundle:
    """The same with its 8-bit variant."""
    folder = data.parent
    with pytest.MonkeyPatch.context() as patch:
        extra.known(patch)
        bundle, _ = put_int8(plain, data, folder / "cache", folder / "both", SETTINGS)
    return bundle


def test_both_forms_give_nearly_the_same_signals(both: Bundle) -> None:
    photo = np.full((40, 30, 3), (200, 30, 60), np.uint8)
    one, other = (Analyzer(both, variant=variant).analyze(photo) for variant in (FLOAT, INT8))
    assert one.embedding @ other.embedding > 0.99
    assert abs(one.signals["warmth"] - other.signals["warmth"]) < 0.1
    assert not np.array_equal(one.embedding, other.embedding)


def test_every_head_is_measured_in_both_forms(both: Bundle, data: Path, tmp_path: Path) -> None:
    embedding, warmth = accuracy_drops(both, [FLOAT, INT8], data, tmp_path)
    assert embedding.figures["cosine"][FLOAT] == pytest.approx(1)
    assert embedding.figures["cosine"][INT8] > 0.99
    assert warmth.figures == {"accuracy": {FLOAT: 1.0, INT8: 1.0}}
    assert (warmth.pictures, warmth.points(INT8, FLOAT)) == (8, 0.0)


def test_the_manifest_says_what_was_lost(both: Bundle) -> None:
    assert both.manifest.training[INT8]["points lost"]["warmth"] == 0.0


def test_what_loses_too_much_is_not_written() -> None:
    accuracy = {"accuracy": {FLOAT: 0.9, INT8: 0.88}}
    found = [
        AccuracyDrop("warmth", 100, accuracy),
        AccuracyDrop("few", 99, accuracy),
        AccuracyDrop("embedding", 100, {}),
    ]
    refuse(found, points=2.5)
    with pytest.raises(TrainingError, match=r"more than 1.5 points are lost: warmth 2\.00;"):
        refuse(found, points=1.5)


def test_a_form_is_dropped_when_its_heads_change(both: Bundle, tmp_path: Path) -> None:
    assert set(variants_of(both)) > {INT8}
    assert set(variants_of(put_heads(both, [], tmp_path / "changed", keep=[]))) == {FLOAT}


def test_only_what_is_named_counts() -> None:
    figures = {"IoU": {FLOAT: 0.8, INT8: 0.79}, "MAE": {FLOAT: 0.1, INT8: 0.4}}
    loss = AccuracyDrop("saliency", 10, figures)
    assert loss.counted() == ["IoU"]
    assert loss.points(INT8, FLOAT) == pytest.approx(1.0)


def test_photos_to_calibrate_on_are_of_every_source(pack: Path) -> None:
    some = mixed(pack, 4)
    sources = {sample.source for sample in read_pack(pack, ["train"])}
    assert {sample.split for sample in some} == {"train"}
    assert len({sample.source for sample in some}) == min(4, len(sources))


def test_a_thinned_pack_is_a_part_of_the_pack(data: Path, tmp_path: Path) -> None:
    everything = {sample.key for sample in read_pack(data, ["train", "dev", "test"])}
    folder = thinned(data, tmp_path, 3)
    some = read_pack(folder, ["train", "dev", "test"])
    assert {sample.key for sample in some} < everything
    assert some
    assert some[0].read().size == (40, 30)
    assert thinned(data, tmp_path, 3) == folder


def test_the_command_writes_both_forms(
    plain: Bundle, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(plain.path), str(tmp_path / "new"), "--int8", str(data)]
    words += ["--cache", str(tmp_path), "--every", "1", "--photos", "4", "--float-first", "0"]
    words += ["--predecessor", "none"]
    assert main(words) == 0
    assert INT8 in variants_of(Bundle.open(tmp_path / "new"))
    assert "MB" in capsys.readouterr().out


def test_a_head_can_stay_float(plain: Bundle, data: Path) -> None:
    def steps(*heads: str) -> set[str]:
        model = quantized(plain, data, replace(SETTINGS, float_heads=heads))
        return {node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}

    assert any(name.startswith("head.warmth") for name in steps())
    assert steps("warmth", "no such head") == {n for n in steps() if "head.warmth" not in n}
