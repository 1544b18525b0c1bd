"""Suggested edits of a photo, and the edits themselves."""

from ansa.render.styles.apply import apply_edit
from ansa.render.styles.photo_edit import PhotoEdit
from ansa.render.styles.style import Style
from ansa.render.styles.suggestions import suggest_styles

__all__ = ["PhotoEdit", "Style", "apply_edit", "suggest_styles"]
