"""Are the homes and the trips of lives as they are found?

    python -m benchmarks.lives

Lives are drawn by chance, without any picture: people move, study abroad, have a second home, lose
GPS, take no photo for months, and put journeys without GPS into folders with a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansa_train.benchmark.question_report import QuestionReport, parse
from tests.library.events.test_real_lives import nights, trips_score
from tests.world.score import Score


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, lives=24, first=400)
    report = QuestionReport("lives", __doc__, options)
    seeds = range(options.first, options.first + options.lives)
    scores = [trips_score(seed) for seed in seeds]
    right, found, true = (
        sum(part) for part in zip(*((s.right, s.found, s.true) for s in scores), strict=True)
    )
    trips = Score(right, found, true)
    report.add("trips: F1", trips.f1, at_least=0.9)
    report.add("trips: precision", trips.precision)
    report.add("trips: recall", trips.recall)
    report.add("trips: drawn", trips.true)
    known, all_ = (sum(part) for part in zip(*map(nights, seeds), strict=True))
    report.add("homes: share of nights at home told rightly", known / all_, at_least=0.95)
    report.add("homes: nights", all_)
    report.note(
        "A trip is found if it shares more than half of its photos (Jaccard) with a drawn one; "
        "trips of which neither a place nor a folder tells are left out."
    )
    return report.write()


if __name__ == "__main__":
    raise SystemExit(main())
