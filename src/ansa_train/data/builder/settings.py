"""Every setting that the content of the shards depends on, with its default."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ansa_train.data.pack import Split
from ansa_train.errors import TrainingError

Format = Literal["auto", "coco", "table", "sidecar", "tars", "labels"]
FORMATS: tuple[Format, ...] = ("auto", "coco", "table", "sidecar", "tars", "labels")


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What is built, and how.

    Attributes:
        sources: files and folders, in order.
        format: of the sources; "auto" tells each by its content.
        photos: the folder that paths in tables and COCO files start from, and must not leave;
            None for the folder of the file itself.
        photo_column: name of a table's column of paths or bytes; "" to go by the usual names.
        text_column: the same for captions.
        label_column: the same for labels.
        size: pixels that the shorter side is shrunk to; smaller photos stay as they are.
        encoding: of the photos in the shards. JPEG decodes three times as fast as WebP and is half
            as large again at the same quality.
        quality: of that encoding.
        shard_mb: a shard ends before its photos exceed so many megabytes.
        shard_samples: or so many samples.
        licence: terms of photos whose source states none.
        source: name of the set; "" for the name of each file or folder.
        split: of photos that come without one.
        dev: percent of the photos that go to dev instead, by the hash of their content.
        test: percent that go to test.
        dedupe: "exact" merges photos of identical pixels, "print" also those that look the same.
    """

    sources: tuple[Path, ...]
    format: Format = "auto"
    photos: Path | None = None
    photo_column: str = ""
    text_column: str = ""
    label_column: str = ""
    size: int = 288
    encoding: Literal["jpeg", "webp"] = "jpeg"
    quality: int = 90
    shard_mb: int = 256
    shard_samples: int = 10_000
    licence: str = "not stated"
    source: str = ""
    split: Split = "train"
    dev: float = 0.0
    test: float = 0.0
    dedupe: Literal["exact", "print"] = "print"

    def __post_init__(self) -> None:
        """Checks every value.

        Raises:
            TrainingError: one is out of range.
        """
        problems = {
            "no source is given": not self.sources,
            f"size is {self.size}, not 16 to 4,096": not 16 <= self.size <= 4096,
            f"quality is {self.quality}, not 1 to 100": not 1 <= self.quality <= 100,
            "a shard must have room for something": min(self.shard_mb, self.shard_samples) < 1,
            "dev and test are percentages, together at most 100": not (
                self.dev >= 0 and self.test >= 0 and self.dev + self.test <= 100
            ),
        }
        for problem, found in problems.items():
            if found:
                raise TrainingError(problem)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values that tell these settings, and the state of the sources, from others.

        Folders and their places are in the digest alone, so that nothing of them is published.
        """
        inputs = hashlib.sha256()
        for source in self.sources:
            status = source.stat()
            state = (status.st_size, status.st_mtime_ns) if source.is_file() else ()
            inputs.update(repr((source.resolve(), *state)).encode("utf-8", "backslashreplace"))
        inputs.update(
            repr(self.photos and self.photos.resolve()).encode("utf-8", "backslashreplace")
        )
        values = asdict(self)
        values.pop("photos")
        values["sources"] = [source.resolve().name for source in self.sources]
        return values | {"inputs": inputs.hexdigest()}
