"""Records that readers find: photos, annotations, and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_CAPTION = 4096
"""Characters; what is longer is a document, not a caption."""

MAX_TEXT_BYTES = 16_000_000
"""Of one sidecar, one JSON of a sample, one row of a table, one entry of a list."""

MAX_NAME = 1024
"""Characters of a key, a label, a licence."""


@dataclass(frozen=True, slots=True)
class PhotoLocation:
    """Where an encoded photo lies: a file, a stretch of a tar, or a cell of a Parquet file.

    Attributes:
        file: full path.
        root: folder that the file, all links followed, must lie in; "" if it was given by the user.
        offset: first byte in a tar; -1 for a whole file.
        size: bytes in the tar.
        row: row of a Parquet file; -1 if it is none.
        column: its column, with bytes or a struct of bytes.
    """

    file: str
    root: str = ""
    offset: int = -1
    size: int = -1
    row: int = -1
    column: str = ""


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """A photo that a reader found.

    Attributes:
        key: unique name, "SOURCE/NAME".
        place: where it lies.
        source: the set it comes from.
        size: (width, height) that its boxes refer to; (1, 1) if they are fractions, None if the
            photo's own.
        licence: its terms, "" if the source says nothing.
        split: the split it was given already, or "".
        kind: photo, receipt, screenshot, ...
    """

    key: str
    place: PhotoLocation
    source: str
    size: tuple[float, float] | None = None
    licence: str = ""
    split: str = ""
    kind: str = "photo"


@dataclass(frozen=True, slots=True)
class PhotoAnnotation:
    """Something that is known of a photo, which may come before the photo itself.

    Attributes:
        key: of the photo.
        captions: sentences.
        labels: what is surely in it.
        boxes: ``{"label", "bbox": [x, y, w, h], "crowd"}``.
    """

    key: str
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    boxes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was left out, and why.

    Attributes:
        name: of the photo, row or entry.
        kind: a word or two, for counting.
        reason: what is wrong, and what helps where anything does.
    """

    name: str
    kind: str
    reason: str


Record = FoundPhoto | PhotoAnnotation | Refusal


def said(
    key: str,
    name: str,
    *,
    captions: Iterable[Any] = (),
    labels: Iterable[Any] = (),
    boxes: Iterable[Mapping[str, Any]] = (),
) -> list[PhotoAnnotation | Refusal]:
    """The usable texts among some, and a refusal for each that is not."""
    records: list[PhotoAnnotation | Refusal] = []
    good: dict[str, list[str]] = {"caption": [], "label": []}
    limits = {"caption": MAX_CAPTION, "label": MAX_NAME}
    for what, texts in (("caption", captions), ("label", labels)):
        for text in texts:
            problem = _problem(text, what, limits[what])
            if problem:
                records.append(Refusal(name, *problem))
            else:
                good[what].append(" ".join(text.split()))
    known = PhotoAnnotation(key, tuple(good["caption"]), tuple(good["label"]), tuple(boxes))
    if known.captions or known.labels or known.boxes:
        records.append(known)
    return records


def _problem(text: Any, what: str, limit: int) -> tuple[str, str] | None:
    if not isinstance(text, str):
        return f"no {what}", f"its {what} is no text but {type(text).__name__}"
    if not text.strip():
        return f"empty {what}", f"its {what} is empty"
    if len(text) > limit:
        return f"long {what}", f"its {what} has {len(text):,} characters, above {limit:,}"
    if not is_text(text):
        return "not UTF-8", f"its {what} is not UTF-8; save the file as UTF-8"
    if not all(c.isprintable() or c.isspace() for c in text):
        return f"damaged {what}", f"its {what} holds control characters"
    return None


def is_text(text: str) -> bool:
    """Whether a text can be encoded as UTF-8. Undecodable bytes stand as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
