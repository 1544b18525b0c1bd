"""Reads the text in pictures with the models that the package RapidOCR carries (PP-OCR).

The models know the Latin alphabet with its accents, Greek, Chinese and Japanese. They are opened by
their paths, because the package would download a model that is not there.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ansa.errors import FileError
from ansa.scene import PictureText, Pixels

MAX_CHARACTERS = 4_000
"""The most characters that are kept of the text in one picture."""

_PACKAGE = "rapidocr"
# What finds lines, what turns those that are upside down, and what reads them.
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_LONG_SIDE = 1600  # pixels; a page of small print is still read, and memory stays bounded
_LEAST_SCORE = 0.6  # of a line, 0..1; below, lines are mostly made up


class TextReaderError(FileError):
    """The models that read text are not where they should be."""


class TextReader:
    """Reads text in pictures, on one thread.

    Raises:
        ModuleNotFoundError: RapidOCR is not installed; the extra ``ocr`` brings it.
        TextReaderError: it does not carry its models.
    """

    def __init__(self) -> None:
        models = _models()
        from rapidocr import RapidOCR

        threads = "EngineConfig.onnxruntime.{}_op_num_threads"
        self._read = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.max_side_len": _LONG_SIDE,
                "Global.text_score": _LEAST_SCORE,
                threads.format("intra"): 1,
                threads.format("inter"): 1,
                **{f"{part}.model_path": str(file) for part, file in models.items()},
            }
        )

    def __call__(self, pixels: Pixels) -> PictureText:
        """Returns the text in a picture; without any line if there is none.

        Args:
            pixels: uint8 (height, width, 3), RGB, upright.
        """
        picture = Image.fromarray(pixels)
        picture.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.BOX, reducing_gap=None)
        small = np.asarray(picture)
        found = self._read(np.ascontiguousarray(small[:, :, ::-1]))  # it expects BGR
        lines, boxes = getattr(found, "txts", None), getattr(found, "boxes", None)
        if not lines or boxes is None:
            return PictureText((), 0.0)
        return PictureText(clean_lines(lines), _area(boxes, small.shape[0] * small.shape[1]))


def reader_id() -> str:
    """Returns what reads the text, with its version, which is stored beside each text.

    Raises:
        ModuleNotFoundError: see :class:`TextReader`.
    """
    if util.find_spec(_PACKAGE) is None:
        raise ModuleNotFoundError(f"No module named {_PACKAGE!r}", name=_PACKAGE)
    return f"{Path(_MODELS['Rec']).stem}, {_PACKAGE} {metadata.version(_PACKAGE)}"


def same_models(reader: str) -> bool:
    """Whether a text was read with the models of now, if by another version of the package.

    Args:
        reader: as :func:`reader_id` gave it.
    """
    return reader.partition(",")[0] == Path(_MODELS["Rec"]).stem


def clean_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Returns lines without control characters, invisible marks and needless space; the first
    :data:`MAX_CHARACTERS` of them."""
    kept: list[str] = []
    room = MAX_CHARACTERS
    for line in lines:
        plain = " ".join(unicodedata.normalize("NFC", line).split())
        plain = "".join(char for char in plain if char.isprintable()).strip()[:room]
        if plain:
            kept.append(plain)
            room -= len(plain)
        if not room:
            break
    return tuple(kept)


def refuse_sockets() -> None:
    """Makes this process unable to open a socket, for good.

    RapidOCR needs none with its models in place, but it imports a library for downloads, which
    would open one to see whether this machine knows IPv6.
    """
    import socket

    socket.has_ipv6 = False  # so that it does not even try

    def refuse(event: str, _: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            raise PermissionError("what reads text in pictures may not use the network")

    sys.addaudithook(refuse)


def _models() -> dict[str, Path]:
    reader_id()
    spec = util.find_spec(_PACKAGE)
    folder = Path((spec and spec.origin) or "").parent / "models"
    models = {part: folder / name for part, name in _MODELS.items()}
    for file in models.values():
        if not file.is_file():
            raise TextReaderError(
                str(file), "not there, though rapidocr carries it", "pip install 'ansa[ocr]' again"
            )
    return models


def _area(boxes: Sequence[Any], pixels: int) -> float:
    """Returns the share of a picture that quadrilaterals cover, as if none overlapped."""
    corners = np.asarray(boxes, np.float64).reshape(-1, 4, 2)
    x, y = corners[..., 0], corners[..., 1]
    doubled = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1))
    return float(min(1.0, doubled.sum() / 2 / max(pixels, 1)))
