"""Albums: folders to which their owner gave a name, such as "India" or "2019-05 Anna's wedding".

Folders that cameras and programs name ("DCIM", "100CANON", "2024-05", "Backup") are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePath

from ansa.library.events.named_places import named_place
from ansa.names import name_key

_GENERIC = frozenset(
    """
    album albums all android app archive archives backup backups best bild bilder burst bursts
    camera cameras camera roll collection collections copy copies dataset dsc dscn dscf mvi gopr
    batch group user owner data dcim demo desktop disk documents downloads download
    dropbox drive duplicates edit edited edits export exports facebook family fav favorites
    favourites favs files film films final folder fotos foto gallery good google google photos home
    icloud image images img imgs import imported imports inbox instagram iphone ipad jpeg jpegs jpg
    keep library lightroom live media messages misc miscellaneous mobile movies new new folder nikon
    canon sony fuji old onedrive original originals other others panasonic panorama panoramas
    phone photo photos photography pic pics picture pictures png portrait portraits print prints
    private raw raws rest sample samples saved scan scans screenshot screenshots sd sd card selected
    selection selfies sent shared signal sort sorted special staging stuff takeout telegram temp
    test tests thumbnails tmp to sort todo trash unsorted untitled upload uploads usb
    users various video videos volume web whatsapp whatsapp images work works pixel samsung gopro
    drone videos und and the of my our from in on at
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec spring summer autumn fall winter
    monday tuesday wednesday thursday friday saturday sunday day week part disc cd dvd roll set
    """.split()  # noqa: SIM905
)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[-_. ]?\d\d){0,2}(?!\d)|(?<!\d)\d{1,2}[-_. ]\d{1,2}(?!\d)"
)
_CAMERA = re.compile(r"^(?:\d{3}[A-Za-z_]{3,8}\d*|[A-Za-z]{1,4}_?\d{2,}|\d+)$")
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’&-])*")
_SHORTEST = 3  # letters
_LONGEST = 60  # characters


def album_of(folder: PurePath, roots: Collection[PurePath]) -> str:
    """Returns the name of the album of a folder: its own, or else that of the nearest one above it
    that has a name of its own, without dates; empty if there is none.

    Args:
        folder: the folder.
        roots: the indexed folders. Their names count only if they name a place, because a whole
            library may be called anything; those of folders above them do not count.
    """
    for each in (folder, *folder.parents):
        if each in roots:
            name = album_name(each.name)
            return name if name and named_place(name) else ""
        if name := album_name(each.name):
            return name
    return ""


def album_name(folder: str) -> str:
    """Returns what a person called a folder: "2019-05-12_Annas wedding" is "Annas wedding".

    It is empty for a name that says nothing of what happened: a date, a camera's, a program's.
    """
    if _CAMERA.match(folder) or folder.startswith("."):
        return ""
    plain = " ".join(_DATE.sub(" ", folder.replace("_", " ")).split()).strip(" -–,.()[]+&'")
    words = _WORD.findall(plain)
    telling = [word for word in words if name_key(word) not in _GENERIC]
    if sum(map(len, telling)) < _SHORTEST or len(plain) > _LONGEST or not plain.isprintable():
        return ""
    return plain
