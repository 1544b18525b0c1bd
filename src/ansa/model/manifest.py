"""The manifest of a bundle: inputs and outputs of its networks, and the digest of each file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from ansa.model import gzip_files

FORMAT = 2
"""The newest manifest format this version reads."""

MANIFEST = "manifest.json"
_MAX_AXES = 4
_MAX_FILE_BYTES = 2**31  # what one ONNX file can hold
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(?:onnx|json|txt)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ImageTower:
    """The image network: ``file`` takes ``input``, uint8 (n, size, size, 3), RGB.

    ``backbone`` stands for what computes the features and maps that heads read: heads are trained
    for one, and fit no other. It is empty in bundles that were made before there were any.
    ``embedding`` stands for the network with its projection into the space of texts, for heads that
    read the embedding; empty where ``backbone`` stands for that too. ``forms`` are the
    same network with the same inputs and outputs, computed in other ways, by the name of the way:
    one file each, or several, which are stages that are computed one after the other.
    """

    file: str
    input: str
    size: int
    backbone: str = ""
    embedding: str = ""
    forms: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextTower:
    """The text network takes ``inputs``: token ids and mask, int64 (n, t), t <= ``max_tokens``."""

    file: str
    tokenizer: str
    inputs: tuple[str, str]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Head:
    """One head: the network's ``output`` that carries its signal, float32 (n, *``shape``).

    ``kind`` says who reads it, ``settings`` what that reader needs, such as names and calibration;
    they are its to check.
    """

    output: str
    kind: str
    shape: tuple[int, ...]
    version: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """The expected size and digest of a file of the bundle.

    ``bytes`` and ``sha256`` are of the file as it lies on disk. ``decoded`` is how many bytes it
    unpacks to if it is encoded, else None.
    """

    bytes: int
    sha256: str
    decoded: int | None = None

    def stored_as(self, name: str) -> str:
        """The name on disk of the file ``name``."""
        return name if self.decoded is None else name + gzip_files.SUFFIX


@dataclass(frozen=True, slots=True)
class Manifest:
    """The checked content of ``manifest.json``. The last three fields are for people to read."""

    format: int
    name: str
    created: str
    image: ImageTower
    text: TextTower
    heads: dict[str, Head]
    files: dict[str, FileEntry]
    metrics: dict[str, Any]
    training: dict[str, Any]
    licences: dict[str, Any]


class ManifestError(ValueError):
    """A manifest is invalid; the message says where."""


class NewerManifestError(ManifestError):
    """A manifest of a newer format, which this version of ANSA cannot read."""


def parse_manifest(raw: bytes) -> Manifest:
    """Parses and checks the bytes of a manifest.

    Unknown keys are ignored, because a bundle of this format may have more of them.

    Raises:
        ManifestError: a key is missing, or its value has a wrong type or range; it is named.
    """
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"not readable as JSON ({error})") from None
    top = _Reader(document, "")
    version = top.integer("format", 1, 2**31)
    if version > FORMAT:
        raise NewerManifestError(
            f"format {version} is newer than this ansa reads ({FORMAT}); upgrade ansa"
        )
    image, text = top.object("image"), top.object("text")
    inputs = text.strings("inputs")
    if len(inputs) != 2:
        raise ManifestError("text.inputs: names ids and mask, two inputs")
    heads = top.object("heads")
    files = top.object("files")
    manifest = Manifest(
        format=version,
        name=top.string("name"),
        created=top.string("created"),
        image=ImageTower(
            image.string("file"),
            image.string("input"),
            image.integer("size", 8, 2048),
            image.string("backbone", optional=True),
            image.string("embedding", optional=True),
            _forms(image.object("forms", optional=True)),
        ),
        text=TextTower(
            text.string("file"),
            text.string("tokenizer"),
            (inputs[0], inputs[1]),
            text.integer("max_tokens", 1, 4096),
        ),
        heads={name: _head(heads.object(name)) for name in heads.values},
        files={name: _file_entry(name, files.object(name)) for name in files.values},
        metrics=top.object("metrics", optional=True).values,
        training=top.object("training", optional=True).values,
        licences=top.object("licences", optional=True).values,
    )
    if "embedding" not in manifest.heads:
        raise ManifestError("heads.embedding: missing")
    towers = (manifest.image.file, manifest.text.file, manifest.text.tokenizer)
    for name in (*towers, *chain(*manifest.image.forms.values())):
        if name not in manifest.files:
            raise ManifestError(f"{name!a} is used but not listed under files")
    return manifest


def _forms(forms: _Reader) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, value in forms.values.items():
        several = isinstance(value, list)
        found[name] = tuple(forms.strings(name)) if several else (forms.string(name),)
        if not found[name]:
            raise ManifestError(f"image.forms.{ascii(name)[1:-1]}: names no file")
    return found


def _head(head: _Reader) -> Head:
    # The first bundles say the length of their only axis.
    only = "dim" in head.values and "shape" not in head.values
    shape = (head.integer("dim", 1, 65536),) if only else head.integers("shape", 1, 65536)
    return Head(
        head.string("output"),
        head.string("kind"),
        shape,
        head.integer("version", 1, 2**31),
        head.object("settings", optional=True).values,
    )


def _file_entry(name: str, entry: _Reader) -> FileEntry:
    if not _FILE_NAME.fullmatch(name) or name == MANIFEST:
        raise ManifestError(
            f"files: {name!a}: a bundle holds plain .onnx, .json and .txt names, no paths"
        )
    sha256 = entry.string("sha256")
    if not _SHA256.fullmatch(sha256):
        raise ManifestError(f"files.{name}.sha256: not 64 hexadecimal digits")
    size = entry.integer("bytes", 0, _MAX_FILE_BYTES)
    if "encoding" not in entry.values:
        return FileEntry(size, sha256)
    if (encoded := entry.string("encoding")) != "gzip":
        raise NewerManifestError(f"files.{name}.encoding: {encoded!a} is unknown; upgrade ansa")
    most = min(_MAX_FILE_BYTES, gzip_files.MAX_RATIO * size)
    return FileEntry(size, sha256, entry.integer("decoded", 0, most))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is given twice")
    return values


class _Reader:
    """Reads a JSON object and checks the type of every value. Errors name the key."""

    def __init__(self, values: Any, where: str) -> None:
        if not isinstance(values, dict):
            raise ManifestError(f"{where or 'the document'}: not an object")
        self.values: dict[str, Any] = values
        self._where = where

    def _key(self, key: str) -> str:
        key = ascii(key)[1:-1]  # whoever made the manifest chose it: printed safely
        return f"{self._where}.{key}" if self._where else key

    def _get(self, key: str) -> Any:
        if key not in self.values:
            raise ManifestError(f"{self._key(key)}: missing")
        return self.values[key]

    def string(self, key: str, *, optional: bool = False) -> str:
        if optional and key not in self.values:
            return ""
        value = self._get(key)
        if not isinstance(value, str) or not value:
            raise ManifestError(f"{self._key(key)}: not a text")
        return value

    def strings(self, key: str) -> list[str]:
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ManifestError(f"{self._key(key)}: not a list of texts")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        value = self._get(key)
        if type(value) is not int or not low <= value <= high:  # bool is an int to isinstance
            raise ManifestError(f"{self._key(key)}: not a whole number from {low} to {high}")
        return value

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        values = self._get(key)
        if not isinstance(values, list) or not 1 <= len(values) <= _MAX_AXES:
            raise ManifestError(f"{self._key(key)}: not a list of 1 to {_MAX_AXES} whole numbers")
        numbers = _Reader({str(i): value for i, value in enumerate(values)}, self._key(key))
        return tuple(numbers.integer(str(i), low, high) for i in range(len(values)))

    def object(self, key: str, *, optional: bool = False) -> _Reader:
        if optional and key not in self.values:
            return _Reader({}, self._key(key))
        return _Reader(self._get(key), self._key(key))
