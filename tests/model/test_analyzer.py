"""Photos and texts become unit vectors of one space, and a bad network becomes a clear error."""

import io
import json
import os
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from PIL import Image

from ansa import Analyzer, Bundle
from ansa.model.analyzer import AnalyzerError
from ansa.model.bundle import BundleError
from ansa.model.heads import KINDS
from ansa.photo.read import ImageSource, PhotoError
from ansa.scene import Pixels
from tests.bundles import (
    COLOURS,
    DIM,
    edit_manifest,
    image_model,
    replace_file,
    text_model,
    write_bundle,
)
from tests.model.test_onnx_guard import in_an_initializer


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    return Analyzer(write_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def plain(colour: str) -> Pixels:
    return np.full((40, 60, 3), np.array(COLOURS[colour]) * 255, np.uint8)


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_photo_is_nearest_to_the_text_that_names_it(colours: Analyzer) -> None:
    names = list(COLOURS)
    texts = colours.embed_text([f"a photo of the {name}" for name in names])
    photos = colours.embed_image([plain(name) for name in names])
    assert (photos @ texts.T).argmax(axis=1).tolist() == list(range(len(names)))


def test_one_photo_or_many(colours: Analyzer) -> None:
    one, many = colours.embed_image(plain("red")), colours.embed_image([plain("red")] * 3)
    assert one.shape == (1, DIM)
    assert many.shape == (3, DIM)
    assert one.dtype == many.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-6)
    assert colours.embed_image([]).shape == (0, DIM)


def test_every_kind_of_source_gives_the_same_scene(colours: Analyzer, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (50, 70, 3), np.uint8)
    path = tmp_path / "photo.png"
    path.write_bytes(png(pixels))
    sources: list[ImageSource] = [
        path,
        str(path),
        path.read_bytes(),
        Image.fromarray(pixels),
        pixels,
    ]
    scenes = [colours.analyze(source) for source in sources]
    for scene in scenes:
        np.testing.assert_array_equal(scene.embedding, scenes[0].embedding)
        assert (scene.facts.width, scene.facts.height) == (70, 50)


def test_a_photo_that_cannot_be_opened_is_named(colours: Analyzer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not much more")
    with pytest.raises(PhotoError, match=r"broken\.jpg"):
        colours.analyze(broken)


def test_one_text_or_many(colours: Analyzer) -> None:
    assert colours.embed_text("red").shape == (1, DIM)
    assert colours.embed_text(["red", "a blue", "the green of the photo"]).shape == (3, DIM)
    assert colours.embed_text([]).shape == (0, DIM)


def test_a_texts_vector_does_not_depend_on_its_company(colours: Analyzer) -> None:
    texts = ["red", "a photo of the blue", "yellow", "a photo of the green and much, much more"]
    together = colours.embed_text(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(colours.embed_text(text)[0], vector, atol=1e-6)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u2003"])
def test_an_empty_text_is_a_value_error(colours: Analyzer, text: str) -> None:
    with pytest.raises(ValueError, match="empty text"):
        colours.embed_text(["red", text])


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(exclude_categories=[]), min_size=1))
def test_any_text_has_a_vector_or_is_refused(colours: Analyzer, text: str) -> None:
    try:
        vector = colours.embed_text(text)
    except ValueError:
        return
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-3)


def test_a_text_longer_than_the_network_reads_is_cut(colours: Analyzer) -> None:
    long = colours.embed_text("red " * 16 + "blue " * 1000)
    np.testing.assert_allclose(long, colours.embed_text("red " * 16), atol=1e-6)


def test_threads_may_share_an_analyzer(folder: Path) -> None:
    shared = Analyzer(folder)
    names = list(COLOURS) * 8
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda name: shared.analyze(plain(name)).embedding, names))
    alone = shared.embed_image([plain(name) for name in names])
    np.testing.assert_array_equal(np.stack(vectors), alone)


def test_an_opened_bundle_or_its_folder(folder: Path) -> None:
    bundle = Bundle.open(folder)
    assert Analyzer(bundle).bundle is bundle
    assert Analyzer(str(folder)).dim == DIM


def test_no_thread_is_no_analyzer(folder: Path) -> None:
    with pytest.raises(ValueError, match="threads"):
        Analyzer(folder, threads=0)


# What a bad bundle may do


@pytest.mark.parametrize(
    ("scale", "complaint"), [(np.nan, "not finite"), (np.inf, "not finite"), (2.0, "unit length")]
)
def test_an_output_that_means_nothing_is_never_returned(
    folder: Path, scale: float, complaint: str
) -> None:
    replace_file(folder, "image.onnx", image_model(scale=scale).SerializeToString())
    with pytest.raises(AnalyzerError, match=f"bundle: the embedding .*{complaint}"):
        Analyzer(folder).analyze(plain("red"))


# Heads


def add_head(name: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    """A head that gives the embedding once more."""
    head = {"output": "embedding", "kind": "embedding", "shape": [DIM], "version": 1} | changes
    return lambda manifest: manifest["heads"].update({name: head})


def test_another_head_gives_another_signal(folder: Path) -> None:
    edit_manifest(folder, add_head("again"))
    scene = Analyzer(folder).analyze(plain("red"))
    np.testing.assert_array_equal(scene.signals["again"], scene.embedding)
    assert "again" not in scene.missing


def test_a_head_that_a_bundle_lacks_is_missing_with_a_reason(colours: Analyzer) -> None:
    scene = colours.analyze(plain("red"))
    assert scene.signals == {}
    assert set(scene.missing) == KINDS - {"embedding"}
    assert set(scene.missing.values()) <= {"the bundle has no such head"}
    named = scene.tags, scene.objects, scene.utility, scene.quality, scene.aesthetics
    assert (*named, scene.saliency, scene.fingerprint) == (None,) * 7


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "smell"}, "reads no head of kind 'smell'; a newer one may"),
        ({"version": 99}, "version 99 of the head is newer than this ansa reads.*upgrade ansa"),
    ],
)
def test_a_head_of_tomorrow_is_missing_and_the_rest_is_there(
    folder: Path, changes: dict[str, Any], reason: str
) -> None:
    edit_manifest(folder, add_head("tomorrow", **changes))
    scene = Analyzer(folder).analyze(plain("red"))
    assert scene.embedding.shape == (DIM,)
    assert "tomorrow" not in scene.signals
    assert re.search(reason, scene.missing["tomorrow"])


def test_an_embedding_of_tomorrow_is_a_refusal(folder: Path) -> None:
    edit_manifest(folder, edit_head(version=2))
    with pytest.raises(BundleError, match=r"manifest\.json: version 2 .* upgrade ansa"):
        Analyzer(folder).analyze(plain("red"))


def test_a_head_whose_settings_mean_nothing_is_a_refusal(folder: Path) -> None:
    edit_manifest(folder, add_head("again", shape=[DIM, 1]))
    with pytest.raises(
        BundleError, match=r"manifest\.json: heads\.again: an embedding has one axis"
    ):
        Analyzer(folder).analyze(plain("red"))


def test_a_head_that_is_called_like_another_kind_is_a_refusal(folder: Path) -> None:
    (other, *_) = sorted(KINDS - {"embedding"})
    edit_manifest(folder, add_head(other))  # of the kind "embedding"
    with pytest.raises(BundleError, match=rf"heads\.{other} is of kind 'embedding', and called"):
        Analyzer(folder).analyze(plain("red"))


def test_a_head_that_its_network_does_not_give_is_a_refusal(folder: Path) -> None:
    edit_manifest(folder, add_head("again", output="elsewhere"))
    with pytest.raises(BundleError, match=r"image\.onnx: .*the manifest says 'elsewhere'"):
        Analyzer(folder).analyze(plain("red"))


def test_one_signal_that_means_nothing_leaves_the_others(folder: Path) -> None:
    def add_output(model: onnx.ModelProto) -> bytes:
        """The embedding times ten, as an output of its own: not of unit length."""
        ten = onnx.numpy_helper.from_array(np.array(10, np.float32), "ten")
        model.graph.initializer.append(ten)
        model.graph.node.append(onnx.helper.make_node("Mul", ["embedding", "ten"], ["long"]))
        model.graph.output.append(
            onnx.helper.make_tensor_value_info("long", onnx.TensorProto.FLOAT, ["n", DIM])
        )
        return bytes(model.SerializeToString())

    replace_file(folder, "image.onnx", add_output(image_model()))
    edit_manifest(folder, add_head("long", output="long"))
    edit_manifest(folder, add_head("again"))
    analyzer = Analyzer(folder)
    scene = analyzer.analyze(plain("red"))
    assert scene.missing["long"] == "the embedding is not of unit length"
    assert scene.signals.keys() == {"again"}
    assert analyzer.embed_image(plain("red")).shape == (1, DIM)


def edit_head(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["heads"]["embedding"].update(changes)


def edit_image(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["image"].update(changes)


@pytest.mark.parametrize(
    "edit",
    [edit_head(dim=9), edit_head(output="other"), edit_image(size=64), edit_image(input="x")],
)
def test_networks_that_are_not_what_the_manifest_says_are_refused(
    folder: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    edit_manifest(folder, edit)
    with pytest.raises(BundleError, match=r"image\.onnx: .*the manifest says"):
        Analyzer(folder).analyze(plain("red"))


def test_a_text_network_of_another_length_is_refused(folder: Path) -> None:
    replace_file(folder, "text.onnx", text_model(DIM + 1).SerializeToString())
    with pytest.raises(BundleError, match=r"text\.onnx: .*the manifest says"):
        Analyzer(folder).embed_text("red")


def test_an_altered_network_is_refused_when_it_is_needed(folder: Path) -> None:
    file = folder / "text.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    opened = Analyzer(folder)
    assert opened.embed_image(plain("red")).shape == (1, DIM)  # photos need no text network
    with pytest.raises(BundleError, match=r"text\.onnx: altered"):
        opened.embed_text("red")


def test_a_network_with_weights_elsewhere_is_refused(folder: Path) -> None:
    model = image_model()
    in_an_initializer(model)
    replace_file(folder, "image.onnx", model.SerializeToString())
    with pytest.raises(BundleError, match=r"image\.onnx: .*another file"):
        Analyzer(folder).analyze(plain("red"))


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def with_last(*steps: onnx.NodeProto, **constants: Any) -> bytes:
    """The colours' image network, with steps from its "before" to its embedding."""
    model = image_model()
    model.graph.node[-1].output[0] = "before"
    model.graph.node.extend(steps)
    for name, value in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    return bytes(model.SerializeToString())


def test_a_network_that_asks_for_any_amount_of_memory_is_stopped(folder: Path) -> None:
    big = helper.make_node("ConstantOfShape", ["many"], ["big"])
    summed = helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0)
    added = helper.make_node("Add", ["before", "sum"], ["embedding"])
    replace_file(folder, "image.onnx", with_last(big, summed, added, many=[2**31]))
    with pytest.raises(AnalyzerError, match=r"(?s)cannot be computed.*memory.*; use"):
        Analyzer(folder).analyze(plain("red"))


def test_a_network_that_gives_more_than_was_asked_is_refused(folder: Path) -> None:
    twice = helper.make_node("Concat", ["before", "before"], ["embedding"], axis=0)
    replace_file(folder, "image.onnx", with_last(twice))
    with pytest.raises(AnalyzerError, match=r"one answer for each input; use another bundle"):
        Analyzer(folder).analyze(plain("red"))


def test_a_network_with_a_name_that_is_no_text_is_refused(folder: Path) -> None:
    data = image_model().SerializeToString().replace(b"pixels", b"\xffixels")
    replace_file(folder, "image.onnx", data)
    with pytest.raises(BundleError, match=r"image\.onnx: not a network this machine can run"):
        Analyzer(folder).analyze(plain("red"))


@pytest.mark.parametrize(
    "normalizer",
    [
        {"type": "Precompiled", "precompiled_charsmap": "AAAA"},  # panics when it is read
        {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": "b"},  # when it is used
    ],
)
def test_a_tokenizer_that_panics_is_a_refusal(folder: Path, normalizer: dict[str, Any]) -> None:
    document = json.loads((folder / "tokenizer.json").read_text()) | {"normalizer": normalizer}
    replace_file(folder, "tokenizer.json", json.dumps(document).encode())
    ansa = Analyzer(folder)
    for _ in range(2):
        with pytest.raises(BundleError, match=r"tokenizer\.json: .*; use another bundle"):
            ansa.embed_text("a" * 60 + "!")


def test_nothing_is_printed_about_a_bad_network(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for data in (b"\x3a\x02\x0a\x00", image_model().SerializeToString().replace(b"Div", b"D\xffv")):
        replace_file(folder, "image.onnx", data)
        with pytest.raises(BundleError):
            Analyzer(folder).analyze(plain("red"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_pickle_in_disguise_is_refused_and_never_loaded(
    folder: Path, tmp_path: Path, name: str
) -> None:
    replace_file(folder, name, pickle.dumps(Trap(tmp_path / "sprung")))
    opened = Analyzer(folder)
    with pytest.raises(BundleError, match=name):
        opened.embed_image(plain("red")) if name == "image.onnx" else opened.embed_text("red")
    assert not (tmp_path / "sprung").exists()


# The bundle that ships


@pytest.fixture(scope="module")
def shipped() -> Analyzer:
    return Analyzer()


def carried(package: str, name: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], name)


def test_the_shipped_bundle_tells_real_photos_apart(shipped: Analyzer) -> None:
    answers = {
        "a cat": carried("skimage", "data/chelsea.png"),
        "a cup of coffee": carried("skimage", "data/coffee.png"),
        "a motorcycle": carried("skimage", "data/motorcycle_left.png"),
        "a flower": carried("sklearn", "datasets/images/flower.jpg"),
        "a rocket launch": carried("skimage", "data/rocket.jpg"),
    }
    photos = shipped.embed_image(list(answers.values()))
    texts = shipped.embed_text(list(answers))
    assert (texts @ photos.T).argmax(axis=1).tolist() == list(range(len(answers)))


def test_the_same_photo_gives_the_same_vector(shipped: Analyzer) -> None:
    photo = carried("skimage", "data/chelsea.png")
    first, second = shipped.analyze(photo), Analyzer().analyze(photo)
    np.testing.assert_array_equal(first.embedding, second.embedding)
    assert first.embedding.shape == (shipped.dim,)
