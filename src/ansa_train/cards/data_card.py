"""The data card of shards, from the manifests that building and reviewing leave.

The questions are those of Gebru et al., "Datasheets for Datasets" (2021), as far as a machine can
answer them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansa.names import printable
from ansa_train.errors import TrainingError

TEMPLATE = """\
# Data card: {name}

## Motivation

Say here why the data were gathered, and by whom.

## Composition

{composition}

## Collection and processing

{processing}

## Uses

Say here what the data may be used for, and what they must not be used for.

## Terms

{terms}

## Maintenance

Say here who answers questions, and how photos are taken out.
"""

_MANIFEST = "manifest.json"


def data_parts(folders: Sequence[Path]) -> dict[str, str]:
    """The generated parts of a card by name.

    Args:
        folders: of shards, each with its manifest.

    Raises:
        TrainingError: a folder has no manifest, or it cannot be read.
    """
    manifests = {folder: _read(folder) for folder in folders}
    try:
        return {
            "composition": "\n".join(_composition(manifests)),
            "processing": "\n".join(_processing(manifests)),
            "terms": "\n".join(_terms(manifests)),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TrainingError(
            f"a manifest is not as `ansa data build` writes it ({error!r}); build the shards again"
        ) from error


def _read(folder: Path) -> Mapping[str, Any]:
    file = folder / _MANIFEST
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(
            f"{file}: no manifest of shards ({error}); build them with `ansa data build`"
        ) from error
    if not isinstance(found, dict):
        raise TrainingError(f"{file}: no manifest of shards; build them with `ansa data build`")
    return found


def _composition(manifests: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    splits: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for manifest in manifests.values():
        splits.update(manifest["splits"])
        sources.update(manifest["sources"])
    yield f"{sum(splits.values()):,} photos."
    yield ""
    yield from _table(("split", "photos"), splits)
    yield ""
    yield from _table(("source", "photos"), sources)


def _processing(manifests: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    refused: Counter[str] = Counter()
    for folder, manifest in manifests.items():
        refused.update(manifest["refused"])
        settings = manifest.get("settings") or {}
        known = {k: v for k, v in settings.items() if isinstance(v, (str, int, float))}
        told = ", ".join(f"{k} {v}" for k, v in known.items() if k not in ("inputs",) and v != "")
        merged = f"{int(manifest['duplicates']):,} duplicates merged"
        yield f"- `{_plain(folder.name)}`: {merged}{'; ' if told else ''}{_plain(told)}"
        if reviewed := manifest.get("reviewed_of"):
            names = ", ".join(f"{k} {v:,}" for k, v in reviewed.items())
            yield f"  What its photos show was reviewed by people; they are from {_plain(names)}."
    if refused:
        yield ""
        yield from _table(("left out because of", "photos"), refused)


def _terms(manifests: Mapping[Path, Mapping[str, Any]]) -> Iterator[str]:
    licences: Counter[str] = Counter()
    for manifest in manifests.values():
        licences.update({k or "not stated": v for k, v in manifest["licences"].items()})
    yield from _table(("terms", "photos"), licences)


def _table(heads: tuple[str, str], rows: Counter[str]) -> Iterator[str]:
    yield f"| {heads[0]} | {heads[1]} |"
    yield "|---|---|"
    for name, number in sorted(rows.items(), key=lambda row: (-row[1], row[0])):
        yield f"| {_plain(str(name))} | {int(number):,} |"


def _plain(text: str) -> str:
    return printable(text).replace("|", r"\|").replace("<", "&lt;")
