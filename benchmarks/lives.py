"""Does ANSA choose as a person would, on lives as they are and on photos that people looked at?

    python -m benchmarks.lives [--data PACK]

Lives are drawn by chance, without any picture: people move, study abroad, have a second home, lose
GPS, take no photo for months, and put journeys without GPS into folders with a name. With a pack,
its photos become the library of such a life (benchmarks/photo_life.py). They are also indexed as
they are, and themes, clutter, numbers of people and the better of two shots are compared with what
is known of them (benchmarks/judged_photos.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ansa_train.benchmark.question_report import QuestionReport
from tests.library.events import test_photo_lives as photo_lives
from tests.library.events.test_real_lives import moments_score, nights, total, trips_score


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report; 1 if a target was missed, else 0."""
    options = _parse(arguments)
    report = QuestionReport("lives", __doc__, options)
    seeds = range(options.first, options.first + options.lives)
    _lives(seeds, report)
    if options.data:
        from benchmarks import judged_photos, photo_life

        photo_life.measure(options, report)
        judged_photos.measure(options, report)
    return report.write()


def _lives(seeds: range, report: QuestionReport) -> None:
    trips = total(map(trips_score, seeds))
    report.add("trips: F1", trips.f1, at_least=0.9)
    report.add("trips: precision", trips.precision)
    report.add("trips: recall", trips.recall)
    report.add("trips: drawn", trips.true)
    report.add("moments: F1", total(map(moments_score, seeds)).f1, at_least=0.9)
    known, all_ = (sum(part) for part in zip(*map(nights, seeds), strict=True))
    report.add("homes: share of nights at home told rightly", known / all_, at_least=0.95)
    report.add("homes: nights", all_)
    few = seeds[: max(1, len(seeds) // 4)]
    moments = total(map(photo_lives.moments_score, few))
    report.add("with a camera whose clock is wrong: moments, F1", moments.f1, at_least=0.9)
    trips = total(map(photo_lives.trips_score, few))
    report.add("with a camera whose clock is wrong: trips, F1", trips.f1, at_least=0.9)
    report.add("with a camera whose clock is wrong: trips, drawn", trips.true)
    report.note(
        "A trip or a moment is found if it shares more than half of its photos (Jaccard) with a"
        " drawn one; trips of which neither a place nor a folder tells are left out."
    )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lives", type=int, default=24, help="usually 24")
    parser.add_argument("--first", type=int, default=400, help="the first seed; usually 400")
    parser.add_argument("--data", type=Path, metavar="PACK", help="tars of photos")
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="of the pack")
    parser.add_argument("--photos", type=int, default=1200, help="of each part; usually 1200")
    parser.add_argument("--years", type=int, default=2, help="of the library; usually 2")
    parser.add_argument("--pairs", type=int, default=200, help="of each fault; usually 200")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="the indexed photos stay here")
    parser.add_argument("--bundle", metavar="FOLDER", help="not the one that ships with ansa")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    options.sizes = {"lives": options.lives, "first": options.first}
    if options.data:
        options.sizes |= {"data": "PACK", "split": options.split}
        options.sizes |= {"photos": options.photos, "pairs": options.pairs}
        options.sizes |= {"years": options.years}
    return options


if __name__ == "__main__":
    raise SystemExit(main())
