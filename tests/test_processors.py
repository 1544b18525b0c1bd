"""Work is spread over the processors that the process may use, and no others."""

from __future__ import annotations

import os

import pytest

from ansa.processors import processor_count


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_processors_that_the_process_is_kept_from_do_not_count() -> None:
    before = os.sched_getaffinity(0)
    assert processor_count() == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert processor_count() == 1
    finally:
        os.sched_setaffinity(0, before)
