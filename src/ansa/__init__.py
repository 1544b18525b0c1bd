"""ANSA analyzes and searches your own photos on your own machine.

>>> from ansa import Analyzer, Library
>>> scene = Analyzer().analyze("photo.jpg")
>>> with Library("~/Pictures") as library:
...     library.index()
...     library.search("a dog on a beach").matches[0].path
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ansa.errors import AnsaError
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer
    from ansa.model.bundle import Bundle
    from ansa.scene import Scene

__all__ = ["Analyzer", "AnsaError", "Bundle", "Library", "Scene"]

_HOMES = {
    "Analyzer": "ansa.model.analyzer",
    "AnsaError": "ansa.errors",
    "Bundle": "ansa.model.bundle",
    "Library": "ansa.library",
    "Scene": "ansa.scene",
}


def __getattr__(name: str) -> Any:
    # Each name is imported when it is first used: a command that only prints its help, or walks an
    # unchanged folder, does not wait for numpy and a network runtime.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
