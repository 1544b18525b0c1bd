"""The app as a person at a browser meets it: how soon pictures, results and frames are there.

It needs Debian's chromium, which is open before the app starts, as a person's browser is. Times are
taken inside the page, but for the first one, which begins with the command.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SCROLL_SECONDS = 4
_SCROLL_SPEED = 2500  # pixels a second
_REST_MS = 1200  # which people need at least from scrolling to typing
_QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

# Waits until each tile that a screen shows has its picture, looking once a frame.
_WHOLE_SCREEN = """
const wholeScreen = () => new Promise((done) => {
    const began = performance.now();
    const main = document.querySelector("main");
    const look = () => {
        const { top, bottom } = main.getBoundingClientRect();
        const seen = [...main.querySelectorAll(".tile:not([hidden])")].filter((tile) => {
            const box = tile.getBoundingClientRect();
            return box.bottom > top && box.top < bottom;
        });
        const ready = seen.length && seen.every((tile) => tile.querySelector("img.ready"));
        if (ready || performance.now() - began > 600_000) done();
        else requestAnimationFrame(look);
    };
    look();
});
"""

_FIRST = f"""async () => {{ {_WHOLE_SCREEN} await wholeScreen(); }}"""

# The bar of years is there as soon as the list of all photos is.
_WHOLE_LIST = """async () => {
    const there = () => document.querySelector(".scrubber:not([hidden]) .mark");
    for (let n = 0; n < 6000 && !there(); n += 1) await new Promise(requestAnimationFrame);
}"""

_JUMP = f"""async (share) => {{
    {_WHOLE_SCREEN}
    const main = document.querySelector("main");
    const began = performance.now();
    main.scrollTop = share * (main.scrollHeight - main.clientHeight);
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    await wholeScreen();
    return (performance.now() - began) / 1000;
}}"""

_TYPE = """async (text) => {
    const query = document.querySelector("#query");
    query.focus();
    query.value = text;
    const began = performance.now();
    query.dispatchEvent(new Event("input", { bubbles: true }));
    const there = () => document.querySelector(".search-page .understood")?.dataset.found === text
        && document.querySelector(".search-page .tile:not([hidden])");
    while (!there()) {
        if (performance.now() - began > 600_000) throw new Error(`no results for ${text}`);
        await new Promise(requestAnimationFrame);
    }
    return (performance.now() - began) / 1000;
}"""

_SCROLL = """async ([seconds, speed]) => {
    const main = document.querySelector("main");
    const from = main.scrollTop;
    let frames = 0, longest = 0, began = 0, last = 0;
    await new Promise((done) => {
        const step = (now) => {
            if (!began) began = now;
            else { frames += 1; longest = Math.max(longest, now - last); }
            last = now;
            main.scrollTop = from + ((now - began) / 1000) * speed;
            if (now - began < seconds * 1000) requestAnimationFrame(step); else done();
        };
        requestAnimationFrame(step);
    });
    return [frames, (last - began) / 1000, longest / 1000];
}"""


_WEIGHT = """() => {
    const kinds = ["navigation", "resource"];
    const all = kinds.flatMap((kind) => performance.getEntriesByType(kind));
    const bytes = (some) => some.reduce((sum, each) => sum + each.encodedBodySize, 0);
    const page = all.filter(({ name }) => !name.includes("/api/"));
    return [bytes(page), bytes(all.filter(({ name }) => name.includes("/timeline")))];
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was measured in one visit of a browser to the app; times are in seconds.

    Attributes:
        address: from the command to the app's address.
        first: from the command to a whole screen of pictures.
        whole: from the command to the list of all photos, which can then be scrolled to.
        screens: from scrolling somewhere to a whole screen of pictures there.
        first_typed: from a key in the search field to the results of the first search, which waits
            for what is loaded for all searches.
        typed: from a key in the search field to results on the screen.
        frames: how many frames a second were drawn while scrolling.
        longest: the longest time from a frame to the next.
        work: how long the page computed for one frame while it scrolled, without waiting.
        megabytes: the memory of the server at the end, in MB.
        server: how long the server computed from its start to the first screen.
        page_bytes: what the page itself takes, as it is sent.
        timeline_bytes: what the list of all photos takes, as it is sent.
    """

    address: float
    first: float
    whole: float
    screens: Sequence[float]
    first_typed: float
    typed: Sequence[float]
    frames: float
    longest: float
    work: float
    megabytes: float
    server: float
    page_bytes: int
    timeline_bytes: int


def visit(database: Path, bundle: str | None, queries: Sequence[str], jumps: int) -> Visit:
    """Starts the app on a library and uses it in a browser.

    Args:
        database: the library's file, with its small pictures beside it.
        bundle: the folder of the bundle; None for the shipped one.
        queries: what to type.
        jumps: how many places to scroll to.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=_chromium(), args=list(_QUIET))
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(180_000)
        page.goto("about:blank")
        began = time.perf_counter()
        with running_app(database, bundle) as (running, start):
            address = time.perf_counter() - began
            page.goto(start)
            page.evaluate(_FIRST)
            first = time.perf_counter() - began
            server = computed(running.pid)
            page.evaluate(_WHOLE_LIST)
            whole = time.perf_counter() - began
            page_bytes, timeline_bytes = page.evaluate(_WEIGHT)
            rng = random.Random(0)  # noqa: S311
            screens = [page.evaluate(_JUMP, rng.random()) for _ in range(jumps)]
            frames, longest, work = _scrolled(page)
            page.wait_for_timeout(_REST_MS)
            first_typed = page.evaluate(_TYPE, queries[0])
            typed = [page.evaluate(_TYPE, text) for text in queries[1:]]
            used = megabytes(running.pid)
        browser.close()
    times = address, first, whole, screens, first_typed, typed, frames, longest, work
    return Visit(*times, used, server, page_bytes, timeline_bytes)


def has_browser() -> bool:
    """Whether this machine has what :func:`visit` needs."""
    return _chromium() is not None and find_spec("playwright") is not None


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running_app(database: Path, bundle: str | None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The app on a library in a process of its own, which does not index, and its address."""
    command = [sys.executable, "-m", "ansa", "app", "--no-browser", "--no-index", "--json"]
    command += ["--library", str(database), *(["--bundle", bundle] if bundle else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            printed = ""
            while not printed.endswith("}\n"):
                line = running.stdout.readline()
                if not line:
                    raise RuntimeError(f"the app ended after {printed!a}")
                printed += line
            yield running, json.loads(printed)["address"]
        finally:
            running.terminate()


def _scrolled(page: Any) -> tuple[float, float, float]:
    """Scrolls evenly; frames a second, the longest time between two, and the work for one."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate("document.querySelector('main').scrollTop = 20_000")
    page.wait_for_timeout(1000)

    def worked() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in found if each["name"] == "TaskDuration")

    before = worked()
    frames, seconds, longest = page.evaluate(_SCROLL, [_SCROLL_SECONDS, _SCROLL_SPEED])
    work = (worked() - before) / max(1, frames)
    session.detach()
    return frames / seconds, longest, work


def computed(process: int) -> float:
    """The seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> float:
    """The memory of a process that is in use, in MB; 0 where Linux does not tell it."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1000
