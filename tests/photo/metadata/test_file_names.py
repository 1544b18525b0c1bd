"""Names of files say when a photo was taken if they are of a form that programs write."""

from __future__ import annotations

import pytest

from ansa.photo.metadata.file_names import parse_name
from ansa.scene import when_text

CLOCK = "2021-03-04T10:11:12"


@pytest.mark.parametrize(
    ("name", "said"),
    {
        "IMG-20190102-WA0001.jpg": "2019-01-02",
        "IMG-20190102-WA0001(1).jpeg": "2019-01-02",
        "Copy of IMG-20190102-WA0001.jpg": "2019-01-02",
        "WP_20130304_001.jpg": "2013-03-04",
        "2021-03-04 beach.jpg": "2021-03-04",
        "1945-06-12.png": "1945-06-12",
        "Screenshot_20210304-101112.png": CLOCK,
        "Screenshot_20210304-101112_Chrome.jpg": CLOCK,
        "Screenshot_2021-03-04-10-11-12-123_com.app.jpg": CLOCK,
        "Screenshot 2021-03-04 at 10.11.12.png": CLOCK,
        "Screen Shot 2021-03-04 at 10.11.12 AM.png": CLOCK,
        "Screenshot 2021-03-04 at 1.02.03\N{NARROW NO-BREAK SPACE}PM.png": "2021-03-04T13:02:03",
        "Bildschirmfoto 2021-03-04 um 10.11.12.png": CLOCK,
        "Screenshot from 2021-03-04 10-11-12.png": CLOCK,
        "IMG_20210304_101112.jpg": CLOCK,
        "IMG_20210304_101112~2.jpg": CLOCK,
        "IMG_20210304_101112_BURST1.jpg": CLOCK,
        "IMG_20210304_101112123.jpg": CLOCK,
        "IMG20210304101112.jpg": CLOCK,
        "MVIMG_20210304_101112.jpg": CLOCK,
        "PANO_20210304_101112.jpg": CLOCK,
        "VID_20210304_101112.jpg": CLOCK,
        "20210304_101112.jpg": CLOCK,
        "20210304_101112(0).jpg": CLOCK,
        "20210304101112.jpg": CLOCK,
        "2021-03-04 10.11.12.jpg": CLOCK,
        "2021-03-04 10.11.12-1.jpg": CLOCK,
        "2021-03-04_10-11-12.heic": CLOCK,
        "2021-03-04T10-11-12.jpg": CLOCK,
        "signal-2021-03-04-101112.jpg": CLOCK,
        "signal-2021-03-04-10-11-12-123.jpg": CLOCK,
        "photo_2021-03-04_10-11-12.jpg": CLOCK,
        "photo_2@04-03-2021_10-11-12.jpg": None,
        "WhatsApp Image 2021-03-04 at 10.11.12.jpeg": CLOCK,
        "WhatsApp Image 2021-03-04 at 10.11.12 (1).jpeg": CLOCK,
        "WhatsApp Image 2021-03-04 at 9.11.12 PM.jpeg": "2021-03-04T21:11:12",
        "00100lrPORTRAIT_00100_BURST20210304101112345_COVER.jpg": CLOCK,
        "PXL_20220506_070809123.jpg": "2022-05-06T07:08:09+00:00",
        "PXL_20220506_070809123.MP.jpg": "2022-05-06T07:08:09+00:00",
        "PXL_20220506_070809123~2.jpg": "2022-05-06T07:08:09+00:00",
    }.items(),
)
def test_names_that_programs_write_say_when(name: str, said: str | None) -> None:
    when = parse_name(name)
    assert (when and when_text(when.moment, when.precision)) == said


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0042.jpg",
        "DSC_20190102.jpg",
        "20190102.jpg",
        "12345678_87654321.jpg",
        "IMG-20191302-WA0001.jpg",
        "IMG-20190102.jpg",
        "IMG-18990102-WA0001.jpg",
        "IMG_19640102_030405.jpg",
        "IMG_20990102_030405.jpg",
        "IMG_20190102_250405.jpg",
        "20210304_101112345678.jpg",
        "1554123456789.jpg",
        "2012030405060.jpg",
        "FB_IMG_1554123456789.jpg",
        "a1b2c320210304101112.jpg",
        "20210304101112abcdef.jpg",
        "holiday 2021.jpg",
        "4032x3024.jpg",
        "+43 2021 0304.jpg",
        "",
        ".jpg",
    ],
)
def test_other_numbers_are_no_dates(name: str) -> None:
    assert parse_name(name) is None
