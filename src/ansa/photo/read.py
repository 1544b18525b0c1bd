"""Reads any photo file safely: its upright RGB pixels and the facts in its metadata.

Every file may be hostile. Its format is recognized by its content, only decoders on a list are
tried, and its size is checked before anything is decoded. Every failure becomes a PhotoError that
names the file, the problem and the remedy.
"""

from __future__ import annotations

import io
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.photo.colour import rgb_colours, srgb
from ansa.photo.errors import (
    DamagedPhoto,
    MissingDecoder,
    OversizedPhoto,
    PhotoError,
    UnsupportedPhoto,
)
from ansa.photo.formats import HEAD_BYTES, SUFFIXES, describe, identify, is_film
from ansa.photo.metadata.canon_raw import read_canon
from ansa.photo.metadata.embedded import FileMetadata, info_metadata, read_metadata
from ansa.photo.metadata.exif import TiffPhoto, read_main, read_tiff
from ansa.photo.metadata.external import with_external_facts
from ansa.photo.metadata.fuji_raw import read_fuji
from ansa.photo.metadata.png import read_chunks, without_texts
from ansa.photo.metadata.tiff import HugeDirectoryError
from ansa.photo.pixels import resize_square, upright_pixels
from ansa.photo.unsupported import unread_variant
from ansa.scene import Facts, Pixels

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

__all__ = [
    "MAX_DECODED_PIXELS",
    "MAX_FILE_BYTES",
    "MAX_JPEG_PIXELS",
    "SUFFIXES",
    "DamagedPhoto",
    "ImageSource",
    "MissingDecoder",
    "OversizedPhoto",
    "PhotoError",
    "PhotoInColour",
    "UnsupportedPhoto",
    "count_pictures",
    "read_animation",
    "read_colours",
    "read_facts",
    "read_in_colour",
    "read_orientation",
    "read_photo",
    "read_pictures",
    "read_srgb",
    "resize_square",
]

ImageSource = str | os.PathLike[str] | bytes | Image.Image | NDArray[np.uint8]
"""A path, the bytes of a file, a Pillow image, or uint8 pixels of shape (height, width, 3)."""

MAX_DECODED_PIXELS = 128_000_000
"""Above the largest medium-format cameras (102 MP) and below what hurts: 0.5 GB while decoding."""

MAX_JPEG_PIXELS = 512_000_000
"""Phones make 200-MP JPEGs. The decoder can shrink a JPEG as it reads it, so they stay cheap."""

MAX_FILE_BYTES = 1_100_000_000
"""What the most decoded pixels need uncompressed, at four channels of 16 bits, and a header."""


_ANIMATED = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
_ANIMATED_PIXELS = 300_000_000
"""What is decoded of an animation: some seconds of work."""

_JPEG_BLOCK_BYTES = 2**24
"""What the decoder gets at once: at each end of a block it goes on more slowly, bit by bit."""


@dataclass(frozen=True, slots=True)
class PhotoInColour:
    """A photo that was read once, to be both analyzed and shown.

    Attributes:
        pixels: as :func:`read_photo` gives them.
        facts: as :func:`read_photo` gives them for the bytes of a file.
        shown: the pixels for display as :func:`read_colours` gives them; mostly the same ones.
        profile: the ICC profile of ``shown``; None for sRGB.
    """

    pixels: Pixels
    facts: Facts
    shown: Pixels
    profile: bytes | None


@dataclass(frozen=True, slots=True)
class _Decoded:
    """What a decoder gave: a picture that is not upright yet, its EXIF orientation, and facts."""

    image: Image.Image
    orientation: int
    facts: Facts


def read_photo(
    source: ImageSource, *, min_side: int | None = None, name: str | None = None
) -> tuple[Pixels, Facts]:
    """Reads the upright pixels of a photo, and the facts in its file and its sidecars.

    Of files with several pictures, such as animations, the first one is read, of a film a poster,
    and of a RAW photo its preview. Transparency becomes white. The source is never changed.

    Args:
        source: the photo.
        min_side: how many pixels the shorter side must keep, at least; the photo is then halved as
            often as that allows, which makes large JPEGs five times faster. None for full size.
        name: what errors call the photo; a path is its own name.

    Returns:
        Pixels, uint8 (height, width, 3), read-only; and Facts, whose width and height are those of
        the upright photo at full size.

    Raises:
        PhotoError: the photo cannot be read; the subclass tells the kind of trouble.
        ValueError: an array is not uint8 of shape (height, width, 3), or min_side is below 1.
    """
    if min_side is not None and min_side < 1:
        raise ValueError(f"min_side is {min_side}, but a photo has at least one pixel")
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if name is None:
        name = os.fspath(source) if isinstance(source, str | os.PathLike) else "this photo"
    with _explained(name):
        if isinstance(source, Image.Image):
            return _from_image(source, min_side, name)
        if _is_film(source):
            from ansa.photo.film import read_frame

            pixels, facts = read_frame(source, min_side=min_side, name=name)
        else:
            with _opened(source, name) as file:
                decoded = _decoded(file, min_side, name)
            pixels = upright_pixels(decoded.image, decoded.orientation, min_side)
            facts = decoded.facts
    return pixels, facts if isinstance(source, bytes) else with_external_facts(facts, source)


def read_facts(data: bytes, *, name: str = "this photo") -> Facts:
    """Reads the facts in a photo's metadata, without decoding its pixels.

    Args:
        data: the bytes of the file.
        name: the name of the photo in error messages.

    Raises:
        PhotoError: as :func:`read_photo`, as far as that shows before pixels are decoded.
    """
    with _explained(name), _opened(data, name) as file:
        kind = _identified(file, name)
        tiff = _checked_tiff(file, name) if kind == "TIFF" else None
        if kind == "RAW" or (tiff and tiff.raw):
            try:
                return _decoded_raw(file, tiff, 1, name).facts
            except UnsupportedPhoto:
                if tiff is None or tiff.preview:
                    raise
        image = _decoder(kind, file, name)
        found = read_metadata(kind, file, image.info, tiff)
        return _facts(image.size, kind, found, found.orientation)


def read_orientation(photo: str | os.PathLike[str]) -> int:
    """Reads how a photo file must be turned to be upright, without decoding its pixels.

    Returns:
        The EXIF orientation, 1..8. It is 1 for a HEIC photo, which its decoder turns by itself.

    Raises:
        PhotoError: see :func:`read_facts`.
    """
    name = os.fspath(photo)
    with _explained(name), _opened(photo, name) as file:
        kind = _identified(file, name)
        tiff = _checked_tiff(file, name) if kind == "TIFF" else None
        if kind == "RAW" or (tiff and tiff.raw):
            from ansa.photo.raw import read_preview

            return read_preview(file, name).orientation
        image = _decoder(kind, file, name)
        return read_metadata(kind, file, image.info, tiff).orientation


def read_colours(
    photo: str | os.PathLike[str] | bytes, *, min_side: int | None = None
) -> tuple[Pixels, bytes | None]:
    """Reads the pixels of a photo for display, and the ICC profile of their colours.

    Args:
        photo: its file, or the bytes of it.
        min_side: see :func:`read_photo`.

    Returns:
        Pixels, uint8 (height, width, 3), read-only, upright; and their profile, of an RGB space;
        None for sRGB. Greys and inks (CMYK) with a profile are converted to sRGB; other pixels
        keep the photo's own profile.

    Raises:
        PhotoError: see :func:`read_photo`.
    """
    name = "this photo" if isinstance(photo, bytes) else os.fspath(photo)
    with _explained(name):
        if _is_film(photo):
            from ansa.photo.film import read_frame

            return read_frame(photo, min_side=min_side, name=name)[0], None
    with _explained(name), _opened(photo, name) as file:
        decoded = _decoded(file, min_side, name)
        picture, profile = rgb_colours(decoded.image)
        return upright_pixels(picture, decoded.orientation, min_side), profile


def read_in_colour(data: bytes, *, min_side: int) -> PhotoInColour:
    """Reads a photo for two uses at once, because decoding it takes most of the time of either.

    Args:
        data: the bytes of its file.
        min_side: see :func:`read_photo`.

    Raises:
        PhotoError: see :func:`read_photo`.
    """
    name = "this photo"
    with _explained(name):
        if _is_film(data):
            pixels, facts = read_photo(data, min_side=min_side)
            return PhotoInColour(pixels, facts, pixels, None)
        with _opened(data, name) as file:
            decoded = _decoded(file, min_side, name)
        picture, profile = rgb_colours(decoded.image)
        pixels = shown = upright_pixels(decoded.image, decoded.orientation, min_side)
        if picture is not decoded.image:
            shown = upright_pixels(picture, decoded.orientation, min_side)
        return PhotoInColour(pixels, decoded.facts, shown, profile)


def read_srgb(photo: str | os.PathLike[str] | bytes, *, min_side: int | None = None) -> Pixels:
    """Reads the pixels of a photo as sRGB, for output without a profile.

    See :func:`read_colours` for arguments and errors.
    """
    return srgb(*read_colours(photo, min_side=min_side))


def read_pictures(path: str | os.PathLike[str], *, min_side: int | None = None) -> Iterator[Pixels]:
    """Yields every picture in a file in turn: its pages, or the frames of an animation.

    Args:
        path: the photo.
        min_side: see :func:`read_photo`, as for what is given and raised.
    """
    name = os.fspath(path)
    with _explained(name), _opened(path, name) as file:
        kind = _identified(file, name)
        tiff = _checked_tiff(file, name) if kind == "TIFF" else None
        image = _decoder(kind, file, name)
        with _silence() if kind in _WARN else nullcontext():
            numbers = tiff.pages if tiff else range(getattr(image, "n_frames", 1))
        for number in numbers:
            with _silence() if kind in _WARN else nullcontext():
                image.seek(number)
                _check_pixels(image.size, MAX_DECODED_PIXELS, name)
                image.load()
            yield upright_pixels(image, 1, min_side)


def count_pictures(path: str | os.PathLike[str]) -> int:
    """The number of pictures that :func:`read_pictures` yields, without decoding any.

    Raises:
        PhotoError: see :func:`read_photo`.
    """
    name = os.fspath(path)
    with _explained(name), _opened(path, name) as file:
        kind = _identified(file, name)
        if kind == "TIFF":
            return len(_checked_tiff(file, name).pages)
        image = _decoder(kind, file, name)
        with _silence() if kind in _WARN else nullcontext():
            return getattr(image, "n_frames", 1)


def read_animation(
    data: bytes, *, most: int, min_side: int | None = None
) -> Iterator[tuple[float, Pixels]]:
    """Yields frames of an animated GIF, PNG, WebP or AVIF, evenly spread.

    Of a long animation in a large size only the beginning is read. Nothing is given for a picture
    that does not move.

    Args:
        data: the bytes of the file.
        most: the largest number of frames.
        min_side: see :func:`read_photo`.

    Yields:
        The second at which a frame is shown; and its pixels, as of :func:`read_photo`.

    Raises:
        PhotoError: see :func:`read_photo`; frames before the damage were given.
    """
    name = "this picture"
    with _explained(name), _opened(data, name) as file:
        kind = _identified(file, name)
        if kind not in _ANIMATED:
            return
        image = _decoder(kind, file, name)
        with _silence() if kind in _WARN else nullcontext():
            count = getattr(image, "n_frames", 1)
        _check_pixels(image.size, MAX_DECODED_PIXELS, name)
        count = min(count, max(1, _ANIMATED_PIXELS // (image.width * image.height)))
        if count < 2:
            return
        step, second = -(-count // most), 0.0
        for number in range(count):
            with _silence() if kind in _WARN else nullcontext():
                image.seek(number)
                image.load()  # also those between, which decoders need for the next ones
            if number % step == 0:
                yield second, upright_pixels(image, 1, min_side)
            second += float(image.info.get("duration", 0)) / 1000


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """A context that turns any exception of a decoder into a PhotoError."""
    try:
        yield
    except PhotoError:
        raise
    except MemoryError:
        raise OversizedPhoto(
            name, "there is not enough memory to decode it", "close other programs and try again"
        ) from None
    except Image.DecompressionBombError as error:  # some decoders have a limit of their own
        raise OversizedPhoto(
            name, "it has more pixels than its decoder opens", "export a smaller copy of it"
        ) from error
    except Exception as error:  # decoders raise nearly every kind of exception on hostile bytes
        if isinstance(error, OSError) and error.errno is not None:
            raise PhotoError(
                name,
                f"it cannot be read ({error.strerror})",
                "check that it still exists and that you may read it",
            ) from error
        raise DamagedPhoto(
            name,
            "it is damaged or incomplete",
            "restore it from a backup or copy it again from the camera",
        ) from error


def _from_array(pixels: NDArray[Any]) -> tuple[Pixels, Facts]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(
            f"an array of pixels must be uint8 of shape (height, width, 3), "
            f"not {pixels.dtype} {pixels.shape}"
        )
    height, width, _ = pixels.shape
    return pixels, Facts(width=width, height=height)


def _from_image(image: Image.Image, min_side: int | None, name: str) -> tuple[Pixels, Facts]:
    _check_pixels(image.size, MAX_DECODED_PIXELS, name)
    image.load()
    found = info_metadata(image.info)
    return upright_pixels(image, found.orientation, min_side), _facts(
        image.size, image.format, found, found.orientation
    )


def _decoded(file: BinaryIO, min_side: int | None, name: str) -> _Decoded:
    kind = _identified(file, name)
    tiff = _checked_tiff(file, name) if kind == "TIFF" else None
    if kind == "RAW" or (tiff and tiff.raw):
        try:
            return _decoded_raw(file, tiff, min_side, name)
        except (MissingDecoder, UnsupportedPhoto):
            if tiff is None or tiff.preview:
                raise
            file.seek(0)  # a TIFF with a small copy of its picture, as programs write them
    with _variants_named(kind, file, name, opened=False):
        image = _decoder(kind, file, name)
        if tiff and tiff.page:
            image.seek(tiff.page)
    with _variants_named(kind, file, name, opened=True):
        size = image.size
        if kind == "JPEG":
            _prepare_jpeg(image, min_side, name)
        _check_pixels(image.size, MAX_DECODED_PIXELS, name)
        with _silence() if kind == "TIFF" else nullcontext():
            image.load()
    if kind != "JPEG":
        size = image.size  # some decoders know the true size only now
    found = read_metadata(kind, file, image.info, tiff)
    # Pillow has turned a TIFF by itself, if its own tag says so.
    turned = tiff is not None and tiff.exif.orientation is not None
    orientation = 1 if turned else found.orientation
    return _Decoded(image, orientation, _facts(size, kind, found, orientation))


def _prepare_jpeg(image: ImageFile, min_side: int | None, name: str) -> None:
    """Checks the size of a JPEG, and has its decoder shrink it while it reads it."""
    _check_pixels(image.size, MAX_JPEG_PIXELS, name)
    if image.info.get("progressive"):
        # All coefficients are held in memory, however small the result.
        _check_pixels(image.size, MAX_DECODED_PIXELS, name)
    if min_side:
        image.draft("RGB", (min_side, min_side))
    image.decodermaxblock = _JPEG_BLOCK_BYTES


def _decoded_raw(
    file: BinaryIO, tiff: TiffPhoto | None, min_side: int | None, name: str
) -> _Decoded:
    """Reads the preview of a RAW photo, and the facts that the file or its preview states."""
    from ansa.photo.raw import read_preview

    preview = read_preview(file, name)
    image: Image.Image
    found = FileMetadata()
    if preview.jpeg:
        inner = io.BytesIO(preview.jpeg)
        image = _decoder("JPEG", inner, name)
        _prepare_jpeg(image, min_side, name)
        _check_pixels(image.size, MAX_DECODED_PIXELS, name)
        image.load()
        found = read_metadata("JPEG", inner, image.info)
    else:
        assert preview.pixels is not None
        image = Image.fromarray(preview.pixels)
    turned = found.exif.orientation or preview.orientation
    if tiff is not None:
        found = read_metadata("TIFF", file, {}, tiff)
    elif found.exif.taken is None:
        told = (read(file) for read in (read_canon, read_fuji, read_main))
        found = replace(found, exif=next((exif for exif in told if exif.taken), found.exif))
    facts = _facts(preview.size, "RAW", found, preview.orientation)
    return _Decoded(image, turned, facts)


@contextmanager
def _variants_named(kind: str, file: BinaryIO, name: str, *, opened: bool) -> Iterator[None]:
    """A context that reports a refused file as an unsupported variant if it is one."""
    try:
        yield
    except (PhotoError, MemoryError, Image.DecompressionBombError):
        raise
    except Exception as error:
        if variant := unread_variant(kind, file, opened=opened):
            raise UnsupportedPhoto(
                name,
                f"it is {variant}, which ANSA does not read",
                "open it in another program and export it as JPEG, or as PNG of 8 bits",
            ) from error
        raise


def _facts(size: tuple[int, int], kind: str | None, found: FileMetadata, orientation: int) -> Facts:
    return found.facts(*(size if orientation < 5 else size[::-1]), kind)


# Files


def _is_film(source: str | os.PathLike[str] | bytes) -> bool:
    if isinstance(source, bytes):
        return is_film(source[:HEAD_BYTES])
    path = Path(source)
    if not stat.S_ISREG(path.stat().st_mode):
        return False
    with path.open("rb") as file:
        return is_film(file.read(HEAD_BYTES))


@contextmanager
def _opened(source: str | os.PathLike[str] | bytes, name: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        _check_bytes(len(source), name)
        yield io.BytesIO(source)
        return
    path = Path(source)
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
        raise UnsupportedPhoto(name, "it is not a file", "name a photo")
    _check_bytes(status.st_size, name)
    with path.open("rb") as file:
        yield file


def _identified(file: BinaryIO, name: str) -> str:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    kind = identify(head)
    if kind:
        return kind
    if not head.strip(b"\0"):
        raise DamagedPhoto(
            name,
            "it holds nothing but zeros" if head else "it is empty",
            "restore it from a backup or delete it",
        )
    description = describe(head)
    if description:
        failed = description == "text"  # what a download leaves that failed
        raise UnsupportedPhoto(
            name,
            f"it is {description}, which ANSA does not open",
            "get it again from where it came" if failed else "export it as JPEG or PNG",
        )
    raise DamagedPhoto(
        name,
        "its content is no photo format that ANSA knows",
        "restore it from a backup, or export it as JPEG or PNG",
    )


def _checked_tiff(file: BinaryIO, name: str) -> TiffPhoto:
    """Reads a TIFF's metadata with limits, because decoders read its directories without any."""
    try:
        tiff = read_tiff(file)
    except HugeDirectoryError as error:
        raise OversizedPhoto(
            name, f"it is a TIFF with {error}", "export it as JPEG or PNG"
        ) from error
    file.seek(0)
    return tiff


# Decoders: made directly rather than by Image.open, whose pixel limit and its warning are settings
# of the whole process; those belong to the program that ANSA is part of. Each is imported when the
# first photo of its kind comes, as all of them together take memory.

_WARN = {"PNG", "GIF", "TIFF", "AVIF"}
_ORIENTATION = 0x0112
_warnings_lock = threading.Lock()


def _decoder(kind: str, file: BinaryIO, name: str) -> ImageFile:
    """Opens a photo with its decoder, which reads the header but no pixels."""
    with _silence() if kind in _WARN else nullcontext():
        if kind == "HEIF":
            return _heif(file, name)
        if kind == "AVIF":
            return _avif(file, name)
        if kind == "PNG":
            file = without_texts(file) if read_chunks(file).heavy else file
            file.seek(0)
        return _format(kind)(file)


@cache
def _format(kind: str) -> type[ImageFile]:
    """The Pillow class that decodes a format."""
    if kind == "JPEG":
        return _jpeg()
    if kind == "TIFF":
        return _tiff()
    plugin = {"PNG": "Png", "WEBP": "WebP", "GIF": "Gif", "BMP": "Bmp"}[kind]
    module = import_module(f"PIL.{plugin}ImagePlugin")
    found: type[ImageFile] = getattr(module, f"{plugin}ImageFile")
    return found


# These two would read all EXIF by themselves: slowly, without limit, and with warnings.


def _jpeg() -> type[ImageFile]:
    from PIL.JpegImagePlugin import JpegImageFile

    class Jpeg(JpegImageFile):
        def getexif(self) -> Image.Exif:
            return Image.Exif()

    return Jpeg


def _tiff() -> type[ImageFile]:
    from PIL.TiffImagePlugin import TiffImageFile

    class Tiff(TiffImageFile):
        def getexif(self) -> Image.Exif:
            exif = Image.Exif()
            exif[_ORIENTATION] = self.tag_v2.get(_ORIENTATION, 1)
            return exif

    return Tiff


@contextmanager
def _silence() -> Iterator[None]:
    """A context without warnings of decoders. It locks, as filters are shared by all threads."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _avif(file: BinaryIO, name: str) -> ImageFile:
    from PIL import features
    from PIL.AvifImagePlugin import AvifImageFile

    if not features.check("avif"):
        raise MissingDecoder(
            name,
            "it is an AVIF photo and Pillow was built without AVIF",
            "run pip install -U pillow",
        )
    try:
        return AvifImageFile(file)
    except (SyntaxError, ValueError):
        # This decoder refuses a whole photo for garbage in its EXIF; here it gets one without.
        file.seek(0)
        return AvifImageFile(io.BytesIO(file.read().replace(b"Exif", b"none", 1)))


def _heif(file: BinaryIO, name: str) -> ImageFile:
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise MissingDecoder(
            name, "it is a HEIC photo, and its decoder is missing", "run pip install pillow-heif"
        ) from None
    image: ImageFile = HeifImageFile(file)  # type: ignore[no-untyped-call]
    return image


# Limits


def _check_bytes(size: int, name: str) -> None:
    if size > MAX_FILE_BYTES:
        raise OversizedPhoto(
            name,
            f"it is {size / 1e9:.1f} GB long, and ANSA opens {MAX_FILE_BYTES / 1e9:.1f} GB at most",
            "export it as JPEG",
        )


def _check_pixels(size: tuple[int, int], limit: int, name: str) -> None:
    width, height = size
    if width * height > limit:
        raise OversizedPhoto(
            name,
            f"it has {width} x {height} pixels, and ANSA opens {limit // 10**6} megapixels at most",
            "export a smaller copy of it",
        )
