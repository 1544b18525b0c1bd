"""Tiny bundles for tests: networks of a few nodes that see colours and read their names.

A photo is embedded by its mean colour and a text by the colours it names, in one space, so that the
text "red" is nearest to red photos. Everything a real bundle has is there, at a few kilobytes. What
heads branch from are means of colours, 0..1: of squares of 4 to 32 pixels, and of the whole photo.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from ansa.model.gzip_files import encode

SIZE = 32
DIM = 8
COLOURS = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "white": (1, 1, 1),
    "black": (0, 0, 0),
}
_FILLERS = ["[UNK]", "a", "photo", "of", "the"]


def write_bundle(folder: Path, *, dim: int = DIM, image: bytes | None = None) -> Path:
    """Writes a bundle; ``image`` replaces its image network. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "image.onnx": image or image_model(dim).SerializeToString(),
        "text.onnx": text_model(dim).SerializeToString(),
        "tokenizer.json": tokenizer().to_str().encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    backbone = hashlib.sha256(files["image.onnx"]).hexdigest()
    manifest: dict[str, Any] = {
        "format": 1,
        "name": "colours",
        "created": "2026-11-22",
        "image": {"file": "image.onnx", "input": "pixels", "size": SIZE, "backbone": backbone},
        "text": {
            "file": "text.onnx",
            "tokenizer": "tokenizer.json",
            "inputs": ["ids", "mask"],
            "max_tokens": 16,
        },
        "heads": {
            "embedding": {"output": "embedding", "kind": "embedding", "dim": dim, "version": 1}
        },
        "files": {name: _entry(data) for name, data in files.items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Changes the manifest in place."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    path.write_text(json.dumps(manifest))


def replace_file(folder: Path, name: str, data: bytes) -> None:
    """Puts other bytes in the place of ``name`` and lists their digest, as a forger would."""
    (folder / name).write_bytes(data)
    edit_manifest(folder, lambda manifest: manifest["files"].update({name: _entry(data)}))


def encode_file(folder: Path, name: str, **said: Any) -> Path:
    """Stores ``name`` encoded, lists it so, with anything else that is ``said``; its new path."""
    data = (folder / name).read_bytes()
    (folder / name).unlink()
    file = folder / f"{name}.gz"
    file.write_bytes(encode(data))
    entry = _entry(file.read_bytes()) | {"encoding": "gzip", "decoded": len(data)} | said
    edit_manifest(folder, lambda manifest: manifest["files"].update({name: entry}))
    return file


def image_model(dim: int = DIM, *, scale: float = 1.0) -> onnx.ModelProto:
    """Mean colour to a unit vector; a ``scale`` other than one, or NaN, breaks that."""
    weights = np.zeros((3, dim), np.float32)
    weights[:, :3] = np.eye(3)
    bias = np.full(dim, 0.01, np.float32)  # grey photos still point somewhere

    def halved(this: str, that: str, times: int = 2) -> onnx.NodeProto:
        side = [times, times]
        return helper.make_node("AveragePool", [this], [that], kernel_shape=side, strides=side)

    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["planes", "full"], ["shares"]),
        halved("shares", "stride4", 4),
        halved("stride4", "stride8"),
        halved("stride8", "stride16"),
        halved("stride16", "stride32"),
        helper.make_node("Flatten", ["stride32"], ["features"]),
        helper.make_node("Sub", ["features", "half"], ["colour"]),
        helper.make_node("Gemm", ["colour", "weights", "bias"], ["raw"]),
        helper.make_node("LpNormalization", ["raw"], ["unit"], axis=-1, p=2),
        helper.make_node("Mul", ["unit", "scale"], ["embedding"]),
    ]
    constants = {
        "full": np.array(255, np.float32),
        "half": np.array(0.5, np.float32),
        "weights": weights,
        "bias": bias,
        "scale": np.array(scale, np.float32),
    }
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", SIZE, SIZE, 3])
    return _model("image", nodes, [pixels], dim, constants)


def text_model(dim: int = DIM) -> onnx.ModelProto:
    """The mean of the words' vectors, as a unit vector."""
    words = np.random.default_rng(0).normal(0, 0.01, (len(_vocabulary()), dim)).astype(np.float32)
    for word, colour in COLOURS.items():
        words[_vocabulary()[word], :3] = np.array(colour) - 0.5
    nodes = [
        helper.make_node("Gather", ["words", "ids"], ["tokens"]),
        helper.make_node("Cast", ["mask"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
        helper.make_node("Mul", ["tokens", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["raw"], keepdims=0),
        helper.make_node("LpNormalization", ["raw"], ["embedding"], axis=-1, p=2),
    ]
    constants = {
        "words": words,
        "last": np.array([-1], np.int64),
        "one": np.array([1], np.int64),
    }
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"])
        for name in ("ids", "mask")
    ]
    return _model("text", nodes, inputs, dim, constants)


def tokenizer() -> Tokenizer:
    """One token a word."""
    made = Tokenizer(WordLevel(_vocabulary(), unk_token="[UNK]"))
    made.normalizer = Lowercase()
    made.pre_tokenizer = Whitespace()
    return made


def _vocabulary() -> dict[str, int]:
    return {word: number for number, word in enumerate([*_FILLERS, *COLOURS])}


def _model(
    name: str,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    dim: int,
    constants: dict[str, Any],
) -> onnx.ModelProto:
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dim])
    initializers = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, name, inputs, [output], initializers)
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10)


def _entry(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
