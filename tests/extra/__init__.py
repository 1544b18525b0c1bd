"""A head that only tests know, "warmth": whether a photo is rather red than blue.

Its two files lie in folders of their own; :func:`known` puts those beside the package's.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from ansa.model import heads as signals
from ansa_train import heads

HERE = Path(__file__).parent


def known(patch: pytest.MonkeyPatch) -> None:
    """As if the files were in ``ansa_train/heads`` and ``ansa/model/heads``."""
    patch.setattr(heads, "__path__", [*heads.__path__, str(HERE / "heads")])
    patch.setattr(heads, "NAMES", (*heads.NAMES, "warmth"))
    patch.setattr(signals, "__path__", [*signals.__path__, str(HERE / "signals")])
    patch.setattr(signals, "KINDS", signals.KINDS | {"warmth"})


def write_pack(folder: Path, photos: int = 24) -> Path:
    """Red and blue photos of many shades, in turns; the last two thirds are of dev and of test."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / "plain.tar", "w") as tar:
        for i in range(photos):
            shade = 255 - 100 * i // photos
            name, colour = (("red", (shade, 20, 30)), ("blue", (30, 20, shade)))[i % 2]
            photo = io.BytesIO()
            Image.new("RGB", (40, 30), colour).save(photo, "WEBP", lossless=True)
            note = {"key": f"plain{i:03}", "source": "plain", "kind": "photo", "labels": [name]}
            note["split"] = ("train", "dev", "test")[3 * i // photos]
            for suffix, data in (("webp", photo.getvalue()), ("json", json.dumps(note).encode())):
                member = tarfile.TarInfo(f"{note['key']}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return folder
