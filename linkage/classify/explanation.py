"""Why a record was given a class: contributions of its attributes.

A contribution is what an attribute adds to the score of the class over the mean score of the row's
candidates, in units of log-odds. Linear models are sums over terms, and so over attributes. Of the
ranker SHAP values are summed by attribute (Lundberg et al., 2020); those of features that hold what
a linear model says are shared out as that model's own contributions are. Vectors of texts belong to
the texts together, and are shared out among them by what leaving each out of the text changes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.records import Records
from linkage.classify.candidates import feature_owner
from linkage.classify.fitted import FittedClassifier, Scored
from linkage.classify.inputs import Inputs
from linkage.classify.text_views import TermView, VectorView, joined_texts

__all__ = ["OTHER", "contributions"]

#: The part of a score that belongs to no attribute: constants, and how frequent the classes are.
OTHER = "(other)"


def contributions(
    model: FittedClassifier, records: Records, inputs: Inputs, label: np.ndarray
) -> pd.DataFrame:
    """Return contributions to the scores of classes.

    Args:
        model: The classifier.
        records: The records.
        inputs: What was read of them.
        label: The class of each record that is explained, int64[n].

    Returns:
        A row a record, a column an attribute, and last :data:`OTHER`. The sum of a row is the score
        of the class less the mean score of the record's candidates.

    """
    scored = model.scored(inputs)
    names = list(model.kinds)
    views = {
        view.name: _view_contributions(model, view, records, inputs, scored, label)
        for view in model.views
    }
    total = np.zeros((records.n, len(names) + 1))
    for weight, own in zip(model.weights, views.values(), strict=False):
        total += weight * own
    total += model.weights[-1] * _ranker_contributions(model, inputs, scored, label, views)
    return pd.DataFrame(total, columns=[*names, OTHER], index=pd.Index(records.ids, name="id"))


def _view_contributions(
    model: FittedClassifier,
    view: TermView | VectorView,
    records: Records,
    inputs: Inputs,
    scored: Scored,
    label: np.ndarray,
) -> np.ndarray:
    """Contributions to a linear model's score, float64, shape (n, attributes + 1)."""
    linear, matrix = model.linear[view.name], inputs.matrices[view.name]
    out = np.zeros((records.n, len(model.kinds) + 1))
    whole = _over_candidates(linear.logits(matrix), scored, label)
    if isinstance(view, TermView):
        owner = view.attribute_of_column(records)
        for row in range(records.n):
            at = slice(matrix.indptr[row], matrix.indptr[row + 1])
            weights = linear.weights[matrix.indices[at]]
            over = weights[:, label[row]] - weights[:, scored.candidates.classes[row]].mean(axis=1)
            np.add.at(out[row], owner[matrix.indices[at]], matrix.data[at] * over)
    else:
        for number, name in enumerate(model.kinds):
            rest = [other for other in model.kinds if other != name]
            without = linear.logits(view.matrix_of(joined_texts(records, rest)))
            out[:, number] = whole - _over_candidates(without, scored, label)
    out[:, -1] = whole - out[:, :-1].sum(axis=1)
    return out


def _over_candidates(scores: np.ndarray, scored: Scored, label: np.ndarray) -> np.ndarray:
    """Scores of classes less the means of the candidates', shape (n,)."""
    among = np.take_along_axis(scores, scored.candidates.classes, axis=1)
    return np.asarray(scores[np.arange(len(label)), label] - among.mean(axis=1), np.float64)


def _ranker_contributions(
    model: FittedClassifier,
    inputs: Inputs,
    scored: Scored,
    label: np.ndarray,
    views: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Contributions to the ranker's score, float64, shape (n, attributes + 1)."""
    names, n = list(model.kinds), len(label)
    shap = model.ranker.contributions(scored.matrix).reshape(*scored.candidates.classes.shape, -1)
    # A class that is no candidate has the score of the lowest one.
    is_own = scored.candidates.classes == label[:, None]
    lowest = shap.sum(axis=2).argmin(axis=1)
    at = np.where(is_own.any(axis=1), is_own.argmax(axis=1), lowest)
    over = shap[np.arange(n), at] - shap.mean(axis=1)
    out = np.zeros((n, len(names) + 1))
    out[:, -1] = over[:, -1]
    for column, feature in enumerate(model.ranker.features):
        attribute, of_views = feature_owner(feature, list(views))
        if attribute is not None:
            out[:, names.index(attribute)] += over[:, column]
        elif of_views:
            size = np.abs(np.mean([views[name] for name in of_views], axis=0))
            share = size / np.maximum(size.sum(axis=1, keepdims=True), 1e-12)
            out += over[:, column : column + 1] * share
        else:
            out[:, -1] += over[:, column]
    # What is not shared out, where a view says nothing at all.
    out[:, -1] += over.sum(axis=1) - out.sum(axis=1)
    return out
