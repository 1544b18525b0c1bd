"""Puts a bundle in its place that was compared with its predecessor, and notes what was found."""

from __future__ import annotations

import json
from pathlib import Path

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa_train.export.replace_bundle import place_bundle
from ansa_train.regression.gate import Verdict


def place_compared(made: Bundle, folder: Path, verdict: Verdict) -> Bundle:
    """Writes a bundle to its place, with the verdict in its manifest.

    Args:
        made: the bundle, in a folder of its own.
        folder: its place: new, empty, or that of a bundle.
        verdict: of the comparison.

    Raises:
        FileExistsError: the folder holds something else than a bundle.
    """
    manifest = json.loads((made.path / MANIFEST).read_bytes())
    kept = {k: v for k, v in verdict.to_dict().items() if k not in ("not_run", "gains")}
    manifest["training"] = {**manifest.get("training", {}), "compared": kept}
    return place_bundle(folder, {name: made.read(name) for name in made.manifest.files}, manifest)
