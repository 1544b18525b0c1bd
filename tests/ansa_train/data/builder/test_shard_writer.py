"""A shard is whole or is not there, and whoever is interrupted leaves quietly."""

from __future__ import annotations

import gc
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansa_train.data.builder.shard_writer import _Writer


def test_an_interrupted_shard_is_not_there_and_says_nothing_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)

    def write() -> None:
        with ExitStack() as unfinished:
            writer = _Writer(tmp_path / "train-000000.tar", unfinished)
            writer.add("one", "jpg", b"photo", {"key": "one"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    gc.collect()
    assert not said
    assert not list(tmp_path.iterdir())


def test_a_finished_shard_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "train-000000.tar"
    with ExitStack() as unfinished:
        writer = _Writer(file, unfinished)
        writer.add("one", "jpg", b"photo", {"key": "one"})
        found = writer.finish()
    assert (found["samples"], found["bytes"]) == (1, file.stat().st_size)
    assert file.stat().st_size % 512 == 0
