"""The study: Optuna proposes candidates, each is tried once, and all is kept as it comes.

Two objectives: recall at 5 of a linear map to captions, to be high, and the latency ratio, to be
low. Recall is what users get from the network; the teacher's classes are only what candidates learn
by. The sampler is Optuna's tree-structured Parzen estimator for several objectives (Ozaki et al.,
2022).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from ansa.atomic_write import open_atomic
from ansa_train.errors import TrainingError
from research.architecture_search.recipe import SearchRecipe, parameters
from research.architecture_search.space import Candidate
from research.architecture_search.trial import Diverged, Outcome

QUALITY, COST = "recall_5", "latency_ratio"
"""The objectives, among the figures of a trial."""

_PATIENCE = 10
"""Proposals in a row of what is known already, before a candidate is drawn at random instead."""


@dataclass(frozen=True, eq=False, slots=True)
class FinishedTrial:
    """A finished trial.

    Attributes:
        number: in the study.
        candidate: what was tried.
        name: of the point it is, if it is one.
        figures: see :meth:`Outcome.figures`.
        ranks: (dev captions,) where the right photo stood.
    """

    number: int
    candidate: Candidate
    name: str | None
    figures: dict[str, float]
    ranks: NDArray[np.int64]


class Study:
    """A study in the folder of its recipe; made if it is not there, gone on with if it is.

    One process at a time: what another has in hand is taken for interrupted.

    Raises:
        TrainingError: the folder holds a study on other terms.
    """

    def __init__(self, recipe: SearchRecipe) -> None:
        self.recipe = recipe
        self._ranks = recipe.folder / "ranks"
        self._ranks.mkdir(parents=True, exist_ok=True)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal = JournalStorage(JournalFileBackend(str(recipe.folder / "study.journal")))
        self._study = optuna.create_study(
            storage=journal,
            study_name="architectures",
            directions=["maximize", "minimize"],
            load_if_exists=True,
        )
        self._check_terms()
        self._queue()
        seed = recipe.seed + len(self._study.trials)  # else a resumed study proposes the same again
        self._study.sampler = optuna.samplers.TPESampler(
            n_startup_trials=len(recipe.points), multivariate=True, seed=seed
        )

    def run(self, attempt: Callable[[Candidate], Outcome]) -> None:
        """Try candidates until the recipe's number are finished, or the space is."""
        known = {self._candidate(trial) for trial in self._settled()}
        untried = [c for c in self.recipe.space.candidates() if c not in known]
        rng = random.Random(f"{self.recipe.seed} {len(known)}")  # noqa: S311 - not secret
        repeats = 0
        while len(self._finished()) < self.recipe.trials and untried:
            if repeats == _PATIENCE:
                self._study.enqueue_trial(parameters(rng.choice(untried)))
            trial = self._study.ask()
            candidate = self._suggested(trial)
            if candidate not in untried:
                self._study.tell(trial, state=TrialState.FAIL)
                repeats += 1
                continue
            untried.remove(candidate)
            repeats = 0
            print(
                f"trial {len(self._finished()) + 1}/{self.recipe.trials}: {candidate}", flush=True
            )
            try:
                outcome = attempt(candidate)
            except Diverged as reason:
                trial.set_user_attr("diverged", str(reason))
                self._study.tell(trial, state=TrialState.FAIL)
                print(f"  given up: {reason}", flush=True)
                continue
            self._tell(trial, outcome)

    def tried(self) -> list[FinishedTrial]:
        """What is finished, in order."""
        return [
            FinishedTrial(
                trial.number,
                candidate := self._candidate(trial),
                self.recipe.point(candidate),
                trial.user_attrs["figures"],
                np.load(self._file(trial.number)).astype(np.int64),
            )
            for trial in self._finished()
        ]

    def given_up(self) -> list[tuple[Candidate, str]]:
        """What diverged, and how."""
        return [
            (self._candidate(t), t.user_attrs["diverged"])
            for t in self._study.trials
            if "diverged" in t.user_attrs
        ]

    def _tell(self, trial: optuna.Trial, outcome: Outcome) -> None:
        figures = outcome.figures()
        file = self._file(trial.number)
        with open_atomic(file) as stream:
            np.save(stream, outcome.quality.ranks.astype(np.int32))
        trial.set_user_attr("figures", figures)
        self._study.tell(trial, [figures[QUALITY], figures[COST]])
        print(
            f"  R@5 {figures[QUALITY]:.1f}, divergence {figures['divergence']:.3f}, agreement"
            f" {figures['agreement']:.1f} %, latency ratio {figures[COST]:.2f},"
            f" {figures['seconds']:.0f} s",
            flush=True,
        )

    def _check_terms(self) -> None:
        terms = json.loads(json.dumps(self.recipe.terms()))
        known = self._study.user_attrs.get("terms")
        if known is None:
            self._study.set_user_attr("terms", terms)
        elif known != terms:
            other = sorted(k for k in terms.keys() | known.keys() if terms.get(k) != known.get(k))
            raise TrainingError(
                f"{self.recipe.folder} holds a study of another {', '.join(other)}: its figures do"
                " not compare; choose another folder"
            )

    def _queue(self) -> None:
        """What comes first: trials that a killed run left behind, and the recipe's points."""
        wanted = []
        for trial in self._study.get_trials(states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)
            if trial.params.keys() == self.recipe.space.choices().keys():
                wanted.append(trial.params)
        wanted += [parameters(candidate) for candidate in self.recipe.points.values()]
        queued = [trial.params for trial in self._settled()]
        queued += [
            trial.system_attrs["fixed_params"]
            for trial in self._study.get_trials(states=(TrialState.WAITING,))
        ]
        for params in wanted:
            if params not in queued:
                queued.append(params)
                self._study.enqueue_trial(params)

    def _settled(self) -> list[FrozenTrial]:
        """Trials of candidates that need no other."""
        diverged = [t for t in self._study.trials if "diverged" in t.user_attrs]
        return [*self._finished(), *diverged]

    def _finished(self) -> list[FrozenTrial]:
        return self._study.get_trials(states=(TrialState.COMPLETE,))

    def _candidate(self, trial: FrozenTrial) -> Candidate:
        return Candidate(**trial.params)

    def _file(self, number: int) -> Path:
        return self._ranks / f"{number}.npy"

    def _suggested(self, trial: optuna.Trial) -> Candidate:
        return Candidate(
            **{
                name: trial.suggest_categorical(name, list(values))
                for name, values in self.recipe.space.choices().items()
            }
        )
