from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from ansa_train.train.metrics_log import MetricsLog, TrainingProgress


def test_a_curve_has_a_row_a_step(tmp_path: Path) -> None:
    curves = MetricsLog(tmp_path / "run", 0)
    for step in (1, 2):
        curves.add("losses", step, {"captions": 1.5 / step, "labels": 2.0})
    curves.close()
    text = (tmp_path / "run" / "losses.csv").read_text()
    assert text.split() == ["step,captions,labels", "1,1.5,2.0", "2,0.75,2.0"]


def test_rows_that_will_be_made_again_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text("step,a\n1,0.5\n2,0.4\n3,0.3\n")
    (tmp_path / "dev.csv").write_text("")  # the disk was full
    curves = MetricsLog(tmp_path, 2)
    curves.add("losses", 3, {"a": 0.25})
    assert (tmp_path / "losses.csv").read_text().split() == ["step,a", "1,0.5", "2,0.4", "3,0.25"]


def test_a_row_that_was_cut_short_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text("step,a\n1,0.5\n2,0.4\n1")
    MetricsLog(tmp_path, 2)
    assert (tmp_path / "losses.csv").read_text().split() == ["step,a", "1,0.5", "2,0.4"]


def test_tensorboard_gets_the_same_numbers(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    curves = MetricsLog(tmp_path, 0, tensorboard=True)
    curves.add("losses", 1, {"captions": 1.5})
    curves.close()
    events = accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    (event,) = events.Scalars("losses/captions")
    assert (event.step, event.value) == (1, 1.5)


def test_the_line_says_how_fast_and_how_long() -> None:
    progress = TrainingProgress(10, 110, samples=50, shown=False)
    time.sleep(0.05)
    line = progress.line(20, {"captions": 2.25})
    found = re.fullmatch(r"step 20/110, (\d+) photos/s, (\d+) (s|min) left: captions 2\.250", line)
    assert found, line
    assert 0 < int(found[1]) <= 10_000  # ten steps of 50 photos in at least 0.05 s


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    TrainingProgress(0, 10, samples=5).show(1, {"captions": 1.0})
    assert capsys.readouterr() == ("", "")
