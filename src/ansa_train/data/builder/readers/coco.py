"""COCO's JSON: captions, boxes or both, and the photos that ``file_name`` names.

Captions and instances of the same photos are two sources of one name: their ids are the same.
Lin et al., Microsoft COCO: Common Objects in Context, 2014.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from ansa_train.data.builder.readers.json_items import json_items
from ansa_train.data.builder.readers.source_paths import SourceFolder
from ansa_train.data.builder.records import MAX_NAME, FoundPhoto, Record, Refusal, is_text, said
from ansa_train.errors import TrainingError


def read(source: SourceFolder) -> Iterator[Record]:
    """Yields every image and annotation.

    Raises:
        TrainingError: the file is damaged, or has no list of images.
    """
    categories, licences = _names(source, "categories", "name"), _names(source, "licenses", "name")
    images = 0
    for number, (name, item) in enumerate(json_items(source.path)):
        if name not in ("images", "annotations"):
            continue
        images += name == "images"
        where = f"{source.path.name}: {name} {number}"
        if not isinstance(item, dict):
            yield Refusal(where, "damaged entry", "it is no JSON object")
        elif name == "images":
            yield _image(source, item, where, licences)
        else:
            yield from _annotation(source, item, where, categories)
    if not images:
        raise TrainingError(
            f'{source.path} has no "images"; it is not COCO\'s format (see docs/data.md)'
        )


def _names(source: SourceFolder, wanted: str, field: str) -> dict[Any, str]:
    """Names by their id. They may come last in the file, so they are read before all else."""
    found = {}
    for name, item in json_items(source.path):
        if name == wanted and isinstance(item, dict) and isinstance(item.get("id"), int):
            text = item.get(field)
            if isinstance(text, str) and is_text(text):
                found[item["id"]] = text[:MAX_NAME]
    return found


def _image(
    source: SourceFolder, item: Mapping[str, Any], where: str, licences: Mapping[Any, str]
) -> Record:
    identity, file = item.get("id"), item.get("file_name")
    if not isinstance(identity, int | str) or not isinstance(file, str):
        return Refusal(where, "damaged entry", "it has no id or no file_name")
    place = source.place(file)
    if isinstance(place, Refusal):
        return place
    width, height = item.get("width"), item.get("height")
    size = (width, height) if is_positive(width) and is_positive(height) else None
    licence = item.get("license")
    terms = licences.get(licence, "") if isinstance(licence, int) else ""
    return FoundPhoto(source.key(str(identity)), place, source.name, size, terms)


def _annotation(
    source: SourceFolder, item: Mapping[str, Any], where: str, categories: Mapping[Any, str]
) -> Iterator[Record]:
    identity = item.get("image_id")
    if not isinstance(identity, int | str):
        yield Refusal(where, "damaged entry", "it has no image_id")
        return
    key = source.key(str(identity))
    if "caption" in item:
        yield from said(key, key, captions=[item["caption"]])
    if "bbox" in item:
        category = item.get("category_id")
        label = categories.get(category) if isinstance(category, int) else None
        box = item["bbox"]
        if label is None or not is_box(box):
            yield Refusal(key, "damaged box", "its box has no known category or no four numbers")
            return
        crowd = int(bool(item.get("iscrowd")))
        yield from said(key, key, boxes=[{"label": label, "bbox": box, "crowd": crowd}])


def is_box(box: Any) -> bool:
    """Whether a value is [x, y, w, h] with an area."""
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(x, int | float) and math.isfinite(x) for x in box)
        and box[2] > 0
        and box[3] > 0
    )


def is_positive(value: Any) -> TypeGuard[float]:
    """Whether a value is a finite number above 0."""
    return isinstance(value, int | float) and math.isfinite(value) and value > 0
