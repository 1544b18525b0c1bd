"""A tiny pack of drawn photos, and parts of random weights: training without a network."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from ansa.cli import main
from ansa_train import checkpoint
from ansa_train.recipe import Recipe
from ansa_train.train.pretrain import Pretraining
from tests.ansa_train.random_parts import use_parts, write_parts
from tests.photos import draw_photo, encode

Note = dict[str, Any]

TINY_RECIPE = """
data = "{data}"
folder = "{folder}"
dim = 32
max_tokens = 16
align_steps = 2
steps = 4
evaluate_every = 2
captioned = 4
others = 4
prompts = 24
synthetic = 6
anneal = 1.0
views = [{{ scale = 1.0 }}, {{ scale = 0.5, jitter = 0.2, captioned = false }}]
"""

SCRATCH_RECIPE = """
data = "{data}"
folder = "{folder}"
architecture = "tiny"
text = "tiny"
warm_start = false
dim = 16
max_tokens = 16
image_size = 64
bundle_size = 64
frozen = 0
frozen_layers = 0
batch = 6
shuffle = 5
threads = 1
captions = 1
align_steps = 0
steps = 4
evaluate_every = 2
prompts = 3
weight_teacher = 0.0
weight_classifier = 0.0
weight_synthetic = 0.0
"""


def note(key: str, **known: Any) -> Note:
    """What the pack says of a photo; a training photo unless told otherwise."""
    return {"key": key, "source": "album", "split": "train", "kind": "photo", **known}


def box(label: str, width: float, height: float, *, crowd: bool = False) -> Mapping[str, Any]:
    return {"label": label, "bbox": [0.1, 0.1, width, height], "crowd": crowd}


def write_tar(file: Path, notes: Sequence[Note]) -> Path:
    """A WebDataset tar: each note beside a drawn photo of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as tar:
        for known in notes:
            photo = encode(draw_photo(96, 72, seed=int(known["key"][-3:])), "WEBP", quality=80)
            if known["split"] == "test":
                photo = b"whoever opens this photo while training fails"
            for suffix, data in (("webp", photo), ("json", json.dumps(known).encode())):
                member = tarfile.TarInfo(f"{known['key']}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return file


def tiny_notes() -> list[Note]:
    """Captions, labels, boxes and kinds, over all three splits."""
    captions = ["a dog on the beach", "two dogs", "a red sun", "the sea", "a cat", "cats"]
    notes = [
        note(f"train{i:03}", captions=[captions[i], f"{captions[i]} on the beach"])
        for i in range(6)
    ]
    notes += [
        note(f"train{6 + i:03}", source="pets", labels=[label])
        for i, label in enumerate(["dog", "cat", "dog", "cat"])
    ]
    notes.append(note("train010", boxes=[box("cat", 0.2, 0.2), box("dog", 0.5, 0.5)]))
    notes.append(note("train011", kind="receipt"))
    notes += [note(f"dev{20 + i:03}", split="dev", captions=captions[i : i + 2]) for i in range(3)]
    notes += [
        note(f"test{i:03}", split="test", captions=["never seen"], labels=["secret"])
        for i in range(30, 32)
    ]
    return notes


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """On a busy machine torch's threads wait for each other: these small tests took 30 x longer."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two tars."""
    folder = tmp_path_factory.mktemp("pack")
    notes = tiny_notes()
    write_tar(folder / "album-0.tar", notes[::2])
    write_tar(folder / "album-1.tar", notes[1::2])
    return folder


@pytest.fixture(scope="session")
def parts_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that already holds every part."""
    folder = tmp_path_factory.mktemp("cache")
    write_parts(folder)
    return folder


class _Keeps(Pretraining):
    """Keeps every checkpoint of its run."""

    def _save(self) -> None:
        super()._save()
        file = self.recipe.folder / checkpoint.NAME
        file.with_stem(f"checkpoint-{self.step}").hardlink_to(file)


@pytest.fixture(scope="session")
def recipe_file(pack: Path, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe of a finished run of four steps, whose checkpoints after 2 and 4 are kept."""
    folder = tmp_path_factory.mktemp("run")
    file = folder / "recipe.toml"
    file.write_text(TINY_RECIPE.format(data=pack, folder=folder / "run"))
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        _Keeps(Recipe.read(file)).run()
    return file


@pytest.fixture
def scratch_file(pack: Path, tmp_path: Path) -> Path:
    """The recipe of a run from scratch, which streams its photos and downloads nothing."""
    file = tmp_path / "scratch.toml"
    file.write_text(SCRATCH_RECIPE.format(data=pack, folder=tmp_path / "scratch"))
    return file


@pytest.fixture
def parts(parts_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Training finds its pretrained parts in the cache."""
    use_parts(monkeypatch, parts_cache)
    return parts_cache


@pytest.fixture(scope="session")
def scratch_bundle(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From a finished run of networks without any warm start; not to be changed."""
    folder = tmp_path_factory.mktemp("run")
    file = folder / "scratch.toml"
    file.write_text(SCRATCH_RECIPE.format(data=pack, folder=folder / "run"))
    assert main(["train", "pretrain", str(file)]) == 0
    assert main(["export", str(file), str(folder / "bundle")]) == 0
    return folder / "bundle"
