"""An open library file, its folder and its analyzer, which all features of the library use."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ansa.library.canonical_path import real_file, real_folder
from ansa.library.index_report import LibraryError, LibraryWarning
from ansa.library.indexing.system_folders import lies_in_system_folder
from ansa.library.storage.scope import Scope, is_below
from ansa.library.storage.store import Store

if TYPE_CHECKING:
    from ansa.library.indexing.model import Model
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.storage.photos import Photo
    from ansa.model.analyzer import Analyzer
    from ansa.scene import Scene

_MOST_NAMED = 10  # the most damaged photos that a warning names


class LibrarySession:
    """A library's file, the folder to which it is limited, and the analyzer.

    Attributes:
        folder: limits everything to the photos in this folder and its subfolders. It may be an
            indexed folder, or contain indexed folders, or be inside one. None means all folders.
        within: limits everything to the photos in any of these folders; empty if nothing does.
        database: the library's file.
        store: its tables.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        database: str | os.PathLike[str] | None = None,
        analyzer: Analyzer | None = None,
        within: Iterable[str | os.PathLike[str]] = (),
        read_only: bool = False,
    ) -> None:
        self.folder = None if folder is None else real_folder(folder)
        self.within = tuple(real_folder(each) for each in within)
        if self.folder is not None and self.within:
            raise ValueError("name one folder or several, not both")
        self.database = default_database() if database is None else Path(database).expanduser()
        self._analyzer = analyzer
        self._snapshot: tuple[object, Snapshot] | None = None
        self.store = Store(self.database.absolute(), read_only=read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the library's file, and warns of photos whose rows were found damaged."""
        self._snapshot = None
        try:
            self._name_damaged()
        finally:
            self.store.close()

    def damaged(self) -> list[Path]:
        """Returns existing photos whose rows were found damaged so far, by path.

        The next index run reads them again.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        files = self.store.paths(sorted(self.store.damaged), None).values()
        found = {paths[0] for paths in files if paths} | self.store.damaged_files
        return sorted(found, key=os.fsencode)

    def _name_damaged(self) -> None:
        if not self.store.damaged | self.store.damaged_files:
            return
        with suppress(LibraryError):
            damaged = self.damaged()
            for path in damaged[:_MOST_NAMED]:
                said = f"{path}: what the library keeps of it is damaged; run `ansa index`"
                warnings.warn(said, LibraryWarning, stacklevel=3)
            if more := len(damaged[_MOST_NAMED:]):
                said = f"{more:,} more photos are damaged in the library; run `ansa index`"
                warnings.warn(said, LibraryWarning, stacklevel=3)

    def photos(self) -> Iterator[Photo]:
        """Yields every photo that exists and was analyzed, with all its signals, in a stable order.

        Memory use does not grow with their number.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        from ansa.library.storage.photos import read_photos

        model, scope = self.model(), self.scope()
        photos, _ = self.store.vectors(self.store.bundle(model.bundle), scope)
        yield from read_photos(self.store, model, photos, scope)

    def waiting(self) -> int:
        """Returns how many existing photos the next index run will analyze.

        These are photos that this bundle has not analyzed, or not with all its heads, and photos
        whose stored data is damaged.

        Raises:
            LibraryError: the library's file fails.
        """
        model = self.model()
        return self.store.waiting(model.wanted(self.store.bundle(model.bundle)), self.scope())

    def scene_of(self, path: str | os.PathLike[str]) -> Scene | None:
        """Returns the stored scene of a photo without opening its file.

        It is None if the library does not know the photo, or if this bundle has not analyzed it.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        from ansa.library.storage.photos import read_photos

        photo = self.photo_of(path)
        if photo is None:
            return None
        found = next(read_photos(self.store, self.model(), [photo], None), None)
        return found.scene if found else None

    def photo_of(self, path: str | os.PathLike[str]) -> int | None:
        """Returns the row of the photo in a file, whatever folder the library is limited to.

        It is None if the library does not know the photo. The file is not opened.

        Raises:
            LibraryError: the library's file cannot be read.
        """
        file = os.fsencode(real_file(path))
        for folder, root in self.store.roots().items():
            if is_below(file, folder) and not lies_in_system_folder(file[len(folder) :]):
                photo = self.store.photo_in(root, os.path.relpath(file, folder))
                if photo is not None:
                    return photo
        return None

    def scope(self) -> Scope | None:
        """The files to which the library is limited: those in its folders; None for all."""
        folders = self.within if self.folder is None else (self.folder,)
        if not folders:
            return None
        roots = self.store.roots()
        parts = (Scope.of(os.fsencode(folder), roots).parts for folder in folders)
        return Scope(tuple(chain.from_iterable(parts)))

    def holds(self, path: str | os.PathLike[str]) -> bool:
        """Returns whether a file is in the folders to which the library is limited.

        It need not exist, and links on the way to it are followed.
        """
        folders = self.within if self.folder is None else (self.folder,)
        file = os.fsencode(real_file(path))
        return not folders or any(is_below(file, os.fsencode(folder)) for folder in folders)

    def unknown(self) -> bool:
        """Whether the library is limited to folders without any known photo."""
        scope = self.scope()
        return scope is not None and not self.store.knows(scope)

    def folders(self) -> list[Path]:
        """Returns all indexed folders."""
        return [Path(os.fsdecode(folder)) for folder in self.store.roots()]

    def model(self) -> Model:
        """Returns the model that computes the signals."""
        from ansa.library.indexing.model import Model
        from ansa.model.bundle import Bundle

        return Model.of(self._analyzer.bundle if self._analyzer else Bundle.open())

    @property
    def analyzer(self) -> Analyzer:
        """The analyzer of photos and texts, loaded when it is first used."""
        from ansa.model.analyzer import Analyzer

        if self._analyzer is None:
            self._analyzer = Analyzer()
        return self._analyzer

    def snapshot(self) -> Snapshot:
        """Returns the current photos; they are loaded again only if something was stored since."""
        from ansa.library.search.snapshot import Snapshot

        version = self.store.version()
        if self._snapshot is None or self._snapshot[0] != version:
            self._snapshot = version, Snapshot(self.store, self.analyzer, self.scope())
        return self._snapshot[1]


def default_database() -> Path:
    """Returns the library's file if none is named: one in the user's data directory."""
    from platformdirs import user_data_path

    return user_data_path("ansa", appauthor=False) / "library.sqlite"
