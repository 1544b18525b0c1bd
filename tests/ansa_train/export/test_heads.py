"""Heads on a bundle: one pass gives every signal, and the embedding does not notice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from ansa import Analyzer, Bundle
from ansa.cli import main
from ansa.photo.read import read_photo, resize_square
from ansa.scene import Pixels
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import put_heads
from ansa_train.export.heads import HeadGraph, export_head, join, keep_outputs
from ansa_train.models.feature_taps import FeatureTaps, session
from tests import extra
from tests.bundles import SIZE, write_bundle
from tests.photos import draw_photo

NAMES = ("features", "stride8")


class Mixed(nn.Module):
    """Two branches; weights enough to be stored as int8, and a norm to be folded."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.linear = nn.Linear(67, 16)

    def forward(self, features: Tensor, stride8: Tensor) -> Tensor:
        seen = torch.relu(self.conv(self.norm(stride8))).mean((2, 3))
        given: Tensor = self.linear(torch.cat([features, seen], 1))
        return given


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("bundles") / "plain"))


@pytest.fixture(scope="module")
def branches(bundle: Bundle) -> FeatureTaps:
    return FeatureTaps(bundle, NAMES)


@pytest.fixture(scope="module")
def graph(branches: FeatureTaps) -> HeadGraph:
    torch.manual_seed(0)
    return export_head(Mixed(), NAMES, branches.shapes)


@pytest.fixture(scope="module")
def trained(
    bundle: Bundle, graph: HeadGraph, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """What training two heads would leave; "warmth" has a reader, "colours" none yet."""
    torch.manual_seed(1)
    shapes = {"features": (3,)}
    logit = export_head(nn.Linear(3, 1), ["features"], shapes)
    folder = tmp_path_factory.mktemp("trained")
    return {
        "warmth": leave(folder, "warmth", logit, bundle, {"scale": 1.0}),
        "colours": leave(folder, "colours", graph, bundle, {}),
    }


def leave(
    folder: Path, name: str, graph: HeadGraph, bundle: Bundle, settings: dict[str, float]
) -> Path:
    run = folder / name
    (run / "files").mkdir(parents=True)
    (run / "files" / f"{name}.txt").write_text("words")
    (run / "head.onnx").write_bytes(graph.model)
    made = {
        "name": name,
        "version": 1,
        "backbone": bundle.manifest.image.backbone,
        "branches": ["features"],
        "shape": list(graph.shape),
        "settings": settings,
        "metrics": {"accuracy": 0.5},
        "licences": {f"words of {name}": "Apache-2.0"},
    }
    (run / "head.json").write_text(json.dumps(made))
    return run


@pytest.fixture
def squares() -> Pixels:
    photos = [np.asarray(draw_photo(90, 60, seed)) for seed in range(3)]
    return np.stack([resize_square(photo, SIZE) for photo in photos])


def test_a_head_is_exported_with_small_weights_and_says_its_shape(
    graph: HeadGraph, branches: FeatureTaps, squares: Pixels
) -> None:
    assert graph.shape == (16,)
    stored = {t.name: t.data_type for t in onnx.load_from_string(graph.model).graph.initializer}
    assert list(stored.values()).count(onnx.TensorProto.INT8) == 2
    torch.manual_seed(0)
    seen = branches(squares)
    (given,) = session(graph.model).run(["signal"], seen)
    with torch.no_grad():
        wanted = Mixed().eval()(*(torch.from_numpy(seen[name]) for name in NAMES))
    np.testing.assert_allclose(given, wanted, atol=0.01)


def test_one_pass_gives_what_the_head_gives_on_the_branches(
    bundle: Bundle, branches: FeatureTaps, graph: HeadGraph, squares: Pixels
) -> None:
    image = onnx.load_from_string(bundle.read("image.onnx"))
    output = join(image, "mixed", onnx.load_from_string(graph.model), graph.shape)
    onnx.checker.check_model(image)
    (together,) = session(image.SerializeToString()).run([output], {"pixels": squares})
    (alone,) = session(graph.model).run(["signal"], branches(squares))
    np.testing.assert_array_equal(together, alone)


def test_a_head_runs_over_a_cache(
    branches: FeatureTaps, graph: HeadGraph, squares: Pixels, tmp_path: Path
) -> None:
    class Squares:
        name = "squares"

        def __len__(self) -> int:
            return len(squares)

        def identity(self) -> str:
            return "three"

        def render(self, index: int, size: int) -> Pixels:
            given: Pixels = squares[index]
            return given

    cache = FeatureTapCache(tmp_path, Squares(), branches)
    (alone,) = session(graph.model).run(["signal"], branches(squares))
    np.testing.assert_allclose(graph.run(cache, NAMES, len(squares)), alone, atol=2e-3)
    assert graph.run(cache, NAMES, 0).shape == (0, 16)


def test_heads_leave_the_embedding_as_it_was_to_the_bit(
    bundle: Bundle,
    trained: dict[str, Path],
    squares: Pixels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extra.known(monkeypatch)
    made = put_heads(bundle, list(trained.values()), tmp_path / "bundle")
    before, after = Analyzer(bundle), Analyzer(made)
    np.testing.assert_array_equal(
        after.embed_image(list(squares)), before.embed_image(list(squares))
    )
    np.testing.assert_array_equal(after.embed_text("a red photo"), before.embed_text("a red photo"))
    scene = after.analyze(squares[0])
    assert 0 <= scene.signals["warmth"] <= 1
    assert "no head of kind 'colours'" in scene.missing["colours"]


class Means(nn.Module):
    """Something of five branches."""

    def forward(self, a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor) -> Tensor:
        return torch.stack([branch.flatten(1).mean(1) for branch in (a, b, c, d, e)], 1)


def test_the_shipped_embedding_stays_the_same_to_the_bit(photos: list[Path]) -> None:
    """The runtime fuses operations, and a value that a head reads may be in the middle of them."""
    shipped = Bundle.open()
    if not shipped.manifest.image.backbone:
        pytest.skip("the shipped bundle is from before there were heads")
    inside = ("features", "stride4", "stride8", "stride16", "stride32")
    image = onnx.load_from_string(shipped.read("image.onnx"))
    keep_outputs(image, {"embedding"})
    alone = session(image.SerializeToString())
    branches = FeatureTaps(shipped, inside)
    graph = export_head(Means(), inside, branches.shapes)
    output = join(image, "means", onnx.load_from_string(graph.model), graph.shape)
    together = session(image.SerializeToString())
    for photo in photos[:2]:
        square = resize_square(read_photo(photo)[0], branches.size)[np.newaxis]
        (before,) = alone.run(["embedding"], {"pixels": square})
        after, means = together.run(["embedding", output], {"pixels": square})
        np.testing.assert_array_equal(after, before)
        (wanted,) = session(graph.model).run(["signal"], branches(square))
        np.testing.assert_allclose(means, wanted, rtol=1e-4, atol=1e-5)


def test_a_bundle_says_what_its_heads_are_and_carries_their_files(
    bundle: Bundle, trained: dict[str, Path], tmp_path: Path
) -> None:
    made = put_heads(bundle, list(trained.values()), tmp_path / "bundle")
    made.verify()
    head = made.manifest.heads["warmth"]
    assert (head.kind, head.version, head.shape) == ("warmth", 1, (1,))
    assert head.settings == {"scale": 1.0}
    assert made.manifest.metrics["colours"] == {"accuracy": 0.5}
    document = json.loads((made.path / "manifest.json").read_text())
    assert document["heads"]["colours"]["licences"] == {"words of colours": "Apache-2.0"}
    assert made.manifest.image.backbone == bundle.manifest.image.backbone
    assert made.read("colours.txt") == b"words"


def test_heads_are_replaced_and_doing_it_twice_changes_nothing(
    bundle: Bundle, trained: dict[str, Path], tmp_path: Path
) -> None:
    both = list(trained.values())
    first = put_heads(bundle, both, tmp_path / "bundle")
    twice = put_heads(first, both, tmp_path / "bundle")  # in its own place
    assert twice.id == first.id


def test_other_heads_stay_unless_they_are_left_out(
    bundle: Bundle, trained: dict[str, Path], tmp_path: Path
) -> None:
    one = put_heads(bundle, [trained["warmth"]], tmp_path / "one")
    both = put_heads(one, [trained["colours"]], tmp_path / "both")
    assert both.id == put_heads(bundle, list(trained.values()), tmp_path / "at once").id
    again = put_heads(both, [], tmp_path / "again", keep=["warmth"])
    assert again.manifest.heads.keys() == {"embedding", "warmth"}
    assert again.manifest.metrics.keys() == {"warmth"}
    assert "colours.txt" not in again.manifest.files
    assert again.id == one.id
    none = put_heads(both, [], tmp_path / "none", keep=[])
    assert none.read("image.onnx") == bundle.read("image.onnx")


def test_taking_heads_away_leaves_the_network_that_was(bundle: Bundle, graph: HeadGraph) -> None:
    image = onnx.load_from_string(bundle.read("image.onnx"))
    join(image, "mixed", onnx.load_from_string(graph.model), graph.shape)
    keep_outputs(image, {"embedding"})
    assert image == onnx.load_from_string(bundle.read("image.onnx"))


def test_a_head_of_another_backbone_is_refused(trained: dict[str, Path], tmp_path: Path) -> None:
    other = Bundle.open(write_bundle(tmp_path / "other", dim=16))
    with pytest.raises(TrainingError, match=r"warmth was trained for another backbone .* anew"):
        put_heads(other, [trained["warmth"]], tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_an_empty_folder_is_no_trained_head(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no trained head; train it first"):
        put_heads(bundle, [tmp_path], tmp_path / "bundle")


def test_a_head_given_twice_is_refused(
    bundle: Bundle, trained: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="warmth is given twice"):
        put_heads(bundle, [trained["warmth"]] * 2, tmp_path / "bundle")


@pytest.mark.parametrize("name", ["image.onnx", "warmth.txt"])
def test_a_file_never_takes_the_place_of_another(
    bundle: Bundle, trained: dict[str, Path], tmp_path: Path, name: str
) -> None:
    hostile = shutil.copytree(trained["colours"], tmp_path / "colours")
    (hostile / "files" / name).write_text("other words")
    with pytest.raises(TrainingError, match=f"{name}: a bundle holds a file of that name"):
        put_heads(bundle, [trained["warmth"], hostile], tmp_path / "bundle")


def test_the_command_puts_heads_onto_a_bundle(
    bundle: Bundle,
    trained: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "bundle"
    heads = ["--head", str(trained["warmth"]), "--head", str(trained["colours"])]
    heads += ["--predecessor", "none"]  # what random networks happen to find proves nothing
    assert main(["export", str(bundle.path), str(out), *heads]) == 0
    assert "MB, id " in capsys.readouterr().out
    assert Bundle.open(out).manifest.heads.keys() == {"embedding", "warmth", "colours"}
    assert main(["export", str(bundle.path), str(out), "--head", str(tmp_path)]) == 1
    assert "no trained head" in capsys.readouterr().err
    with pytest.raises(SystemExit) as end:
        main(["export", str(bundle.path), str(out)])
    assert end.value.code == 2
