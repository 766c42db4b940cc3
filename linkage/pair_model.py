"""The pair model: from features to the probability of a match; saved as open files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from linkage.booster_set import LARGEST, BoosterSet
from linkage.contributions import Contributions, model_contributions
from linkage.evidence_views import EvidenceViews
from linkage.fellegi_sunter import FellegiSunter
from linkage.first_look import FirstLook
from linkage.held_out import HeldOut
from linkage.known_matches import KnownMatches, KnownPartners, is_of_known_matches
from linkage.neural import NeuralEvidence
from linkage.score_parts import IdentifierEvidence, LinearPart
from linkage.tree_library import load_lightgbm

__all__ = [
    "LARGEST",
    "BoosterSet",
    "IdentifierEvidence",
    "LinearPart",
    "PairModel",
    "is_of_neighbours",
]

#: Folder of the prior inside the model's.
_PRIOR = "prior"
#: Folder of the language model inside the model's.
_NEURAL = "neural"


@dataclass
class PairModel:
    """Scores pairs by features.

    The raw score is the weighted mean of its parts: boosters and a Fellegi-Sunter model. Then
    identifier evidence is added, and slope and intercept turn the sum into calibrated log-odds of a
    match.

    Attributes:
        names: features it expects, in order.
        hidden: features it must not see (of the identifier that gave the labels); given to boosters
            as unknown.
        sets: boosters.
        fellegi_sunter: Fellegi-Sunter part, if any, which weighs one.
        linear: a feature that is a part by itself, if any.
        noise: for labels read off an identifier, (share of matches, share of others) with equal
            identifiers.
        identifier: evidence of that identifier.
        known: matches that labels name, and what they say against other partners, if any.
        folds: folds of ``by_fold`` sets.
        slope, intercept: calibration of the raw score.
        threshold: probability at which a match begins.
        one_to_one: whether each record has at most one partner.
        anchor: how the model was started, in words.
        notes: what a user should know of the training.
        metrics: what was measured out of fold, where there were labels.
        held_out: the pairs it was measured on, by score.
        prior: the model started without labels whose opinion is among the features, if any.
        rivals: whether a pair scored by itself is judged against the other candidates of its
            records.
        neural: evidence of a language model, which needs the records and is added by whoever has
            them (`linkage.learning`).
        lowest: whether a pair has the lower score of the boosters and the Fellegi-Sunter part
            rather than their mean.
        first_look: lets most pairs go by their quick features where very many are scored, if any.
    """

    names: list[str]
    hidden: list[int] = field(default_factory=list)
    sets: list[BoosterSet] = field(default_factory=list)
    fellegi_sunter: FellegiSunter | EvidenceViews | None = None
    linear: LinearPart | None = None
    noise: tuple[float, float] | None = None
    identifier: IdentifierEvidence | None = None
    known: KnownMatches | None = None
    folds: int = 5
    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5
    one_to_one: bool = False
    anchor: str = ""
    notes: list[str] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    held_out: HeldOut | None = None
    prior: PairModel | None = None
    rivals: bool = False
    neural: NeuralEvidence | None = None
    lowest: bool = False
    first_look: FirstLook | None = None

    @property
    def is_anchored(self) -> bool:
        """Whether labels or trade numbers taught it, so that its scores can be believed alone."""
        return self.identifier is not None or bool(self.metrics)

    @property
    def sees_neighbours(self) -> bool:
        """Whether features come from the neighbours of a pair's records."""
        return any(map(is_of_neighbours, self.names))

    def raw(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Raw score of pairs before identifier evidence and calibration, float64, shape (m,)."""
        total, weight = np.zeros(len(matrix)), 0.0
        visible = matrix
        looking = self.fellegi_sunter is not None or self.linear is not None
        if self.hidden and (looking or any(part.looks_at(self.hidden) for part in self.sets)):
            visible = matrix.copy()
            visible[:, self.hidden] = np.nan
        for part in self.sets:
            total += part.weight * (part.raw(visible, fold, threads) - part.centre)
            weight += part.weight
        if self.lowest and self.fellegi_sunter is not None and weight:
            lower: np.ndarray = np.minimum(total / weight, self.fellegi_sunter.log_odds(visible))
            return lower
        if self.fellegi_sunter is not None:
            total += self.fellegi_sunter.log_odds(visible)
            weight += 1.0
        if self.linear is not None:
            column = visible[:, self.names.index(self.linear.feature)]
            total += self.linear.weight * self.linear.raw(column)
            weight += self.linear.weight
        return total / max(weight, 1e-9)

    def contributions(
        self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1
    ) -> Contributions:
        """What adds up to `raw`, and takes the same."""
        return model_contributions(self, matrix, fold, threads)

    def log_odds(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated log-odds of a match, float64, shape (m,).

        Args:
            matrix: features, float32, shape (m, len(names)).
            fold: fold of each pair (of its left record).
            threads: threads to use.
        """
        return self.adjusted(self.raw(matrix, fold, threads), matrix)

    def adjusted(self, score: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Calibrated log-odds from raw scores, with label noise, identifier and known matches.

        Args:
            score: raw scores of the pairs.
            matrix: their features.
        """
        if self.noise is not None:
            equal_share, chance = self.noise
            score = denoise(score, equal_share, chance)
        if self.identifier is not None:
            feature = self.identifier.attribute
            if feature not in self.names:
                feature = f"{feature}.equal"
            equal = matrix[:, self.names.index(feature)]
            score = score + np.where(equal == 1, self.identifier.equal, 0.0)
            score = score + np.where(equal == 0, self.identifier.differ, 0.0)
        if self.known is not None:
            columns = [self.names.index(name) for name in KnownPartners.names]
            score = score + self.known.against(matrix[:, columns])
        return self.slope * score + self.intercept

    def probability(self, matrix: np.ndarray, fold: np.ndarray, threads: int = 1) -> np.ndarray:
        """Calibrated probability of a match, float64, shape (m,)."""
        return expit(self.log_odds(matrix, fold, threads))

    def importance(self) -> dict[str, float]:
        """Share of the boosters' gain that each feature brought, largest first."""
        gain = np.zeros(len(self.names))
        for part in self.sets:
            columns = slice(None) if part.columns is None else part.columns
            for booster in part.boosters:
                gain[columns] += part.weight * booster.feature_importance("gain")
        total = max(gain.sum(), 1e-12)
        order = np.argsort(-gain, kind="stable")
        return {self.names[k]: float(gain[k] / total) for k in order if gain[k] > 0}

    def write(self, folder: Path) -> None:
        """Writes ``pair_model.json`` and native booster files into an existing folder.

        A prior goes into the folder ``prior`` inside of it, a language model into ``neural``.
        """
        state: dict[str, Any] = {
            "names": self.names,
            "hidden": self.hidden,
            "noise": self.noise,
            "folds": self.folds,
            "slope": self.slope,
            "intercept": self.intercept,
            "threshold": self.threshold,
            "one_to_one": self.one_to_one,
            "anchor": self.anchor,
            "rivals": self.rivals,
            "notes": self.notes,
            "metrics": self.metrics,
            "held_out": self.held_out.to_dict() if self.held_out else None,
            "lowest": self.lowest,
            "fellegi_sunter": self.fellegi_sunter.to_dict() if self.fellegi_sunter else None,
            "linear": vars(self.linear) if self.linear else None,
            "identifier": vars(self.identifier) if self.identifier else None,
            "known": self.known.to_dict() if self.known else None,
            "first_look": self.first_look.to_dict() if self.first_look else None,
            "sets": [],
        }
        if self.prior is not None:
            (folder / _PRIOR).mkdir()
            self.prior.write(folder / _PRIOR)
        if self.neural is not None:
            (folder / _NEURAL).mkdir()
            self.neural.write(folder / _NEURAL)
        for number, part in enumerate(self.sets):
            files = [f"booster_{number}_{k}.txt" for k in range(len(part.boosters))]
            for name, booster in zip(files, part.boosters, strict=True):
                (folder / name).write_text(booster.model_to_string(), encoding="utf-8")
            state["sets"].append(
                {
                    "files": files,
                    "by_fold": part.by_fold,
                    "weight": part.weight,
                    "centre": part.centre,
                    "columns": part.columns,
                }
            )
        text = json.dumps(state, indent=1, ensure_ascii=False)
        (folder / "pair_model.json").write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> PairModel:
        """Reads what :meth:`write` wrote."""
        lightgbm = load_lightgbm()
        state = json.loads((folder / "pair_model.json").read_text(encoding="utf-8"))
        sets = [
            BoosterSet(
                [
                    lightgbm.Booster(model_str=(folder / name).read_text(encoding="utf-8"))
                    for name in part["files"]
                ],
                part["by_fold"],
                part["weight"],
                part["centre"],
                part["columns"],
            )
            for part in state.pop("sets")
        ]
        fellegi_sunter, identifier = state.pop("fellegi_sunter"), state.pop("identifier")
        noise, linear, known = (state.pop(name) for name in ("noise", "linear", "known"))
        held_out, first_look = state.pop("held_out", None), state.pop("first_look", None)
        return cls(
            **state,
            sets=sets,
            noise=tuple(noise) if noise else None,
            linear=LinearPart(**linear) if linear else None,
            held_out=HeldOut.from_dict(held_out) if held_out else None,
            fellegi_sunter=_likelihood(fellegi_sunter) if fellegi_sunter else None,
            identifier=IdentifierEvidence(**identifier) if identifier else None,
            known=KnownMatches.from_dict(known) if known else None,
            prior=cls.read(folder / _PRIOR) if (folder / _PRIOR).is_dir() else None,
            neural=NeuralEvidence.of_folder(folder / _NEURAL),
            first_look=FirstLook.from_dict(first_look) if first_look else None,
        )


def is_of_neighbours(feature: str) -> bool:
    """Whether a feature comes from the neighbours of a pair's records."""
    return feature.startswith(("context.", "prior.")) or is_of_known_matches(feature)


def _likelihood(state: dict[str, Any]) -> FellegiSunter | EvidenceViews:
    return EvidenceViews.from_dict(state) if "views" in state else FellegiSunter.from_dict(state)


def denoise(score: np.ndarray, equal_share: float, chance: float) -> np.ndarray:
    """Log-odds of a match from log-odds of equal identifiers: p = (q - u) / (m - u).

    Args:
        score: log-odds that the identifiers are equal.
        equal_share: share m of matches whose identifiers are equal.
        chance: share u of other pairs whose identifiers are equal.
    """
    p = np.clip((expit(score) - chance) / (equal_share - chance), 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))
