"""Index runs in processes of their own, which are killed, stopped, or run out of disk."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansa.library.index_report import LibraryError
from ansa.library.indexing.index import _BATCH
from ansa.library.storage import database
from tests.library.conftest import RunPython, Shelf, python
from tests.library.indexing.test_pool import children, wait_for
from tests.library.starts import Start

INDEX = """
import os, pickle, sys
from pathlib import Path
from ansa.library.indexing.index import index_folder
from ansa.library.indexing.model import Model
from ansa.library.index_report import LibraryError
from ansa.library.storage.store import Store
from tests.library.starts import DIM
database, folder, start = pickle.loads(bytes.fromhex(sys.argv[1]))
PREPARE
try:
    store = Store(database)
    model = Model("first", {"embedding": 1}, DIM, start)
    report = index_folder(store, os.fsencode(folder), model, workers=2)
    print(report.found, report.new, report.unchanged)
except LibraryError as error:
    print(error)
"""


def arguments(shelf: Shelf, start: Start) -> str:
    return pickle.dumps((shelf.database, shelf.folder, start)).hex()


def begin(shelf: Shelf, start: Start) -> subprocess.Popen[bytes]:
    env = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        python(INDEX.replace("PREPARE", ""), arguments(shelf, start)),
        env=env,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(run: subprocess.Popen[bytes]) -> str:
    output, errors = run.communicate(timeout=30)
    return (output + errors).decode()


def test_a_run_that_is_killed_loses_at_most_its_batch_and_goes_on(shelf: Shelf) -> None:
    count = 3 * _BATCH
    shelf.put_many(count)
    for round_ in range(1, 3):
        with begin(shelf, Start(shelf.log, slow=0.01)) as run:
            wait_for_photos(shelf, round_ * _BATCH)
            workers = children(run.pid)
            run.kill()
        wait_for_end(workers)
    report = shelf.index(workers=2)
    assert report.done == count
    repeated = len(log(shelf)) - len(set(log(shelf)))
    in_hand = 2 * 2
    assert 0 < repeated <= 2 * (_BATCH + in_hand)
    assert len(shelf.names()) == len(set(shelf.names())) == count
    assert len(shelf.vectors()) == count
    assert shelf.rows("PRAGMA integrity_check") == [("ok",)]


def test_ctrl_c_ends_a_run_promptly_and_keeps_what_was_done(shelf: Shelf) -> None:
    shelf.put_many(60)
    with begin(shelf, Start(shelf.log, slow=0.05)) as run:
        wait_for_photos(shelf, 10)
        workers = children(run.pid)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        began = time.monotonic()
        assert "KeyboardInterrupt" in finish(run)
        assert time.monotonic() - began < 5
    assert not any(alive(pid) for pid in workers)
    assert len(shelf.names()) >= 8  # two were in hand


def test_two_runs_at_once_end_with_every_photo_stored_once(shelf: Shelf) -> None:
    shelf.put_many(40)
    slow = Start(shelf.log, slow=0.02)
    with begin(shelf, slow) as one, begin(shelf, slow) as two:
        said = [finish(one), finish(two)]
    assert "40 40 0\n" in said
    (other,) = set(said) - {"40 40 0\n"}
    refused = f"{shelf.database}: another index run is at work on it; wait until it has ended\n"
    assert other in (refused, "40 0 40\n")  # or it began when the other had ended
    assert shelf.index().unchanged == 40
    assert len(shelf.vectors()) == 40


@pytest.mark.parametrize(
    "limit",
    [
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))",
        """
from ansa.library.storage import database as file
whole = file._open
def small(path, mode):
    connection = whole(path, mode)
    connection.execute("PRAGMA max_page_count = 30")
    return connection
file._open = small
""",
    ],
    ids=["file size limit", "page limit"],
)
def test_a_full_disk_is_said_and_nothing_stored_is_lost(
    shelf: Shelf, run_python: RunPython, limit: str
) -> None:
    shelf.put("first.jpg")
    shelf.index()
    shelf.put_many(600)
    script = INDEX.replace("PREPARE", limit)
    done = run_python(script, arguments(shelf, Start(shelf.log)))
    assert done.stdout.startswith(f"{shelf.database}: "), done.stdout + done.stderr
    assert "disk" in done.stdout
    assert "full" in done.stdout
    assert "nothing stored is lost" in done.stdout
    assert shelf.rows("PRAGMA integrity_check") == [("ok",)]
    assert "first.jpg" in shelf.names()
    assert shelf.index().done == 601  # with space again, it goes on
    assert len(shelf.vectors()) == 601


def test_a_full_temporary_folder_does_no_harm(shelf: Shelf, run_python: RunPython) -> None:
    shelf.put_many(5)
    script = INDEX.replace("PREPARE", "")
    done = run_python(
        script, arguments(shelf, Start(shelf.log)), TMPDIR="/dev/full", SQLITE_TMPDIR="/dev/full"
    )
    assert done.stdout == "5 5 0\n", done.stderr


def test_a_database_another_program_holds_is_said_to_be_in_use(shelf: Shelf) -> None:
    shelf.put("a.jpg")
    shelf.rows("PRAGMA busy_timeout = 100")
    holder = database.connect(shelf.database)[0]
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryError, match="in use by another program; close it and try again"):
        shelf.index()
    holder.execute("ROLLBACK")
    holder.close()
    assert shelf.index().new == 1


def log(shelf: Shelf) -> list[str]:
    return shelf.log.read_text().splitlines()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that waits to be collected by its parent has ended.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for_photos(shelf: Shelf, count: int) -> None:
    wait_for(lambda: shelf.log.exists() and len(log(shelf)) >= count)


def wait_for_end(workers: list[int]) -> None:
    wait_for(lambda: not any(alive(pid) for pid in workers))
