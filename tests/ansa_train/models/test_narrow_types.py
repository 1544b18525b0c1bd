from __future__ import annotations

import pytest
import torch
from torch import nn

from ansa_train.models import narrow_types
from ansa_train.models.narrow_types import autocast, fast_type
from ansa_train.models.teacher import FrozenNetwork

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("has", "kind"), [(True, torch.bfloat16), (False, torch.float32)], ids=["has", "lacks"]
)
def test_arithmetic_is_in_the_type_that_the_processor_has(
    monkeypatch: pytest.MonkeyPatch, has: bool, kind: torch.dtype
) -> None:
    monkeypatch.setattr(narrow_types, "has_bfloat16", lambda device: has)
    assert fast_type(CPU) == kind
    layer, rows = nn.Linear(4, 4), torch.ones(2, 4)
    with autocast(CPU):
        assert layer(rows).dtype == kind
    with autocast(CPU, torch.float32):
        assert layer(rows).dtype == torch.float32
    looking = FrozenNetwork(nn.Sequential(nn.Conv2d(3, 4, 3)))
    assert next(looking.parameters()).dtype == kind


def test_a_graphics_processor_is_taken_to_have_bfloat16() -> None:
    assert narrow_types.has_bfloat16(torch.device("cuda"))
