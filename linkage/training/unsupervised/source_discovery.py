"""Discovery of hidden sources: two shops in one table, told apart by how matches differ.

Records of one product are alike in what they say. If each shop lists a product once, the two are
always of different shops, so that they differ more in style than two records taken at random; that
cannot happen along anything that belongs to the product. So the direction of style in which the
most alike pairs differ most, relative to the spread over all records (a generalised eigenvector),
separates the shops, and pairs that it was not fitted to tell whether it does.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg, sparse

from features.kinds import Kind
from linkage.models.evidence.hidden_sources import HiddenSources, style_of
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.absence import (
    conflict_ratio,
    differ_in_facts,
    holds_duplicates,
    most_alike_pairs,
)

__all__ = ["discover_sources", "fit_sources"]

#: Most alike pairs that are looked at: shares of the records, and bounds of their number.
_SHARES, _FEWEST, _MOST = (0.05, 0.1), 60, 400
#: Standard errors by which more than half of the pairs that the direction was not fitted to must be
#: of two sources (docs/unlabelled.md): at most 1.0 were seen where there are none, 3.7 and more
#: where there are two.
_SIGNIFICANT = 3.0
#: Folds of the pairs by which that is told.
_FOLDS = 5
#: Dimensions that style is reduced to before a direction is sought.
_DIMENSIONS = 50
#: Rounds in which a logistic model is fitted to the sides that it gave the pairs before.
_ROUNDS = 4
#: Inverse strength of its penalty: of reduced style, of which there is little, and of full style.
_REDUCED, _FULL = 0.1, 1.0


def discover_sources(compared: ComparedPairs, seed: int) -> HiddenSources | None:
    """Return what tells two sources of one table apart; None where there seem to be no two.

    Two sources are found where the most alike pairs are mostly across them, while facts show no
    duplicates among the pairs within one.

    Args:
        compared: candidate pairs of one table.
        seed: random seed.
    """
    if not any(name != "embedding" for name in compared.spaces):
        return None
    found = _most_significant(compared, seed)
    if found is None:
        return None
    second = found.of_second(compared.records.records) > 0.5
    within = compared.alone(second[compared.left] == second[compared.right])
    if not len(within):
        return found
    # Where no facts tell, nothing speaks against two sources.
    if not np.isnan(conflict_ratio(within)) and holds_duplicates(within):
        return None
    return found


def _most_significant(compared: ComparedPairs, seed: int) -> HiddenSources | None:
    """The two sources that the most alike pairs are most significantly across, if they are.

    Pairs that differ in facts are siblings, which are often more alike than the offers of two
    shops, and are left out.
    """
    compared = compared.alone(~differ_in_facts(compared))
    kinds = compared.records.records.kinds
    columns = tuple(name for name, kind in kinds.items() if kind != Kind.IMAGE)
    best: tuple[float, HiddenSources] | None = None
    alike = most_alike_pairs(compared, max(_SHARES), _FEWEST)
    for share in _SHARES:
        number = max(int(share / max(_SHARES) * len(alike)), _FEWEST)
        pairs = alike[: min(number, _MOST)]
        if len(pairs) < _FEWEST:
            continue
        rows, at = np.unique(
            np.concatenate([compared.left[pairs], compared.right[pairs]]), return_inverse=True
        )
        a, b = at[: len(pairs)], at[len(pairs) :]
        style = style_of(compared.records.records.part(rows), columns)
        reduced = _reduced(style, seed)
        significance = _significance(reduced, a, b, seed)
        if significance >= _SIGNIFICANT and (best is None or significance > best[0]):
            score = _fitted(reduced, a, b, _direction(reduced, a, b), _REDUCED)[0]
            best = significance, _sources(columns, style, a, b, score)
    return None if best is None else best[1]


def fit_sources(
    sources: HiddenSources, style: sparse.csr_array, left: np.ndarray, right: np.ndarray
) -> HiddenSources:
    """Return the sources fitted anew to pairs that match.

    Args:
        sources: what told the sources of these pairs apart.
        style: style of all records, as `style_of` reads it of the sources' columns.
        left, right: rows of the matches; the left ones are of one source.
    """
    score = np.asarray(style @ sources.weights + sources.intercept)
    return _sources(sources.columns, style, left, right, score)


def _reduced(style: sparse.csr_array, seed: int) -> np.ndarray:
    """The style in few dimensions of mean 0 and variance 1, shape (n, dimensions)."""
    from sklearn.decomposition import TruncatedSVD

    dimensions = min(_DIMENSIONS, style.shape[1] - 1)
    reduced = TruncatedSVD(dimensions, n_iter=3, random_state=seed).fit_transform(style)
    reduced = reduced - reduced.mean(axis=0)
    return np.asarray(reduced / np.maximum(reduced.std(axis=0), 1e-9))


def _direction(reduced: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Scores of the records along the direction in which pairs differ most, shape (n,)."""
    difference = reduced[a] - reduced[b]
    ridge = 1e-3 * np.eye(reduced.shape[1])
    between = difference.T @ difference / len(difference) + ridge
    vectors = linalg.eigh(between, 2 * np.cov(reduced.T) + ridge)[1]
    return np.asarray(reduced @ vectors[:, -1])


def _significance(reduced: np.ndarray, a: np.ndarray, b: np.ndarray, seed: int) -> float:
    """Standard errors by which the share of pairs across sources exceeds a half, cross-fitted."""
    fold = np.random.default_rng(seed).permutation(len(a)) % _FOLDS
    across = []
    for k in range(_FOLDS):
        fit, check = fold != k, fold == k
        start = _direction(reduced, a[fit], b[fit])
        score = _fitted(reduced, a[fit], b[fit], start, _REDUCED)[0]
        across.append((score[a[check]] > 0) != (score[b[check]] > 0))
    share = float(np.concatenate(across).mean())
    return float((share - 0.5) / np.sqrt(0.25 / len(a)))


def _fitted(
    style: np.ndarray | sparse.csr_array,
    a: np.ndarray,
    b: np.ndarray,
    score: np.ndarray,
    strength: float,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Scores of all records by a logistic model that puts the records of a pair on two sides.

    Returns:
        The scores, the weights and the intercept.
    """
    from sklearn.linear_model import LogisticRegression

    weights, intercept = np.zeros(style.shape[1]), 0.0
    for _ in range(_ROUNDS):
        gap = score[a] - score[b]
        if not gap.any():  # the records of each pair are written in the same way
            break
        one, two = np.where(gap > 0, a, b), np.where(gap > 0, b, a)
        rows, target = np.concatenate([one, two]), np.repeat([1, 0], len(a))
        # Pairs that are hardly apart are likely wrong.
        weight = np.tile(np.minimum(np.abs(gap) / max(float(np.abs(gap).mean()), 1e-9), 2.0), 2)
        model = LogisticRegression(C=strength, max_iter=200).fit(style[rows], target, weight)
        score = model.decision_function(style)
        weights, intercept = model.coef_[0], float(model.intercept_[0])
    return np.asarray(score), np.asarray(weights), intercept


def _sources(
    columns: tuple[str, ...],
    style: sparse.csr_array,
    a: np.ndarray,
    b: np.ndarray,
    score: np.ndarray,
) -> HiddenSources:
    """The sources by full style, from scores of the records of pairs."""
    _, weights, intercept = _fitted(style, a, b, score, _FULL)
    return HiddenSources(columns, weights, intercept)
