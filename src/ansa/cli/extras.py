"""The ``--bundle`` option, and the error for an optional dependency that is not installed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec

from ansa.errors import AnsaError

_PACKAGES = {
    "film": ("av",),
    "movie": ("av",),
    "ocr": ("rapidocr",),
    "parquet": ("pyarrow",),
    "raw": ("rawpy",),
    "teach": ("sklearn",),
    "experiences": ("reverse_geocode", "holidays"),
    "watch": ("watchfiles",),
}
"""The packages by which it is told whether an extra is installed."""

_FEATURES = {
    "films": "film",
    "RAW photos": "raw",
    "custom tags": "teach",
    "names of places and holidays": "experiences",
    "movies of memories": "movie",
}
"""What is missing without an extra where everything else works."""


class ExtraMissing(AnsaError):  # noqa: N818 - the name says what it is
    """A package that a command needs is not installed; the message names it and the remedy."""


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """Adds ``--bundle FOLDER`` to a command that analyzes photos or reads their signals."""
    parser.add_argument(
        "--bundle",
        metavar="FOLDER",
        help="Use the networks in this folder instead of those that ship with ansa.",
    )


@contextmanager
def needs_extra(verb: str, extra: str) -> Iterator[None]:
    """A context for code that imports packages of an extra, such as ``movie``.

    Raises:
        ExtraMissing: a package is missing; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "ansa":
            raise
        raise ExtraMissing(
            f"ansa {verb} needs {error.name}, which is not installed: pip install 'ansa[{extra}]'"
        ) from error


def check_extra(verb: str, extra: str) -> None:
    """Checks that an extra is installed, before the work for which it is needed begins.

    Raises:
        ExtraMissing: a package is missing; the message says what to install.
    """
    for package in _PACKAGES[extra]:
        if find_spec(package) is None:
            raise ExtraMissing(
                f"ansa {verb} needs {package}, which is not installed: pip install 'ansa[{extra}]'"
            )


def missing_features() -> str:
    """Names the features whose packages are not installed, and the remedy; empty if all are."""
    missing = [
        name
        for name, extra in _FEATURES.items()
        if any(find_spec(package) is None for package in _PACKAGES[extra])
    ]
    return f"not installed: {', '.join(missing)}; run pip install 'ansa[all]'" if missing else ""


def needs_training(verb: str) -> AbstractContextManager[None]:
    """A context for imports of ``ansa_train``, which needs torch.

    Put these imports inside ``run``, because a basic installation has no torch.
    """
    return needs_extra(verb, "train")
