"""What commands share: the option for a bundle, and words for an extra that is not installed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager


class ExtraMissing(Exception):  # noqa: N818 - the name says what it is
    """A command without the packages it needs."""


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """``--bundle FOLDER``, for the verbs that look at photos."""
    parser.add_argument(
        "--bundle", metavar="FOLDER", help="use this bundle, not the one that ships with ansa"
    )


@contextmanager
def needs_extra(verb: str, extra: str) -> Iterator[None]:
    """Around what imports packages of an extra when it is called.

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


def needs_training(verb: str) -> AbstractContextManager[None]:
    """Around imports of ``ansa_train``, which belong inside ``run``: the base has no torch."""
    return needs_extra(verb, "train")
