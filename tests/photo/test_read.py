from __future__ import annotations

import io
import os
import pickle
import socket
import subprocess
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile, features

from ansa.photo.read import (
    DamagedPhoto,
    ImageSource,
    MissingDecoder,
    OversizedPhoto,
    PhotoError,
    UnsupportedPhoto,
    count_pictures,
    read_photo,
    read_pictures,
)
from ansa.scene import Facts
from tests import photos
from tests.photos import as_camera_stores, draw_photo, encode, exif_block, quarters

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"]
WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"]
EXIF: dict[str, Any] = {
    "taken": "2024:05:02 12:30:05",
    "offset": "+02:00",
    "make": "Canon",
    "model": "Canon EOS R5",
    "place": (-33.86, 151.2),
}


@pytest.fixture(autouse=True)
def _no_warning_leaks() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# What a photo gives


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_its_pixels(kind: str) -> None:
    pixels, facts = read_photo(encode(quarters(), kind))
    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - np.asarray(quarters())).mean() < 12
    assert facts == Facts(96, 64, kind)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", WITH_EXIF)
def test_every_format_is_upright_and_states_its_facts(kind: str, orientation: int) -> None:
    stored = as_camera_stores(quarters(), orientation)
    data = encode(stored, kind, exif=exif_block(orientation=orientation, **EXIF))
    pixels, facts = read_photo(data, min_side=32)
    assert pixels.shape == (32, 48, 3)
    corners = [pixels[y, x] for y in (4, -4) for x in (4, -4)]
    assert np.abs(np.array(corners, int) - photos.QUARTERS).max() < 60
    assert (facts.width, facts.height, facts.format) == (96, 64, kind)
    assert facts.taken == datetime(2024, 5, 2, 12, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    assert facts.latitude == pytest.approx(-33.86)
    assert facts.longitude == pytest.approx(151.2)
    assert facts.camera == "Canon EOS R5"


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_a_compressed_tiff_from_a_file_is_upright(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "scan.tif"
    stored = as_camera_stores(quarters(), 6)
    path.write_bytes(
        encode(stored, "TIFF", compression=compression, exif=exif_block(orientation=6))
    )
    pixels, facts = read_photo(path)
    assert pixels.shape == (64, 96, 3)
    assert (facts.width, facts.height) == (96, 64)


def test_a_png_that_tells_its_exif_as_text_is_understood() -> None:
    from PIL.PngImagePlugin import PngInfo

    block = exif_block(orientation=3, **EXIF)
    info = PngInfo()
    info.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n", zip=True)
    pixels, facts = read_photo(encode(quarters(), "PNG", pnginfo=info))
    assert facts.camera == "Canon EOS R5"
    assert tuple(pixels[0, 0]) == photos.QUARTERS[3]


@pytest.mark.parametrize("min_side", [16, 50, 100, 224, 4000])
def test_the_shorter_side_never_falls_below_min_side(min_side: int) -> None:
    for kind in ("JPEG", "PNG"):
        pixels, facts = read_photo(encode(draw_photo(400, 300), kind), min_side=min_side)
        assert min(pixels.shape[:2]) >= min(min_side, 300)
        assert (facts.width, facts.height) == (400, 300)


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "wrong.png"
    path.write_bytes(encode(quarters(), "JPEG"))
    assert read_photo(path)[1].format == "JPEG"


def test_a_path_its_bytes_an_image_and_its_pixels_are_the_same_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    data = encode(draw_photo(60, 40), "PNG")
    path.write_bytes(data)
    expected, facts = read_photo(path)
    with Image.open(path) as image:
        sources: list[ImageSource] = [str(path), data, image, np.asarray(draw_photo(60, 40))]
        for source in sources:
            pixels, same = read_photo(source)
            assert np.array_equal(pixels, expected)
            assert (same.width, same.height) == (facts.width, facts.height)
    assert path.read_bytes() == data


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_pillow_image_is_turned_upright_too(kind: str) -> None:
    stored = as_camera_stores(quarters(), 6)
    with Image.open(io.BytesIO(encode(stored, kind, exif=exif_block(orientation=6)))) as image:
        pixels, facts = read_photo(image)
    assert pixels.shape == (64, 96, 3)
    assert (facts.width, facts.height) == (96, 64)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_an_array_of_another_shape_or_type_is_an_error(array: Any) -> None:
    with pytest.raises(ValueError, match="uint8 of shape"):
        read_photo(array)


def test_a_min_side_below_one_is_an_error() -> None:
    with pytest.raises(ValueError, match="min_side"):
        read_photo(encode(quarters()), min_side=0)


# Unusual photos


def test_of_a_gif_with_5000_frames_only_the_first_is_decoded() -> None:
    pixels, facts = read_photo(photos.animated_gif(5000))
    assert (pixels == (255, 0, 0)).all()
    assert (facts.width, facts.height) == (2, 2)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF", "MPO"])
def test_of_several_pictures_it_is_the_first(kind: str) -> None:
    others = [Image.new("RGB", (96, 64), "black")] * 3
    data = encode(quarters(), kind, save_all=True, append_images=others)
    pixels, facts = read_photo(data)
    assert np.abs(pixels.astype(int) - np.asarray(quarters())).mean() < 12
    assert facts.format == ("JPEG" if kind == "MPO" else kind)


def test_cmyk_jpeg_looks_as_it_should() -> None:
    pixels, _ = read_photo(encode(quarters().convert("CMYK"), "JPEG"))
    assert np.abs(pixels.astype(int) - np.asarray(quarters())).mean() < 12


def test_a_16_bit_png_keeps_its_brightness() -> None:
    grey = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    pixels, _ = read_photo(encode(Image.fromarray(grey), "PNG"))
    assert np.abs(pixels[..., 0].astype(int) - grey // 256).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
def test_transparent_parts_are_white(kind: str) -> None:
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 48, 64))
    pixels, _ = read_photo(encode(image, kind))
    assert (pixels[:, :40] > 250).all()


def test_a_palette_png_looks_as_it_should() -> None:
    pixels, _ = read_photo(encode(quarters().quantize(8), "PNG"))
    assert np.abs(pixels.astype(int) - np.asarray(quarters())).max() <= 4


# Facts that are wrong


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize(
    "block",
    [
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        exif_block(**EXIF)[:40],
        b"Exif\0\0" + photos.tiff_with_many_entries(5000),
        exif_block(taken="0000:00:00 00:00:00", gps={1: photos.text("N"), 2: (5, [(0, 0)] * 3)}),
    ],
    ids=["text", "lost", "cut", "huge", "absurd"],
)
def test_garbage_exif_costs_the_facts_not_the_photo(kind: str, block: bytes) -> None:
    pixels, facts = read_photo(encode(quarters(), kind, exif=block))
    assert pixels.shape == (64, 96, 3)
    assert (facts.taken, facts.latitude, facts.longitude) == (None, None, None)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("garbage", [b"XXXX", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"])
def test_garbage_exif_in_a_box_costs_the_facts_not_the_photo(kind: str, garbage: bytes) -> None:
    data = encode(quarters(), kind, exif=exif_block(**EXIF))
    at = data.index(b"II*\0")
    pixels, facts = read_photo(data[:at] + garbage + data[at + len(garbage) :])
    assert pixels.shape == (64, 96, 3)
    assert facts.taken is None


# Files that are no photos


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "HEIF", "AVIF"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
def test_a_truncated_photo_is_refused_with_its_name(kind: str, part: float) -> None:
    data = encode(draw_photo(160, 120), kind)
    with pytest.raises(DamagedPhoto, match=r"holiday\.jpg: .*backup"):
        read_photo(data[: int(len(data) * part)], name="holiday.jpg")


def test_what_the_embedding_program_set_about_truncated_files_is_left_alone() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert Image.MAX_IMAGE_PIXELS == 1024**3 // 4 // 3


@pytest.mark.parametrize("data", [b"", bytes(5000)], ids=["empty", "zeros"])
def test_a_file_without_content_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedPhoto, match=r"^a\.jpg: it (is empty|holds nothing but zeros)"):
        read_photo(data, name="a.jpg")


@pytest.mark.parametrize("description", photos.NOT_PHOTOS)
def test_other_kinds_of_files_are_not_opened_at_all(description: str) -> None:
    with pytest.raises(UnsupportedPhoto, match=f"it is {description}, .*(export|get) it"):
        read_photo(photos.NOT_PHOTOS[description], name="a.jpg")


def test_the_preview_in_a_raw_file_is_not_taken_for_the_photo() -> None:
    with pytest.raises(UnsupportedPhoto, match="RAW"):
        read_photo(photos.raw_file())


def test_what_begins_like_a_film_and_is_none_is_refused() -> None:
    with pytest.raises(DamagedPhoto, match=r"a\.mov: the film is damaged"):
        read_photo(photos.film(), name="a.mov")


def test_films_and_raw_photos_name_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    monkeypatch.setattr("ansa.photo.file_kinds.is_installed", lambda package: False)
    with pytest.raises(MissingDecoder, match=r"a\.mov: .*pip install 'ansa\[film\]'"):
        read_photo(photos.film(), name="a.mov")
    with pytest.raises(MissingDecoder, match=r"a\.dng: .*pip install 'ansa\[raw\]'"):
        read_photo(photos.raw_file(), name="a.dng")


def test_a_heic_without_its_decoder_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(quarters(), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingDecoder, match=r"IMG_1\.HEIC: .*pip install pillow-heif"):
        read_photo(data, name="IMG_1.HEIC")


def test_an_avif_without_its_decoder_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(quarters(), "AVIF")
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(MissingDecoder, match="pip install"):
        read_photo(data)


# Bombs


@pytest.mark.parametrize(
    "data",
    [
        photos.png_bomb(20_000, 20_000),
        photos.jpeg_that_claims(65_000, 65_000),
        photos.jpeg_that_claims(20_000, 20_000, progressive=True),
        photos.tiff_with_many_entries(),
        photos.tiff_that_unpacks_to_gigabytes(),
    ],
    ids=["png", "jpeg", "progressive", "entries", "overlap"],
)
def test_a_bomb_is_refused_before_it_is_decoded(data: bytes) -> None:
    with pytest.raises(OversizedPhoto, match=r"^bomb: "):
        read_photo(data, min_side=224, name="bomb")


def test_a_jpeg_too_large_at_full_size_opens_smaller() -> None:
    data = photos.jpeg_that_claims(16_000, 12_000)
    with pytest.raises(OversizedPhoto, match="128 megapixels"):
        read_photo(data)
    pixels, facts = read_photo(data, min_side=224)
    assert (facts.width, facts.height) == (16_000, 12_000)
    assert pixels.shape == (375, 500, 3)


def test_a_file_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.webp"
    with path.open("wb") as file:
        file.write(encode(quarters(), "WEBP"))
        file.truncate(5_000_000_000)  # a hole: it takes no room on disk
    with pytest.raises(OversizedPhoto, match=r"5\.0 GB"):
        read_photo(path)


def test_the_pixel_limit_of_the_embedding_program_does_not_reach_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_photo(encode(quarters()))[0].shape == (64, 96, 3)


_MEASURE = """
import resource, sys
from ansa.photo.read import read_photo
read_photo(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pixels, facts = read_photo(sys.argv[1], min_side=224)
assert facts.width * facts.height > 100e6
assert min(pixels.shape[:2]) >= 224, pixels.shape
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
@pytest.mark.parametrize(("suffix", "megabytes"), [("jpg", 40), ("png", 500)])
def test_a_100_megapixel_photo_stays_under_a_memory_cap(
    tmp_path: Path, suffix: str, megabytes: int
) -> None:
    large, small = tmp_path / f"large.{suffix}", tmp_path / f"small.{suffix}"
    Image.new("RGB", (11_648, 8_736), (90, 120, 150)).save(large, compress_level=1)
    quarters().save(small)
    result = subprocess.run(
        [sys.executable, "-c", _MEASURE, large, small], capture_output=True, text=True, check=True
    )
    assert int(result.stdout) < megabytes


# Files that are not there, or not files


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"gone\.jpg: it cannot be read \(No such file"):
        read_photo(tmp_path / "gone.jpg")


def test_a_folder_a_pipe_and_a_socket_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket.jpg"))
    for path in (tmp_path, pipe, tmp_path / "socket.jpg"):
        with pytest.raises(UnsupportedPhoto, match="not a file"):
            read_photo(path)
    server.close()


def test_odd_names_are_shown_on_one_line(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/new\nline\xff.jpg"))
    path.write_bytes(b"")
    with pytest.raises(DamagedPhoto) as caught:
        read_photo(path)
    assert caught.value.file == str(path)
    assert r"new\nline\udcff.jpg: it is empty" in str(caught.value)
    str(caught.value).encode("utf-8")


def test_an_error_survives_the_way_between_processes() -> None:
    error = OversizedPhoto("a.jpg", "it is large", "export it")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is OversizedPhoto
    assert (copy.file, copy.reason, copy.remedy) == ("a.jpg", "it is large", "export it")
    assert str(copy) == "a.jpg: it is large; export it"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_no_file_stays_open(tmp_path: Path) -> None:
    good = [photos.write_photo(tmp_path / f"good{s}") for s in (".jpg", ".png", ".tif", ".gif")]
    bad = [tmp_path / f"bad{i}" for i in range(4)]
    for path, source in zip(bad, good, strict=True):
        path.write_bytes(source.read_bytes()[:200])
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    errors = []
    for path in good + bad:
        try:
            read_photo(path)
        except PhotoError as error:
            errors.append(error)  # keeps its traceback, and so whatever that holds
    assert len(errors) == 4
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_threads_read_the_same_pixels() -> None:
    files = [encode(draw_photo(200, 150, seed=i), kind) for i, kind in enumerate(KINDS)]
    expected = [read_photo(file)[0] for file in files]
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(lambda _: [read_photo(file)[0] for file in files], range(24)):
            assert all(np.array_equal(a, b) for a, b in zip(got, expected, strict=True))


def test_decoders_are_imported_only_for_photos_of_their_kind(tmp_path: Path) -> None:
    photo = tmp_path / "red.jpg"
    Image.new("RGB", (8, 6), "red").save(photo)
    script = (
        "import sys; from ansa.photo.read import read_photo\n"
        "before = [m for m in sys.modules if m.endswith('ImagePlugin')]\n"
        "read_photo(sys.argv[1])\n"
        "print(before, 'PIL.JpegImagePlugin' in sys.modules, 'PIL.PngImagePlugin' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script, photo], capture_output=True, text=True)
    assert said.stdout == "[] True False\n"


def several(path: Path, sizes: Sequence[tuple[int, int]]) -> Path:
    """A file with a picture of each size, each in a grey of its own."""
    first, *rest = (Image.new("L", size, 40 * number) for number, size in enumerate(sizes, 1))
    first.save(path, save_all=True, append_images=rest)
    return path


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_every_picture_of_a_file_is_given_in_turn(tmp_path: Path, suffix: str) -> None:
    path = several(tmp_path / f"several{suffix}", [(40, 30)] * 3)
    assert count_pictures(path) == 3
    pictures = list(read_pictures(path))
    assert [picture.shape for picture in pictures] == [(30, 40, 3)] * 3
    assert [round(picture.mean() / 40) for picture in pictures] == [1, 2, 3]


def test_a_photo_is_the_one_picture_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (400, 200), "red").save(path)
    assert count_pictures(path) == 1
    assert [picture.shape for picture in read_pictures(path, min_side=100)] == [(100, 200, 3)]


@pytest.mark.parametrize("content", [b"", b"no photo", b"GIF89a" + bytes(40), b"II*\0\x08\0\0\0"])
def test_a_file_that_is_no_photo_has_no_pictures(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(content)
    for read in (count_pictures, lambda path: list(read_pictures(path))):
        with pytest.raises(PhotoError):
            read(path)


def test_of_a_tiff_small_copies_of_a_page_are_no_pictures(tmp_path: Path) -> None:
    pages = [Image.new("L", size, 90) for size in ((20, 10), (80, 40), (80, 40))]
    for number, page in enumerate(pages):
        page.encoderinfo = {"tiffinfo": {254: int(number == 0)}}  # the first is a reduced copy
    path = tmp_path / "a.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert count_pictures(path) == 2
    assert [picture.shape for picture in read_pictures(path)] == [(40, 80, 3)] * 2
