"""Makes a small selection of many photos: good, no two alike, spread over time and subjects.

Photos are chosen greedily by marginal gain. A photo adds its merit, reduced by its similarity to
the chosen ones (maximal marginal relevance: Carbonell & Goldstein, SIGIR 1998). It also adds to its
periods and subjects, with diminishing returns (the square root of the number of chosen photos in
each: Lin & Bilmes, "A Class of Submodular Functions for Document Summarization", ACL 2011), and, if
a story is wanted, to the parts of it that it tells.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ansa.library.selection.gallery import Gallery, Rows
from ansa.library.selection.telling import PARTS, parts_told

_REDUNDANT = 0.4
_PERIOD = 0.5
_SUBJECT = 0.3
_STORY = 0.4  # for telling a part of the story as the first; less for each after it
_SUBJECTS = 3  # the most subjects that a photo belongs to
_FORMS = "%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H"  # of a year, a month, a day, an hour
_GOOD_RANK = 0.9
_CLEAR = 0.85


@dataclass(frozen=True, slots=True)
class SelectedPhoto:
    """A photo of a selection.

    Attributes:
        row: its row in the gallery.
        reasons: why it was chosen, in words; at least one.
    """

    row: int
    reasons: tuple[str, ...]


def select_diverse(
    gallery: Gallery,
    rows: Rows,
    count: int,
    bonus: NDArray[np.float64] | None = None,
    *,
    story: bool = False,
) -> list[SelectedPhoto]:
    """Returns at most ``count`` of some rows of a gallery, the best first; no two are alike.

    Args:
        gallery: the photos worth showing.
        rows: (m,), the rows to choose from.
        count: the largest number of photos.
        bonus: (m,), an additional merit of each, on the scale of merits, 0..1.
        story: whether the rows are of one occasion, of which the photos should tell: how it began,
            the people, the place, a detail, the evening.
    """
    some = gallery.part(rows)
    periods, period_names = _periods(some, count)
    subjects, names = _subjects(some)
    worth = some.merit + (0 if bonus is None else bonus)
    told = parts_told(some) if story else None
    per_part = np.zeros(len(PARTS))
    left = np.ones(len(rows), bool)
    nearest = np.zeros(len(rows), np.float64)
    per_period = np.zeros(len(period_names) + 1)
    per_subject = np.zeros(len(names) + 1)
    chosen: list[SelectedPhoto] = []
    while left.any() and len(chosen) < count:
        new_period, new_subject = _step(per_period), _step(per_subject)
        new_period[-1] = new_subject[-1] = 0  # the last of each is a placeholder for none
        gain = worth - _REDUNDANT * nearest
        for column in periods.T:
            gain += _PERIOD / len(periods.T) * new_period[column]
        for column in subjects.T:
            gain += _SUBJECT / _SUBJECTS * new_subject[column]
        if told is not None:
            gain += _STORY * (told / (1 + per_part) ** 2).max(axis=1)
        gain[~left] = -np.inf
        pick = int(gain.argmax())
        fresh = [names[s] for s in subjects[pick] if s >= 0 and not per_subject[s]]
        new = [period_names[p] for p in periods[pick] if p >= 0 and not per_period[p]]
        reasons = _reasons(some, pick, fresh, new, bool(chosen))
        if told is not None:
            untold = told[pick] & (per_part == 0)
            if parts := [part for part, tells in zip(PARTS, untold, strict=True) if tells]:
                reasons += (f"tells of {' and '.join(parts)}",)
            per_part += told[pick]
        chosen.append(SelectedPhoto(int(rows[pick]), reasons))
        looks = some.vectors @ some.vectors[pick]
        nearest = np.maximum(nearest, looks)
        left &= ~some.alike(pick, looks)
        per_period[periods[pick]] += 1
        per_subject[subjects[pick]] += 1
    return chosen


def _step(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the gain of one more photo in each group."""
    step: NDArray[np.float64] = np.sqrt(counts + 1) - np.sqrt(counts)
    return step


def _periods(some: Gallery, count: int) -> tuple[Rows, list[str]]:
    """Returns two periods of each photo (m, 2), -1 if its time is unknown, and their names.

    Periods are hours, days, months or years: the shortest that are not many more than the wanted
    photos, and the next longer ones.
    """
    # A period is as many of these numbers as its unit needs.
    whens = [
        moment and (moment.year, moment.month, moment.day, moment.hour) for moment in some.times
    ]
    known = {when for when in whens if when}
    length = len(_FORMS)
    while length > 2 and len({when[:length] for when in known}) > 2 * count:
        length -= 1
    found = [sorted({when[:n] for when in known}) for n in (length, length - 1)]
    number = {period: at for at, period in enumerate([*found[0], *found[1]])}
    periods = np.full((len(some), 2), -1, np.intp)
    for row, when in enumerate(whens):
        if when:
            periods[row] = number[when[:length]], number[when[: length - 1]]
    return periods, [_written(period) for period in number]


def _written(period: tuple[int, ...]) -> str:
    year, month, day, hour = (*period, *(1, 1, 0)[len(period) - 1 :])
    return datetime(year, month, day, hour).strftime(_FORMS[len(period) - 1])


def _subjects(some: Gallery) -> tuple[Rows, list[str]]:
    """Returns the rarest sure tags of each photo (m, 3), -1 for none, and their names.

    Tags that most of the photos or only one of them have do not distinguish photos and are left
    out.
    """
    often = Counter(tag for photo in some.photos for tag in photo.tags)
    telling = {tag: n for tag, n in often.items() if 1 < n <= max(2, len(some) // 2)}
    names = sorted(telling)
    number = {name: at for at, name in enumerate(names)}
    subjects = np.full((len(some), _SUBJECTS), -1, np.intp)
    for row, photo in enumerate(some.photos):
        found = [tag for tag in photo.tags if tag in telling]
        found.sort(key=lambda tag: (telling[tag], tag))
        for place, tag in enumerate(found[:_SUBJECTS]):
            subjects[row, place] = number[tag]
    return subjects, names


def _reasons(
    some: Gallery, row: int, fresh: list[str], new: list[str], others: bool
) -> tuple[str, ...]:
    photo, rank = some.photos[row], float(some.rank[row])
    reasons = ["a favourite"] if photo.favourite else []
    if rank >= _GOOD_RANK and not photo.favourite:
        reasons.append(f"among the best {max(1, round(100 * (1 - rank)))} % of this library")
    if photo.quality is not None and photo.quality >= _CLEAR:
        reasons.append("sharp and well lit")
    if fresh and others:
        reasons.append(f"the first that shows {' and '.join(fresh[:2])}")
    elif photo.tags:
        reasons.append(f"shows {' and '.join(photo.tags[:2])}")
    if new and others:
        reasons.append(f"the first of {new[-1]}")
    return tuple(reasons) or ("unlike the others" if others else "the best there is",)
