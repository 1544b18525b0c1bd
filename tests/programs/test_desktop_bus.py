"""The search of the desktop over a real bus, which starts the provider from the installed files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from ansa.programs.desktop_bus import BUS_NAME, INTERFACE, OBJECT_PATH
from tests.app.conftest import load
from tests.programs.conftest import Home

DAEMON = shutil.which("dbus-daemon")
PROVIDER = DBusAddress(OBJECT_PATH, BUS_NAME, INTERFACE)
_PATIENCE = 60.0

pytestmark = pytest.mark.skipif(
    DAEMON is None, reason="no dbus-daemon here: the desktop's search is not tested over a bus"
)


@dataclass(frozen=True)
class Session:
    """A session with a bus of its own, in which ANSA is installed; ``opened`` lists what the
    opener was asked to open."""

    connection: DBusConnection
    env: dict[str, str]
    opened: Path

    def call(self, member: str, signature: str, *given: Any) -> Any:
        message = new_method_call(PROVIDER, member, signature, given)
        reply = self.connection.send_and_get_reply(message, timeout=_PATIENCE)
        return unwrap_msg(reply)


@pytest.fixture(scope="module")
def session(home_of_photos: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    base = tmp_path_factory.mktemp("session")
    opened = base / "opened"
    (base / "bin").mkdir()
    opener = base / "bin" / "xdg-open"
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{opened}"\n')
    opener.chmod(0o755)
    address = f"unix:path={base / 'bus'}"
    source = str(Path(__file__).parents[2] / "src")
    env = dict(os.environ) | {
        "PATH": f"{base / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": source,
        "XDG_DATA_HOME": str(base / "data"),
        "XDG_RUNTIME_DIR": str(base),
        "DBUS_SESSION_BUS_ADDRESS": address,
    }
    where = "--library", str(home_of_photos.database), "--bundle", str(home_of_photos.bundle)
    install = [sys.executable, "-m", "ansa", "desktop", "--install", *where]
    subprocess.run(
        [*install, "--folder", str(home_of_photos.shown)], env=env, check=True, timeout=120
    )
    assert DAEMON
    daemon = subprocess.Popen([DAEMON, "--session", "--nofork", f"--address={address}"], env=env)
    try:
        until((base / "bus").exists)
        connection = open_dbus_connection(address, auth_timeout=_PATIENCE)
        yield Session(connection, env, opened)
        connection.close()
    finally:
        daemon.terminate()
        daemon.wait(_PATIENCE)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_bus_starts_the_provider_and_it_finds_photos(session: Session) -> None:
    (ids,) = session.call("GetInitialResultSet", "as", ["yellow"])
    (metas,) = session.call("GetResultMetas", "as", ids[:3])
    assert metas[0]["name"] == ("s", "yellow.png")
    assert metas[0]["id"] == ("s", ids[0])
    kind, (width, height, row, alpha, bits, channels, data) = metas[0]["icon-data"]
    assert kind == "(iiibiiay)"
    assert (alpha, bits, channels, row) == (False, 8, 3, width * 3)
    assert len(data) == row * height
    (fewer,) = session.call("GetSubsearchResultSet", "asas", ids, ["yellow", "photo"])
    assert ids[0] in fewer


def test_a_warm_library_answers_within_a_tenth_of_a_second(session: Session) -> None:
    times = []
    for word in ("blue", "green", "white", "black", "yellow"):
        began = time.perf_counter()
        session.call("GetInitialResultSet", "as", [word])
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1 * load()


def test_a_photo_is_opened_by_the_systems_opener(session: Session, home_of_photos: Home) -> None:
    (ids,) = session.call("GetInitialResultSet", "as", ["yellow"])
    session.call("ActivateResult", "sasu", ids[0], ["yellow"], 0)
    until(lambda: session.opened.exists() and "yellow.png" in session.opened.read_text())
    assert str(home_of_photos.shown / "yellow.png") in session.opened.read_text().splitlines()
    with pytest.raises(DBusErrorResponse, match="gone"):
        session.call("ActivateResult", "sasu", "999999", ["yellow"], 0)


def test_more_results_open_the_app_with_the_same_words(session: Session) -> None:
    def addresses() -> list[str]:
        lines = session.opened.read_text().splitlines() if session.opened.exists() else []
        return [line for line in lines if line.startswith("http://127.0.0.1:")]

    session.call("LaunchSearch", "asu", ["red", "car & bike"], 0)
    until(lambda: len(addresses()) == 1)
    assert addresses()[0].endswith("#/search?q=red%20car%20%26%20bike")
    session.call("LaunchSearch", "asu", ["boat"], 0)
    until(lambda: len(addresses()) == 2)
    first, second = (address.partition("#")[0] for address in addresses())
    assert first == second  # it is one app, started once


def test_calls_that_are_not_understood_are_refused_and_the_next_is_answered(
    session: Session,
) -> None:
    for member, signature, given in (
        ("GetInitialResultSet", "s", ("yellow",)),
        ("DeleteEverything", "as", (["yellow"],)),
    ):
        with pytest.raises(DBusErrorResponse):
            session.call(member, signature, *given)
    assert session.call("GetResultMetas", "as", ["x", "-3"]) == ([],)
    assert session.call("GetInitialResultSet", "as", ["yellow"])[0]


def test_the_name_is_claimed_once(session: Session, home_of_photos: Home) -> None:
    session.call("GetInitialResultSet", "as", ["yellow"])
    where = "--library", str(home_of_photos.database), "--bundle", str(home_of_photos.bundle)
    again = [sys.executable, "-m", "ansa", "desktop", *where]
    done = subprocess.run(again, env=session.env, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    assert b"serves this session already" in done.stderr


def test_without_a_bus_the_command_says_so(session: Session, home_of_photos: Home) -> None:
    env = {k: v for k, v in session.env.items() if k != "DBUS_SESSION_BUS_ADDRESS"}
    where = "--library", str(home_of_photos.database), "--bundle", str(home_of_photos.bundle)
    for bus in ({}, {"DBUS_SESSION_BUS_ADDRESS": "tcp:host=127.0.0.1,port=1"}):
        done = subprocess.run(
            [sys.executable, "-m", "ansa", "desktop", *where],
            env=env | bus,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1
        assert b"the session bus: " in done.stderr
        assert b"Traceback" not in done.stderr
