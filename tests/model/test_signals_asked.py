"""Only the signals that were asked for are computed, and they are those of a full look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ansa import Analyzer, Bundle
from ansa.model.analyzer import AnalyzerError
from ansa.model.variants import FLOAT, INT8, SMALL
from tests.bundles import DIM, SIZE, edit_manifest, image_model, replace_file, write_bundle

PHOTO = np.full((SIZE, SIZE, 3), (200, 30, 10), np.uint8)
STAGES = ["image.int8.0.onnx", "image.int8.1.onnx"]


def with_two_scores() -> onnx.ModelProto:
    """A network with a cheap head, and with one that asks for more memory than there may be."""
    model = image_model()
    made = [
        helper.make_node("ReduceMean", ["features", "each"], ["cheap"], keepdims=1),
        helper.make_node("ConstantOfShape", ["many"], ["big"]),
        helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0),
        helper.make_node("Add", ["cheap", "sum"], ["dear"]),
    ]
    model.graph.node.extend(made)
    for name, value in (("many", 2**31), ("each", 1)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([value]), name))
    for name in ("cheap", "dear"):
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", DIM])
        value.type.tensor_type.shape.dim[1].dim_value = 1
        model.graph.output.append(value)
    return model


@pytest.fixture(params=[FLOAT, INT8, SMALL])
def analyzer(request: pytest.FixtureRequest, tmp_path: Path) -> Analyzer:
    """One whose head "dear" cannot be computed, whole or in two stages."""
    folder = write_bundle(tmp_path / "bundle", image=with_two_scores().SerializeToString())
    model = onnx.shape_inference.infer_shapes(with_two_scores())
    extractor = onnx.utils.Extractor(model)
    first = extractor.extract_model(["pixels"], ["features", "embedding"])
    second = extractor.extract_model(["features"], ["cheap", "dear"])
    for name, part in zip(STAGES, (first, second), strict=True):
        replace_file(folder, name, part.SerializeToString())
    quantiles = np.linspace(-1, 2, 11).tolist()

    def edit(manifest: dict[str, Any]) -> None:
        manifest["image"]["forms"] = {INT8: STAGES}
        for name in ("cheap", "dear"):
            manifest["heads"][name] = {
                "output": name,
                "kind": "aesthetics",
                "shape": [1],
                "version": 1,
                "settings": {"quantiles": quantiles},
            }

    edit_manifest(folder, edit)
    return Analyzer(folder, variant=request.param)


def test_a_signal_that_nobody_asks_for_is_not_computed(analyzer: Analyzer) -> None:
    with pytest.raises(AnalyzerError, match="cannot be computed"):
        analyzer.analyze(PHOTO)
    scene = analyzer.analyze(PHOTO, signals=["embedding", "cheap"])
    assert scene.embedding.shape == (DIM,)
    assert scene.signals.keys() == {"cheap"}
    assert scene.missing["dear"] == "it was not asked for"
    assert analyzer.analyze(PHOTO, signals="cheap").embedding.shape == (0,)
    with pytest.raises(AnalyzerError, match="cannot be computed"):
        analyzer.analyze(PHOTO, signals=["dear"])


def test_embedding_a_photo_computes_no_other_signal(analyzer: Analyzer) -> None:
    vectors = analyzer.embed_image([PHOTO, PHOTO])
    assert vectors.shape == (2, DIM)
    np.testing.assert_array_equal(vectors[0], analyzer.analyze(PHOTO, "embedding").embedding)


def test_without_any_signal_only_the_facts_are_read(analyzer: Analyzer) -> None:
    scene = analyzer.analyze(PHOTO, signals=[])
    assert (scene.facts.width, scene.facts.height) == (SIZE, SIZE)
    assert not scene.signals
    assert scene.to_dict()["embedding"] == []


def test_an_unknown_name_is_refused_with_the_nearest_one(analyzer: Analyzer) -> None:
    with pytest.raises(ValueError, match=r"no signal 'Tag'; did you mean 'tags'\? There are aes"):
        analyzer.analyze(PHOTO, signals=["Tag"])


def test_a_signal_that_the_bundle_lacks_is_missing_with_the_reason(analyzer: Analyzer) -> None:
    scene = analyzer.analyze(PHOTO, signals=["tags", "cheap"])
    assert scene.tags is None
    assert scene.missing["tags"] == "the bundle has no such head"


@pytest.fixture(scope="module", params=[FLOAT, INT8])
def shipped(request: pytest.FixtureRequest) -> Analyzer:
    bundle = Bundle.open()
    return Analyzer(bundle, variant=request.param)


@pytest.mark.parametrize(
    "signals", [["tags", "objects"], ["embedding"], ["saliency", "quality"], ["fingerprint"]]
)
def test_the_values_are_those_of_a_full_look(shipped: Analyzer, signals: list[str]) -> None:
    photo = np.random.default_rng(3).integers(0, 255, (300, 400, 3), np.uint8)
    whole, part = shipped.analyze(photo), shipped.analyze(photo, signals=signals)
    for name in signals:
        asked, full = getattr(part, name), getattr(whole, name)
        if isinstance(full, np.ndarray):
            np.testing.assert_allclose(asked, full, atol=1e-5)
        elif isinstance(full, bytes):
            assert asked == full
        elif name == "quality":
            assert asked.overall == pytest.approx(full.overall, abs=1e-4)
        else:
            assert len(asked) == len(full)
            for one, other in zip(asked, full, strict=True):
                assert one.score == pytest.approx(other.score, abs=1e-4)
    unasked = {"tags", "objects", "quality", "saliency", "utility", "aesthetics"} - set(signals)
    assert all(getattr(part, name) is None for name in unasked)


def test_every_attribute_of_a_scene_can_be_asked_for(shipped: Analyzer) -> None:
    assert set(shipped.signal_names) == {
        *("aesthetics", "embedding", "fingerprint", "objects", "quality", "saliency", "tags"),
        "utility",
    }
    assert shipped.analyze(PHOTO, signals=["detection"]).objects is not None  # the head's own name
