"""What could become a memory: enough photos worth showing that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from ansa.library.events.events import events_of
from ansa.library.events.moments import moments_of
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.events.trips import trips_of
from ansa.library.memories.proposals import (
    LEAST,
    Proposal,
    of_albums,
    of_days,
    of_events,
    of_names,
    of_themes,
    of_this_day,
    of_trips,
)
from ansa.library.memories.themes import SUNNY, ThemeScores
from ansa.library.search.relevance import Baseline
from ansa.library.selection.gallery import Gallery
from ansa.scene import Vector
from tests.library.drawn_gallery import gallery_of, keepsake, vector
from tests.library.lives import LISBON, MUNICH, walk, weeks_at


def shown(gallery: Gallery) -> ThemeScores:
    """What the tags show; no sentence matches anything."""

    def embed(texts: Sequence[str]) -> Vector:
        return np.stack([vector(7)] * len(texts))

    count = len(gallery)
    return ThemeScores(
        gallery, embed, Baseline(np.ones(count, np.float32), np.ones(count, np.float32))
    )


def on(days: Sequence[str], **known: object) -> Gallery:
    return gallery_of([keepsake(n, f"{day}T10:00:00", **known) for n, day in enumerate(days)])


def this_day(gallery: Gallery, today: date) -> list[tuple[str, str]]:
    return [(p.title, p.key) for p in of_this_day(gallery, today)]


def test_a_trip_is_proposed_in_the_mood_of_what_it_shows() -> None:
    home = weeks_at(MUNICH, datetime(2024, 1, 3, 10), 20)
    away = walk(datetime(2024, 5, 22, 10), [300 * n for n in range(8)], LISBON, 100)
    (trip,) = trips_of(moments_of([*home, *away]))
    tags = [("beach",) if shot.photo >= 100 else () for shot in [*home, *away]]
    shots = [*home, *away]
    gallery = gallery_of(
        [
            keepsake(s.photo, s.taken.isoformat(), tags=tag)
            for s, tag in zip(shots, tags, strict=True)
        ]
    )
    (found,) = of_trips(gallery, [trip], shown(gallery))
    assert found.title == "Lisbon, May 2024"
    assert {gallery.photos[row].id for row in found.rows} == set(range(100, 108))
    assert found.mood == SUNNY
    assert "8 photos of 2 days, 1,964 km from home" in found.reasons


def test_a_trip_of_which_too_few_photos_are_worth_showing_is_none() -> None:
    home = weeks_at(MUNICH, datetime(2024, 1, 3, 10), 20)
    away = walk(datetime(2024, 5, 22, 10), [300 * n for n in range(8)], LISBON, 100)
    gallery = gallery_of([keepsake(100 + n) for n in range(LEAST - 1)])
    assert not list(of_trips(gallery, trips_of(moments_of([*home, *away])), shown(gallery)))


def christmas(away: bool = False, **known: object) -> dict[str, str]:
    """What is proposed of sixteen photos around Christmas, among others, by its kind."""
    shots = [TimedPhoto(n, datetime(2023, 12, 23, 18) + timedelta(hours=6 * n)) for n in range(16)]
    photos = [keepsake(shot.photo, shot.taken.isoformat(), **known) for shot in shots]
    gallery = gallery_of([*photos, *(keepsake(n) for n in range(100, 120))])
    events, ids = events_of(moments_of(shots)), range(16) if away else ()
    return {p.kind: p.title for p in of_events(gallery, events, shown(gallery), ids)}


def test_a_holiday_that_was_celebrated_is_proposed_and_one_of_the_calendar_is_not() -> None:
    assert christmas(tags=("candle",)) == {"holiday": "Christmas 2023"}
    assert christmas(people=3) == {"holiday": "Christmas 2023"}
    assert christmas() == {}


def test_tourists_on_a_holiday_celebrate_only_if_that_is_seen() -> None:
    assert christmas(away=True, people=3) == {}
    assert christmas(away=True, tags=("party",)) == {"holiday": "Christmas 2023"}


def holiday(day: date, company: int, festive: int = 0) -> list[str]:
    """The titles of ten photos of one day in Germany, some with company, some with candles."""
    start = datetime(day.year, day.month, day.day, 12)
    shots = walk(start, range(10), MUNICH)
    photos = [
        keepsake(n, shot.taken.isoformat(), people=2 * (n < company),
                 tags=("candle",) if n < festive else ())
        for n, shot in enumerate(shots)
    ]  # fmt: skip
    gallery = gallery_of(photos)
    found = of_events(gallery, events_of(moments_of(shots)), shown(gallery))
    return [each.title for each in found if each.kind == "holiday"]


def test_a_birthday_is_called_by_its_day_and_its_id_is_what_it_always_was() -> None:
    days = [datetime(2022, 5, 14, 19), datetime(2023, 5, 14, 19)]
    shots = [shot for n, day in enumerate(days) for shot in walk(day, range(6), None, 10 * n)]
    gallery = gallery_of([keepsake(shot.photo, shot.taken.isoformat()) for shot in shots])
    party = {shot.photo: 1 for shot in shots}
    found = of_events(gallery, events_of(moments_of(shots), (), party), shown(gallery))
    assert [(each.title, each.key) for each in found if each.kind == "birthday"] == [
        ("Birthday on 14 May 2022", "Birthday on May 14, 2022"),
        ("Birthday on 14 May 2023", "Birthday on May 14, 2023"),
    ]


def test_two_people_on_a_public_holiday_do_not_celebrate_it() -> None:
    labour_day, christmas_day = date(2024, 5, 1), date(2023, 12, 25)
    assert holiday(labour_day, company=10) == []
    assert holiday(labour_day, company=0, festive=3) == ["Labor Day 2024"]
    assert holiday(christmas_day, company=2) == []
    assert holiday(christmas_day, company=4) == ["Christmas 2023"]


def test_one_candle_makes_no_holiday() -> None:
    assert holiday(date(2023, 12, 25), company=0, festive=1) == []


def test_the_cover_of_a_holiday_shows_what_was_celebrated() -> None:
    shots = walk(datetime(2023, 12, 25, 12), range(6), MUNICH)
    photos = [keepsake(n, s.taken.isoformat(), tags=("candle",) if n > 3 else ())
              for n, s in enumerate(shots)]  # fmt: skip
    gallery = gallery_of(photos)
    found = of_events(gallery, events_of(moments_of(shots)), shown(gallery))
    (bonus,) = [each.bonus for each in found if each.title == "Christmas 2023"]
    assert (bonus > 0).tolist() == [False] * 4 + [True] * 2


def test_a_season_is_proposed_only_where_it_is_seen() -> None:
    assert christmas(tags=("snow",)) == {"season": "Winter 2023/24"}
    assert christmas(tags=("street",)) == {}


def test_a_season_of_a_trip_is_the_trip_and_one_of_the_whole_library_is_none() -> None:
    assert christmas(away=True, tags=("snow",)) == {}
    shots = [TimedPhoto(n, datetime(2023, 12, 3, 18) + timedelta(days=n)) for n in range(16)]
    gallery = gallery_of([keepsake(s.photo, s.taken.isoformat(), tags=("snow",)) for s in shots])
    events = events_of(moments_of(shots))
    assert [p.kind for p in of_events(gallery, events, shown(gallery))] == []


def test_a_day_with_many_more_photos_than_usual_is_proposed_by_what_it_shows() -> None:
    usual = [f"2024-0{month}-01" for month in range(1, 6)]
    gallery = on([*usual, *["2024-06-08"] * 8], tags=("party",))
    (found,) = of_days(gallery, shown(gallery))
    assert (found.title, len(found.rows)) == ("Celebrations, 8 June 2024", 8)
    assert list(of_days(gallery, shown(gallery), away=range(5, 13))) == []
    assert list(of_days(on([*usual, *["2024-06-08"] * 7]), shown(gallery))) == []


def test_a_day_is_called_by_its_town_or_else_by_its_weekday() -> None:
    usual = [f"2024-0{month}-01" for month in range(1, 6)]
    gallery = on([*usual, *["2024-06-08"] * 8])
    (found,) = of_days(gallery, shown(gallery))
    assert found.title == "Saturday, 8 June 2024"
    (found,) = of_days(gallery, shown(gallery), outings=dict.fromkeys(range(5, 11), "Starnberg"))
    assert found.title == "Starnberg, 8 June 2024"


def albums(names: dict[int, str], trips: Sequence[int] = ()) -> list[tuple[str, int]]:
    gallery = on([f"2019-05-{1 + n:02}" for n in range(20)])
    return [(p.title, len(p.rows)) for p in of_albums(gallery, names, trips)]


def test_a_folder_with_a_name_is_proposed_in_the_words_of_its_owner() -> None:
    wedding = dict.fromkeys(range(8), "Anna's wedding")
    assert albums(wedding) == [("Anna's wedding, May 2019", 8)]
    assert albums(dict.fromkeys(range(LEAST - 1), "Anna's wedding")) == []


def test_a_folder_of_a_trip_or_of_the_whole_library_is_no_memory_of_its_own() -> None:
    assert albums(dict.fromkeys(range(8), "Rome"), trips=range(6)) == []
    assert albums(dict.fromkeys(range(18), "Everything")) == []


def test_who_was_taught_by_name_is_proposed_through_the_years() -> None:
    gallery = on([f"20{19 + n // 3}-06-01" for n in range(12)])
    (found,) = of_names(gallery, {"Miso": dict.fromkeys(range(10), 0.9), "Bo": {1: 0.8}})
    assert found.title == "Miso through the years, 2019 to 2022"
    assert len(found.rows) == 10


def test_this_day_is_proposed_for_every_year_with_enough_photos() -> None:
    gallery = on(["2021-05-14"] * LEAST + ["2023-05-14"] * LEAST + ["2024-05-14"] * LEAST)
    assert this_day(gallery, date(2024, 5, 14)) == [
        ("On this day, 3 years ago", "2021-05-14"),
        ("On this day, 1 year ago", "2023-05-14"),
    ]
    assert this_day(gallery, date(2024, 8, 1)) == []


def test_where_the_day_has_too_few_its_week_is_proposed() -> None:
    gallery = on(["2022-05-12", "2022-05-13", "2022-05-14", "2022-05-16", "2022-05-17"])
    assert this_day(gallery, date(2024, 5, 14)) == [("This week, 2 years ago", "2022-19")]


def test_the_last_of_february_is_the_same_day_as_the_29th() -> None:
    gallery = on(["2023-02-28"] * LEAST)
    assert this_day(gallery, date(2024, 2, 29)) == [("On this day, 1 year ago", "2023-02-28")]


def titles(found: Sequence[Proposal]) -> dict[str, int]:
    return {each.title: len(each.rows) for each in found}


def test_a_theme_has_a_memory_for_each_year_with_many_photos_and_one_for_the_rest() -> None:
    days = ["2021-06-01"] * 3 + ["2022-06-01"] * 40 + ["2023-06-01"] * 4
    gallery = on(days, tags=("dog",))
    found = list(of_themes(gallery, shown(gallery)))
    assert titles(found) == {"Dogs, 2022": 40, "Dogs, 2021 to 2023": 7}
    assert found[0].reasons == ("40 of the 47 photos with dogs, 100.0% of this library",)


def test_a_theme_is_found_without_any_date() -> None:
    gallery = gallery_of([keepsake(n, tags=("cat",)) for n in range(LEAST)])
    assert titles(list(of_themes(gallery, shown(gallery)))) == {"Cats": LEAST}


@pytest.mark.parametrize("more", [1, 5])
def test_a_new_photo_does_not_make_it_another_memory(more: int) -> None:
    keys = []
    for count in (LEAST, LEAST + more):
        gallery = on([f"202{n % 4}-06-01" for n in range(count)], tags=("dog",))
        keys += [(p.family, p.key) for p in of_themes(gallery, shown(gallery))]
    assert keys[0] == keys[1] == ("theme dogs", "")
