from __future__ import annotations

import math

import pytest
import torch

from ansa_train.losses.distillation import distillation


def test_it_is_zero_where_student_and_teacher_agree() -> None:
    logits = torch.randn(3, 6)
    assert distillation(logits, logits + 4.0).tolist() == pytest.approx([0.0] * 3, abs=1e-6)


def test_it_is_the_divergence_from_the_teacher_of_each_photo() -> None:
    teacher, student = torch.tensor([0.75, 0.25]), torch.tensor([0.5, 0.5])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    logits = torch.stack([student, teacher]).log()
    rows = distillation(logits, teacher.log().expand(2, 2))
    assert rows.tolist() == pytest.approx([expected, 0.0], abs=1e-6)
