"""The base of the errors of training that a user can fix."""

from __future__ import annotations

from ansa.errors import AnsaError


class TrainingError(AnsaError):
    """Training cannot work with its input; the message names the input and the remedy."""
