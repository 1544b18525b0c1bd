"""A mixed folder has all kinds of files, and as many as it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mixed_folder import write_mixed_folder


def test_every_kind_is_there_and_every_file_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    count = write_mixed_folder(folder, 60)
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    assert len(files) == count >= 60
    kinds = {path.suffix for path in files if not path.is_symlink()}
    assert kinds >= {".jpg", ".heic", ".mov", ".mp4", ".dng", ".png", ".webp", ".gif", ".tif"}
    assert kinds >= {".bmp", ".raw", ".psd", ".svg", ".mp3", ".pdf", ".zip", ".xmp", ".json"}
    contents = [path.read_bytes() for path in files if path.suffix in (".heic", ".mov")]
    assert len(set(contents)) == len(contents)
