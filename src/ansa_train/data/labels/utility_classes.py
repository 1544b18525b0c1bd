"""The classes of the utility head, and which of them a sample of a pack is.

A real picture's *source* is where it was made, finer than the pack's: all receipts were scanned in
one way, all codes taken by one project. A head that is to be judged by sources it has never seen
leaves out all that a source gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansa_train.data.labels.concept_labels import REVIEWED
from ansa_train.data.pack import Sample
from ansa_train.data.photo_selection import is_named
from ansa_train.errors import TrainingError

KINDS = (
    *("photo", "receipt", "document", "screenshot", "code", "meme", "drawing", "blank"),
    "graphic",
)
"""Graphics are posters, logos, charts and diagrams: made to be looked at, and no photo."""

_PACKS = {
    **dict.fromkeys(("painting", "cartoon", "sketch"), "drawing"),
    **dict.fromkeys(("qr code", "barcode"), "code"),
    "diagram": "graphic",
}
"""Kinds as packs call them."""

UNSURE = "unsure"
"""Instead of a kind in a rule: what its pictures are is not sure, so they are left out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a recipe that says which class some samples are.

    Attributes:
        keys: patterns of keys, see :func:`ansa_train.data.photo_selection.is_named`.
        kind: of these pictures, :data:`UNSURE`, or "" for what the pack says.
        source: where they were made, or "" for the pack's source.
    """

    keys: tuple[str, ...]
    kind: str = ""
    source: str = ""


def rules_of(tables: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules from a recipe's tables.

    Raises:
        TrainingError: a table has no keys, or something that no rule has.
    """
    found = []
    for table in tables:
        known = table.keys() <= {"keys", "kind", "source"} and "keys" in table
        if not known or table.get("kind", "") not in ("", UNSURE, *KINDS):
            raise TrainingError(
                f"the table [head] has a rule {dict(table)!a:.200}; a rule has keys (patterns), "
                f"kind ({UNSURE}, {', '.join(KINDS)}) and source"
            )
        keys, kind, source = tuple(table["keys"]), table.get("kind", ""), table.get("source", "")
        found.append(Rule(keys, str(kind), str(source)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class UtilityPicture:
    """One picture that is read or drawn when it is asked for.

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


def reviewed_first(samples: Sequence[Sample]) -> list[Sample]:
    """The samples without those that people reviewed, which are there a second time as reviewed:
    what people said counts and not what the source says."""
    prefix = f"{REVIEWED}/"
    again = {s.key.removeprefix(prefix) for s in samples if s.source == REVIEWED}
    return [sample for sample in samples if sample.key not in again]


def real(sample: Sample, rules: Sequence[Rule] = ()) -> UtilityPicture | None:
    """The class of a sample of the pack, or None where it is not sure.

    Args:
        sample: of any kind.
        rules: of the pack; the first that says the kind counts, and the first that says the source.
    """
    fit = [rule for rule in rules if is_named(sample, rule.keys)]
    said = _PACKS.get(sample.kind, sample.kind)
    kind = next((rule.kind for rule in fit if rule.kind), said)
    source = next((rule.source for rule in fit if rule.source), sample.source)
    return UtilityPicture(kind, source, sample.key, sample) if kind in KINDS else None
