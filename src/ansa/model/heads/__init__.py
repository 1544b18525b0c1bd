"""One file for each head: the network's raw output, checked and turned into a signal.

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
    """A network's output that is no signal: the wrong shape, or numbers that mean nothing."""


class NoReaderError(Exception):
    """This version of ansa cannot read a head; the message says why and what helps."""


_FILES = {"print": "fingerprint"}
"""Kinds whose file has another name: bundles and libraries go on calling this one "print"."""

KINDS = frozenset(_FILES) | (
    {module.name for module in pkgutil.iter_modules(__path__)} - set(_FILES.values())
)
"""The kinds of heads that have a reader."""


def module_of(kind: str) -> ModuleType:
    """The file that reads a kind of head, which has to be one of :data:`KINDS`."""
    return import_module(f"{__name__}.{_FILES.get(kind, kind)}")


def newest(kind: str) -> int:
    """The newest version of a kind of head that this ansa reads.

    Raises:
        NoReaderError: it reads none.
    """
    if kind not in KINDS:
        raise NoReaderError(f"this ansa reads no head of kind {kind!a}; a newer one may")
    version: int = module_of(kind).VERSION
    return version


def reader(
    kind: str, version: int, shape: tuple[int, ...], settings: Mapping[str, Any]
) -> Callable[[NDArray[Any]], Any]:
    """What turns a head's raw output for one photo into its signal.

    Raises:
        NoReaderError: there is none for that kind, or it is older than the head.
        SignalError: the shape or the settings mean nothing to it.
    """
    if version > (known := newest(kind)):
        raise NoReaderError(
            f"version {version} of the head is newer than this ansa reads ({known}); upgrade ansa"
        )
    made: Callable[[NDArray[Any]], Any] = module_of(kind).READER(shape, settings)
    return made


def finite(raw: NDArray[Any], shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    """The raw output as float32, if it is of that shape and all its numbers are finite.

    Raises:
        SignalError: it is not; ``name`` says whose it is.
    """
    if raw.shape != shape:
        raise SignalError(f"the {name} has shape {raw.shape}, not {shape}")
    values = np.ascontiguousarray(raw, dtype=np.float32)
    if not np.isfinite(values).all():
        raise SignalError(f"the {name} holds numbers that are not finite")
    return values


def number(settings: Mapping[str, Any], name: str, least: float, most: float) -> float:
    """The setting of that name, if it is a number of that range.

    Raises:
        SignalError: it is missing, of another kind, or out of range.
    """
    value: Any = settings.get(name)
    if type(value) not in (int, float) or not least <= value <= most:  # bool is an int, NaN never
        raise SignalError(f"settings.{name} is {value!a:.40}, not a number of {least} to {most}")
    return float(value)
