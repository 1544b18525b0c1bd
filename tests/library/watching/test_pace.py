from __future__ import annotations

from pathlib import Path

from ansa.library.watching.pace import (
    LATEST,
    ON_BATTERY,
    SOONEST,
    interval,
    is_remote,
    on_battery,
    waiting_time,
)


def supply(base: Path, name: str, **files: str) -> None:
    (base / name).mkdir(parents=True)
    for file, text in files.items():
        (base / name / file).write_text(f"{text}\n")


def test_a_computer_on_battery_gathers_changes(tmp_path: Path) -> None:
    supply(tmp_path, "AC", type="Mains", online="0")
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert on_battery(tmp_path)
    assert waiting_time(tmp_path) == ON_BATTERY


def test_a_computer_on_mains_or_without_a_battery_is_not_on_battery(tmp_path: Path) -> None:
    assert not on_battery(tmp_path / "none")
    supply(tmp_path, "mouse", type="Battery", status="Full")
    assert not on_battery(tmp_path)
    supply(tmp_path, "AC", type="Mains", online="1")
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert not on_battery(tmp_path)


def test_looking_takes_a_bounded_share_of_the_time() -> None:
    assert interval(0.01) == SOONEST
    assert interval(2.0) == 400.0
    assert interval(1000.0) == LATEST


def test_network_drives_are_told_by_the_table_of_mounts(tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text(
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/photos /media/my\\040nas nfs4 rw 0 0\n"
        "/dev/sdb1 /media/my\\040nas/inner ext4 rw 0 0\n"
        "broken line\n"
    )
    assert is_remote(Path("/media/my nas/2024"), table)
    assert not is_remote(Path("/media/my nas/inner/2024"), table)
    assert not is_remote(Path("/media/my nas2"), table)
    assert not is_remote(Path("/home"), tmp_path / "none")
