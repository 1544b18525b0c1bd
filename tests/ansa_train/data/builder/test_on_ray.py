from __future__ import annotations

from pathlib import Path

import pytest

from ansa_train.data.builder.job import Engine, build
from ansa_train.data.builder.settings import BuildSettings
from tests.ansa_train.data.builder.conftest import contents

pytest.importorskip("ray", reason="ansa[scale] is not installed")


def test_ray_gives_the_same_shards_as_this_machine_alone(tmp_path: Path, labelled: Path) -> None:
    settings = BuildSettings((labelled,), size=48, shard_samples=10, test=20)
    local = build(settings, tmp_path / "local", Engine(workers=1))
    on_ray = build(settings, tmp_path / "ray", Engine("ray", workers=2))
    assert on_ray.refused == local.refused == {"damaged photo": 1}
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
