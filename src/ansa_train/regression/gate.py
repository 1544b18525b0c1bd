"""The gate of an export: a bundle that falls behind its predecessor is refused, with the reasons.

Two things are compared: figures, each with its interval on the same photos, and the cases of
regression sets. A loss that is wanted is accepted where the recipe names it and says why.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ansa.names import printable
from ansa_train.errors import TrainingError
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.report import figure_text
from ansa_train.recipe import AcceptedLoss
from ansa_train.regression.answers import SetAnswers


class BehindPredecessor(TrainingError):  # noqa: N818 - the name says what it is
    """The new bundle is worse than its predecessor; the message has every reason."""


@dataclass(frozen=True, slots=True)
class Regression:
    """Something in which the new bundle is worse.

    Attributes:
        name: of the figure or the case.
        said: what it was and what it is.
        accepted: the recipe's reason; "" if there is none.
    """

    name: str
    said: str
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found.

    Attributes:
        predecessor: name and the start of the id.
        figures: how many were compared.
        cases: how many the predecessor held and were asked of both.
        losses: all losses, accepted ones too.
        gains: cases that only the new bundle holds.
        not_run: cases that could not be asked of both, with the reason.
        unused: accepted losses that did not occur.
    """

    predecessor: str
    figures: int
    cases: int
    losses: Sequence[Regression]
    gains: Sequence[str] = ()
    not_run: Mapping[str, str] = field(default_factory=dict)
    unused: Sequence[str] = ()

    @property
    def refused(self) -> list[Regression]:
        """The losses that nobody accepted."""
        return [loss for loss in self.losses if not loss.accepted]

    def summary(self) -> str:
        """What was compared, in a line or a few."""
        lines = [
            f"compared with {self.predecessor}: {self.figures:,} figures, {self.cases:,} cases "
            f"that it held, {len(self.losses):,} lost, {len(self.gains):,} gained"
        ]
        if self.not_run:
            lines.append(f"{len(self.not_run):,} cases could not be asked of both")
        for loss in self.losses:
            why = f"accepted: {loss.accepted}" if loss.accepted else "not accepted"
            lines.append(f"  {loss.name}: {loss.said} ({why})")
        lines += [f"  accepted, but not lost: {name}" for name in self.unused]
        return "\n".join(map(printable, lines))

    def check(self) -> None:
        """Refuses the bundle if there is a loss that nobody accepted.

        Raises:
            BehindPredecessor: there is one.
        """
        if self.refused:
            reasons = "; ".join(f"{loss.name}: {loss.said}" for loss in self.refused)
            raise BehindPredecessor(
                f"the bundle falls behind its predecessor ({self.predecessor}): {reasons}; train "
                "it further, or name each loss with a reason under [[accepted]] in the recipe"
            )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values; also what the manifest says of the export."""
        return {
            "predecessor": self.predecessor,
            "figures": self.figures,
            "cases": self.cases,
            "losses": [
                {"name": loss.name, "said": loss.said, "accepted": loss.accepted}
                for loss in self.losses
            ],
            "gains": list(self.gains),
            "not_run": dict(self.not_run),
            "unused": list(self.unused),
        }


def verdict(
    predecessor: str,
    figures: Mapping[str, tuple[Estimate, Estimate]],
    answers: Iterable[tuple[SetAnswers, SetAnswers]],
    accepted: Sequence[AcceptedLoss] = (),
) -> Verdict:
    """Compares a new bundle with its predecessor.

    Args:
        predecessor: what the page calls it.
        figures: by name, (before, now), percent on the same draws of the same photos.
        answers: of each set, (before, now).
        accepted: losses that the recipe accepts.
    """
    losses = []
    compared = 0
    for name, (before, now) in figures.items():
        if np.isnan(before.value) or np.isnan(now.value):
            continue
        compared += 1
        gap = now.minus(before)
        if gap.interval[1] < 0:
            said = f"{before.value:.1f} -> {now.value:.1f}, {figure_text(gap, '+')} points"
            losses.append(_loss(name, said, accepted))
    cases, gains, not_run = 0, [], {}
    for old, new in answers:
        for before_case, now_case in zip(old.answers, new.answers, strict=True):
            name = f"{new.name}: {now_case.case}"
            unasked = next((a for a in (before_case, now_case) if a.state == "not run"), None)
            if unasked:
                not_run[name] = unasked.said
                continue
            cases += before_case.state == "held"
            if before_case.state == "held" and now_case.state == "broken":
                said = f"held before ({before_case.said}), broken now ({now_case.said})"
                losses.append(_loss(name, said, accepted))
            elif before_case.state == "broken" and now_case.state == "held":
                gains.append(name)
    used = {each.figure for each in accepted if any(_fits(each, loss.name) for loss in losses)}
    unused = [each.figure for each in accepted if each.figure not in used]
    return Verdict(predecessor, compared, cases, losses, gains, not_run, unused)


def _loss(name: str, said: str, accepted: Sequence[AcceptedLoss]) -> Regression:
    reason = next((each.reason for each in accepted if _fits(each, name)), "")
    return Regression(name, said, reason)


def _fits(each: AcceptedLoss, name: str) -> bool:
    # Brackets are plain characters here: names of figures may hold them.
    return fnmatch.fnmatchcase(name, each.figure.replace("[", "[[]"))
