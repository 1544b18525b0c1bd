"""The error of the factory that is the user's to mend."""

from __future__ import annotations


class FactoryError(Exception):
    """Input the factory cannot work with; the message names it and what helps."""
