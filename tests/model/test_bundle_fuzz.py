"""Whatever is done to a bundle, it is refused by name or does no harm; `python -m tests.fuzz` tries
more of them."""

import sys
from pathlib import Path

import pytest

from tests.fuzz.mutations import MUTATIONS

BUNDLES = 1000
MOST_MEGABYTES = 1500  # what networks may compute in, and the process


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links")
def test_damaged_bundles_never_crash_never_hang_and_are_refused_by_name(tmp_path: Path) -> None:
    from tests.fuzz.parent import fuzz
    from tests.fuzz.seeds import sound_bundle

    found = fuzz(sound_bundle(tmp_path / "bundle"), 0, BUNDLES)
    assert not found.faults, "\n\n".join(found.faults)
    assert found.outcomes["refused"] > BUNDLES / 2
    assert found.by.keys() == MUTATIONS.keys()
    assert found.peak < MOST_MEGABYTES
