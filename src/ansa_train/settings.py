"""The one reader of settings: a TOML file becomes a dataclass, and every value is checked.

The dataclass says all that there is to check. A field without a default must be given; its type is
the kind of its value; a :class:`Range` beside the type limits it::

    @dataclass(frozen=True)
    class Recipe:
        data: Path
        steps: Annotated[int, Range(least=0)] = 650
        precision: Literal["fp32", "bf16"] = "bf16"

Kinds are ``bool``, ``int``, ``float`` (a whole number is one, too), ``str``, ``Path`` (``~`` is the
home folder), ``Literal``, ``tuple[X, ...]`` for lists, ``Mapping[str, X]`` for tables of any names,
other dataclasses for tables of known names, any of these ``| None``, and ``Any`` for what is
checked elsewhere.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ansa_train.errors import TrainingError

Kind = TypeVar("Kind")

_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((float, int), "a number"),
    str: ((str,), "a text"),
    Path: ((str,), "a path"),
}
"""What a value of each kind may be in TOML, and what the kind is called."""

_FEW = 12
"""Up to so many settings are listed where one was misspelled."""


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number may have.

    Attributes:
        least: the smallest one.
        most: the greatest one.
        below: a bound that is itself too great.
    """

    least: float = -math.inf
    most: float = math.inf
    below: float = math.inf

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most and value < self.below

    def __str__(self) -> str:
        if self.below < math.inf:
            return f"from {self.least:g} to below {self.below:g}"
        if self.most < math.inf:
            return f"from {self.least:g} to {self.most:g}"
        return f"at least {self.least:g}"


Positive = Annotated[int, Range(least=1)]
NotNegative = Annotated[int, Range(least=0)]
Share = Annotated[float, Range(0, 1)]


class RecipeFile:
    """The base of settings that a file in TOML says."""

    __slots__ = ()

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads a recipe from TOML.

        Raises:
            TrainingError: there is no such file; a setting does not exist, is of the wrong kind,
                out of its range, or missing though it has no default.
        """
        return read_settings(cls, file)


def read_settings(kind: type[Kind], file: Path) -> Kind:
    """Reads a dataclass from a TOML file.

    Raises:
        TrainingError: the file cannot be read, or its settings are not those of the dataclass; the
            message names the file, the setting and what it can be.
    """
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{file} is no recipe: {error}; see those in recipes/") from error
    return settings_from(kind, values, str(file))


def settings_from(kind: type[Kind], values: Mapping[str, Any], where: str) -> Kind:
    """Makes a dataclass from values by name.

    Args:
        kind: the dataclass. If it raises ValueError when it is made, the error is passed on with
            the place.
        values: as TOML gives them.
        where: what messages call their place, for example the name of the file.

    Raises:
        TrainingError: a setting is missing, does not exist, is of another kind or out of its range.
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type] # a dataclass
    if unknown := values.keys() - known.keys():
        there = f"; there is {', '.join(sorted(known)) or 'none'}" if len(known) <= _FEW else ""
        raise TrainingError(f"{where}: no such setting: {', '.join(sorted(unknown))}{there}")
    needed = (n for n, f in known.items() if f.default is f.default_factory is MISSING)
    if missing := sorted(set(needed) - values.keys()):
        raise TrainingError(f"{where}: missing: {', '.join(missing)}")
    kinds = get_type_hints(kind, include_extras=True)
    made = {name: _value(kinds[name], name, value, where) for name, value in values.items()}
    try:
        return kind(**made)
    except ValueError as error:
        raise TrainingError(f"{where}: {error}") from error


def _value(kind: Any, name: str, value: Any, where: str) -> Any:
    """A value from TOML as one of a kind."""
    origin, of = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin is Annotated:
        made = _value(of[0], name, value, where)
        for limits in of[1:]:
            if isinstance(limits, Range) and made not in limits:
                raise TrainingError(f"{where}: {name} is {limits}, not {value!r}")
        return made
    if origin in (Union, UnionType):
        (kind,) = (each for each in of if each is not NoneType)
        return _value(kind, name, value, where)
    if origin is Literal:
        if value not in of:
            raise TrainingError(f"{where}: {name} is one of {', '.join(of)}, not {value!r}")
        return value
    if origin in (tuple, Sequence):
        if not isinstance(value, list | tuple):
            raise _wrong(name, value, where, "a list")
        return tuple(_value(of[0], f"{name}[{i}]", each, where) for i, each in enumerate(value))
    if origin is Mapping or is_dataclass(kind):
        if not isinstance(value, Mapping):
            raise _wrong(name, value, where, "a table")
        if isinstance(kind, type):
            return settings_from(kind, value, f"{where}: {name}")
        return {key: _value(of[1], f"{name}.{key}", each, where) for key, each in value.items()}
    allowed, called = _PLAIN[kind]
    # By type: True is an int to isinstance.
    if type(value) not in allowed or (isinstance(value, float) and not math.isfinite(value)):
        raise _wrong(name, value, where, called)
    return Path(value).expanduser() if kind is Path else value


def _wrong(name: str, value: object, where: str, called: str) -> TrainingError:
    return TrainingError(f"{where}: {name} = {value!r}, but it is {called}")
