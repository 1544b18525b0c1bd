"""A network in stages, as the runtime computes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from ansa import Analyzer, Bundle
from ansa.model.bundle import BundleError
from ansa.model.variants import FLOAT, INT8, SMALL
from tests.bundles import SIZE, edit_manifest, image_model, replace_file, write_bundle

PHOTO = np.full((SIZE, SIZE, 3), (200, 30, 10), np.uint8)
FILES = ["image.int8.0.onnx", "image.int8.1.onnx"]


def staged(folder: Path) -> Path:
    """A bundle whose network is there whole, and in two stages."""
    write_bundle(folder)
    model = onnx.shape_inference.infer_shapes(image_model())
    between = model.graph.node[len(model.graph.node) // 2].output[0]
    extractor = onnx.utils.Extractor(model)
    takes = model.graph.input[0].name
    gives = [value.name for value in model.graph.output]
    first = extractor.extract_model([takes], [between])
    second = extractor.extract_model([between], gives)
    for name, part in zip(FILES, (first, second), strict=True):
        replace_file(folder, name, part.SerializeToString())
    edit_manifest(folder, lambda m: m["image"].update(forms={INT8: FILES}))
    return folder


@pytest.mark.parametrize("variant", [INT8, SMALL])
def test_stages_give_what_the_whole_gives(tmp_path: Path, variant: str) -> None:
    bundle = Bundle.open(staged(tmp_path / "bundle"))
    whole, parts = Analyzer(bundle, variant=FLOAT), Analyzer(bundle, variant=variant)
    for _ in range(2):
        np.testing.assert_allclose(
            parts.analyze(PHOTO).embedding, whole.analyze(PHOTO).embedding, atol=1e-6
        )


@pytest.mark.parametrize("variant", [INT8, SMALL])
def test_a_damaged_stage_is_refused_by_name(tmp_path: Path, variant: str) -> None:
    folder = staged(tmp_path / "bundle")
    file = folder / FILES[1]
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(BundleError, match=r"image\.int8\.1\.onnx: altered"):
        Analyzer(folder, variant=variant).analyze(PHOTO)


def test_the_form_in_the_least_memory_checks_its_files_at_every_look(tmp_path: Path) -> None:
    folder = staged(tmp_path / "bundle")
    analyzer = Analyzer(folder, variant=SMALL)
    analyzer.analyze(PHOTO)
    (folder / FILES[0]).write_bytes(b"other")
    with pytest.raises(BundleError, match=r"image\.int8\.0\.onnx: altered"):
        analyzer.analyze(PHOTO)


@pytest.mark.parametrize("variant", [INT8, SMALL])
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (FILES[::-1], r"image\.int8\.1\.onnx: takes .*, but the manifest says"),
        (FILES[:1], r"image\.int8\.0\.onnx: gives .*, but the manifest says 'embedding'"),
    ],
)
def test_stages_that_do_not_fit_together_are_refused(
    tmp_path: Path, variant: str, files: list[str], problem: str
) -> None:
    folder = staged(tmp_path / "bundle")
    edit_manifest(folder, lambda m: m["image"].update(forms={INT8: files}))
    with pytest.raises(BundleError, match=problem):
        Analyzer(folder, variant=variant).analyze(PHOTO)


@pytest.mark.parametrize("files", [[], [1], "", ["image.int8.0.onnx", "../image.onnx"]])
def test_stages_are_listed_files(tmp_path: Path, files: object) -> None:
    folder = staged(tmp_path / "bundle")
    edit_manifest(folder, lambda m: m["image"].update(forms={INT8: files}))
    with pytest.raises(BundleError, match=r"manifest\.json: .*(image\.forms|not listed)"):
        Bundle.open(folder)
