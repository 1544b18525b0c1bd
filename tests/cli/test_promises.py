"""Originals stay byte-identical, and no socket is opened: by any command, in any process."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from ansa.cli import _parser as parser
from tests.cli.conftest import Run, command, home, paint
from tests.films import write_film
from tests.library.seen import seeing_bundle
from tests.photos import write_photo
from tests.raws import dng
from tests.render.movie.sounds import clicks, write_wav
from tests.texts import write_receipt

# Python reads this module at the start of every process that has its folder on the path.
WATCH = """
import os, sys

AF_UNIX = 1  # pipes within the machine

def watch(event, args):
    if not event.startswith("socket."):
        return
    if event == "socket.__new__" and args[1] == AF_UNIX:
        return
    if event in ("socket.bind", "socket.connect") and isinstance(args[1], (str, bytes)):
        return
    note(event)

def note(line):
    with open(os.environ["ANSA_TEST_SOCKETS"], "a") as file:
        file.write(f"{os.getpid()} {line}\\n")

sys.addaudithook(watch)
note("started")
"""


NO_PHOTOS = {
    "app": "serves until it is stopped; tests/app shows that it keeps these promises",
    "mcp": "serves until its pipe ends; tests/programs shows that it keeps these promises",
    "train": "learns from what `data build` made",
    "export": "writes bundles from bundles and runs",
    "benchmark": "looks at noise",
    "card": "writes pages about bundles and shards",
    "mine": "keeps vectors of photos in a folder of its own",
    "review": "adds lines to a queue",
    "regression": "asks bundles of sample photos and shards",
}
"""Verbs that touch nobody's photos, and so are not in `commands`."""

EVERYWHERE = {"--help", "--json", "--bundle", "--library", "--folder"}

Kind = Literal["nothing", "sidecars", "moves"]


@dataclass(frozen=True)
class Step:
    """A command as a user would call it, and what it may do to a folder of photos.

    Attributes:
        verb: the first word.
        args: the others; ID stands for the first memory that is proposed.
        kind: "nothing"; "sidecars" may come, change and go; "moves" take photos to the folder M and
            back.
    """

    verb: str
    args: tuple[str, ...]
    kind: Kind = "nothing"


def commands(photos: Path, base: Path) -> list[Step]:
    """Every verb with every option, one after the other."""
    red, rose, blue = (str(photos / f"{name}.png") for name in ("red", "rose", "blue"))
    moved, song = (
        str(base / "M"),
        str(write_wav(base / "song.wav", clicks(120, 3, 22_050)[0], 22_050)),
    )

    def page(name: str) -> tuple[str, str]:
        return "--report", str(base / f"{name}.html")

    today = "--today", "2025-05-01"
    return [
        Step("analyze", (red, "--draw", str(base / "drawn.png"))),
        Step("index", (str(photos),)),
        Step("index", (str(photos), "--json", "--strict")),
        Step("index", (str(photos), "--text")),
        Step("search", ("red", "--not", "blue", "--explain", "--limit", "3")),
        Step("search", ("red", "--all", "--open", "--show", *page("found"))),
        Step("search", ("--like", red, "--after", "2000", "--before", "2030", "--json")),
        Step("graph", ("photos of 2024", "--limit", "3")),
        *(Step("graph", (f"--{what}",)) for what in ("moments", "trips", "places", "events")),
        Step("duplicates", ("--only", "exact", *page("duplicates"))),
        Step("duplicates", ("--only", "exact", "--move-to", moved), "moves"),
        Step("duplicates", ("--undo", moved), "moves"),
        Step("index", (str(photos),)),
        Step("clutter", ("--sure", "--kind", "receipt")),
        Step("crop", (red, "--aspect", "1:1", "--out", str(base / "crop.jpg"))),
        Step("styles", (red, *page("styles"), "--apply", "1", "--out", str(base / "style.jpg"))),
        Step("styles", (red, "--apply", "2", "--out", str(base / "style.jpg"), "--replace")),
        Step("styles", (red, "--apply", "1", "--xmp"), "sidecars"),
        Step("styles", (red, "--remove-xmp"), "sidecars"),
        Step("teach", ("red", "--yes", red, rose, "--no", blue, "--suggest", "2")),
        Step("teach", ()),
        Step("mark", ("favourite", red)),
        Step("mark", ("hidden", blue)),
        Step("mark", ("none", blue)),
        Step("mark", ("document", "--search", "blue", "--limit", "1")),
        Step("tag", (red, "--is", "car", "--is", "my car", "--not", "dog", "--clear", "cat")),
        Step("tag", ("--search", "blue", "--limit", "1", "--is", "sea")),
        Step("tag", ()),
        Step("undo", ()),
        *(Step("personal", (option,)) for option in ("--on", "--off", "--delete")),
        Step("wallpapers", ("--screen", "48x32", "--clock", "top", "--count", "2", *page("walls"))),
        Step("wallpapers", ("--screen", "48x32", "--out", str(base / "walls"), "--strict")),
        Step("catalog", (str(base / "catalog.parquet"), "--no-places", "--embeddings")),
        Step("best", ("--count", "3", "--album", str(photos), *page("best"))),
        Step("memories", (*today, "--limit", "3", *page("memories"))),
        Step(
            "memories",
            ("ID", *today, "--movie", str(base / "m.mp4"), "--size", "96x54", "--strict"),
        ),
        Step("memories", ("ID", *today, "--movie", str(base / "m.mp4"), "--music", song)),
        Step("memories", ("--like", "ID", *today)),
        Step("memories", ("--unlike", "ID", *today)),
        Step("memories", ("ID", "--without", red, *today)),
        Step("memories", ("ID", "--with", red, *today)),
        Step("memories", ("--dismiss", "ID", *today)),
        Step("memories", ("--restore", "ID")),
        Step("sidecars", (), "sidecars"),
        Step("sidecars", ("--merge",), "sidecars"),
        Step("sidecars", ("--describe",), "sidecars"),
        Step("sidecars", ("--remove",), "sidecars"),
        Step("formats", ("--suffixes",)),
        Step("live", ("--film", str(photos / "film.mp4"), "--seconds", "1")),
        Step("live", ("--camera", str(base / "no camera"))),
        Step("watch", (str(photos), "--install", "--text")),
        Step("watch", ("--uninstall",)),
        Step("desktop", ("--install",)),
        Step("desktop", ("--uninstall",)),
        Step("teach", ("red", "--forget")),
        Step("index", (str(photos), "--rebuild")),
        Step("forget", (str(photos), "--dry-run")),
        Step("forget", (str(photos), "--yes")),
        Step("demo", (str(photos), "--out", str(base / "out"), "--strict")),
        Step("data", ("build", str(photos), "--out", str(base / "shards"), "--size", "32")),
        Step("evaluate", (str(base / "bundle"), "--labels", str(photos.parent), "--split", "test")),
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, with a bundle and an album: a season of photos, copies, one that is damaged."""
    base = tmp_path_factory.mktemp("home")
    seeing_bundle(base / "bundle")
    album = base / "albums" / "spring"
    album.mkdir(parents=True)
    for name, colour in {
        "red": (0.9, 0.2, 0.2),
        "rose": (0.9, 0.3, 0.4),
        "blue": (0, 0, 1),
    }.items():
        paint(album / f"{name}.png", colour)
    for hour in range(12):
        taken = f"2024:05:01 {8 + hour:02}:00:00"
        write_photo(album / f"{hour}.jpg", seed=hour, taken=taken, place=(48.2, 16.4))
    write_film(album / "film.mp4", [((200, 30, 30), 1), ((30, 30, 200), 1)])
    (album / "raw.dng").write_bytes(dng())
    write_receipt(album / "receipt.png", "TOTAL 6.30")
    shutil.copy(album / "red.png", album / "copy of red.png")
    (album / "copy of red.png.xmp").write_bytes(_FOREIGN)
    (album / "0.xmp").write_bytes(_FOREIGN)
    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return base


_FOREIGN = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and content of everything in a folder."""
    return {
        str(path): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


def seen(base: Path, kind: Kind) -> object:
    """What a command of that kind leaves as it was."""
    album = snapshot(base / "albums" / "spring")
    if kind == "nothing":
        return album
    files = {name: about for name, about in album.items() if Path(name).is_file()}
    if kind == "sidecars":
        return {name: about for name, about in files.items() if not name.endswith(".xmp")}
    away = snapshot(base / "M") if (base / "M").exists() else {}
    files |= {name: about for name, about in away.items() if not name.endswith(".jsonl")}
    return sorted(about for name, about in files.items() if Path(name).is_file())


def test_nothing_is_lost_and_no_socket_opened_by_any_verb(base: Path) -> None:
    """In one pass, in every process that a command starts."""
    log = watched(base)
    first = seen(base, "sidecars")
    memory = ""
    for step in commands(base / "albums" / "spring", base):
        before = seen(base, step.kind)
        args = [memory if arg == "ID" else arg for arg in (step.verb, *step.args)]
        if "--bundle" in options(step.verb):
            args += ["--bundle", str(base / "bundle")]
        done = subprocess.run(
            command(*args), env=watching_env(base, log), capture_output=True, timeout=120
        )
        assert done.returncode in (0, 1), done.stderr  # 1: the broken photo is named
        assert b"Traceback" not in done.stderr
        assert seen(base, step.kind) == before, args
        if step.args[-1:] == (str(base / "memories.html"),):
            memory = done.stdout.decode().split(" ")[0]
    assert seen(base, "sidecars") == first
    made = ("drawn.png", "crop.jpg", "walls", "m.mp4", "catalog.parquet", "M", "shards", "out")
    assert all((base / name).exists() for name in made)  # so they did what they were told
    events = [line.split(" ")[1] for line in log.read_text().splitlines()]
    assert set(events) == {"started"}
    assert len(events) > len(commands(base, base))  # what analyzes photos was watched too


def verbs() -> dict[str, argparse.ArgumentParser]:
    """The parser of each verb, those of its own verbs too."""
    found: dict[str, argparse.ArgumentParser] = {}
    parsers = [("", parser())]
    for name, each in parsers:
        for action in each._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += [(name or verb, below) for verb, below in action.choices.items()]
                found |= action.choices if not name else {}
    return found


def options(verb: str) -> set[str]:
    """The long options of a verb, without those of its own verbs."""
    return {
        option
        for action in verbs()[verb]._actions
        for option in action.option_strings
        if option.startswith("--")
    }


def test_every_verb_and_option_is_among_the_commands(tmp_path: Path) -> None:
    """A new one has to be listed above, or said to touch no photos."""
    steps = commands(tmp_path, tmp_path)
    run = {step.verb for step in steps}
    assert run | NO_PHOTOS.keys() == verbs().keys()
    assert not run & NO_PHOTOS.keys()
    for verb in run - {"data", "evaluate"}:  # whose other options say what is measured
        used = {arg for step in steps if step.verb == verb for arg in step.args}
        assert options(verb) - EVERYWHERE <= used, verb


def test_a_drawing_never_replaces_the_photo(run: Run, photos: Path) -> None:
    before = snapshot(photos)
    (photos.parent / "same.png").symlink_to(photos / "red.png")
    for out in (photos / "red.png", photos.parent / "same.png"):
        assert run("analyze", str(photos / "red.png"), "--draw", str(out)).returncode == 2
    assert snapshot(photos) == before


def test_the_watch_would_see_a_socket(tmp_path: Path) -> None:
    log = watched(tmp_path)
    code = "import socket; socket.socket(); socket.getaddrinfo('localhost', 80)"
    subprocess.run([sys.executable, "-c", code], env=watching_env(tmp_path, log), check=True)
    seen = log.read_text()
    assert "socket.__new__" in seen
    assert "socket.getaddrinfo" in seen


def watched(folder: Path) -> Path:
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    return folder / "sockets.log"


def watching_env(folder: Path, log: Path) -> dict[str, str]:
    path = os.pathsep.join([str(folder / "watch"), os.environ.get("PYTHONPATH", "")])
    return home(folder) | {
        "PYTHONPATH": path,
        "ANSA_TEST_SOCKETS": str(log),
        "BROWSER": "true",  # pages are opened by a program that does nothing
    }
