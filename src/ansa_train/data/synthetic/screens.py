"""Desktop screens: windows with menus, dialogs, editors, terminals, web pages, spreadsheets."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from ansa_train.data.synthetic.canvas import Canvas, Colour, Font, font, sheet, wrapped


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours and type of a desktop."""

    ground: Colour
    field: Colour
    bar: Colour
    ink: Colour
    dim: Colour
    accent: Colour
    type_: Font
    size: int


def theme(studio: Canvas, low: int = 10, high: int = 16) -> Theme:
    """Light or dark."""
    grey = studio.between(225, 250)
    dark = studio.chance(0.35)
    if dark:
        grey = studio.between(18, 70)
    shift = studio.between(-8, 8)
    tinted = (grey + shift, grey, grey - shift)
    field = (255, 255, 255) if not dark else (grey - 12, grey - 12, grey - 10)
    bar = studio.colour() if studio.chance(0.3) else (grey - 10, grey - 10, grey - 10)
    ink = studio.colour(0, 70) if not dark else studio.colour(200, 250)
    dim = (150, 150, 150) if not dark else (120, 120, 120)
    size = studio.between(low, high)
    type_ = font(studio.face("sans"), size)
    return Theme(tinted, field, bar, ink, dim, studio.colour(20, 220), type_, size)


def screen(studio: Canvas) -> Image.Image:
    """A window, a dialog, or a whole desktop with some."""
    look = theme(studio)
    if studio.chance(0.3):
        return _desktop(studio, look)
    dialog = studio.chance(0.4)
    width = studio.between(300, 520) if dialog else studio.between(560, 800)
    height = round(width * studio.rng.uniform(0.5, 1.2 if dialog else 0.8))
    return _window(studio, look, width, height)


def _desktop(studio: Canvas, look: Theme) -> Image.Image:
    width = studio.between(640, 860)
    height = round(width * studio.rng.choice((9 / 16, 10 / 16, 3 / 4)))
    image = studio.photo(width, height)
    if studio.chance(0.4):
        image, _ = sheet((width, height), studio.colour(10, 200))
    for _ in range(studio.between(1, 3)):
        w, h = studio.between(width / 3, 0.9 * width), studio.between(height / 3, 0.85 * height)
        image.paste(
            _window(studio, look, w, h),
            (studio.between(0, width - w), studio.between(20, height - h)),
        )
    draw = ImageDraw.Draw(image)
    top = 0 if studio.chance(0.5) else height - 24
    draw.rectangle((0, top, width, top + 24), fill=look.bar)
    draw.text((width - 60, top + 4), studio.clock(), _on(look.bar), look.type_)
    for x in range(10, studio.between(80, width // 2), 30):
        draw.rounded_rectangle((x, top + 4, x + 16, top + 20), 3, fill=studio.colour())
    return image


def _window(studio: Canvas, look: Theme, width: int, height: int) -> Image.Image:
    image, draw = sheet((width, height), look.ground)
    step = round(1.9 * look.size)
    y = 0
    if studio.chance(0.8):  # the title
        draw.rectangle((0, 0, width, step), fill=look.bar)
        draw.text((width / 3, 4), studio.title(1, 4), _on(look.bar), look.type_)
        for number in range(3):
            x = width - (number + 1) * step if studio.chance(0.8) else 8 + number * step
            draw.ellipse((x + 4, 6, x + step - 8, step - 6), outline=_on(look.bar), width=2)
        y = step
    if studio.chance(0.5):  # the menu
        across = 8.0
        for _ in range(studio.between(3, 9)):
            text = studio.title(1, 1)
            draw.text((across, y + 4), text, look.ink, look.type_)
            across += look.type_.getlength(text) + look.size
        y += step
    if studio.chance(0.4):  # the tools
        for x in range(8, studio.between(width // 3, width), step):
            draw.rectangle((x, y + 5, x + step - 10, y + step - 5), outline=look.dim)
            if studio.chance(0.6):
                draw.ellipse((x + 4, y + 9, x + step - 14, y + step - 9), fill=studio.colour())
        y += step
    fill = studio.rng.choice((_controls, _controls, _list, _list, _editor, _page, _sheet, _picture))
    fill(studio, look, image, (0, y, width, height))
    if studio.chance(0.3):
        menu = (studio.between(0, width // 2), y)
        _menu(studio, look, draw, menu)
    return image


Area = tuple[int, int, int, int]


def _controls(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """Check boxes, fields, sliders, buttons."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    step, size = round(2.1 * look.size), look.size
    columns = studio.between(1, 2)
    width = (right - left) // columns
    for column in range(columns):
        x, top = left + column * width + size, y + size
        while top + 2 * step < bottom:
            way = studio.rng.random()
            text = studio.words(1, 4).capitalize()
            if way < 0.3:
                shape = draw.rectangle if studio.chance(0.6) else draw.ellipse
                fill = look.accent if studio.chance(0.4) else look.field
                shape((x, top + 2, x + size, top + 2 + size), fill=fill, outline=look.dim)
                draw.text((x + 1.6 * size, top), text, look.ink, look.type_)
            elif way < 0.65 and width > 12 * size:
                draw.text((x, top), text[:18] + ":", look.ink, look.type_)
                box = (x + 0.45 * width, top - 2, x + width - 2 * size, top + 1.5 * size)
                draw.rectangle(box, fill=look.field, outline=look.dim)
                draw.text((box[0] + 4, top), studio.words(1, 2)[:12], look.ink, look.type_)
            elif way < 0.85:
                middle = top + size // 2
                draw.line((x, middle, x + width - 3 * size, middle), look.dim, 3)
                at = studio.between(x, x + width - 4 * size)
                draw.ellipse((at, middle - 6, at + 12, middle + 6), fill=look.accent)
            else:
                draw.text((x, top), text, look.ink, font(studio.face("bold"), size))
            top += step
    end = float(right - size)
    for number in range(studio.between(1, 4)):
        text = studio.title(1, 1)
        wide = look.type_.getlength(text) + 2 * size
        fill = look.accent if number == 0 and studio.chance(0.5) else look.ground
        button = (end - wide, bottom - 1.8 * step, end, bottom - 0.7 * step)
        draw.rounded_rectangle(button, 4, fill=fill, outline=look.dim)
        draw.text((end - wide + size, bottom - 1.6 * step), text, _on(fill), look.type_)
        end -= wide + size


def _list(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """Files, mails, a tree at the side."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    draw.rectangle(area, fill=look.field)
    step = round(look.size * studio.rng.uniform(1.5, 2.6))
    if studio.chance(0.6):
        side = (right - left) // studio.between(3, 5)
        draw.rectangle((left, y, left + side, bottom), fill=look.ground)
        for top in range(y + 6, bottom - step, step):
            indent = studio.between(0, 3) * look.size
            draw.text((left + 6 + indent, top), studio.title(1, 1)[:12], look.ink, look.type_)
        left += side
    chosen, icons = studio.between(0, 12), studio.chance(0.7)
    columns = studio.between(1, 4)
    width = (right - left) / columns
    for row, top in enumerate(range(y + 4, bottom - step, step)):
        if row == chosen:
            draw.rectangle((left, top - 2, right, top + step - 3), fill=look.accent)
        ink = _on(look.accent) if row == chosen else look.ink
        if icons:
            box = (left + 4, top + 1, left + 4 + look.size, top + 1 + look.size)
            draw.rectangle(box, fill=studio.colour())
        for column in range(columns):
            x = left + column * width + (1.8 * look.size if column == 0 else 0)
            text = studio.words(1, 3) if column == 0 else studio.date()
            draw.text((x, top), text[: int(1.7 * width / look.size)], ink, look.type_)


def _editor(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """A program's text, or a terminal."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    ground = look.field if studio.chance(0.5) else studio.colour(0, 50)
    draw.rectangle(area, fill=ground)
    size = studio.between(9, 14)
    type_, inks = (
        font(studio.face("mono"), size),
        [_on(ground), *(_vivid(studio, ground) for _ in range(4))],
    )
    for top in range(y + 4, bottom - size, round(1.35 * size)):
        x = left + 8.0 + 2 * size * studio.between(0, 3)
        for _ in range(studio.between(0, 7)):
            text = studio.rng.choice(
                (studio.word(), studio.word() + "()", "=", "{", studio.number(2))
            )
            if x + type_.getlength(text) > right:
                break
            draw.text((x, top), text, studio.rng.choice(inks), type_)
            x += type_.getlength(text + " ")


def _page(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """A web page: photos, headings, text, cards."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    draw.rectangle(area, fill=look.field)
    draw.rounded_rectangle((left + 60, y + 4, right - 60, y + 24), 10, fill=look.ground)
    draw.text((left + 72, y + 6), studio.word() + ".com/" + studio.word(), look.dim, look.type_)
    y += 30
    if studio.chance(0.5):
        high = studio.between(30, 140)
        if studio.chance(0.5):
            image.paste(studio.photo(right - left, high), (left, y))
        else:
            draw.rectangle((left, y, right, y + high), fill=look.accent)
        y += high
    columns = studio.between(1, 4)
    width = (right - left) // columns - 10
    for column in range(columns):
        x, top = left + 6 + column * (width + 10), y + 10
        while top < bottom - 20:
            if studio.chance(0.4):
                high = studio.between(40, 140)
                image.paste(studio.photo(width, high), (x, top))
                top += high + 6
            size = studio.between(14, 22)
            strong = font(studio.face("bold"), size)
            for line in wrapped(studio.title(2, 6), width, strong)[:2]:
                draw.text((x, top), line, look.ink, strong)
                top += round(1.2 * size)
            for line in wrapped(studio.words(6, 40), width, look.type_):
                draw.text((x, top), line, look.ink, look.type_)
                top += round(1.3 * look.size)
            top += look.size


def _sheet(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """A spreadsheet."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    draw.rectangle(area, fill=look.field)
    wide, high = studio.between(50, 100), round(1.7 * look.size)
    filled = studio.rng.uniform(0.2, 0.9)
    for top in range(y, bottom, high):
        draw.line((left, top, right, top), look.dim)
        for x in range(left, right, wide):
            if studio.chance(filled):
                text = studio.price() if x > left else studio.title(1, 1)
                draw.text((x + 3, top + 2), text[: wide // 7], look.ink, look.type_)
    for x in range(left, right, wide):
        draw.line((x, y, x, bottom), look.dim)


def _picture(studio: Canvas, look: Theme, image: Image.Image, area: Area) -> None:
    """A viewer or an editor of photos, with panels beside the photo."""
    left, y, right, bottom = area
    side = studio.between(60, 180)
    panel = (right - side, y, right, bottom)
    width, height = right - side - left - 20, bottom - y - 20
    if width > 40 and height > 40:
        image.paste(studio.photo(width, height), (left + 10, y + 10))
    _controls(studio, look, image, panel)


def _menu(studio: Canvas, look: Theme, draw: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    x, y = at
    step, count = round(1.7 * look.size), studio.between(4, 14)
    wide = studio.between(110, 220)
    draw.rectangle((x, y, x + wide, y + count * step + 6), fill=look.ground, outline=look.dim)
    for row in range(count):
        if studio.chance(0.1):
            draw.rectangle(
                (x + 1, y + row * step, x + wide, y + (row + 1) * step), fill=look.accent
            )
        draw.text((x + 16, y + row * step + 3), studio.title(1, 2)[:16], look.ink, look.type_)


def _on(ground: Colour) -> Colour:
    """What can be read on a colour."""
    return (20, 20, 20) if sum(ground) > 380 else (240, 240, 240)


def _vivid(studio: Canvas, ground: Colour) -> Colour:
    return studio.colour(0, 150) if sum(ground) > 380 else studio.colour(110, 255)
