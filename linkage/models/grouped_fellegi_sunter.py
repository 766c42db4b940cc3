"""Views of a pair: a few scores that each sum up one respect in which its records are alike.

A Fellegi-Sunter model adds the weights of its features as if they were independent. Categories that
follow from one another and the many measures of one text are not, and where nearly all candidates
are alike in them the sum drifts from identity to likeness. So each attribute, and all categories
together, are one view; and the sum is damped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit

from features.arrays.distinct import sorted_distinct
from features.feature_names import column_feature, column_of, engine_feature, measure_of
from linkage.models.contributions import BASE, BOUND, Contributions
from linkage.variants.collapsed_records import RAW_EQUAL, SHARED_IDENTIFIER, STATED

__all__ = ["CATEGORIES", "GroupedFellegiSunter"]

#: Views overlap too: undamped, their sum is sure of pairs that are merely alike (chosen on the
#: variants tasks; 0.5 finds too few matches, 0.8 and more too many).
_DAMPING = 0.65
_QUANTILES = np.concatenate([np.linspace(0, 1, 9)[1:-1], [0.95, 0.98, 0.99]])
#: Places of a text view above all likeness: clean texts equal, raw texts equal.
_EQUAL, _RAW = 2.0, 3.0
#: Measures of the likeness of texts; quality fast has only the first.
_LIKENESS = ("idf_cosine", "character_cosine", "soft_overlap")
#: Views of one feature, each named as its feature is.
_SINGLE = tuple(
    engine_feature(fact, "agreement") for fact in ("numbers", "quantities", "editions", "years")
)
#: Views of several features: how alike two texts of a column are, what categories conflict, codes.
_TEXT = "text"
CATEGORIES, _CODES = engine_feature("categories", "conflict"), engine_feature("codes", "view")
#: Features that say that no codes agree: the latter of quality fast, which does not look for codes
#: in other words.
_SHARED_CODE = engine_feature("codes", "shared_rarity")
_CONFLICT = frozenset(engine_feature("codes", measure) for measure in ("conflict", "none_shared"))
_LARGEST = 12.0


@dataclass
class GroupedFellegiSunter:
    """Match weights of the views of a pair, learned without labels.

    Attributes:
        names: names of all features of the matrices that it is given.
        main: attribute that names the thing.
        iterations: most rounds of expectation maximisation.
        edges_: bin edges of each view.
        weights_: weight of each bin; the first is of unknown.
        category_weights_: weight of a conflict in each category.
        prior_: log-odds of a match before any evidence.
        shift_: taken off the log-odds of texts of disciplined sources that are not equal.
    """

    names: list[str]
    main: str | None
    iterations: int = 60
    edges_: dict[str, np.ndarray] = field(default_factory=dict)
    weights_: dict[str, np.ndarray] = field(default_factory=dict)
    category_weights_: dict[str, float] = field(default_factory=dict)
    prior_: float = 0.0
    shift_: float = 0.0

    def fit(
        self,
        matrix: np.ndarray,
        seed: np.ndarray,
        weight: np.ndarray,
        fixed: np.ndarray,
        most_unequal: float | None = None,
    ) -> GroupedFellegiSunter:
        """Learns weights by expectation maximisation.

        Args:
            matrix: features, shape (m, len(names)).
            seed: probability of a match to begin with, shape (m,).
            weight: what each pair counts, shape (m,).
            fixed: pairs whose probability stays as it is, bool[m].
            most_unequal: most matches of unequal texts of disciplined sources, for each of equal
                ones; None where nothing bounds them.
        """
        posterior = seed.astype(np.float64)
        self._weigh_categories(matrix, posterior, weight)
        views = self._views(matrix)
        self.edges_ = {}
        for name, value in views.items():
            known = value[~np.isnan(value)]
            levels = sorted_distinct(known)
            if len(levels) < (1 if name == SHARED_IDENTIFIER else 2):
                continue
            if len(levels) <= 12:
                edges = levels[1:]
            else:
                some = known[known < _EQUAL] if measure_of(name) == _TEXT else known
                edges = np.unique(np.quantile(some, _QUANTILES)) if len(some) else np.zeros(0)
                if measure_of(name) == _TEXT:
                    edges = np.concatenate([edges, [_EQUAL, _RAW]])
            self.edges_[name] = edges
        bins = {name: self._bins(name, views[name]) for name in self.edges_}
        for _ in range(self.iterations):
            self._maximise(bins, posterior, weight)
            log_odds = self._sum(bins, len(matrix))
            if most_unequal is not None:
                equal = self._raw_equal(matrix)
                room = most_unequal * float((posterior * weight)[equal == 1].sum())
                self.shift_ = _shift(log_odds, weight * (equal == 0) * ~fixed, room)
                log_odds = log_odds - self.shift_ * (equal == 0)
            updated = expit(log_odds)
            updated[fixed] = seed[fixed]
            done = np.abs(updated - posterior).mean() < 1e-6
            posterior = updated
            if done:
                break
        return self

    def log_odds(self, matrix: np.ndarray) -> np.ndarray:
        """Log-odds that each pair matches, float64, shape (m,)."""
        views = self._views(matrix)
        bins = {name: self._bins(name, views[name]) for name in self.edges_}
        unequal = self._raw_equal(matrix) == 0
        return np.clip(self._sum(bins, len(matrix)) - self.shift_ * unequal, -_LARGEST, _LARGEST)

    def contributions(self, matrix: np.ndarray) -> Contributions:
        """What adds up to `log_odds`: the damped weight of each view, the prior, the bound.

        What is taken off unequal texts counts with `RAW_EQUAL`; a view is named as in `edges_`.
        """
        views = self._views(matrix)
        told = {
            name: _DAMPING * self.weights_[name][self._bins(name, views[name])]
            for name in self.edges_
        }
        prior = np.full(len(matrix), self.prior_)
        total = prior + np.sum(list(told.values()), axis=0)
        bound = np.clip(total, -_LARGEST, _LARGEST) - total
        if self.shift_:
            told[RAW_EQUAL] = -self.shift_ * (self._raw_equal(matrix) == 0)
            total = total + bound + told[RAW_EQUAL]
            bound = bound + np.clip(total, -_LARGEST, _LARGEST) - total
        names = [*told, BASE, BOUND]
        columns = np.column_stack([*told.values(), prior, bound])
        return Contributions(names, ["views"] * len(names), columns)

    def reliance(self) -> float:
        """How far the likeness of main texts that are not equal moves the log-odds."""
        view = None if self.main is None else column_feature(self.main, _TEXT)
        if view not in self.weights_:
            return 0.0
        weights = self.weights_[view][1:][: max(1, len(self.edges_[view]) - 1)]
        return float(_DAMPING * (weights.max() - weights.min()))

    def to_dict(self) -> dict[str, Any]:
        """The learned state as plain data."""
        return {
            "views": True,
            "names": self.names,
            "main": self.main,
            "edges": {k: v.tolist() for k, v in self.edges_.items()},
            "weights": {k: v.tolist() for k, v in self.weights_.items()},
            "category_weights": self.category_weights_,
            "prior": self.prior_,
            "shift": self.shift_,
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> GroupedFellegiSunter:
        """The model that :meth:`to_dict` described."""
        return cls(
            names=state["names"],
            main=state["main"],
            edges_={k: np.array(v) for k, v in state["edges"].items()},
            weights_={k: np.array(v) for k, v in state["weights"].items()},
            category_weights_=state["category_weights"],
            prior_=state["prior"],
            shift_=state["shift"],
        )

    def _texts(self) -> list[str]:
        """Attributes compared as texts (with a first word)."""
        return self._of_measure("first_word_equal")

    def _of_measure(self, *measures: str) -> list[str]:
        """Columns that have one of these measures, each once."""
        columns = [column_of(n) for n in self.names if measure_of(n) in measures]
        return list(dict.fromkeys(column for column in columns if column is not None))

    def _raw_equal(self, matrix: np.ndarray) -> np.ndarray:
        if RAW_EQUAL not in self.names:
            return np.full(len(matrix), np.nan)
        return matrix[:, self.names.index(RAW_EQUAL)]

    def _stated(self) -> list[str]:
        return [column_feature(column, STATED) for column in self._of_measure(STATED)]

    def _categories(self) -> list[str]:
        others = {*self._texts(), *self._of_measure(STATED)}
        found = self._of_measure("soft_overlap", "idf_cosine")
        return [n for n in found if n not in others and column_feature(n, "equal") in self.names]

    def _differences(self) -> list[str]:
        measures = ("difference", "log_days", "hash_difference")
        return [n for n in self.names if measure_of(n) in measures and column_of(n) is not None]

    def _columns(self, name: str) -> list[int]:
        column = column_of(name)
        if name == CATEGORIES:
            wanted = [column_feature(n, "equal") for n in self._categories()]
        elif name == _CODES:
            wanted = [_SHARED_CODE, *_CONFLICT]
        elif column is not None and measure_of(name) == _TEXT:
            wanted = [column_feature(column, m) for m in ("equal", *_LIKENESS)]
            wanted += [RAW_EQUAL] if column == self.main else []
        else:
            wanted = [name]
        return [self.names.index(n) for n in wanted if n in self.names]

    def _views(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        def column(name: str) -> np.ndarray:
            return matrix[:, self.names.index(name)].astype(np.float64)

        views = {}
        for name in self._texts():
            views[column_feature(name, _TEXT)] = self._text_view(name, column)
        if self.category_weights_:
            conflicts = np.zeros(len(matrix))
            for name, weight in self.category_weights_.items():
                conflicts += weight * (column(column_feature(name, "equal")) == 0)
            views[CATEGORIES] = -np.round(conflicts, 1)
        for name in self._differences():
            views[name] = -column(name)
        for name in self._stated():
            views[name] = column(name)
        for name in _SINGLE:
            if name in self.names:
                views[name] = column(name)
        for name in _CONFLICT & set(self.names):
            shared, conflict = column(_SHARED_CODE), column(name)
            views[_CODES] = np.where(conflict == 1, -1.0, np.minimum(shared, 1.0).round(1))
        if SHARED_IDENTIFIER in self.names:
            views[SHARED_IDENTIFIER] = np.nan_to_num(column(SHARED_IDENTIFIER))
        return views

    def _text_view(self, name: str, column: Any) -> np.ndarray:
        likenesses = [column_feature(name, m) for m in _LIKENESS]
        parts = np.array([column(n) for n in likenesses if n in self.names])
        known = ~np.isnan(parts)
        likeness = np.where(known, parts, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        likeness = np.where(known.any(axis=0), np.minimum(likeness, 0.999), np.nan)
        equal = column(column_feature(name, "equal")) == 1
        out = np.where(equal, _EQUAL, likeness)
        if name == self.main and RAW_EQUAL in self.names:
            out = np.where(column(RAW_EQUAL) == 1, _RAW, out)
        return out

    def _weigh_categories(
        self, matrix: np.ndarray, posterior: np.ndarray, weight: np.ndarray
    ) -> None:
        """How much a conflict in each category tells, from the pairs to begin with."""
        self.category_weights_ = {}
        for name in self._categories():
            equal = matrix[:, self.names.index(column_feature(name, "equal"))]
            known = ~np.isnan(equal)
            differ = equal == 0
            shares = []
            for side in (posterior, 1 - posterior):
                total = float((side * weight)[known].sum())
                shares.append((float((side * weight)[differ].sum()) + 0.5) / (total + 1.0))
            told = float(np.log(shares[1] / shares[0]))
            if told > 0.1:
                self.category_weights_[name] = round(told, 3)

    def _bins(self, name: str, value: np.ndarray) -> np.ndarray:
        bins = 1 + np.searchsorted(self.edges_[name], value, side="right")
        return np.where(np.isnan(value), 0, bins)

    def _maximise(
        self, bins: dict[str, np.ndarray], posterior: np.ndarray, weight: np.ndarray
    ) -> None:
        from sklearn.isotonic import isotonic_regression

        mean = np.clip(np.average(posterior, weights=weight), 1e-6, 1 - 1e-6)
        self.prior_ = float(np.log(mean / (1 - mean)))
        self.weights_ = {}
        for name, which in bins.items():
            size = len(self.edges_[name]) + 2
            match = np.bincount(which, posterior * weight, minlength=size)[1:] + 0.5
            other = np.bincount(which, (1 - posterior) * weight, minlength=size)[1:] + 0.5
            told = np.log(match / match.sum()) - np.log(other / other.sum())
            told = isotonic_regression(told, sample_weight=match + other, increasing=True)
            if name == SHARED_IDENTIFIER:
                # Siblings have different ones, or none: only a shared one says something.
                told = np.where(np.arange(len(told)) == 0, 0.0, np.maximum(told, 0.0))
            self.weights_[name] = np.concatenate([[0.0], told])

    def _sum(self, bins: dict[str, np.ndarray], pairs: int) -> np.ndarray:
        total = np.zeros(pairs)
        for name, which in bins.items():
            total += self.weights_[name][which]
        return np.clip(self.prior_ + _DAMPING * total, -_LARGEST, _LARGEST)


def _shift(log_odds: np.ndarray, weight: np.ndarray, room: float) -> float:
    """What must be taken off log-odds for their expected matches to fit into the room."""
    some = weight > 0
    log_odds, weight = log_odds[some], weight[some]
    if float((expit(log_odds) * weight).sum()) <= room:
        return 0.0
    low, high = 0.0, 2 * _LARGEST
    for _ in range(40):
        middle = (low + high) / 2
        if float((expit(log_odds - middle) * weight).sum()) > room:
            low = middle
        else:
            high = middle
    return high
