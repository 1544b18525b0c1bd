"""How fast a watch may work: slower on battery and beside other work; and where it has to look
itself, because nobody tells of changes."""

from __future__ import annotations

import os
from pathlib import Path

from ansa.processors import processor_count

ON_BATTERY = 30.0
"""Seconds after a look at changes within which further ones are gathered, on battery."""

UNDER_LOAD = 5.0
"""The same where other programs keep the processors busy."""

SOONEST, LATEST = 30.0, 3600.0
"""Seconds between two looks at a folder that nobody tells of changes in."""

_BUSY = 1.5  # waiting or running threads for each processor
_SHARE = 0.005  # of the time, which a look at a folder may take
_REMOTE = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "fuse.rclone", "fuse.sshfs", "glusterfs", "ncpfs"}
    | {"nfs", "nfs4", "smb3", "smbfs"}
)
_SUPPLIES = Path("/sys/class/power_supply")
_MOUNTS = Path("/proc/self/mounts")


def waiting_time(supplies: Path = _SUPPLIES) -> float:
    """Seconds to gather changes after a look at earlier ones; 0 where nothing speaks against it."""
    if on_battery(supplies):
        return ON_BATTERY
    return UNDER_LOAD if _is_busy() else 0.0


def on_battery(supplies: Path = _SUPPLIES) -> bool:
    """Whether this computer runs on its battery; False where the system does not say.

    Args:
        supplies: Linux's folder of power supplies.
    """
    kinds = [(_text(supply / "type"), supply) for supply in _listed(supplies)]
    mains = [supply for kind, supply in kinds if kind in ("Mains", "USB")]
    batteries = [supply for kind, supply in kinds if kind == "Battery"]
    if any(_text(supply / "online") == "1" for supply in mains):
        return False
    return any(_text(supply / "status") == "Discharging" for supply in batteries)


def interval(seconds: float) -> float:
    """Seconds between two looks at a folder, of which one takes ``seconds``."""
    return min(LATEST, max(SOONEST, seconds / _SHARE))


def is_remote(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a folder is on a network drive, on which others make changes unheard.

    Args:
        folder: its absolute path.
        mounts: Linux's table of mounted file systems; elsewhere no drive is known to be remote.
    """
    best, kind = "", ""
    for line in _text(mounts).splitlines():
        parts = line.split(" ")
        if len(parts) > 2:
            at = parts[1].encode().decode("unicode_escape", "replace")
            inside = at == "/" or folder == Path(at) or Path(at) in folder.parents
            if inside and len(at) >= len(best):
                best, kind = at, parts[2]
    return kind in _REMOTE


def _is_busy() -> bool:
    try:
        return os.getloadavg()[0] > _BUSY * processor_count()
    except (AttributeError, OSError):  # not on Windows
        return False


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
