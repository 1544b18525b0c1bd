"""Till receipts: narrow strips of small print with prices on the right."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ansa_train.data.synthetic.camera import photographed, scanned
from ansa_train.data.synthetic.canvas import Canvas, Font, font, sheet
from ansa_train.data.synthetic.codes import bars


def receipt(studio: Canvas) -> Image.Image:
    """A receipt as it came off the roll, scanned, or photographed."""
    strip = _strip(studio)
    return studio.rng.choice((scanned, scanned, photographed, photographed))(studio, strip)


def _strip(studio: Canvas) -> Image.Image:
    rng = studio.rng
    size = studio.between(10, 17)
    face = studio.face("mono", "mono", "sans")
    type_, strong = font(face, size), font(studio.face("bold", "mono"), round(size * 1.5))
    columns = studio.between(26, 42)
    width = round(columns * 0.6 * size) + 2 * size
    paper = studio.colour(232, 255) if studio.chance(0.8) else (255, 250, studio.between(200, 235))
    image, draw = sheet((width, 80 * size), paper)
    ink = studio.colour(0, 90)
    y = _head(studio, draw, type_, strong, width, ink)
    right = width - size
    rule = rng.choice(("-", "=", "*", ""))
    for _ in range(studio.between(1, 4)):
        y = _line(draw, y, type_, ink, size, right, studio.title(1, 1) + ":", studio.date())
    y = _rule(draw, y, type_, ink, size, right, rule)
    quantity = studio.chance(0.5)
    for _ in range(studio.between(1, 16)):
        name = studio.words(1, 3).upper() if studio.chance(0.7) else studio.title(1, 3)
        if quantity:
            y = _line(draw, y, type_, ink, size, right, name, "")
            name = f"  {studio.between(1, 9)} x {studio.price()}"
        y = _line(draw, y, type_, ink, size, right, name[: columns - 9], studio.price())
    y = _rule(draw, y, type_, ink, size, right, rule)
    for name in ("Subtotal", "Tax", "Rounding", "Cash", "Change")[: studio.between(1, 5)]:
        y = _line(draw, y, type_, ink, size, right, name, studio.price())
    total = rng.choice(("TOTAL", "Total", "AMOUNT DUE", "SUM"))
    y = _line(draw, y, rng.choice((type_, strong)), ink, size, right, total, studio.price())
    y = _rule(draw, y, type_, ink, size, right, rule)
    for _ in range(studio.between(1, 6)):
        y = _centred(draw, y, type_, ink, width, studio.words(2, 5)[: columns - 2])
    if studio.chance(0.25):
        code = bars(studio, width - 6 * size, 4 * size, paper, ink)
        image.paste(code, (3 * size, y + size))
        y += 6 * size
    return image.crop((0, 0, width, y + studio.between(size, 5 * size)))


def _head(
    studio: Canvas,
    draw: ImageDraw.ImageDraw,
    type_: Font,
    strong: Font,
    width: int,
    ink: tuple[int, int, int],
) -> int:
    y = round(type_.size) * studio.between(1, 3)
    if studio.chance(0.25):  # a logo
        radius = studio.between(14, 36)
        box = (width // 2 - radius, y, width // 2 + radius, y + 2 * radius)
        studio.rng.choice((draw.ellipse, draw.rectangle))(box, fill=ink)
        y += 2 * radius + 8
    y = _centred(draw, y, strong, ink, width, studio.title(1, 2)[:14])
    for _ in range(studio.between(1, 5)):
        line = f"{studio.title(1, 3)} {studio.number(studio.between(1, 9))}"
        y = _centred(draw, y, type_, ink, width, line[:26])
    return y + round(type_.size)


def _line(
    draw: ImageDraw.ImageDraw,
    y: int,
    type_: Font,
    ink: tuple[int, int, int],
    left: int,
    right: int,
    name: str,
    value: str,
) -> int:
    draw.text((left, y), name, ink, type_)
    draw.text((right - type_.getlength(value), y), value, ink, type_)
    return y + round(1.3 * type_.size)


def _centred(
    draw: ImageDraw.ImageDraw,
    y: int,
    type_: Font,
    ink: tuple[int, int, int],
    width: int,
    text: str,
) -> int:
    draw.text(((width - type_.getlength(text)) / 2, y), text, ink, type_)
    return y + round(1.3 * type_.size)


def _rule(
    draw: ImageDraw.ImageDraw,
    y: int,
    type_: Font,
    ink: tuple[int, int, int],
    left: int,
    right: int,
    mark: str,
) -> int:
    if mark:
        count = int((right - left) / type_.getlength(mark))
        draw.text((left, y), mark * count, ink, type_)
    return y + round(1.3 * type_.size)
