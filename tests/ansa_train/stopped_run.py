"""A run that is stopped where it saves for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansa_train import checkpoint


@contextmanager
def stopped_when_it_saves() -> Iterator[None]:
    """Inside, a run ends with Ctrl-C as soon as its checkpoint stands; it fails if none does."""
    save = checkpoint.save

    def save_and_stop(*state: object) -> None:
        save(*state)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            yield
