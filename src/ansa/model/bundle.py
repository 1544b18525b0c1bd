"""The bundle: a folder that holds everything the networks need, verified before use.

``ansa_train`` writes bundles, the runtime reads them, and this contract is all they share:
``manifest.json`` beside exactly the files it lists, each with its size and sha256.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ansa.errors import AnsaError
from ansa.model.gzip_files import EncodingError, decode
from ansa.model.manifest import (
    MANIFEST,
    Manifest,
    ManifestError,
    NewerManifestError,
    parse_manifest,
)

_SHIPPED = Path(__file__).parents[1] / "bundles" / "default"
_MAX_MANIFEST_BYTES = 1_000_000


class BundleError(AnsaError):
    """A bundle is missing or damaged; the message names the bundle, the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle.

    Attributes:
        path: the folder.
        manifest: what it holds.
        id: sha256 of the manifest, in hex; as the manifest holds the digest of every file, it
            stands for every byte of the bundle. Stored signals carry it.
    """

    path: Path
    manifest: Manifest
    id: str

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> Bundle:
        """Opens the bundle in the folder ``path``; without one, the bundle that ships with ANSA.

        Reads only the manifest and the folder's listing; the bytes of each file are checked by
        :meth:`read`.

        Raises:
            BundleError: it is missing, damaged, of a newer format, or not a bundle.
        """
        folder = _SHIPPED if path is None else Path(path).expanduser()
        if not folder.is_dir():
            raise BundleError(f"{folder}: no bundle there; {_remedy(folder)}")
        raw = _read_bytes(folder, MANIFEST, _MAX_MANIFEST_BYTES)
        try:
            manifest = parse_manifest(raw)
        except NewerManifestError as error:
            raise BundleError(f"{folder}: {MANIFEST}: {error}") from None
        except ManifestError as error:
            raise BundleError(f"{folder}: {MANIFEST}: {error}; {_remedy(folder)}") from None
        bundle = cls(folder, manifest, hashlib.sha256(raw).hexdigest())
        bundle._check_listing()
        return bundle

    def read(self, name: str) -> bytes:
        """The bytes of the file ``name``, decoded if it is stored encoded.

        The bytes are verified before they are decoded or returned: their digest is the listed one.

        Raises:
            BundleError: the file is not listed, missing, truncated or altered.
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise BundleError(f"{self.path}: {name}: not a file of this bundle")
        file = entry.stored_as(name)
        data = _read_bytes(self.path, file, entry.bytes)
        if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
            raise BundleError(
                f"{self.path}: {file}: altered or cut short since it was made; {_remedy(self.path)}"
            )
        if entry.decoded is None:
            return data
        try:
            return decode(data, entry.decoded)
        except EncodingError as error:
            raise BundleError(f"{self.path}: {file}: {error}; {_remedy(self.path)}") from None

    def verify(self) -> None:
        """Checks every byte of every file.

        Raises:
            BundleError: a file differs from the manifest; the message names the first one.
        """
        for name in self.manifest.files:
            self.read(name)

    def _check_listing(self) -> None:
        files = self.manifest.files.items()
        listed = {MANIFEST, *(entry.stored_as(name) for name, entry in files)}
        present = set()
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    kind = "a link" if entry.is_symlink() else "not a plain file"
                    raise BundleError(f"{self.path}: {entry.name!a}: {kind}; {_remedy(self.path)}")
                present.add(entry.name)
        for name in sorted(listed - present):
            raise BundleError(f"{self.path}: {name}: missing; {_remedy(self.path)}")
        for name in sorted(present - listed):
            raise BundleError(
                f"{self.path}: {name!a}: not listed in {MANIFEST}; remove it if you put it there"
            )


def _remedy(folder: Path) -> str:
    if folder == _SHIPPED:
        return "reinstall ansa"
    return "copy the bundle again from where it came, or leave --bundle out to use the shipped one"


def _read_bytes(folder: Path, name: str, limit: int) -> bytes:
    """Reads at most ``limit`` + 1 bytes of a plain file, and never follows a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NONBLOCK", 0)  # a named pipe must not hang us
    try:
        with open(os.open(folder / name, flags), "rb") as file:  # noqa: PTH123
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BundleError(f"{folder}: {name}: not a plain file; {_remedy(folder)}")
            data = file.read(limit + 1)
    except OSError as error:
        problem = "missing" if isinstance(error, FileNotFoundError) else error.strerror
        raise BundleError(f"{folder}: {name}: {problem}; {_remedy(folder)}") from None
    if len(data) > limit:
        raise BundleError(f"{folder}: {name}: larger than it should be; {_remedy(folder)}")
    return data
