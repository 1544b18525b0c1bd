"""The sound bundles that are damaged: small, with every kind of head, file and operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, normalizers, pre_tokenizers, processors

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.export.dynamic_quant import quantize_products
from ansa_train.export.weights_int8 import quantize_weights
from tests.bundles import (
    edit_manifest,
    encode_file,
    image_model,
    replace_file,
    tokenizer,
    write_bundle,
)

QUALITY = ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure", "tilt")
HEADS: dict[str, tuple[list[int], dict[str, Any]]] = {
    "tags": (
        [3],
        {
            "names": ["thing", "dog", "cat"],
            "parents": [-1, 0, 0],
            "slopes": [1.0, 2.0, 1.0],
            "offsets": [0.0, 0.5, 0.0],
            "thresholds": [0.5, 0.6, 0.7],
            "shown": [True, True, True],
            "taught": [True, True, False],
        },
    ),
    "utility": (
        [3],
        {"kinds": ["photo", "receipt", "blank"], "temperature": 1.0, "threshold": 0.5},
    ),
    "quality": (
        [6],
        {
            "curves": {name: [[-1.0, 1.0], [0.0, 1.0]] for name in QUALITY},
            "weights": dict.fromkeys(QUALITY, 0.5),
            "steepest": 45,
        },
    ),
    "aesthetics": ([1], {"quantiles": [-1.0, 0.0, 1.0]}),
    "print": ([8], {"scale": 1.0, "threshold": 0.9}),
    "saliency": ([4, 4], {}),
    "detection": (
        [2, 6],
        {
            "labels": ["dog", "cat"],
            "slope": 1.0,
            "offset": 0.0,
            "overlap": 0.5,
            "threshold": 0.1,
        },
    ),
}


def sound_bundle(folder: Path) -> Path:
    """Colours, with every head, weights in int8, another variant, a tree of tags, and gzip."""
    model = image_model(64)
    _add_heads(model.graph)
    other = onnx.ModelProto.FromString(model.SerializeToString())
    quantize_weights(model)
    quantize_products(other)
    write_bundle(folder, dim=64, image=model.SerializeToString())
    replace_file(folder, "image.int8.onnx", other.SerializeToString())
    words = tokenizer()
    words.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex("(a+)+$"), "a"), normalizers.Lowercase()]
    )
    words.pre_tokenizer = pre_tokenizers.Split(Regex("\\s+"), "removed")
    words.post_processor = processors.TemplateProcessing("a $A", "a $A $B", [("a", 1)])
    replace_file(folder, "tokenizer.json", words.to_str().encode())
    tree = Tree((Concept("thing"), Concept("dog", "thing", ("hound",)), Concept("cat", "thing")))
    replace_file(folder, "taxonomy.json", tree.to_bytes())
    heads = {
        name: {
            "output": f"head.{name}",
            "kind": name,
            "shape": shape,
            "version": 1,
            "settings": settings,
        }
        for name, (shape, settings) in HEADS.items()
    }
    edit_manifest(folder, lambda manifest: manifest["heads"].update(heads))
    forms = {"int8": "image.int8.onnx"}
    edit_manifest(folder, lambda manifest: manifest["image"].update(forms=forms))
    edit_manifest(folder, lambda manifest: manifest.update(format=2))
    encode_file(folder, "text.onnx")
    return folder


def _add_heads(graph: onnx.GraphProto) -> None:
    """A convolution that all share, then a product for each, squashed to 0..1."""
    rng = np.random.default_rng(0)

    def constant(name: str, array: Any) -> str:
        graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    kernel = constant("kernel", rng.normal(0, 0.2, (128, 3, 3, 3)).astype(np.float32))
    nodes = [
        helper.make_node("Conv", ["stride4", kernel], ["conv"], pads=[1, 1, 1, 1]),
        helper.make_node("HardSwish", ["conv"], ["swish"]),
        helper.make_node("GlobalAveragePool", ["swish"], ["pool"]),
        helper.make_node("Flatten", ["pool"], ["flat"]),
    ]
    for name, (shape, _) in HEADS.items():
        size = int(np.prod(shape))
        weights = constant(f"{name}.w", rng.normal(0, 0.1, (128, size)).astype(np.float32))
        nodes.append(helper.make_node("MatMul", ["flat", weights], [f"{name}.raw"]))
        nodes.append(helper.make_node("Sigmoid", [f"{name}.raw"], [f"{name}.score"]))
        to = constant(f"{name}.shape", np.array([-1, *shape], np.int64))
        made = "detection.rows" if name == "detection" else f"head.{name}"
        nodes.append(helper.make_node("Reshape", [f"{name}.score", to], [made]))
    rise = constant("corners", np.array([0.1, 0.1, 1.0, 1.0, 1.0, 0.0], np.float32))
    low = constant("floor", np.array([0.0, 0.0, 0.5, 0.5, 0.0, 0.0], np.float32))
    nodes.append(helper.make_node("Mul", ["detection.rows", rise], ["detection.some"]))
    nodes.append(helper.make_node("Max", ["detection.some", low], ["head.detection"]))
    graph.node.extend(nodes)
    for name, (shape, _) in HEADS.items():
        axes: list[str | int | None] = ["n", *shape]
        graph.output.append(helper.make_tensor_value_info(f"head.{name}", TensorProto.FLOAT, axes))
