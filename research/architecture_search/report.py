"""What a study found: every trial as JSON, as a page, and compared to what ships."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.processors import processor_count
from ansa_train.evaluate.bootstrap import Estimate, estimate, share
from ansa_train.output_files import check_report
from research.architecture_search.latency import YARDSTICK, YARDSTICK_SIZE
from research.architecture_search.pareto import pareto_front
from research.architecture_search.plot import draw
from research.architecture_search.recipe import SHIPPED, SearchRecipe
from research.architecture_search.space import Candidate
from research.architecture_search.study import COST, QUALITY, FinishedTrial

_PACKAGES = ("numpy", "onnxruntime", "optuna", "torch")


@dataclass(frozen=True, slots=True)
class Report:
    """A finished study.

    Attributes:
        command: that made it.
        recipe: its settings.
        tried: every finished trial.
        given_up: candidates that diverged, and how.
        owners: (dev captions,) index of the dev photo each describes.
    """

    command: str
    recipe: SearchRecipe
    tried: Sequence[FinishedTrial]
    given_up: Sequence[tuple[Candidate, str]]
    owners: NDArray[np.int64]

    @property
    def shipped(self) -> FinishedTrial | None:
        """The trial of what ships."""
        return next((t for t in self.tried if t.name == SHIPPED), None)

    def front(self) -> list[FinishedTrial]:
        """The Pareto front, by rising latency."""
        points = [(t.figures[QUALITY], t.figures[COST]) for t in self.tried]
        return [self.tried[i] for i in pareto_front(points)]

    def gain(self, trial: FinishedTrial) -> Estimate | None:
        """Recall at 5 less that of what ships, paired by photo."""
        if self.shipped is None:
            return None
        photos = int(self.owners.max()) + 1
        found, base = (
            estimate(share(t.ranks < 5, self.owners, photos), photos) for t in (trial, self.shipped)
        )
        return found.minus(base)

    def surely_better(self) -> list[FinishedTrial]:
        """Trials whose recall is above that of what ships, and not by chance."""
        return [t for t in self.tried if (gain := self.gain(t)) and gain.interval[0] > 0.0]

    def faster_as_good(self) -> list[FinishedTrial]:
        """Trials faster than what ships whose recall is not surely below."""
        return [
            t
            for t in self.tried
            if self.shipped
            and t.figures[COST] < self.shipped.figures[COST]
            and (gain := self.gain(t))
            and gain.interval[1] >= 0.0
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        front = {trial.number for trial in self.front()}
        recipe = self.recipe.terms()
        return {
            "question": QUESTION,
            "command": self.command,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": _machine(),
            "settings": recipe,
            "trials": [
                {
                    "number": trial.number,
                    "name": trial.name,
                    "on_front": trial.number in front,
                    "candidate": asdict(trial.candidate),
                    **{name: round(value, 4) for name, value in trial.figures.items()},
                    "recall_5_less_shipped": _values(self.gain(trial)),
                }
                for trial in self.tried
            ],
            "given_up": [{"candidate": asdict(c), "reason": why} for c, why in self.given_up],
        }

    def to_markdown(self, picture: str) -> str:
        """A page; ``picture`` is the Pareto picture as seen from it."""
        return "\n".join(self._lines(picture)).rstrip() + "\n"

    def _lines(self, picture: str) -> Iterator[str]:
        machine, recipe = _machine(), self.recipe
        yield f"# {QUESTION}"
        yield ""
        yield f"`{self.command}`, {datetime.now(UTC).date().isoformat()}."
        versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
        yield f"{machine['cpu']}, {machine['cores']} cores; {machine['system']}; {versions}."
        yield ""
        photos = int(self.owners.max()) + 1 if len(self.owners) else 0
        yield (
            f"Every candidate is a part of one warm start (EfficientNet-Lite0) and saw the same"
            f" {recipe.tuned:,} training photos once. R@5: {len(self.owners):,} captions of"
            f" {photos:,} dev photos, each to find its photo through a linear map of the"
            " candidate's features to MiniLM's vectors (ridge regression on"
            f" {recipe.photos:,} training photos)."
            " Divergence and agreement: from EfficientNet-Lite2's class distribution, and on its"
            f" likeliest class. Latency: one photo on one thread, over {YARDSTICK} at"
            f" {YARDSTICK_SIZE} px in the same moments."
        )
        yield ""
        yield f"![R@5 against latency]({picture})"
        yield ""
        yield (
            "| latency ratio | R@5 | less shipped (95 %) | R@1 | divergence | agreement |"
            " parameters | px | shallow half | deep half | squeeze-excite | |"
        )
        yield f"|{'---:|' * 8}---|---|---|---|"
        front = {trial.number for trial in self.front()}
        for trial in sorted(self.tried, key=lambda t: t.figures[COST]):
            yield self._row(trial, trial.number in front)
        yield ""
        yield "- Bold: on the Pareto front."
        if self.shipped:
            yield f"- Surely better than what ships: {_listed(self.surely_better())}."
            yield f"- Faster, and not surely worse: {_listed(self.faster_as_good())}."
        for candidate, why in self.given_up:
            yield f"- Given up: {candidate}: {why}."

    def _row(self, trial: FinishedTrial, on_front: bool) -> str:
        figures, candidate = trial.figures, trial.candidate
        bold = "**" if on_front else ""
        gain = self.gain(trial)
        less = ""
        if gain is not None and trial is not self.shipped:
            low, high = gain.interval
            less = f"{gain.value:+.1f} ({low:+.1f} to {high:+.1f})"
        cells = [
            f"{bold}{figures[COST]:.2f}{bold}",
            f"{bold}{figures[QUALITY]:.1f}{bold}",
            less,
            f"{figures['recall_1']:.1f}",
            f"{figures['divergence']:.3f}",
            f"{figures['agreement']:.1f} %",
            f"{figures['parameters'] / 1e6:.2f} M",
            str(candidate.size),
            half(candidate.shallow_width, candidate.shallow_drop),
            half(candidate.deep_width, candidate.deep_drop),
            candidate.squeeze,
            trial.name or "",
        ]
        return f"| {' | '.join(cells)} |"

    def write(self, prefix: Path, picture: Path) -> list[Path]:
        """Writes PREFIX.md, PREFIX.json and the picture; returns them."""
        page, document = (prefix.with_name(f"{prefix.name}.{suffix}") for suffix in ("md", "json"))
        check_report(document, page, picture)
        for file in (prefix, picture):
            file.parent.mkdir(parents=True, exist_ok=True)
        draw(self.tried, self.front(), picture)
        seen = Path(os.path.relpath(picture, page.parent)).as_posix()
        page.write_text(self.to_markdown(seen), "utf-8")
        document.write_text(json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n", "utf-8")
        return [page, document, picture]


QUESTION = "Which variant of the image network gives most for its time?"


def half(width: float, drop: int) -> str:
    """How a half of the network was cut."""
    return f"{100 * width:.0f} % wide" + (f", {drop} dropped" if drop else "")


def _listed(trials: Sequence[FinishedTrial]) -> str:
    ordered = sorted(trials, key=lambda t: t.figures[COST])
    return ", ".join(f"{t.figures[COST]:.2f} ({t.candidate})" for t in ordered) or "none"


def _values(gain: Estimate | None) -> dict[str, float] | None:
    if gain is None:
        return None
    low, high = gain.interval
    return {"value": round(gain.value, 3), "low": round(low, 3), "high": round(high, 3)}


def _machine() -> dict[str, Any]:
    """What the numbers depend on, and nothing that tells whose machine it is."""
    return {
        "cpu": _cpu(),
        "cores": processor_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
    }


def _cpu() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
