"""A classifier that was learned, and what it says of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

from features.kinds import Kind
from linkage.classify.blend import blended
from linkage.classify.candidates import Candidates, candidate_features, choose_candidates
from linkage.classify.inputs import Inputs
from linkage.classify.linear_model import LinearModel
from linkage.classify.ranker import Ranker
from linkage.classify.target import Target
from linkage.classify.text_views import View
from linkage.classify.value_statistics import ValueCounts

__all__ = ["FittedClassifier", "Scored"]

#: Scores of classes that are held at a time: 128 MiB of float64.
_MOST_SCORES = 1 << 24


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of some rows.

    Attributes:
        views: Log probabilities by each linear model, shape (n, classes).
        candidates: The candidate classes.
        matrix: Features of the candidates, float32, shape (n * k, features).
        scores: Of the classes; their softmax are the probabilities. Shape (n, classes).

    """

    views: Mapping[str, np.ndarray]
    candidates: Candidates
    matrix: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """All that was learned.

    Attributes:
        target: What is predicted.
        kinds: The attributes that it is predicted from, and their kinds.
        quality: The quality that it was trained at.
        views: What the linear models read.
        linear: The linear models, by view.
        counts: Counts of classes by value, by attribute.
        blend: Weight of each view in choosing candidates.
        ranker: Scores the candidates.
        weights: Weight of each view, and last of the ranker, in the final score.
        held_out: Figures out of fold: ``accuracy``, ``macro_f1``, ``log_loss``.

    """

    target: Target
    kinds: dict[str, Kind]
    quality: str
    views: tuple[View, ...]
    linear: dict[str, LinearModel]
    counts: dict[str, ValueCounts]
    blend: np.ndarray
    ranker: Ranker
    weights: np.ndarray
    held_out: dict[str, float]

    def scored(self, inputs: Inputs) -> Scored:
        """Return the scores of rows."""
        views = {
            view.name: log_softmax(
                self.linear[view.name].logits(inputs.matrices[view.name]), axis=1
            )
            for view in self.views
        }
        blend = blended(list(views.values()), self.blend)
        candidates = choose_candidates(blend)
        _, matrix = candidate_features(inputs, views, blend, candidates, self.counts)
        ranked = candidates.spread(self.ranker.score(matrix), len(self.target.classes))
        scores = blended([*views.values(), ranked], self.weights)
        return Scored(views, candidates, matrix, scores)

    def probabilities(self, inputs: Inputs, rows: int) -> Iterator[np.ndarray]:
        """Yield the probabilities of the classes for one part of the rows after the other.

        Args:
            inputs: The rows.
            rows: How many there are.

        """
        step = max(1, _MOST_SCORES // len(self.target.classes))
        for start in range(0, rows, step):
            part = np.arange(start, min(start + step, rows))
            yield softmax(self.scored(inputs.at(part)).scores, axis=1)
