"""Fellegi-Sunter model of views: groups of dependent features, each summed up in one score.

A Fellegi-Sunter model adds the weights of its features as if they were independent. Categories that
imply one another and the many measures of one text are dependent; where nearly all candidates are
similar in them, a sum over single features ranks by similarity, not by identity. So each attribute,
and all categories together, are one view, and the sum is damped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit

from features.arrays.distinct import sorted_distinct
from features.feature_names import column_feature, column_of, engine_feature, measure_of
from linkage.io.saved.json_fields import FieldError, Fields
from linkage.models.contributions import BASE, BOUND, Contributions
from linkage.models.isotonic import nearest_rising
from linkage.variants.collapsed_records import RAW_EQUAL, SHARED_IDENTIFIER, STATED

__all__ = ["CATEGORIES", "GroupedFellegiSunter"]

#: Factor of the summed weights: views are dependent as well, so that their sum is overconfident of
#: pairs that are merely similar (chosen on the variants tasks; 0.5 finds too few matches, 0.8 and
#: more too many).
_DAMPING = 0.65
_QUANTILES = np.concatenate([np.linspace(0, 1, 9)[1:-1], [0.95, 0.98, 0.99]])
#: Values of a text view above any similarity: clean texts equal, raw texts equal.
_EQUAL, _RAW = 2.0, 3.0
#: Measures of the similarity of texts; quality fast has only the first.
_SIMILARITY = ("idf_cosine", "character_cosine", "soft_overlap")
#: Views of a single feature, each named like it.
_SINGLE = tuple(
    engine_feature(fact, "agreement") for fact in ("numbers", "quantities", "editions", "years")
)
#: Views of several features: similarity of the texts of a column, conflicts of categories, codes.
_TEXT = "text"
CATEGORIES, _CODES = engine_feature("categories", "conflict"), engine_feature("codes", "view")
#: Features of codes that disagree; the latter is of quality fast, which does not look for codes
#: inside other words.
_SHARED_CODE = engine_feature("codes", "shared_rarity")
_CONFLICT = frozenset(engine_feature("codes", measure) for measure in ("conflict", "none_shared"))
_LARGEST = 12.0


@dataclass
class GroupedFellegiSunter:
    """Match weights of the views of a pair, learned without labels.

    Attributes:
        names: names of all features of the matrices that it is given.
        main: attribute that names the product, if any.
        iterations: most rounds of expectation maximisation.
        edges_: bin edges of each view.
        weights_: weight of each bin; the first is that of unknown values.
        category_weights_: weight of a conflict in each category.
        prior_: log-odds of a match before any evidence.
        shift_: subtracted from the log-odds of unequal texts of disciplined sources.
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
        initial: np.ndarray,
        weight: np.ndarray,
        fixed: np.ndarray,
        most_unequal: float | None = None,
    ) -> GroupedFellegiSunter:
        """Learns weights by expectation maximisation.

        Args:
            matrix: features, shape (m, len(names)).
            initial: initial probability of a match, shape (m,).
            weight: weight of each pair, shape (m,).
            fixed: pairs whose probability keeps its initial value, bool[m].
            most_unequal: upper bound of matches with unequal texts of disciplined sources per match
                with equal ones; None for no bound.
        """
        posterior = initial.astype(np.float64)
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
                most = most_unequal * float((posterior * weight)[equal == 1].sum())
                self.shift_ = _shift(log_odds, weight * (equal == 0) * ~fixed, most)
                log_odds = log_odds - self.shift_ * (equal == 0)
            updated = expit(log_odds)
            updated[fixed] = initial[fixed]
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
        """Contributions that sum to `log_odds`: each view's damped weight, the prior, the bound.

        What is subtracted for unequal texts has the name `RAW_EQUAL`; views are named as in
        `edges_`.
        """
        views = self._views(matrix)
        weights = {
            name: _DAMPING * self.weights_[name][self._bins(name, views[name])]
            for name in self.edges_
        }
        prior = np.full(len(matrix), self.prior_)
        total = prior + np.sum(list(weights.values()), axis=0)
        bound = np.clip(total, -_LARGEST, _LARGEST) - total
        if self.shift_:
            weights[RAW_EQUAL] = -self.shift_ * (self._raw_equal(matrix) == 0)
            total = total + bound + weights[RAW_EQUAL]
            bound = bound + np.clip(total, -_LARGEST, _LARGEST) - total
        names = [*weights, BASE, BOUND]
        columns = np.column_stack([*weights.values(), prior, bound])
        return Contributions(names, ["views"] * len(names), columns)

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
    def from_dict(cls, state: Mapping[str, Any] | Fields) -> GroupedFellegiSunter:
        """The model that :meth:`to_dict` described.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        fields = Fields.of(state)
        edges, weights = (fields.part(key) for key in ("edges", "weights"))
        edges_ = {name: np.array(edges.numbers(name), float) for name in edges.names()}
        weights_ = {name: np.array(weights.numbers(name), float) for name in weights.names()}
        if {k: len(v) + 2 for k, v in edges_.items()} != {k: len(v) for k, v in weights_.items()}:
            raise FieldError(f"{fields.path('weights')}: they do not fit the edges")
        categories = fields.part("category_weights")
        return cls(
            names=fields.texts("names"),
            main=None if fields.get("main") is None else fields.text("main"),
            edges_=edges_,
            weights_=weights_,
            category_weights_={name: categories.number(name) for name in categories.names()},
            prior_=fields.number("prior"),
            shift_=fields.number("shift"),
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
            wanted = [column_feature(column, m) for m in ("equal", *_SIMILARITY)]
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
        measures = [column_feature(name, m) for m in _SIMILARITY]
        parts = np.array([column(n) for n in measures if n in self.names])
        known = ~np.isnan(parts)
        similarity = np.where(known, parts, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        similarity = np.where(known.any(axis=0), np.minimum(similarity, 0.999), np.nan)
        equal = column(column_feature(name, "equal")) == 1
        out = np.where(equal, _EQUAL, similarity)
        if name == self.main and RAW_EQUAL in self.names:
            out = np.where(column(RAW_EQUAL) == 1, _RAW, out)
        return out

    def _weigh_categories(
        self, matrix: np.ndarray, posterior: np.ndarray, weight: np.ndarray
    ) -> None:
        """Sets the weight of a conflict in each category, from the initial posteriors."""
        self.category_weights_ = {}
        for name in self._categories():
            equal = matrix[:, self.names.index(column_feature(name, "equal"))]
            known = ~np.isnan(equal)
            differ = equal == 0
            shares = []
            for side in (posterior, 1 - posterior):
                total = float((side * weight)[known].sum())
                shares.append((float((side * weight)[differ].sum()) + 0.5) / (total + 1.0))
            log_ratio = float(np.log(shares[1] / shares[0]))
            if log_ratio > 0.1:
                self.category_weights_[name] = round(log_ratio, 3)

    def _bins(self, name: str, value: np.ndarray) -> np.ndarray:
        bins = 1 + np.searchsorted(self.edges_[name], value, side="right")
        return np.where(np.isnan(value), 0, bins)

    def _maximise(
        self, bins: dict[str, np.ndarray], posterior: np.ndarray, weight: np.ndarray
    ) -> None:
        mean = np.clip(np.average(posterior, weights=weight), 1e-6, 1 - 1e-6)
        self.prior_ = float(np.log(mean / (1 - mean)))
        self.weights_ = {}
        for name, which in bins.items():
            size = len(self.edges_[name]) + 2
            match = np.bincount(which, posterior * weight, minlength=size)[1:] + 0.5
            other = np.bincount(which, (1 - posterior) * weight, minlength=size)[1:] + 0.5
            ratio = np.log(match / match.sum()) - np.log(other / other.sum())
            ratio = nearest_rising(ratio, match + other)
            if name == SHARED_IDENTIFIER:
                # Variants of one product have different numbers, or none: only sharing is evidence.
                ratio = np.where(np.arange(len(ratio)) == 0, 0.0, np.maximum(ratio, 0.0))
            self.weights_[name] = np.concatenate([[0.0], ratio])

    def _sum(self, bins: dict[str, np.ndarray], pairs: int) -> np.ndarray:
        total = np.zeros(pairs)
        for name, which in bins.items():
            total += self.weights_[name][which]
        return np.clip(self.prior_ + _DAMPING * total, -_LARGEST, _LARGEST)


def _shift(log_odds: np.ndarray, weight: np.ndarray, most: float) -> float:
    """What to subtract from log-odds so that at most `most` matches are expected, by bisection.

    Args:
        log_odds: log-odds of pairs.
        weight: weight of each pair.
        most: upper bound of the expected matches.
    """
    some = weight > 0
    log_odds, weight = log_odds[some], weight[some]
    if float((expit(log_odds) * weight).sum()) <= most:
        return 0.0
    low, high = 0.0, 2 * _LARGEST
    for _ in range(40):
        middle = (low + high) / 2
        if float((expit(log_odds - middle) * weight).sum()) > most:
            low = middle
        else:
            high = middle
    return high
