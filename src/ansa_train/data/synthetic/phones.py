"""Phone screens: chats, lists, settings, feeds, home screens, maps, lock screens, players."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ansa_train.data.synthetic.canvas import Canvas, font, sheet, wrapped
from ansa_train.data.synthetic.screens import Theme, theme

_BAR = 24


def phone(studio: Canvas) -> Image.Image:
    """A whole screen."""
    width = studio.between(320, 400)
    height = round(width * studio.rng.choice((16 / 9, 18 / 9, 19.5 / 9, 20 / 9, 4 / 3)))
    look = theme(studio, 13, 18)
    image, draw = sheet((width, height), look.field)
    usual = (_chat, _chat, _chat, _list, _list, _feed, _home, _map, _lock, _text, _player)
    kinds = (*usual, _viewer, _viewer)
    bright = studio.rng.choice(kinds)(studio, look, image)
    ink = (255, 255, 255) if bright else look.ink
    small = font(studio.face("sans", "bold"), 13)
    draw.text((14, 5), studio.clock(), ink, small)
    for number in range(studio.between(1, 3)):
        x = width - 34 - 22 * number
        draw.rounded_rectangle((x, 8, x + 18, 17), 2, outline=ink, fill=ink if number else None)
    if studio.chance(0.5):
        draw.rounded_rectangle((width / 3, height - 8, 2 * width / 3, height - 4), 2, fill=ink)
    return image


def _header(studio: Canvas, look: Theme, image: Image.Image) -> int:
    draw = ImageDraw.Draw(image)
    fill = look.accent if studio.chance(0.3) else look.ground
    draw.rectangle((0, 0, image.width, 74), fill=fill)
    ink = (255, 255, 255) if sum(fill) < 400 else (20, 20, 20)
    draw.text((50, 38), studio.title(1, 2)[:20], ink, font(studio.face("bold"), 20))
    draw.line((26, 42, 18, 50, 26, 58), ink, 2)
    return 80


def _chat(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """Bubbles on two sides."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    if studio.chance(0.3):
        image.paste(studio.backdrop(width, height, 0.3, 120, 250))
    mine, theirs = look.accent, look.ground if studio.chance(0.7) else studio.colour(200, 255)
    y = _header(studio, look, image)
    while y < height - 90:
        own = studio.chance(0.5)
        fill = mine if own else theirs
        ink = (20, 20, 20) if sum(fill) > 380 else (245, 245, 245)
        if studio.chance(0.1):
            wide, high = studio.between(100, 200), studio.between(80, 160)
            x = width - wide - 10 if own else 10
            image.paste(studio.photo(wide, high), (x, y))
            y += high + 10
            continue
        lines = wrapped(studio.words(1, 18), 0.62 * width, look.type_)
        wide = round(max(look.type_.getlength(line) for line in lines)) + 22
        high = round(len(lines) * 1.3 * look.size) + 14
        x = width - wide - 10 if own else 10
        draw.rounded_rectangle((x, y, x + wide, y + high), 12, fill=fill)
        for number, line in enumerate(lines):
            draw.text((x + 11, y + 6 + number * 1.3 * look.size), line, ink, look.type_)
        y += high + studio.rng.choice((4, 8, 20))
    if studio.chance(0.3):
        _keyboard(studio, look, draw, (0, round(0.62 * height), width, height))
    else:
        draw.rounded_rectangle((10, height - 54, width - 60, height - 18), 16, fill=look.ground)
    return False


def _keyboard(
    studio: Canvas, look: Theme, draw: ImageDraw.ImageDraw, area: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = area
    draw.rectangle(area, fill=look.ground)
    wide, high = (right - left - 8) / 10, (bottom - top) / 4.6
    for row in range(4):
        for key in range(10):
            x, y = left + 4 + key * wide, top + 12 + row * high
            draw.rounded_rectangle((x + 2, y, x + wide - 3, y + 0.8 * high), 4, fill=look.field)
            draw.text((x + 8, y + 6), studio.word()[0], look.ink, look.type_)


def _list(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """Settings, contacts, mails, notifications."""
    draw = ImageDraw.Draw(image)
    y = _header(studio, look, image)
    step = studio.between(36, 76)
    round_, photos, switch = studio.chance(0.5), studio.chance(0.3), studio.chance(0.4)
    while y + step < image.height:
        side = round(0.62 * step)
        box = (12, y + 6, 12 + side, y + 6 + side)
        if photos:
            image.paste(studio.photo(side, side), (12, y + 6))
        else:
            (draw.ellipse if round_ else draw.rectangle)(box, fill=studio.colour())
        draw.text((24 + side, y + 6), studio.title(1, 3)[:24], look.ink, look.type_)
        if step > 50:
            small = font(studio.face("sans"), 12)
            draw.text((24 + side, y + 28), studio.words(2, 6)[:34], look.dim, small)
        if switch:
            x, on = image.width - 52, studio.chance(0.5)
            fill = look.accent if on else look.dim
            draw.rounded_rectangle((x, y + 10, x + 38, y + 30), 10, fill=fill)
            knob = x + 19 if on else x + 1
            draw.ellipse((knob, y + 11, knob + 18, y + 29), fill=(255, 255, 255))
        draw.line((24 + side, y + step - 1, image.width, y + step - 1), look.ground)
        y += step
    return False


def _feed(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """Photos with names, hearts and comments, or a grid of photos."""
    draw = ImageDraw.Draw(image)
    width, y = image.width, _header(studio, look, image)
    if studio.chance(0.4):
        count = studio.between(2, 4)
        side = width // count
        for top in range(y, image.height, side):
            for left in range(0, width - side + 1, side):
                image.paste(studio.photo(side - 2, side - 2), (left, top))
        return False
    while y < image.height:
        draw.ellipse((10, y, 40, y + 30), fill=studio.colour())
        draw.text((50, y + 6), studio.title(1, 2), look.ink, look.type_)
        high = studio.between(0.6 * width, 1.1 * width)
        image.paste(studio.photo(width, high), (0, y + 38))
        y += high + 44
        for x in (14, 50, 86):
            draw.ellipse((x, y, x + 20, y + 20), outline=look.ink, width=2)
        for line in wrapped(studio.words(4, 20), width - 24, look.type_):
            draw.text((12, y + 28), line, look.ink, look.type_)
            y += 20
        y += 40
    return False


def _viewer(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """One photo of a gallery, or of a chat, with what can be done with it."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    ground = studio.rng.choice(((0, 0, 0), (255, 255, 255), look.field))
    ink = (240, 240, 240) if sum(ground) < 380 else (30, 30, 30)
    draw.rectangle((0, 0, width, height), fill=ground)
    high = round(width * studio.rng.choice((3 / 4, 9 / 16, 1.0, 4 / 3, 3 / 2)))
    full = studio.chance(0.25)
    high = height if full else min(high, height - 150)
    top = 0 if full else studio.between(80, max(80, height - high - 70))
    image.paste(studio.photo(width, high), (0, top))
    if not full or studio.chance(0.5):
        draw.rectangle((0, 0, width, 74), fill=ground)
        draw.line((26, 42, 18, 50, 26, 58), ink, 2)
        draw.text((50, 36), studio.date(), ink, look.type_)
        draw.text((50, 56), studio.clock(), look.dim, font(studio.face("sans"), 12))
        for x in (width - 24, width - 54):
            draw.ellipse((x, 44, x + 4, 48), fill=ink)
    if studio.chance(0.85):
        draw.rectangle((0, height - 62, width, height), fill=ground)
        count = studio.between(3, 6)
        for number in range(count):
            x = round((number + 0.5) * width / count)
            shape = studio.rng.choice((draw.ellipse, draw.rectangle))
            shape((x - 10, height - 52, x + 10, height - 32), outline=ink, width=2)
            if studio.chance(0.5):
                label = studio.title(1, 1)[:7]
                draw.text((x, height - 20), label, ink, font(studio.face("sans"), 11), anchor="mm")
    if studio.chance(0.3):  # the photos beside it
        side = studio.between(24, 44)
        for x in range(0, width, side + 2):
            image.paste(studio.photo(side, side), (x, height - 66 - side))
    return sum(ground) < 380


def _home(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """Icons on a wallpaper."""
    width, height = image.size
    image.paste(studio.backdrop(width, height, 0.5))
    draw = ImageDraw.Draw(image)
    small, columns = font(studio.face("sans"), 11), studio.between(4, 5)
    cell = width // columns
    radius = studio.rng.choice((8, 12, cell // 3))
    for top in range(studio.between(50, 260), height - cell, round(1.2 * cell)):
        for left in range(0, cell * columns, cell):
            if studio.chance(0.85):
                box = (left + 12, top, left + cell - 12, top + cell - 24)
                draw.rounded_rectangle(box, radius, fill=studio.colour())
                shape = studio.rng.choice((draw.ellipse, draw.rectangle))
                shape((box[0] + 12, box[1] + 12, box[2] - 12, box[3] - 12), fill=studio.colour())
                draw.text((left + 14, top + cell - 20), studio.title(1, 1)[:8], "white", small)
    return True


def _map(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """Streets, a route, a box of search."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, height), fill=studio.colour(215, 245))
    for _ in range(studio.between(2, 7)):
        x, y = studio.between(0, width), studio.between(0, height)
        box = (x, y, x + studio.between(30, 200), y + studio.between(30, 200))
        draw.rectangle(box, fill=studio.rng.choice(((190, 225, 180), (170, 210, 240))))
    for _ in range(studio.between(8, 30)):
        ends = [(studio.between(-50, width + 50), studio.between(-50, height + 50)) for _ in "ab"]
        draw.line(
            ends, studio.rng.choice(("white", "white", (250, 220, 130))), studio.between(2, 9)
        )
    points = [(studio.between(20, width - 20), studio.between(60, height - 60)) for _ in range(4)]
    draw.line(points, (60, 120, 240), 6, joint="curve")
    for _ in range(studio.between(3, 14)):
        at = (studio.between(0, width - 60), studio.between(60, height - 30))
        draw.text(at, studio.title(1, 2)[:14], (90, 90, 90), font(studio.face("sans"), 12))
    draw.rounded_rectangle((12, 34, width - 12, 70), 10, fill="white")
    draw.text((28, 43), studio.words(1, 3), (120, 120, 120), look.type_)
    return False


def _lock(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """The time on a wallpaper, with messages."""
    width, height = image.size
    image.paste(studio.backdrop(width, height, 0.7, 0, 140))
    draw = ImageDraw.Draw(image)
    big = font(studio.face("sans", "bold"), 72)
    text = studio.clock()
    draw.text(((width - big.getlength(text)) / 2, height / 8), text, "white", big)
    y = height // 3
    for _ in range(studio.between(1, 5)):
        draw.rounded_rectangle((10, y, width - 10, y + 58), 12, fill=look.ground)
        draw.text((22, y + 8), studio.title(1, 2), look.ink, look.type_)
        draw.text((22, y + 30), studio.words(2, 5)[:34], look.dim, look.type_)
        y += 66
    return True


def _text(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """An article, a note, search results."""
    draw = ImageDraw.Draw(image)
    y = _header(studio, look, image)
    while y < image.height - 30:
        if studio.chance(0.3):
            strong = font(studio.face("bold", "serif"), studio.between(18, 26))
            for line in wrapped(studio.title(2, 6), image.width - 30, strong)[:2]:
                draw.text((15, y), line, look.accent if studio.chance(0.3) else look.ink, strong)
                y += round(1.2 * strong.size)
        if studio.chance(0.15):
            high = studio.between(80, 200)
            image.paste(studio.photo(image.width - 30, high), (15, y))
            y += high + 8
        for line in wrapped(
            studio.sentence() + " " + studio.sentence(), image.width - 30, look.type_
        ):
            draw.text((15, y), line, look.ink, look.type_)
            y += round(1.35 * look.size)
        y += look.size
    return False


def _player(studio: Canvas, look: Theme, image: Image.Image) -> bool:
    """A cover or a film, with buttons under it."""
    draw = ImageDraw.Draw(image)
    width = image.width
    side = studio.between(0.7 * width, 0.95 * width)
    left, y = (width - side) // 2, studio.between(60, 140)
    image.paste(studio.photo(side, side), (left, y))
    y += side + 20
    draw.text((left, y), studio.title(1, 3)[:24], look.ink, font(studio.face("bold"), 22))
    draw.line((left, y + 60, left + side, y + 60), look.dim, 4)
    draw.line((left, y + 60, left + studio.between(10, side), y + 60), look.accent, 4)
    for number in range(3):
        x = width // 2 + (number - 1) * 80
        draw.ellipse((x - 24, y + 80, x + 24, y + 128), outline=look.ink, width=3)
        draw.polygon(((x - 8, y + 92), (x - 8, y + 116), (x + 12, y + 104)), fill=look.ink)
    return False
