"""A bundle's image network as Core ML packages (ML Programs), from the bundle alone.

Core ML computes on Apple's systems only. What can be checked elsewhere is checked: that the network
as torch, which the converter reads, gives what the bundle gives; that each package loads, with an
image as its input and every output in its shape; and how far its weights lie from those in 16 bits,
as which they begin.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import secrets
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from ansa.model.bundle import Bundle
from ansa.scene import Pixels
from ansa_train.errors import TrainingError
from ansa_train.export.onnx_to_torch import FromOnnx
from ansa_train.export.replace_bundle import put
from ansa_train.models.feature_taps import session

PHOTO = "photo"
"""What the input is called."""

FP16, INT8, PRUNED = "fp16", "int8", "pruned-int8"
SPARSITY = 0.4
"""Share of each weight that PRUNED sets to zero, by magnitude and without learning anew."""

_TOLD = "coreml.json"
_AGREE = 1e-3
_SMALLEST = 2048  # weights of fewer numbers are left as they are, as the tools do


@dataclass(frozen=True, slots=True)
class CoreMLPackage:
    """One package, and what is known of it.

    Attributes:
        name: of its folder.
        megabytes: on disk.
        outputs: shapes by name.
        weight_error: distance of its large weights from those of FP16, relative to their norm.
        zeros: share of zeros in them.
        predicted: whether it was run, which takes macOS.
    """

    name: str
    megabytes: float
    outputs: Mapping[str, tuple[int, ...]]
    weight_error: float
    zeros: float
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class CoreMLExport:
    """The outcome of :func:`export_coreml`.

    Attributes:
        disagreement: greatest difference of any output between the bundle's network and the one
            that was converted, relative to the greatest value of that output.
        packages: in the order of their size.
    """

    disagreement: float
    packages: Sequence[CoreMLPackage]


def export_coreml(bundle: Bundle, folder: Path, pictures: Sequence[Pixels] = ()) -> CoreMLExport:
    """Writes ``ansa-FORM.mlpackage`` for every variant, and ``coreml.json`` with what was checked.

    Args:
        bundle: whose image network it is, with all heads.
        folder: for the packages.
        pictures: uint8 (size, size, 3) to compare networks on; noise if there are none.

    Raises:
        TrainingError: coremltools are missing; the networks disagree, or a package is not as it
            should be.
        FileExistsError: something is there that was not made here; it would be lost.
    """
    _check_place(folder)
    try:
        with _quietly():
            import coremltools
    except ImportError:
        raise TrainingError("Core ML needs coremltools: pip install 'ansa[coreml]'") from None
    manifest = bundle.manifest
    model = onnx.load_model_from_string(bundle.read(manifest.image.file))
    network = FromOnnx(model).eval()
    size = manifest.image.size
    if not pictures:
        pictures = list(np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8))
    worst = disagreement(model, network, pictures)
    if not worst <= _AGREE:
        raise TrainingError(f"{bundle.path}: its network as torch differs by {worst:.2g}")
    names = {head.output: name for name, head in manifest.heads.items()}
    outputs = [names[output] for output in network.outputs]
    fresh = folder / f".{secrets.token_hex(4)}.new"
    fresh.mkdir(parents=True)
    try:
        made = _write(coremltools, network, outputs, bundle, fresh)
        result = CoreMLExport(worst, made)
        text = json.dumps({"bundle": bundle.id, **asdict(result)}, indent=1)
        (fresh / _TOLD).write_text(text + "\n", "utf-8")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)  # of this run's own making
        raise
    put(fresh, folder)
    return result


def _write(
    coremltools: Any, network: FromOnnx, outputs: Sequence[str], bundle: Bundle, folder: Path
) -> list[CoreMLPackage]:
    """The packages, in the order of their size."""
    size = bundle.manifest.image.size
    with _quietly():
        half = _convert(coremltools, network, size, outputs)
        _describe(half, bundle)
        optimize = coremltools.optimize.coreml
        linear = optimize.OpLinearQuantizerConfig("linear_symmetric", weight_threshold=_SMALLEST)
        threshold = optimize.OpMagnitudePrunerConfig(
            target_sparsity=SPARSITY, weight_threshold=_SMALLEST
        )
        whole = optimize.OptimizationConfig(global_config=linear)
        sparse = optimize.prune_weights(half, optimize.OptimizationConfig(global_config=threshold))
        models = {
            FP16: half,
            INT8: optimize.linear_quantize_weights(half, whole),
            PRUNED: optimize.linear_quantize_weights(sparse, whole, joint_compression=True),
        }
        truth = _weights(coremltools, half)
        packages = []
        for variant, made in models.items():
            path = folder / _package(variant)
            made.save(str(path))
            loaded = coremltools.models.MLModel(str(path), skip_model_load=True)
            shapes = _outputs(loaded, bundle)
            plain = loaded if variant == FP16 else optimize.decompress_weights(loaded)
            error, zeros = _compared(_weights(coremltools, plain), truth)
            packages.append(CoreMLPackage(path.name, _megabytes(path), shapes, error, zeros))
    return packages


def _check_place(folder: Path) -> None:
    """Packages are replaced that were made here, as is said beside them; nothing else is."""
    try:
        told = json.loads((folder / _TOLD).read_text("utf-8"))
        ours = {_TOLD, *(package["name"] for package in told["packages"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        ours = set()
    for name in (_TOLD, *map(_package, (FP16, INT8, PRUNED))):
        if os.path.lexists(folder / name) and name not in ours:
            raise FileExistsError(
                f"{folder / name} was not made by `ansa export --coreml`; give another folder"
            )


def _package(variant: str) -> str:
    return f"ansa-{variant}.mlpackage"


def disagreement(model: onnx.ModelProto, network: FromOnnx, pictures: Sequence[Pixels]) -> float:
    """The largest difference of an output between the graph and the network, for some pictures."""
    runtime = session(model.SerializeToString())
    worst = 0.0
    for picture in pictures:
        wanted = runtime.run(network.outputs, {model.graph.input[0].name: picture[np.newaxis]})
        planes = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
        with torch.no_grad():
            found = network(planes)
        for a, b in zip(wanted, found, strict=True):
            far = float(np.abs(a - b.numpy()).max()) / max(1e-6, float(np.abs(a).max()))
            worst = max(worst, far)
    return worst


def _convert(tools: Any, network: FromOnnx, size: int, outputs: Sequence[str]) -> Any:
    photo = torch.zeros(1, 3, size, size)
    with torch.no_grad():
        program = torch.export.export(network, (photo,)).run_decompositions({})
    image = tools.ImageType(
        name=PHOTO, shape=photo.shape, color_layout=tools.colorlayout.RGB
    )  # 0..255: normalisation is in the network
    return tools.convert(
        program,
        inputs=[image],
        outputs=[tools.TensorType(name=name) for name in outputs],
        convert_to="mlprogram",
        compute_precision=tools.precision.FLOAT16,
        minimum_deployment_target=tools.target.iOS18,  # pruned and int8 in one
    )


def _describe(model: Any, bundle: Bundle) -> None:
    """Says what Xcode shows, and what is needed to read the outputs: labels and calibration."""
    manifest = bundle.manifest
    model.author = "ANSA"
    model.version = manifest.created
    model.license = "; ".join(f"{part}: {terms}" for part, terms in manifest.licences.items())
    model.short_description = f"{manifest.name}: every signal of a photo in one look"
    model.input_description[PHOTO] = "the whole photo, squashed to the square, upright, RGB"
    for name, head in manifest.heads.items():
        model.output_description[name] = f"{head.kind}, version {head.version}, {head.shape}"
        model.user_defined_metadata[f"ansa.{name}"] = json.dumps(head.settings)
        for key in ("names", "labels", "kinds"):
            if isinstance(labels := head.settings.get(key), list):
                model.user_defined_metadata[f"{name}.classes"] = ",".join(map(str, labels))
    model.user_defined_metadata["ansa.model.bundle"] = bundle.id


def _outputs(model: Any, bundle: Bundle) -> dict[str, tuple[int, ...]]:
    """Shapes of the outputs of a package, if it is as Apple's tools expect it."""
    description = model.get_spec().description
    photo = description.input[0]
    size = bundle.manifest.image.size
    image = photo.type.imageType
    if (photo.name, image.width, image.height) != (PHOTO, size, size):
        raise TrainingError(f"the package takes {photo.name}, not a photo of {size} pixels")
    shapes = {o.name: tuple(o.type.multiArrayType.shape) for o in description.output}
    wanted = {name: (1, *head.shape) for name, head in bundle.manifest.heads.items()}
    if wanted != shapes:
        raise TrainingError(f"the package gives {shapes}, not {wanted}")
    return shapes


def _weights(tools: Any, model: Any) -> dict[str, NDArray[np.float32]]:
    """Large weights by name."""
    found = tools.optimize.coreml.get_weights_metadata(model, weight_threshold=_SMALLEST)
    # Compressing and decompressing add to the names.
    return {
        re.sub(r"(_sparsified|_quantized).*", "", name): np.asarray(each.val, np.float32)
        for name, each in found.items()
    }


def _compared(
    weights: Mapping[str, NDArray[np.float32]], truth: Mapping[str, NDArray[np.float32]]
) -> tuple[float, float]:
    """Distance relative to the norm, and share of zeros, of all weights together."""
    if weights.keys() != truth.keys():
        raise TrainingError("the package holds other weights than the one in 16 bits")
    pairs = [(weights[name], value) for name, value in truth.items()]
    far = sum(float(np.square(mine - value).sum()) for mine, value in pairs)
    norm = sum(float(np.square(value).sum()) for _, value in pairs)
    zeros = sum(int((mine == 0).sum()) for mine, _ in pairs)
    return (far / norm) ** 0.5, zeros / sum(value.size for _, value in pairs)


def _megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the converter's progress bars and its warnings of what it was not tested with."""
    logger = logging.getLogger("coremltools")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
