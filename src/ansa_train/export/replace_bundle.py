"""Replaces a bundle: only a bundle, only by one that could be opened, never leaving none.

What a run leaves that is killed is a hidden folder beside the place, under a name of its own.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ansa.model.analyzer import Analyzer, AnalyzerError
from ansa.model.bundle import Bundle, BundleError
from ansa.model.gzip_files import MAX_RATIO, SUFFIX, encode
from ansa.model.manifest import FORMAT, MANIFEST
from ansa.model.variants import FLOAT, variants_of
from ansa_train.errors import TrainingError

WORTH_IT = 0.8
"""Share of its size that an encoded file must stay below; unpacking takes time at every start."""

_EXCHANGE = 2  # to Linux and macOS alike


def check_place(folder: Path) -> Path:
    """The real path of a folder that a bundle may be written to.

    Raises:
        FileExistsError: something is there that does not open as a bundle; it would be lost.
    """
    folder = folder.expanduser().resolve()
    _put_back(folder)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        try:
            Bundle.open(folder)
        except BundleError as error:
            raise FileExistsError(
                f"{folder} is no bundle and would be lost ({error}); give another folder"
            ) from None
    return folder


def trial_place(folder: Path) -> Path:
    """A hidden folder beside a bundle's place, not there yet, for a bundle that is to be judged.

    Raises:
        FileExistsError: the place holds something else than a bundle.
    """
    folder = check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.trial")


def place_bundle(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Bundle:
    """Writes a bundle beside its place, opens it as the runtime does, and moves it there.

    A bundle that is there already stands until then.

    Args:
        folder: of the bundle: new, empty, or that of a bundle.
        files: what is in it, by name; stored encoded where that saves a fifth.
        manifest: what it says, but for ``format`` and ``files``, which are written here.

    Raises:
        FileExistsError: the folder holds something else than a bundle.
        TrainingError: the runtime refuses what was made; what was there stands.
    """
    folder = check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    fresh.mkdir()
    try:
        listed = {}
        for name in sorted(files):
            stored, data, listed[name] = _stored(name, files[name])
            (fresh / stored).write_bytes(data)
        written = {**manifest, "format": FORMAT, "files": listed}
        (fresh / MANIFEST).write_text(json.dumps(written, indent=1) + "\n", "utf-8")
        _try_out(fresh)
        if check_place(folder).exists():
            exchange(fresh, folder)
        else:
            fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)  # of this run's own making
        raise
    if fresh.exists():
        _remove(fresh)
    return Bundle.open(folder)


def exchange(one: Path, other: Path) -> None:
    """Exchanges two folders that are beside each other, at once if the system can.

    If it cannot, a run that is killed in between leaves ``other`` as ``.OTHER.old`` beside it, and
    the next export puts it back.
    """
    if _exchanged(os.fsencode(one), os.fsencode(other)):
        return
    old = _old(other)
    if old.exists():
        _remove(old)
    other.rename(old)
    try:
        one.rename(other)
    except BaseException:
        old.rename(other)
        raise
    old.rename(one)


def put(fresh: Path, folder: Path) -> None:
    """Moves all that is in one folder into another on its disk, over what has the same names."""
    for each in sorted(fresh.iterdir()):
        if each.is_dir() and (folder / each.name).exists():
            exchange(each, folder / each.name)
        else:
            each.replace(folder / each.name)
    shutil.rmtree(fresh)


def _exchanged(one: bytes, other: bytes) -> bool:
    try:
        system = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):  # Windows
        return False
    if hasattr(system, "renameat2"):
        here = -100
        return bool(system.renameat2(here, one, here, other, _EXCHANGE) == 0)
    if hasattr(system, "renamex_np"):  # macOS
        return bool(system.renamex_np(one, other, _EXCHANGE) == 0)
    return False


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _put_back(folder: Path) -> None:
    """Undoes half an exchange."""
    if not os.path.lexists(folder) and _opens(_old(folder)):
        _old(folder).rename(folder)


def _opens(folder: Path) -> bool:
    try:
        Bundle.open(folder)
    except BundleError:
        return False
    return True


def _remove(folder: Path) -> None:
    """Deletes a bundle, or an empty folder; anything else fails, and stays."""
    if _opens(folder):
        for name, entry in Bundle.open(folder).manifest.files.items():
            (folder / entry.stored_as(name)).unlink()
        (folder / MANIFEST).unlink()
    folder.rmdir()


def _try_out(folder: Path) -> None:
    """Does all that the runtime does with a bundle, in each of its variants."""
    try:
        bundle = Bundle.open(folder)
        bundle.verify()
        size = bundle.manifest.image.size
        noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
        for variant in variants_of(bundle):
            Analyzer(bundle, variant=variant).analyze(noise)
        Analyzer(bundle, variant=FLOAT).embed_text("a photo")
    except (AnalyzerError, BundleError, ValueError) as error:
        raise TrainingError(
            f"the new bundle cannot be used, so what was there stands: {error}"
        ) from error


def _stored(name: str, data: bytes) -> tuple[str, bytes, dict[str, Any]]:
    """The name and bytes of a file on disk, encoded where that saves a fifth; its entry."""
    encoded = encode(data)
    entry: dict[str, Any] = {}
    if len(encoded) < WORTH_IT * len(data) and len(data) <= MAX_RATIO * len(encoded):
        name, entry = name + SUFFIX, {"encoding": "gzip", "decoded": len(data)}
        data = encoded
    return name, data, {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | entry
