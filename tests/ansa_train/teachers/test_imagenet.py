"""The teacher's opinion of whole photos is asked once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ansa_train.data.pack import read_pack
from ansa_train.data.pictures import WholePhotos
from ansa_train.models.teacher import Teacher
from ansa_train.teachers.imagenet import class_logits


@pytest.mark.usefixtures("parts")
def test_logits_are_the_teachers_and_are_kept_and_continued(pack: Path, tmp_path: Path) -> None:
    samples = read_pack(pack, ["train"])[:3]
    logits = class_logits(samples, tmp_path, "efficientnet-lite2")
    looks = np.stack([WholePhotos(samples).render(i, Teacher.SIZE) for i in range(3)])
    np.testing.assert_allclose(logits, Teacher()(looks).numpy(), rtol=0.02, atol=0.1)
    (file,) = tmp_path.glob("*.f16")
    file.write_bytes(b"\0" * file.stat().st_size)
    assert not class_logits(
        samples, tmp_path, "efficientnet-lite2"
    ).any()  # as kept, nobody is asked
    file.with_suffix(".json").write_text(json.dumps({"done": 0}))
    again = class_logits(samples, tmp_path, "efficientnet-lite2")
    np.testing.assert_array_equal(again, logits)
