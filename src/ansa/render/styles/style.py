"""A suggested edit: its name, what it changes, and why it is suggested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansa.render.styles.photo_edit import PhotoEdit


@dataclass(frozen=True, slots=True)
class Style:
    """A suggested edit of one photo.

    Attributes:
        name: a few words, such as "Brighter".
        edit: what is changed.
        reason: why it is suggested for this photo, as a clause in plain English.
        is_correction: whether it undoes a fault; others show the photo in another way.
    """

    name: str
    edit: PhotoEdit
    reason: str
    is_correction: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns the suggestion as JSON-ready values."""
        return {
            "name": self.name,
            "reason": self.reason,
            "correction": self.is_correction,
            "edit": self.edit.to_dict(),
        }
