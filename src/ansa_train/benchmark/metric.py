"""One number that was measured, and the target it has, if any."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured number, with its unit and its target.

    Attributes:
        name: what was measured.
        value: in ``unit``; NaN, which meets no target, if it could not be measured.
        unit: "" for a count or a ratio.
        at_most: the highest value that is good enough.
        at_least: the lowest value that is good enough.
    """

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The target in words; "" if there is none."""
        limits = (("at most", self.at_most), ("at least", self.at_least))
        return ", ".join(
            f"{word} {number(limit)} {self.unit}".strip()
            for word, limit in limits
            if limit is not None
        )

    @property
    def passed(self) -> bool | None:
        """Whether the target is met; None if there is none."""
        if not self.target:
            return None
        too_high = self.at_most is not None and not self.value <= self.at_most
        too_low = self.at_least is not None and not self.value >= self.at_least
        return not (too_high or too_low)


def number(value: float) -> str:
    """A number as text: four significant digits, or the whole number if it has more."""
    value = float(value)
    whole = abs(value) >= 1000 or value.is_integer()
    return f"{value:,.0f}" if whole else f"{value:.4g}"
