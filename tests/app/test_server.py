"""The server as a process and a socket: it says where it is, sends events, and ends when told."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from ansa.app.server import AppServer
from ansa.cli import main
from tests.app.conftest import TOKEN, Shelf, load, printed_address
from tests.cli.conftest import home


def test_events_tell_the_state_of_indexing_and_of_the_library(server: AppServer) -> None:
    request = urllib.request.Request(
        f"http://{server.host}:{server.port}/api/v1/events",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [stream.readline().decode().strip() for _ in range(5)]
    assert lines[0] == "event: indexing"
    assert json.loads(lines[1].removeprefix("data: "))["phase"] == "idle"
    assert lines[3] == "event: content"


def test_answers_on_a_kept_connection_do_not_wait_for_each_other(server: AppServer) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    seconds = []
    for _ in range(21):
        began = time.perf_counter()
        connection.request("GET", "/static/icon.svg", headers={"Authorization": f"Bearer {TOKEN}"})
        assert connection.getresponse().read()
        seconds.append(time.perf_counter() - began)
    connection.close()
    assert sorted(seconds)[10] < 0.03 * load()  # Nagle's algorithm holds each back for 40 ms


def test_the_command_prints_its_address_and_ends_with_ctrl_c_while_a_page_is_open(
    shelf: Shelf, tmp_path: Path
) -> None:
    words = ["app", str(shelf.photos), "--library", str(shelf.database), "--json"]
    words += ["--no-browser", "--no-index", "--bundle", str(shelf.bundle)]
    with subprocess.Popen(
        [sys.executable, "-m", "ansa", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=home(tmp_path),
    ) as running:
        try:
            address, _, token = printed_address(running).partition("?token=")
            request = urllib.request.Request(
                f"{address}api/v1/state", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(request, timeout=120) as state:
                assert json.load(state)["photos"] == 42
            events = urllib.request.Request(f"{address}api/v1/events", headers=request.headers)
            with urllib.request.urlopen(events, timeout=120) as open_page:
                assert open_page.readline() == b"event: indexing\n"
                running.send_signal(signal.SIGINT)
                _, errors = running.communicate(timeout=120)
        finally:
            running.kill()
    assert (running.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_named(
    server: AppServer, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["app", "--library", str(shelf.database), "--port", str(server.port), "--no-browser"]
    assert main([*words, "--bundle", str(shelf.bundle)]) == 1
    assert f"port {server.port}: the app cannot listen there" in capsys.readouterr().err
