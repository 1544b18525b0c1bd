"""The app as a process has no socket that leads beyond this machine, while its pages are used."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Shelf, needs_browser, printed_address
from tests.cli.conftest import home

_PAGES = {"photos": ".tile img.ready", "places": ".pin img", "settings": "dl.facts dd"}
_TABLES = ("tcp", "tcp6", "udp", "udp6")


@needs_browser
@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="only Linux lists its sockets")
def test_neither_the_server_nor_the_page_reaches_beyond_this_machine(
    browser: Any, own: Shelf, tmp_path: Path
) -> None:
    words = ["app", str(own.photos), "--library", str(own.database), "--json", "--no-browser"]
    with subprocess.Popen(
        [sys.executable, "-m", "ansa", *words, "--bundle", str(own.bundle)],
        stdout=subprocess.PIPE,
        text=True,
        env=home(tmp_path),
    ) as running:
        try:
            address = printed_address(running)
            base = address.partition("?")[0]
            asked: list[str] = []
            found: set[str] = set()
            window = browser.new_context()
            window.set_default_timeout(120_000)
            page = window.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("websocket", lambda socket: asked.append(socket.url))
            page.goto(address)
            for name, ready in _PAGES.items():
                page.goto(f"{base}#/{name}")
                deadline = time.monotonic() + 120
                while not page.locator(ready).count():  # it also indexes meanwhile
                    found |= addresses(running.pid)
                    assert time.monotonic() < deadline, name
                    time.sleep(0.05)
                found |= addresses(running.pid)
            window.close()
            running.send_signal(signal.SIGINT)
            running.wait(120)
        finally:
            running.kill()
    assert found  # the app listens, so that it was looked at in the right place
    assert {each for each in found if not ipaddress.ip_address(each).is_loopback} == set()
    assert [url for url in asked if not url.startswith((base, "blob:", "data:"))] == []


def addresses(pid: int) -> set[str]:
    """The addresses at both ends of the network sockets of a process and its children."""
    inodes = {inode for each in family(pid) for inode in sockets(each)}
    found = set()
    for table in _TABLES:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] in inodes:
                    ends = [read(fields[1]), read(fields[2])]
                    # Who only listens has no other end.
                    found |= {ends[0]} | {e for e in ends[1:] if e not in ("0.0.0.0", "::")}
    return found


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def sockets(pid: int) -> set[str]:
    """The inodes of the sockets that a process has open."""
    found = set()
    with contextlib.suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                name = os.readlink(file)  # noqa: PTH115 - "socket:[1234]" is no path
                if name.startswith("socket:["):
                    found.add(name[8:-1])
    return found


def read(end: str) -> str:
    """The address in ``0100007F:1F90``, whose words are in the order of this machine."""
    raw = bytes.fromhex(end.partition(":")[0])
    words = [raw[n : n + 4][::-1] for n in range(0, len(raw), 4)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
