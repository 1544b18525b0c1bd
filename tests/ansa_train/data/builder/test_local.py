from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansa_train.data.builder.local import run_local
from ansa_train.data.builder.photo import Encoding, Job, PreparedPhoto, RefusedPhoto
from ansa_train.data.builder.records import PhotoLocation
from tests.photos import write_photo


class Deadly(PhotoLocation):
    """Kills the process that unpacks it, as a decoder may on a hostile photo."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def test_a_photo_that_kills_its_process_is_refused_and_the_others_lose_nothing(
    tmp_path: Path,
) -> None:
    places = [PhotoLocation(str(write_photo(tmp_path / f"{n}.png", n, (20, 20)))) for n in range(5)]
    places[2] = Deadly("deadly")
    jobs = [Job(number, f"s/{number}", place) for number, place in enumerate(places)]
    batches = [jobs[:2], jobs[2:4], jobs[4:]]
    outcomes = list(run_local(batches, Encoding(16, "jpeg", 90), workers=2))
    assert [len(batch) for batch in outcomes] == [2, 2, 1]
    flat = [outcome for batch in outcomes for outcome in batch]
    assert [outcome.number for outcome in flat] == [0, 1, 2, 3, 4]
    assert [type(outcome) for outcome in flat] == [
        PreparedPhoto,
        PreparedPhoto,
        RefusedPhoto,
        PreparedPhoto,
        PreparedPhoto,
    ]
    assert isinstance(flat[2], RefusedPhoto)
    assert flat[2].refusal.kind == "crashed the decoder"
