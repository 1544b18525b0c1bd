"""The variants of an image network: the same network, stored or computed in different ways.

Every bundle has the network in float, and may also have it in int8, which is faster on
processors with instructions for that. The variant that is used is the one that the caller names,
else the one that the environment variable ``ANSA_FORM`` names, else the one that was measured to
be the fastest on this processor (:mod:`ansa.model.autotune`), else float.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansa.atomic_write import write_atomically
from ansa.model.bundle import Bundle

FLOAT, INT8, SMALL = "float", "int8", "small"
VARIABLE = "ANSA_FORM"
_CHOICES = "forms.json"
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Variant:
    """How one variant of a network is loaded.

    Attributes:
        name: FLOAT, INT8 or SMALL, which is INT8 with the least memory, but slower.
        files: files of the bundle. If there are several, they are the network's stages in order.
        config: entries of the runtime's session configuration.
        frugal: whether each stage is loaded again for every photo, after the one before was freed,
            which saves memory.
    """

    name: str
    files: tuple[str, ...]
    config: Mapping[str, str]
    frugal: bool = False


def variants_of(bundle: Bundle) -> dict[str, Variant]:
    """The variants that a bundle has, by name. Every bundle has float."""
    image = bundle.manifest.image
    found = {FLOAT: stored_float(image.file)}
    if INT8 in image.forms:
        # Else sums of products overflow on processors without instructions for 8 bits.
        exact = {"session.x64quantprecision": "1"}
        found[INT8] = Variant(INT8, image.forms[INT8], exact)
        found[SMALL] = Variant(SMALL, image.forms[INT8], exact, frugal=True)
    return found


def stored_float(file: str) -> Variant:
    """The variant that computes in float. Weights stored as int8 are unpacked once, at loading."""
    return Variant(FLOAT, (file,), {"session.disable_quant_qdq": "1"})


def wanted(bundle: Bundle, name: str | None = None) -> Variant:
    """The variant to use.

    Args:
        bundle: the bundle that contains the network.
        name: the name of the variant; if None, it is chosen as described in the module.

    Raises:
        ValueError: the bundle has no such variant; the message lists those it has.
    """
    found = variants_of(bundle)
    asked, by = (name, "variant") if name else (os.environ.get(VARIABLE), VARIABLE)
    if not asked:
        return found.get(cached_choice(bundle) or FLOAT, found[FLOAT])
    if asked not in found:
        raise ValueError(
            f"{by}: {asked!a} is no variant of {bundle.path}; it has {', '.join(found)}"
        )
    return found[asked]


def cached_choice(bundle: Bundle) -> str | None:
    """The variant that was chosen for this bundle on this processor; None if there is none."""
    chosen = _choices().get(_key(bundle))
    return chosen if isinstance(chosen, str) else None


def cache_choice(bundle: Bundle, name: str) -> Path:
    """Stores the choice for this bundle on this processor, and returns the file that holds it.

    Raises:
        OSError: the file cannot be written.
    """
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(_choices() | {_key(bundle): name}, indent=1) + "\n")
    return file


def processor() -> str:
    """The model name of this processor, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _key(bundle: Bundle) -> str:
    return f"{bundle.id} on {processor()}"


def _file() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("ansa") / _CHOICES


def _choices() -> dict[str, object]:
    """The content of the file of choices; empty if it is missing or damaged."""
    try:
        with _file().open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
