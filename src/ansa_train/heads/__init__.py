"""One file for each head: its network, targets, loss and metric; three more for the largest one.

A file ``X.py`` defines ``HEAD``, a subclass of :class:`ansa_train.heads.base.Head`; what its output
means to the runtime stands in ``ansa/model/heads/X.py``. There is no other list of them.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ansa_train.errors import TrainingError

if TYPE_CHECKING:
    from ansa_train.heads.base import Head

_SHARED = {
    "base",
    "tag_calibration",
    "tag_network",
    "tag_targets",
    "text_projection",
    "train_head",
}
"""The files of this room that are no head: what a head is, how any is trained, parts of one, and
the projection of texts."""

_FILES = {"print": "fingerprint"}
"""Heads whose file has another name; see :mod:`ansa.model.heads`."""

NAMES = tuple(
    sorted(
        {*_FILES, *(module.name for module in pkgutil.iter_modules(__path__))}.difference(
            _SHARED, _FILES.values()
        )
    )
)


def find(name: str) -> type[Head[Any]]:
    """The class of the head with that name.

    Raises:
        TrainingError: there is none.
    """
    if name not in NAMES:
        raise TrainingError(f"no head {name!a}; there is {', '.join(NAMES)}")
    head: type[Head[Any]] = import_module(f"{__name__}.{_FILES.get(name, name)}").HEAD
    return head
