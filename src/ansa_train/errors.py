"""The error of this package that is the user's to mend."""

from __future__ import annotations


class TrainingError(Exception):
    """Input that training cannot work with; the message names it and what helps."""
