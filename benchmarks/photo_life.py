"""The choices of ANSA on the photos of a life as it is, of which everything is known.

The life is drawn by chance (tests/world/photo_life.py): homes and moves, trips with and without
GPS, a camera with a wrong clock, bursts of which shots went wrong, parties, collections, films.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.library.events.homes import home_on, homes
from ansa.library.memories.memories import theme_scores
from ansa.library.memories.themes import THEMES
from ansa.library.selection.gallery import open_gallery
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.benchmark.question_report import QuestionReport
from benchmarks.theme_truth import CAPTIONS, ThemeTruth
from benchmarks.world import World
from tests.world.files import write
from tests.world.photo_life import photo_life
from tests.world.pictures import PackPictures
from tests.world.places import apart
from tests.world.score import balanced_accuracy, clusters, matched
from tests.world.truth import EITHER, HIDDEN, Truth

_SAME_KM = 30.0
_BEST = 40
_PHOTOS_A_YEAR = 1200  # of the pack, to choose from


def measure(options: argparse.Namespace, report: QuestionReport) -> None:
    """Adds all figures to the report.

    Args:
        options: ``data``, ``split``, ``first``, ``years``, ``bundle`` and ``keep``.
        report: takes them in.
    """
    with _world(options) as world:
        report.add("library: files", len(world.truth.files))
        for part in (_trips, _moments, _homes, _clutter, _bursts, _themes, _best, _memories):
            part(world, report)
    report.note(
        f"The library holds the {options.split} photos of the pack as the photos of {options.years}"
        " years. Photos of a phone, sign or board are drawn as the utility head's training pictures"
        " are, in typefaces that it has not seen. The lesser shots of a burst have a fault of 30 to"
        " 80 % of the strongest. Photos without a label and with fewer than"
        f" {CAPTIONS} captions are left out where themes are judged."
    )


@contextmanager
def _world(options: argparse.Namespace) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(options.keep or temporary) / f"life-{options.first}-{options.years}"
        most = _PHOTOS_A_YEAR * options.years
        pictures = PackPictures(options.data, options.split, base / "distinct.json", most)
        truth = photo_life(pictures, options.first, options.years)
        known = base / "truth.json"
        if not known.exists() or Truth.load(known) != truth:
            write(truth, pictures, base / "photos")
            truth.save(known)
        database = base / "library.sqlite"
        analyzer = Analyzer(options.bundle)
        with Library(base / "photos", database=database, analyzer=analyzer) as library:
            library.index()
            yield World(base, truth, library)


def _trips(world: World, report: QuestionReport) -> None:
    known = {f.path for f in world.truth.files if f.moment and not f.clutter and f.trip != HIDDEN}
    true = {f.path: f.trip for f in world.truth.files if f.trip and f.path in known}
    score = matched([world.names(trip.photos) for trip in world.library.trips()], true, known)
    report.add("library: trips, F1", score.f1, at_least=0.9)
    report.add("library: trips, drawn", score.true)


def _moments(world: World, report: QuestionReport) -> None:
    files = [f for f in world.truth.files if f.moment and not f.clutter]
    true = {f.path: f.moment for f in files}
    told = [world.names(moment.photos) for moment in world.library.moments()]
    report.add("library: moments, F1", matched(told, true, true.keys()).f1, at_least=0.9)
    precision, recall = clusters(told, true)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    report.add("library: moments, B-cubed F1", f1)
    shifted = sum(f.clock == "shifted" for f in files)
    report.add("library: photos of a clock that is hours wrong", shifted)


def _homes(world: World, report: QuestionReport) -> None:
    lived = homes(world.library.moments())
    away = {f.taken[:10] for f in world.truth.files if f.trip and f.taken}
    days = sorted(date.fromisoformat(f.taken[:10]) for f in world.truth.files if f.moment)
    day, right, total = days[0], 0, 0
    while day <= days[-1]:
        if f"{day}" not in away:
            total += 1
            home = home_on(lived, day)
            true = [p for first, last, *p in world.truth.stays if first <= f"{day}" <= last]
            right += home is not None and any(
                apart(home.point, (north, east)) <= _SAME_KM for north, east in true
            )
        day += timedelta(1)
    report.add("library: homes, share of nights told rightly", right / total, at_least=0.95)


def _clutter(world: World, report: QuestionReport) -> None:
    found = {
        world.name(path)
        for each in world.library.clutter()
        if each.sure
        for path in (each.path, *each.copies)
    }
    files = [f for f in world.truth.files if f.clutter != EITHER and not f.fault]
    true = {f.path: bool(f.clutter) for f in files}
    report.add("library: clutter, balanced accuracy", balanced_accuracy(found, true), at_least=0.95)
    photos = [f for f in files if not f.clutter]
    taken = [f.path in found for f in photos]
    report.add("library: photos called clutter", float(np.mean(taken)), at_most=0.005)
    for theme in ("flat", "party", "collection"):
        some = [f.path in found for f in photos if f.theme == theme]
        if some:
            name = f"library: {theme}, {len(some)} photos: called clutter"
            report.add(name, float(np.mean(some)))
    for kind in sorted({f.clutter for f in files} - {""}):
        told = [f.path in found for f in files if f.clutter == kind]
        report.add(f"library: {kind}, {len(told)} pictures: found", float(np.mean(told)))


def _bursts(world: World, report: QuestionReport) -> None:
    groups = defaultdict(set)
    for file in world.truth.files:
        if file.relation in ("original", "burst"):
            groups[file.group].add(file.path)
    right = []
    for group in world.library.duplicates().groups:
        names = {world.name(path) for path in (group.keep, *(o.path for o in group.others))}
        files = [world.files[name] for name in names]
        some = [f for f in files if f.group == files[0].group and f.path in groups[f.group]]
        if any(f.fault for f in some) and any(not f.fault for f in some):
            right.append(not world.files[world.name(group.keep)].fault)
    if right:
        name = f"library: the better shot of {len(right)} bursts with lesser ones"
        report.add(name, float(np.mean(right)), at_least=0.9)


def _themes(world: World, report: QuestionReport) -> None:
    library = world.library
    truth = ThemeTruth(Tree.parse(library.analyzer.bundle.read(FILE)))
    gallery = open_gallery(library)
    scores = theme_scores(library, gallery)
    right = found = 0
    for theme in THEMES:
        rows = np.flatnonzero(scores(theme)).tolist()
        files = [world.files[world.name(gallery.photos[row].path)] for row in rows]
        told = [
            truth.is_of(theme, file.captions, file.labels)
            for file in files
            if truth.judges(theme, file.captions, file.labels)
        ]
        right, found = right + sum(told), found + len(told)
        if told:
            name = f"library: {theme.name}, {len(told)} photos: right"
            report.add(name, float(np.mean(told)))
    report.add("library: themes, precision", right / max(1, found), at_least=0.97)


def _best(world: World, report: QuestionReport) -> None:
    best = world.library.best(_BEST)
    clutter, again = world.flaws(photo.path for photo in best.photos)
    report.add(f"library: best {_BEST}, clutter among them", clutter, at_most=0)
    report.add(f"library: best {_BEST}, near-copies among them", again, at_most=0)
    faulty = [bool(world.files[world.name(photo.path)].fault) for photo in best.photos]
    report.add(f"library: best {_BEST}, lesser shots of bursts among them", sum(faulty), at_most=0)


def _memories(world: World, report: QuestionReport) -> None:
    years = (f.taken[:4] for f in world.truth.files if f.clock == "right")
    start = time.perf_counter()
    found = world.library.memories(today=date(int(max(years)), 12, 24)).memories
    report.add("library: memories, the first time", time.perf_counter() - start, "s")
    flaws = [world.flaws(photo.path for photo in memory.photos) for memory in found]
    clutter, copies = np.array(flaws).reshape(-1, 2).sum(axis=0)
    report.add("library: memories", len(found))
    report.add("library: memories, clutter in them", clutter, at_most=0)
    report.add("library: memories, near-copies in one", copies, at_most=0)
