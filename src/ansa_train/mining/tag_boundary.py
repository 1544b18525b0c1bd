"""Where a bundle decides about a tag, as directions in the space of its vectors.

The tags of a bundle are linear in the vector of the photo. Their weights are read off the network
itself: it is asked for the zero vector and for each axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ansa.model.bundle import Bundle
from ansa.scene import Vector
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.errors import TrainingError

_CLOSE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class TagBoundary:
    """A tag and its kinds as calibrated linear functions.

    Attributes:
        tag: its name.
        weights: float32 (d, k), of the tag and of each of its kinds.
        offsets: float32 (k,).
        threshold: the logit from which on the tag counts as sure, or that of one half if there is
            no such.
    """

    tag: str
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    threshold: float

    def logits(self, vectors: Vector) -> NDArray[np.float32]:
        """(n,) the calibrated logit of the tag, or of its likeliest kind, of vectors (n, d)."""
        found: NDArray[np.float32] = (vectors @ self.weights + self.offsets).max(1)
        return found


def tag_boundary(bundle: Bundle, name: str) -> TagBoundary:
    """The boundary of a tag.

    Raises:
        TrainingError: the bundle has no such tag, or its tags do not follow from the vector alone.
    """
    head = bundle.manifest.heads.get("tags")
    if head is None or FILE not in bundle.manifest.files:
        raise TrainingError(f"{bundle.path} has no tags; use --text {name!a}")
    tree = Tree.parse(bundle.read(FILE))
    concepts = tree.find(name)
    if not concepts:
        raise TrainingError(f"{bundle.path} has no tag {name!a}; use --text, or check its name")
    names = head.settings["names"]
    places = [names.index(each.name) for each in tree.below(concepts[0]) if each.name in names]
    weights, offsets = _linear(bundle, head.output, places)
    slopes = np.array(head.settings["slopes"], np.float32)[places]
    bias = np.array(head.settings["offsets"], np.float32)[places]
    least = float(head.settings["thresholds"][places[0]])
    inside = 0 < least < 1
    threshold = float(np.log(least / (1 - least))) if inside else 0.0
    return TagBoundary(concepts[0].name, weights * slopes, offsets * slopes + bias, threshold)


def _linear(
    bundle: Bundle, output: str, places: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (d, k) and offsets (k,) of some outputs."""
    embedding = bundle.manifest.heads["embedding"]
    dim = embedding.shape[0]
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.image.file))
    made = {name: node for node in model.graph.node for name in node.output}
    wanted, needed, nodes = [output], set(), []
    while wanted:
        value = wanted.pop()
        if value == embedding.output or value in needed:
            continue
        needed.add(value)
        if value == bundle.manifest.image.input:
            raise TrainingError(
                f"{bundle.path}: its tags follow from more than the vector, so a store does not "
                "tell where they are decided; use --text"
            )
        if node := made.get(value):
            nodes.append(node)
            wanted += [each for each in node.input if each]
    graph = onnx.helper.make_graph(
        [node for node in model.graph.node if node in nodes],
        "tags",
        [onnx.helper.make_tensor_value_info(embedding.output, onnx.TensorProto.FLOAT, ["n", dim])],
        [onnx.helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None)],
        [tensor for tensor in model.graph.initializer if tensor.name in needed],
    )
    part = onnx.helper.make_model(
        graph, opset_imports=model.opset_import, ir_version=model.ir_version
    )
    session = onnxruntime.InferenceSession(
        part.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    probe = np.random.default_rng(0).normal(size=(2, dim)).astype(np.float32)
    asked = np.concatenate([np.zeros((1, dim), np.float32), np.eye(dim, dtype=np.float32), probe])
    said = np.concatenate(
        [session.run([output], {embedding.output: row[None]})[0][:, places] for row in asked]
    )
    offsets = said[0]
    weights = said[1 : dim + 1] - offsets
    if np.abs(probe @ weights + offsets - said[dim + 1 :]).max() > _CLOSE * np.abs(said).max():
        raise TrainingError(f"{bundle.path}: its tags are not linear in the vector; use --text")
    return weights, offsets
