"""Fellegi-Sunter model of pair features, estimated by expectation maximisation.

Each feature is cut into bins; a bin's weight is the log-ratio of its share among matches and among
other pairs (Fellegi and Sunter 1969, Winkler 1988). As product features are many and dependent, the
model differs from the textbook in three ways: an unknown value has weight 0; weights of a feature
with a direction are made monotone (isotonic regression); and the features of one attribute are
averaged, so that an attribute counts once however many features compare it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit

from features.compare.comparer import direction
from features.feature_names import measure_of, owner_of
from linkage.io.saved.json_fields import FieldError, Fields
from linkage.models.contributions import BASE, BOUND, Contributions
from linkage.models.isotonic import nearest_rising

__all__ = ["FellegiSunter", "evidence_features"]

#: Measures that the model uses; others are nearly copies of these, and would count their evidence
#: twice.
_EVIDENCE = frozenset(
    {
        "equal", "soft_overlap", "character_cosine", "idf_cosine", "idf_overlap", "rarest_shared",
        "rarest_unshared_min", "difference", "log_days", "ratio", "conflict", "none_shared",
        "best_ratio", "contained_max", "agreement", "hash_difference", "main_contained_max",
    }
)  # fmt: skip
#: Quantiles at which a feature is cut into bins; finer in the upper tail, where matches are.
_QUANTILES = np.concatenate([np.linspace(0, 1, 9)[1:-1], [0.95, 0.98, 0.99]])
#: Known values that a feature must have to be used.
_FEWEST_VALUES = 50
#: Most pairs of a fit; more change no weight in the second digit.
_SAMPLE = 300_000
#: Bound of log-odds; sums over tens of dependent features are overconfident beyond it.
_LARGEST = 12.0


def evidence_features(names: list[str]) -> np.ndarray:
    """Positions of the features that the model uses, int."""
    return np.array([k for k, n in enumerate(names) if measure_of(n) in _EVIDENCE], int)


@dataclass
class FellegiSunter:
    """Match weights of binned features, learned without labels.

    Attributes:
        names: names of all features of the matrices that it is given.
        iterations: most rounds of expectation maximisation.
        columns_: features in use.
        edges_: bin edges of each.
        weights_: weight of each bin.
        share_: factor of each feature: 1 over the number of features of its attribute.
        prior_: log-odds of a match before any evidence.
    """

    names: list[str]
    iterations: int = 40
    columns_: list[int] = field(default_factory=list)
    edges_: list[np.ndarray] = field(default_factory=list)
    weights_: list[np.ndarray] = field(default_factory=list)
    share_: list[float] = field(default_factory=list)
    prior_: float = 0.0

    def fit(self, matrix: np.ndarray, initial: np.ndarray) -> FellegiSunter:
        """Learns weights by expectation maximisation from initial posteriors.

        Args:
            matrix: features, float32, shape (m, len(names)), NaN unknown.
            initial: initial probability of a match, shape (m,).
        """
        step = max(1, len(matrix) // _SAMPLE)
        matrix, posterior = matrix[::step], initial[::step].astype(np.float64)
        fewest = min(_FEWEST_VALUES, max(2, len(matrix) // 4))
        self.columns_, self.edges_ = [], []
        for column in evidence_features(self.names):
            values = matrix[:, column]
            values = values[~np.isnan(values)]
            if len(values) < fewest:
                continue
            edges = np.unique(np.quantile(values, _QUANTILES)).astype(np.float32)
            edges = edges[edges < values.max()]
            if len(edges):
                self.columns_.append(int(column))
                self.edges_.append(edges)
        groups = [owner_of(self.names[c]) for c in self.columns_]
        self.share_ = [1.0 / groups.count(group) for group in groups]
        bins = [self._bins(matrix, k) for k in range(len(self.columns_))]
        sizes = [
            np.bincount(b, minlength=len(e) + 2) for b, e in zip(bins, self.edges_, strict=True)
        ]
        for _ in range(self.iterations):
            self._maximise(bins, sizes, posterior)
            updated = expit(self._sum(bins, len(matrix)))
            done = np.abs(updated - posterior).mean() < 1e-5
            posterior = updated
            if done:
                break
        return self

    def log_odds(self, matrix: np.ndarray) -> np.ndarray:
        """Log-odds that each pair matches, float64, shape (m,)."""
        bins = [self._bins(matrix, k) for k in range(len(self.columns_))]
        return np.clip(self._sum(bins, len(matrix)), -_LARGEST, _LARGEST)

    def contributions(self, matrix: np.ndarray) -> Contributions:
        """Contributions that sum to `log_odds`: each feature's weight, the prior, the bound."""
        names = [self.names[column] for column in self.columns_]
        weights = [
            self.weights_[k][self._bins(matrix, k)] * self.share_[k] for k in range(len(names))
        ]
        total = (
            np.sum(weights, axis=0) + self.prior_ if weights else np.full(len(matrix), self.prior_)
        )
        bound = np.clip(total, -_LARGEST, _LARGEST) - total
        columns = np.column_stack([*weights, np.full(len(matrix), self.prior_), bound])
        return Contributions([*names, BASE, BOUND], ["fellegi_sunter"] * (len(names) + 2), columns)

    def to_dict(self) -> dict[str, Any]:
        """The learned state as plain data."""
        return {
            "names": self.names,
            "columns": self.columns_,
            "edges": [e.tolist() for e in self.edges_],
            "weights": [w.tolist() for w in self.weights_],
            "share": self.share_,
            "prior": self.prior_,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any] | Fields) -> FellegiSunter:
        """The model that :meth:`to_dict` described.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        fields = Fields.of(state)
        names = fields.texts("names")
        columns = fields.counts("columns", 0, len(names) - 1)
        edges, weights = fields.number_lists("edges"), fields.number_lists("weights")
        if [len(e) + 2 for e in edges] != [len(w) for w in weights] or len(edges) != len(columns):
            raise FieldError(f"{fields.path('weights')}: they do not fit the edges and columns")
        return cls(
            names=names,
            columns_=columns,
            edges_=[np.array(e, np.float32) for e in edges],
            weights_=[np.array(w) for w in weights],
            share_=fields.numbers("share", len(columns)),
            prior_=fields.number("prior"),
        )

    def _bins(self, matrix: np.ndarray, k: int) -> np.ndarray:
        """Bin of each pair: 0 unknown, then from the lowest values up."""
        values = matrix[:, self.columns_[k]]
        bins = 1 + np.searchsorted(self.edges_[k], values, side="left")
        return np.where(np.isnan(values), 0, bins)

    def _maximise(
        self, bins: list[np.ndarray], sizes: list[np.ndarray], posterior: np.ndarray
    ) -> None:
        mean = np.clip(posterior.mean(), 1e-6, 1 - 1e-6)
        self.prior_ = float(np.log(mean / (1 - mean)))
        self.weights_ = []
        for k, column in enumerate(self.columns_):
            # Half a pair in every bin keeps the weights of empty bins finite.
            match = np.bincount(bins[k], posterior, minlength=len(sizes[k]))[1:] + 0.5
            other = sizes[k][1:] - match + 1.0
            weight = np.log(match / match.sum()) - np.log(other / other.sum())
            way = direction(self.names[column])
            if way:
                step = 1 if way > 0 else -1
                weight = nearest_rising(weight[::step], (sizes[k][1:] + 1e-9)[::step])[::step]
            self.weights_.append(np.concatenate([[0.0], weight]))

    def _sum(self, bins: list[np.ndarray], pairs: int) -> np.ndarray:
        total = np.full(pairs, self.prior_)
        for k, weights in enumerate(self.weights_):
            total += weights[bins[k]] * self.share_[k]
        return total
