"""The pretrained parts with random weights: the files and names of the real ones, no download."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import onnx
import platformdirs
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from torch import Tensor

from ansa_train.data.labels.class_prompts import TEMPLATES
from ansa_train.pretrained import PARTS

CLASSES = 1000
LITE = {
    "efficientnet-lite0": ((16, 24, 40, 80, 112, 192, 320), (1, 2, 2, 3, 3, 4, 1)),
    "efficientnet-lite2": ((16, 24, 48, 88, 120, 208, 352), (1, 3, 3, 4, 4, 5, 1)),
}
"""Channels and repeats of each stage, as published."""

KERNELS = (3, 3, 5, 3, 5, 5, 3)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
WORDS = [f"thing{c}" for c in range(CLASSES)]
WORDS += ["a", "beach", "cat", "dog", "dogs", "on", "red", "sea", "sun", "the", "two"]


def write_parts(cache: Path) -> None:
    """Put every part where :func:`ansa_train.pretrained.fetch` looks for it."""
    for seed, name in enumerate(LITE):
        torch.save(lite_weights(name, seed), _place(cache, name))
    save_file(minilm_weights(), _place(cache, "minilm"))
    tokenizer().save(str(_place(cache, "minilm-tokenizer")))
    synsets = [f"n{c:08d}" for c in range(CLASSES)]
    _place(cache, "imagenet-synsets").write_text("\n".join(synsets) + "\n")
    lemmas = [f"{synset}\tthing{c}, object {c}" for c, synset in enumerate(synsets)]
    _place(cache, "synset-lemmas").write_text("\n".join(["n99999999\tno class", *lemmas]) + "\n")


def use_parts(patch: pytest.MonkeyPatch, cache: Path) -> None:
    """Take the parts that lie in a cache for the real ones; none is downloaded."""
    patch.setattr(platformdirs, "user_cache_dir", lambda name: str(cache))
    for name, part in PARTS.items():
        file = cache / "parts" / part.requirement.replace("/", "+") / part.file
        if file.exists():
            beside = {other: _digest(file.with_name(other)) for other in part.beside}
            patch.setitem(PARTS, name, replace(part, sha256=_digest(file), beside=beside))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _place(cache: Path, name: str) -> Path:
    file = cache / "parts" / PARTS[name].requirement / PARTS[name].file
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def lite_blocks(name: str) -> list[tuple[int, int, int, int, int]]:
    """(expansion, kernel, stride, channels in, channels out) of every block."""
    blocks, channels = [], 32
    rows = zip(*LITE[name], KERNELS, STRIDES, strict=True)
    for stage, (out, repeats, kernel, stride) in enumerate(rows):
        for j in range(repeats):
            expansion = 6 if stage else 1
            blocks.append((expansion, kernel, 1 if j else stride, channels, out))
            channels = out
    return blocks


def lite_weights(name: str, seed: int = 0) -> dict[str, Tensor]:
    """An EfficientNet-Lite checkpoint that says nothing; features neither vanish nor explode."""
    random = torch.Generator().manual_seed(seed)
    weights: dict[str, Tensor] = {}

    def conv(key: str, out: int, inputs: int, kernel: int = 1) -> None:
        weight = torch.randn(out, inputs, kernel, kernel, generator=random)
        weights[f"{key}.weight"] = weight * (2 / (inputs * kernel**2)) ** 0.5

    def norm(key: str, channels: int) -> None:
        for field, centre, spread in (
            ("weight", 1.0, 0.2),
            ("bias", 0.0, 0.3),
            ("running_mean", 0.0, 0.2),
            ("running_var", 1.0, 0.2),
        ):
            uniform = torch.rand(channels, generator=random) * 2 - 1
            weights[f"{key}.{field}"] = centre + spread * uniform
        weights[f"{key}.num_batches_tracked"] = torch.tensor(1)

    conv("_conv_stem", 32, 3, 3)
    norm("_bn0", 32)
    for i, (expansion, kernel, _, inputs, out) in enumerate(lite_blocks(name)):
        if expansion > 1:
            conv(f"_blocks.{i}._expand_conv", expansion * inputs, inputs)
            norm(f"_blocks.{i}._bn0", expansion * inputs)
        conv(f"_blocks.{i}._depthwise_conv", expansion * inputs, 1, kernel)
        norm(f"_blocks.{i}._bn1", expansion * inputs)
        conv(f"_blocks.{i}._project_conv", out, expansion * inputs)
        norm(f"_blocks.{i}._bn2", out)
    conv("_conv_head", 1280, LITE[name][0][-1])
    norm("_bn1", 1280)
    weights["_fc.weight"] = torch.randn(CLASSES, 1280, generator=random) / 1280**0.5
    weights["_fc.bias"] = torch.randn(CLASSES, generator=random) * 0.1
    return weights


def minilm_weights() -> dict[str, Tensor]:
    """A BERT checkpoint of MiniLM-L6's shape that says nothing."""
    random = torch.Generator().manual_seed(7)
    weights = {"embeddings.position_ids": torch.arange(512)[None]}

    def linear(key: str, out: int, inputs: int) -> None:
        weights[f"{key}.weight"] = torch.randn(out, inputs, generator=random) * inputs**-0.5
        weights[f"{key}.bias"] = torch.randn(out, generator=random) * 0.1

    def norm(key: str) -> None:
        weights[f"{key}.weight"] = 1 + 0.1 * torch.randn(384, generator=random)
        weights[f"{key}.bias"] = 0.1 * torch.randn(384, generator=random)

    for table, rows in (("word", 30522), ("position", 512), ("token_type", 2)):
        key = f"embeddings.{table}_embeddings.weight"
        weights[key] = torch.randn(rows, 384, generator=random)
    norm("embeddings.LayerNorm")
    for i in range(6):
        layer = f"encoder.layer.{i}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{layer}.attention.{part}", 384, 384)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", 1536, 384)
        linear(f"{layer}.output.dense", 384, 1536)
        norm(f"{layer}.output.LayerNorm")
    return weights


def tokenizer() -> Tokenizer:
    """One token a word; padded and cut as MiniLM's own file says, which nobody wants."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = [*special, *WORDS, *".,-"]
    words += [w for t in TEMPLATES for w in t.replace(".", " ").replace("-", " ").split()]
    made = Tokenizer(
        WordLevel({w: i for i, w in enumerate(dict.fromkeys(words))}, unk_token="[UNK]")
    )
    made.normalizer = Lowercase()
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_truncation(128)
    made.enable_padding(length=128)
    return made


def write_bright_is_salient(cache: Path) -> None:
    """The saliency teacher's part: a network of its inputs and outputs that marks what is light."""
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [1, 3, 1, 1], [2.0, 2.0, 2.0])
    nodes = [
        helper.make_node("Conv", ["input.1", "weight"], ["light"]),
        helper.make_node("Sigmoid", ["light"], ["1959"]),
        helper.make_node("Identity", ["light"], ["1960"]),
    ]
    float_ = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "u2netp",
        [helper.make_tensor_value_info("input.1", float_, [1, 3, 320, 320])],
        [helper.make_tensor_value_info(n, float_, [1, 1, 320, 320]) for n in ("1959", "1960")],
        [weight],
    )
    opset = helper.make_opsetid("", 11)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    onnx.save(model, _place(cache, "u2netp"))
