"""The kinds of pictures that people keep, and which of them a picture of the pack is.

A real picture's *source* is where it was made, finer than the pack's: all receipts were scanned in
one way, all codes taken by one project. A head that is to be judged by sources it has never seen
leaves out all that a source gave.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansa_train.data.pack import Sample

KINDS = ("photo", "receipt", "document", "screenshot", "code", "meme", "drawing", "blank")

# Pictures among the pack's "screens" that are no screenshots by eye: diagrams, logos, photos, bare
# drawings of circuits. By the first digits of their names.
_NO_SCREENS = """
03140c 062bd6 077fbf 080891 09584f 095980 0b153d 0b835a 0d0fe4 0d45b5 101fb3 110542 12b0aa
152b47 1de5ad 1f088c 202207 210489 215e69 2803cb 34247f 391c57 3a5262 3b37fb 3f421f 41e5fe
452229 485ca6 4bcb24 4cffa6 4d51aa 4e12fd 56e2c2 576fe9 59d1f3 5c2eb3 5d4fca 5ed63d 6026c9
64b542 662de7 6b2d09 6c8c91 6e38f7 70b21e 75170c 753b49 788bbf 78983c 7db220 7e9598 7f8542
80b794 81b008 85417e 860413 8c2a85 8d62e6 917912 91c4f4 942d7b 950648 95e3ea 968d2a 9b75f3
9f3e1b a09b5c a1368e a4eb74 aa4a23 aba107 ac97a2 b43b64 b5dc87 b85e55 ba72b9 bae9fa bbd7b3
bd5efa c64a6b c79d71 c89aca cc0786 cc298c cc48fb cd6cee d3aac3 d3e579 d84447 d96bd5 dcdc77
de9637 e17f54 eb1256 effd01 f5c69b f762ea f90603 fb52d5
"""

_CARTOONS = {"garfield", "snoopy"}

# Labels under which Caltech-101 mixes photos with drawings, diagrams and clip art.
_MIXED = """
accordion; anchor; ant; bass; beaver; brain; brontosaurus; buddha; butterfly; camera; cannon;
cellphone; cougar body; crab; crayfish; crocodile; crocodile head; cup; dollar bill; dolphin;
dragonfly; electric guitar; euphonium; ewer; gramophone; headphone; ibis; lamp; laptop; lobster;
mandolin; mayfly; metronome; octopus; pigeon; platypus; revolver; rooster; saxophone; scissors;
scorpion; sea horse; stegosaurus; stop sign; strawberry; tick; trilobite; umbrella; wrench;
yin yang
"""


@dataclass(frozen=True, slots=True)
class UtilityPicture:
    """One picture to be.

    Attributes:
        kind: one of KINDS.
        source: where it comes from.
        key: unique; what is drawn follows from it.
        sample: the real picture, if there is one.
    """

    kind: str
    source: str
    key: str
    sample: Sample | None = None


def real(sample: Sample) -> UtilityPicture | None:
    """What a sample of the pack shows, or None where that is not sure."""
    kind, source = sample.kind, sample.source
    if source == "screens":
        source, _, digits = sample.key.split("/")[-1].rpartition("_")
        if digits[:6] in _NO_SCREENS:
            return None
    elif source == "utility":
        source = {"receipt": "receipts", "meme": "memes", "screenshot": "phones"}.get(kind, "codes")
    elif source == "pacs":
        source = f"pacs {kind}"
    if kind in ("painting", "cartoon", "sketch"):
        kind = "drawing"
    elif kind in ("qr code", "barcode"):
        if "falsepositives" in sample.key:
            return None
        kind = "code"
    elif source == "caltech101":
        if _CARTOONS & set(sample.labels):
            kind, source = "drawing", "caltech101 cartoons"
        elif set(sample.labels) & {name.strip() for name in _MIXED.split(";")}:
            return None
    return UtilityPicture(kind, source, sample.key, sample)
