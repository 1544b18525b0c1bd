"""Finds the pictures of regression cases, and refuses one that is another than it was."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from PIL import Image

from ansa.photo.read import PhotoError, read_photo
from ansa_train.data.labels.utility_classes import KINDS
from ansa_train.data.pack import Sample, read_pack
from ansa_train.data.synthetic.utility_pictures import DRAWN, UtilityPictures
from ansa_train.regression.cases import Picture
from ansa_train.slicing.made_conditions import MADE

CARRIERS = ("skimage/data", "sklearn/datasets/images")
"""Folders of installed packages whose sample photos cases may name."""

CONDITION_SIDE = 256
"""Pixels of the square in which a picture is put under a made condition."""

MOST_DRAWN = 50
"""Pictures of each kind that can be drawn for cases."""


class PictureMissing(Exception):  # noqa: N818 - the name says what it is
    """A picture is not there or is not the one that the case was made with; cases say why."""


class PictureStore:
    """Finds pictures by what cases say of them.

    Args:
        data: a folder of shards; None if there is none.
        beside: the folder that pictures in files of their own lie in.

    Raises:
        FileNotFoundError: the folder holds no shard.
    """

    def __init__(self, data: Path | None = None, beside: Path | None = None) -> None:
        self._data, self._beside = data, beside
        self._samples: dict[str, Sample] = {}
        if data is not None:
            samples = read_pack(data, ["train", "dev", "test"])
            self._samples = {name: s for s in samples for name in (s.key, short_name(s.key))}

    def read(self, picture: Picture) -> bytes:
        """The picture, encoded.

        Raises:
            PictureMissing: it is not there, or another.
        """
        data = self._bytes(picture)
        if picture.sha256 and hashlib.sha256(data).hexdigest() != picture.sha256:
            raise PictureMissing("the picture is another than the one the case was made with")
        return _under(data, picture.condition) if picture.condition else data

    def _bytes(self, picture: Picture) -> bytes:
        try:
            match picture.source:
                case "package":
                    return package_file(picture.name).read_bytes()
                case "drawn":
                    return drawn(picture.name)
                case "shards":
                    if self._data is None:
                        raise PictureMissing("its shards were not given: --pack DATA")
                    if picture.name not in self._samples:
                        raise PictureMissing(f"{self._data} holds no such sample")
                    return self._samples[picture.name].read_bytes()
                case "file":
                    return self._file(picture.name).read_bytes()
        except OSError as error:
            raise PictureMissing(f"it cannot be read ({error.strerror or error})") from error

    def _file(self, name: str) -> Path:
        if self._beside is None:
            raise PictureMissing("the set has no folder of pictures")
        file = (self._beside / name).resolve()
        if not file.is_relative_to(self._beside.resolve()):
            raise PictureMissing("it lies outside the folder of the set")
        return file


def _under(data: bytes, condition: str) -> bytes:
    """A picture put under a made condition, as PNG, always in the same way.

    Raises:
        PictureMissing: it cannot be opened.
    """
    try:
        photo = Image.fromarray(read_photo(data)[0])
    except PhotoError as error:
        raise PictureMissing(f"{error.reason}; {error.remedy}") from error
    seed = hashlib.sha256(data).hexdigest()
    pixels = MADE[condition].make(photo, seed, CONDITION_SIDE)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def short_name(key: str) -> str:
    """A name for a sample that does not hold its key: keys are file names of strangers."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()


def package_file(name: str) -> Path:
    """The sample photo of an installed package: ``skimage/data/coffee.png``.

    Raises:
        PictureMissing: the package is not installed, or the name is not one of its sample photos.
    """
    path = PurePosixPath(name)
    if str(path.parent) not in CARRIERS:
        raise PictureMissing(f"cases may name photos of {' and '.join(CARRIERS)} only")
    package, *inside = path.parts
    spec = find_spec(package)  # tells where it is without the seconds its import takes
    for location in (spec and spec.submodule_search_locations) or []:
        file = Path(location, *inside)
        if file.exists():
            return file
    raise PictureMissing(f"{package} does not have it; pip install 'ansa[demo]'")


def drawn(name: str) -> bytes:
    """A picture that our code draws, as PNG: ``receipt 3``; the same name gives the same picture.

    Raises:
        PictureMissing: nothing is drawn by that name.
    """
    kind, _, number = name.rpartition(" ")
    if kind not in drawn_kinds() or not number.isdecimal() or int(number) >= MOST_DRAWN:
        raise PictureMissing(f"nothing is drawn by the name {name!a}")
    pictures = _drawn()
    place = next(i for i, each in enumerate(pictures.items) if each.key == f"test {name}")
    stream = io.BytesIO()
    image: Image.Image = pictures.picture(place)
    image.convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def drawn_kinds() -> Sequence[str]:
    """The kinds that can be drawn without photos."""
    return tuple(kind for kind in KINDS if kind not in ("photo", "meme"))


@cache
def _drawn() -> UtilityPictures:
    made = UtilityPictures([], "test", MOST_DRAWN, 0, [DRAWN])
    return made
