"""Builds shards from sources, in steps that each resume where they were stopped."""

from __future__ import annotations

import codecs
import csv
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ansa.atomic_write import open_atomic, write_atomically
from ansa.names import printable
from ansa.processors import processor_count
from ansa_train.data.builder.build_state import BuildState, other_settings
from ansa_train.data.builder.local import run_local
from ansa_train.data.builder.on_ray import run_ray
from ansa_train.data.builder.photo import Encoding
from ansa_train.data.builder.readers.detect_format import read_source
from ansa_train.data.builder.readers.source_paths import SourceFolder
from ansa_train.data.builder.records import Record
from ansa_train.data.builder.settings import BuildSettings
from ansa_train.data.builder.shard_writer import write_shards
from ansa_train.data.builder.splits import assign_splits
from ansa_train.errors import TrainingError

MANIFEST = "manifest.json"
REFUSED = "refused.csv"
FORMAT = 1
_WORK = ".build"
_BATCH = 16

Progress = Callable[[str, int, int | None], None]
"""Called as ``progress(step, done, total)``; total is None while nobody knows it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the photos are prepared; the shards do not depend on it.

    Attributes:
        name: "local" for processes of this machine, "ray" for a Ray Data job.
        workers: processes; None for one a core.
        address: of a Ray cluster; None to start a local Ray.
    """

    name: Literal["local", "ray"] = "local"
    workers: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The outcome of a build.

    Attributes:
        folder: where the shards are.
        shards: how many.
        samples: how many they hold.
        splits: samples by split.
        duplicates: photos that were merged into others.
        refused: what was left out, counted by kind; named in refused.csv.
    """

    folder: str
    shards: int
    samples: int
    splits: dict[str, int]
    duplicates: int
    refused: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def build(
    settings: BuildSettings,
    folder: Path,
    engine: Engine = Engine(),
    progress: Progress = lambda step, done, total: None,
) -> BuildResult:
    """Makes shards of the sources, or resumes an unfinished build.

    Args:
        settings: what is built.
        folder: where; a new or empty one, or one that was begun with the same settings.
        engine: who does the work.
        progress: hears how far it is.

    Raises:
        TrainingError: a source or the folder cannot be used, or nothing usable was found.
    """
    for source in settings.sources:
        if not source.exists():
            raise TrainingError(f"{printable(str(source))} does not exist")
    wanted = json.loads(json.dumps(settings.to_dict()))
    work = folder / _WORK
    if (folder / MANIFEST).exists():
        return _done(folder, wanted)
    if not work.exists() and folder.exists() and any(folder.iterdir()):
        raise TrainingError(f"{folder} holds other files; choose a new --out")
    work.mkdir(parents=True, exist_ok=True)
    try:
        journal = BuildState(work / "journal.sqlite", wanted)
        try:
            _steps(settings, folder, journal, engine, progress)
            built = _finish(folder, journal, wanted)
        finally:
            journal.close()
    except sqlite3.OperationalError as error:
        raise TrainingError(
            f"{work} cannot be written ({error}); see whether the disk is full, and run the same "
            "command again"
        ) from error
    except sqlite3.DatabaseError as error:
        raise TrainingError(
            f"{work} is damaged ({error}); remove {folder} and start anew"
        ) from error
    shutil.rmtree(work)
    return built


def _steps(
    settings: BuildSettings, folder: Path, journal: BuildState, engine: Engine, progress: Progress
) -> None:
    for listed in journal.take_in(_records(settings)):
        progress("listing", listed, None)
    total, done = journal.counts()
    encoding = Encoding(settings.size, settings.encoding, settings.quality)
    workers = engine.workers or processor_count()
    if done < total:
        progress("preparing", done, total)
        batches = journal.jobs(_BATCH)
        outcomes = (
            run_ray(batches, encoding, workers, engine.address)
            if engine.name == "ray"
            else run_local(batches, encoding, workers)
        )
        for batch in outcomes:
            journal.store(batch, settings.dedupe == "print")
            done += len(batch)
            progress("preparing", done, total)
    assign_splits(journal, settings)
    samples = sum(journal.tally("split").values())
    written = sum(shard["samples"] for shard in journal.shards())
    for count in write_shards(folder, journal, settings):
        written += count
        progress("writing", written, samples)


def _records(settings: BuildSettings) -> Iterator[Record]:
    return chain.from_iterable(
        read_source(
            SourceFolder(
                path,
                settings.source or printable(path.resolve().stem),
                settings.photos or path.parent,
                settings.photo_column,
                settings.text_column,
                settings.label_column,
            ),
            settings.format,
        )
        for path in settings.sources
    )


def _finish(folder: Path, journal: BuildState, settings: dict[str, Any]) -> BuildResult:
    refused = journal.tally("kind")
    shards = journal.shards()
    if not shards:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in refused.items())
        first = next((f"; {r.name}: {r.reason}" for r in journal.refusals()), "")
        journal["listed"] = False  # whatever mends it may need other settings
        raise TrainingError(f"nothing usable was found ({kinds or 'no entries'}){first}")
    if refused:
        with open_atomic(folder / REFUSED) as stream:
            rows = csv.writer(codecs.getwriter("utf-8")(stream))
            rows.writerow(["name", "kind", "reason"])
            rows.writerows(
                [printable(entry.name), entry.kind, printable(entry.reason)]
                for entry in journal.refusals()
            )
    licences = journal.tally("licence")
    if "" in licences:
        stated = settings["licence"]
        licences[stated] = licences.get(stated, 0) + licences.pop("")
    manifest = {
        "format": FORMAT,
        "shards": [
            {
                "file": shard["file"],
                "bytes": shard["bytes"],
                "sha256": shard["sha256"],
                "samples": shard["samples"],
                "splits": {shard["split"]: shard["samples"]},
            }
            for shard in shards
        ],
        "samples": sum(shard["samples"] for shard in shards),
        "splits": journal.tally("split"),
        "sources": journal.tally("source"),
        "licences": dict(sorted(licences.items())),
        "duplicates": journal.duplicates(),
        "refused": refused,
        "settings": settings,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / MANIFEST, text)
    return _built(folder, manifest)


def _done(folder: Path, wanted: dict[str, Any]) -> BuildResult:
    """The result of an earlier run; what it left of its work is cleared away."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        begun = manifest["settings"]
        if begun != wanted:
            raise TrainingError(other_settings(folder, begun, wanted))
        built = _built(folder, manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{folder / MANIFEST} is damaged; choose another --out") from error
    shutil.rmtree(folder / _WORK, ignore_errors=True)
    return built


def _built(folder: Path, manifest: dict[str, Any]) -> BuildResult:
    values = (manifest[name] for name in ("samples", "splits", "duplicates", "refused"))
    return BuildResult(str(folder), len(manifest["shards"]), *values)
