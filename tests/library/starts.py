"""What worker processes call in these tests, in place of a network: quick, and bad on demand."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.library.indexing.worker import Analyze, Keep
from ansa.photo.read import DamagedPhoto, UnsupportedPhoto
from ansa.scene import Facts, Pixels, Scene

DIM = 8
Vector = NDArray[np.float32]


def vector_of(data: bytes) -> Vector:
    """A unit vector that depends on every byte."""
    seed = int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
    vector = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


@dataclass(frozen=True)
class Start:
    """Notes the name of every photo it is given in the file ``log``, and obeys the content."""

    log: Path
    slow: float = 0.0

    def __call__(self) -> Analyze:
        return self.analyze

    def analyze(self, data: bytes | Pixels, name: str, keep: Keep | None = None) -> Scene:
        assert isinstance(data, bytes)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{Path(name).name}\n")
        time.sleep(self.slow)
        match data.split(b":")[0]:
            case b"segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case b"abort":
                os.abort()
            case b"exit":
                os._exit(0)
            case b"killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"hang":
                time.sleep(1000)
            case b"noise":
                os.write(1, b"a decoder that prints")
                print("a decoder that prints")
            case b"memory":
                raise MemoryError
            case b"bug":
                raise RuntimeError("a bug")
            case b"damaged":
                raise DamagedPhoto(name, "damaged", "save it again")
            case b"unsupported":
                raise UnsupportedPhoto(name, "no photo", "nothing to do")
            case b"nan":
                return Scene(Facts(1, 1), np.full(DIM, np.nan, np.float32))
            case b"short":
                return Scene(Facts(1, 1), np.ones(1, np.float32))
        return Scene(Facts(4, 3, "JPEG"), vector_of(data))


@dataclass(frozen=True)
class Bundle(Start):
    """The same as another bundle, which gives other vectors, and is broken for some contents."""

    broken: bytes = b"none"

    def analyze(self, data: bytes | Pixels, name: str, keep: Keep | None = None) -> Scene:
        assert isinstance(data, bytes)
        scene = super().analyze(data, name)
        sign = np.nan if data.startswith(self.broken) else -1
        return replace(scene, embedding=scene.embedding * np.float32(sign))
