"""Readers of heads: each checks a network's raw output and turns it into a signal.

A file ``X.py`` reads the heads of kind "X". It has

    VERSION: int            the newest version of the head that it reads
    READER                  the class of its reader, such as
        class XReader:
            def __init__(self, shape: tuple[int, ...], settings: Mapping[str, Any]) -> None: ...
            def __call__(self, raw: NDArray[Any]) -> Any: ...

where ``shape`` and ``settings`` are the bundle's and ``raw`` is float32 of that shape: one photo's.
Both raise :class:`SignalError` for what means nothing. A signal is whatever suits: a float, a
dataclass, a tuple of them; :meth:`ansa.scene.Scene.to_dict` writes them all.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SignalError(ValueError):
    """A network's output, or a reader's settings, have a wrong shape or invalid numbers."""


class NoReaderError(Exception):
    """This version of ANSA cannot read a head; the message says why and how to fix it."""


_FILES = {"print": "fingerprint"}
"""Kinds of heads whose file has another name. Bundles and libraries still call this one "print"."""

KINDS = frozenset(_FILES) | (
    {module.name for module in pkgutil.iter_modules(__path__)} - set(_FILES.values())
)
"""The kinds of heads that have a reader."""


def module_of(kind: str) -> ModuleType:
    """The module name of the reader for a kind of head, which must be one of :data:`KINDS`."""
    return import_module(f"{__name__}.{_FILES.get(kind, kind)}")


def newest(kind: str) -> int:
    """The newest version of a kind of head that this version of ANSA reads.

    Raises:
        NoReaderError: no reader exists for that kind.
    """
    if kind not in KINDS:
        raise NoReaderError(f"this ansa reads no head of kind {kind!a}; a newer one may")
    version: int = module_of(kind).VERSION
    return version


def reader(
    kind: str, version: int, shape: tuple[int, ...], settings: Mapping[str, Any]
) -> Callable[[NDArray[Any]], Any]:
    """The reader that turns a head's raw output for one photo into its signal.

    Raises:
        NoReaderError: no reader exists for that kind, or the head is newer than the reader.
        SignalError: the reader refuses the shape or the settings.
    """
    if version > (known := newest(kind)):
        raise NoReaderError(
            f"version {version} of the head is newer than this ansa reads ({known}); upgrade ansa"
        )
    made: Callable[[NDArray[Any]], Any] = module_of(kind).READER(shape, settings)
    return made


def finite(raw: NDArray[Any], shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    """The raw output as float32, after checking its shape and that all numbers are finite.

    Raises:
        SignalError: a check failed; the message contains ``name``, the name of the head.
    """
    if raw.shape != shape:
        raise SignalError(f"the {name} has shape {raw.shape}, not {shape}")
    values = np.ascontiguousarray(raw, dtype=np.float32)
    if not np.isfinite(values).all():
        raise SignalError(f"the {name} holds numbers that are not finite")
    return values


def number(settings: Mapping[str, Any], name: str, least: float, most: float) -> float:
    """The setting of that name, after checking that it is a number in the given range.

    Raises:
        SignalError: the setting is missing, not a number, or out of range.
    """
    value: Any = settings.get(name)
    if type(value) not in (int, float) or not least <= value <= most:  # bool is an int, NaN never
        raise SignalError(f"settings.{name} is {value!a:.40}, not a number of {least} to {most}")
    return float(value)
