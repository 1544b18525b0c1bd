from __future__ import annotations

import os
import pickle
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ansa.library.indexing.pool import Pool, PoolError
from ansa.library.indexing.worker import Analyze, Job, Outcome
from ansa.library.storage.codec import decode
from tests.library.conftest import RunPython, Shelf, python
from tests.library.starts import Start, vector_of


def nothing_known(digest: bytes) -> bool:
    return False


def fails_to_start() -> Analyze:
    raise RuntimeError("no network here")


def dies_at_start() -> Analyze:
    os.kill(os.getpid(), signal.SIGILL)
    raise AssertionError


def outcomes(shelf: Shelf, *, workers: int = 2, timeout: float = 30.0) -> dict[str, Outcome]:
    paths = sorted(shelf.folder.iterdir())
    jobs = [Job(number, os.fsencode(path)) for number, path in enumerate(paths)]
    pool = Pool(Start(shelf.log), nothing_known, workers=workers, timeout=timeout)
    done = list(pool.run(jobs))
    assert sorted(outcome.key for outcome in done) == list(range(len(jobs)))
    return {paths[outcome.key].name: outcome for outcome in done}


def test_every_photo_gets_its_facts_vector_digest_and_fingerprint(shelf: Shelf) -> None:
    shelf.put_many(20)
    for name, outcome in outcomes(shelf).items():
        path = shelf.folder / name
        assert outcome.status == "ok"
        assert outcome.facts is not None
        assert outcome.facts.width == 4
        vector = decode("embedding", outcome.signals["embedding"])
        assert vector == pytest.approx(vector_of(path.read_bytes()), abs=1e-3)
        assert outcome.fingerprint is not None
        assert outcome.fingerprint.mtime_ns == path.stat().st_mtime_ns
    assert len(shelf.analyzed()) == 20


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("segfault", "SIGSEGV"),
        ("abort", "SIGABRT"),
        ("killed", "SIGKILL"),
        ("exit", "exit code 0"),
    ],
)
def test_a_photo_that_crashes_the_decoder_is_quarantined_and_the_run_goes_on(
    shelf: Shelf, content: str, how: str
) -> None:
    shelf.put_many(12)
    shelf.put("0003.jpg", content)
    done = outcomes(shelf)
    bad = done.pop("0003.jpg")
    assert (bad.status, bad.reason) == ("quarantined", f"crashed the decoder ({how})")
    assert {outcome.status for outcome in done.values()} == {"ok"}


def test_a_photo_that_hangs_is_timed_out_and_quarantined(shelf: Shelf) -> None:
    shelf.put_many(6)
    shelf.put("0001.jpg", "hang")
    done = outcomes(shelf, timeout=0.5)
    bad = done.pop("0001.jpg")
    assert (bad.status, bad.reason) == ("quarantined", "took longer than 0.5 s")
    assert {outcome.status for outcome in done.values()} == {"ok"}


def test_many_crashes_in_a_row_blame_nobody_else(shelf: Shelf) -> None:
    shelf.put_many(10)
    for number in (0, 1, 2, 5):
        shelf.put(f"{number:04}.jpg", f"segfault:{number}")
    done = outcomes(shelf)
    bad = {name for name, outcome in done.items() if outcome.status == "quarantined"}
    assert bad == {"0000.jpg", "0001.jpg", "0002.jpg", "0005.jpg"}
    assert len(done) == 10


def test_what_one_photo_raises_is_its_own_failure(shelf: Shelf) -> None:
    kinds = {
        "bug": "failed",
        "damaged": "failed",
        "memory": "unreadable",
        "unsupported": "skipped",
        "fine": "ok",
    }
    for content in kinds:
        shelf.put(f"{content}.jpg", content)
    done = outcomes(shelf, workers=1)
    assert {name.removesuffix(".jpg"): o.status for name, o in done.items()} == kinds
    assert done["bug.jpg"].reason == "could not be analyzed (RuntimeError: a bug)"
    assert done["memory.jpg"].reason == "not enough memory for it"
    assert all(outcome.remedy for outcome in done.values() if outcome.status != "ok")


def test_a_decoder_that_prints_does_not_disturb_the_answers(shelf: Shelf) -> None:
    shelf.put("a.jpg", "noise")
    shelf.put("b.jpg")
    assert {outcome.status for outcome in outcomes(shelf).values()} == {"ok"}


def test_a_file_that_vanishes_before_it_is_read_is_said_so(shelf: Shelf) -> None:
    job = Job(0, os.fsencode(shelf.folder / "gone.jpg"))
    (done,) = Pool(Start(shelf.log), nothing_known, workers=1).run([job])
    assert (done.status, done.reason) == ("unreadable", "vanished")


def test_a_file_that_is_not_as_long_as_it_says_is_left_for_the_next_run(shelf: Shelf) -> None:
    # Files of /proc have no length until they are read, as a file that is just being written.
    (done,) = Pool(Start(shelf.log), nothing_known, workers=1).run([Job(0, b"/proc/self/status")])
    assert (done.status, done.reason) == ("unreadable", "changed while it was being read")


@pytest.mark.parametrize(
    ("start", "message"),
    [(fails_to_start, "RuntimeError: no network here"), (dies_at_start, "did not start.*SIGILL")],
)
def test_workers_that_cannot_start_end_the_run_and_blame_no_photo(
    shelf: Shelf, start: Start, message: str
) -> None:
    shelf.put_many(3)
    jobs = [Job(0, os.fsencode(shelf.folder / "0000.jpg"))]
    with pytest.raises(PoolError, match=message):
        list(Pool(start, nothing_known, workers=2).run(jobs))


def test_jobs_are_taken_only_as_workers_become_free(shelf: Shelf) -> None:
    shelf.put_many(50)
    taken: list[int] = []

    def jobs() -> object:
        for number in range(50):
            taken.append(number)
            yield Job(number, os.fsencode(shelf.folder / f"{number:04}.jpg"))

    done = Pool(Start(shelf.log), nothing_known, workers=2).run(jobs())  # type: ignore[arg-type]
    next(done)
    assert len(taken) <= 2 * 2 + 2
    done.close()


def test_closing_the_run_early_leaves_no_process_and_no_descriptor(shelf: Shelf) -> None:
    shelf.put_many(20)
    jobs = [Job(n, os.fsencode(shelf.folder / f"{n:04}.jpg")) for n in range(20)]
    before, others = descriptors(), set(children(os.getpid()))
    done = Pool(Start(shelf.log, slow=0.2), nothing_known, workers=2).run(jobs)
    next(done)
    assert len(set(children(os.getpid())) - others) == 2
    done.close()
    assert set(children(os.getpid())) <= others
    assert descriptors() <= before  # garbage of earlier tests may have gone meanwhile


def test_workers_die_with_a_parent_that_is_killed(shelf: Shelf) -> None:
    shelf.put("a.jpg", "hang")
    shelf.put("b.jpg", "hang")
    script = """
import pickle, sys
from ansa.library.indexing.pool import Pool
jobs, start, known = pickle.loads(bytes.fromhex(sys.argv[1]))
list(Pool(start, known, workers=2).run(jobs))
"""
    jobs = [Job(n, os.fsencode(path)) for n, path in enumerate(shelf.folder.iterdir())]
    parts = pickle.dumps((jobs, Start(shelf.log), nothing_known)).hex()
    env = dict(os.environ) | {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(python(script, parts), env=env) as parent:
        wait_for(lambda: shelf.log.exists() and len(shelf.log.read_text().splitlines()) == 2)
        workers = children(parent.pid)
        assert len(workers) == 2
        parent.kill()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_an_unguarded_script_can_index(shelf: Shelf, run_python: RunPython) -> None:
    """No `if __name__ == "__main__"` is needed, unlike with multiprocessing."""
    shelf.put("a.jpg")
    script = shelf.base / "script.py"
    script.write_text(
        f"""
from pathlib import Path
from ansa.library.indexing.pool import Pool
from ansa.library.indexing.worker import Job
from tests.library.starts import Start
from tests.library.indexing.test_pool import nothing_known
print([o.status for o in Pool(Start(Path({str(shelf.log)!r})), nothing_known, workers=1).run(
    [Job(0, {os.fsencode(shelf.folder / "a.jpg")!r})])])
"""
    )
    done = run_python("import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')", script)
    assert done.stdout == "['ok']\n", done.stderr


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def children(pid: int) -> list[int]:
    """The running children of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return sorted(found)


def wait_for(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
