"""All photos in the order in which people look at them, whatever their times are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from ansa.library import Library
from ansa.library.timeline import Day
from tests.library.lives import Life, library_of


def test_the_newest_photos_come_first_by_the_clock_of_their_camera(tmp_path: Path) -> None:
    tokyo = timezone(timedelta(hours=9))
    photos = [
        Life("first.jpg", datetime(2024, 5, 1, 10)),
        Life("unknown.jpg"),
        Life("tokyo.jpg", datetime(2024, 5, 2, 1, tzinfo=tokyo)),  # 1 May, 16:00 in London
        Life("london.jpg", datetime(2024, 5, 1, 18, tzinfo=UTC)),
        Life("second.jpg", datetime(2024, 5, 1, 10)),
    ]
    with library_of(tmp_path, photos) as library:
        found = library.timeline()
    assert found.photos == [3, 4, 1, 5, 2]
    assert found.days == [Day(date(2024, 5, 2), 1), Day(date(2024, 5, 1), 3), Day(None, 1)]
    assert found.ratios == [1.333] * 5


def test_damaged_times_and_sides_leave_no_photo_out(tmp_path: Path) -> None:
    photos = [Life(f"{n}.jpg", datetime(2024, 5, 1 + n)) for n in range(4)]
    with library_of(tmp_path, photos) as library:
        with library.store.writing() as connection:
            connection.execute("UPDATE photos SET taken = '2024-02-30T10:00:00' WHERE id = 2")
            connection.execute("UPDATE photos SET taken = x'80', width = 'wide' WHERE id = 3")
            connection.execute("UPDATE photos SET width = 9000, height = 1 WHERE id = 4")
        found = library.timeline()
    assert found.photos == [4, 1, 2, 3]
    assert found.days[-1] == Day(None, 2)
    assert found.ratios == [5.0, 1.333, 1.333, 0.2]


def test_an_empty_library_has_an_empty_timeline(tmp_path: Path) -> None:
    with library_of(tmp_path, []) as library:
        assert library.timeline().to_dict()["photos"] == []


def test_the_newest_photos_are_the_first_ones_of_all(tmp_path: Path) -> None:
    start = datetime(2020, 1, 1)
    # Some share a second; gaps are shorter and longer than what is looked at first.
    photos = [Life(f"{n}.jpg", start + timedelta(days=n // 2 * 20)) for n in range(60)]
    photos += [Life(f"{n}-late.jpg", start + timedelta(days=3000, seconds=n)) for n in range(3)]
    photos += [Life("unknown.jpg"), Life("damaged.jpg", datetime(2028, 5, 1))]
    with library_of(tmp_path, photos) as library:
        with library.store.writing() as connection:
            connection.execute("UPDATE photos SET taken = '2028-02-30T10:00:00' WHERE id = 65")
            connection.execute("UPDATE files SET missing_since = '2030-01-01' WHERE photo = 62")
        everything = library.timeline()
        assert everything.photos[:2] == [63, 61]
        for newest in (1, 2, 4, 20, 50, 61, 62):
            found = library.timeline(newest)
            shown = len(found.photos)
            assert found.photos == everything.photos[:shown]
            assert newest - 1 <= shown <= newest  # one that is here has a day that does not exist
            assert sum(day.count for day in found.days) == shown
        assert library.timeline(1000) == everything


def test_the_newest_photos_of_a_folder_are_found_below_newer_ones(tmp_path: Path) -> None:
    photos = [Life(f"old/{n}.jpg", datetime(2010, 1, 1 + n)) for n in range(9)]
    photos += [Life(f"new/{n}.jpg", datetime(2024, 1, 1 + n)) for n in range(9)]
    with library_of(tmp_path, photos) as library:
        database = library.database
    (tmp_path / "photos" / "old").mkdir(parents=True)
    with Library(tmp_path / "photos" / "old", database=database) as library:
        assert library.timeline(4).photos == [9, 8, 7, 6]
