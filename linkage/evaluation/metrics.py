"""Metrics of pairs, splits, clusters and probabilities against the truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "ClusterMetrics",
    "PairMetrics",
    "average_precision",
    "closure_of_pairs",
    "evaluate_clusters",
    "evaluate_pairs",
    "evaluate_split",
    "expected_calibration_error",
    "log_loss",
]

# Probabilities are clipped this far from 0 and 1, so that log loss stays finite.
_CERTAIN = 1e-7


@dataclass(frozen=True)
class PairMetrics:
    """Precision and recall over pairs.

    Attributes:
        predicted, true, correct: numbers of pairs.
        precision: correct / predicted; NaN where nothing was predicted.
        recall: correct / true; NaN where nothing is true.
        f1: harmonic mean, 2 correct / (predicted + true); NaN where both are empty.
        average_precision: area under precision over recall, None without scores.
    """

    predicted: int
    true: int
    correct: int
    precision: float
    recall: float
    f1: float
    average_precision: float | None = None

    def as_dict(self) -> dict[str, int | float | None]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class ClusterMetrics:
    """Agreement of two partitions of the same records.

    Attributes:
        pairwise: over all pairs of records in one cluster.
        bcubed_precision, bcubed_recall, bcubed_f1: means over records (Bagga and Baldwin 1998).
        records: number of records.
        predicted_clusters, true_clusters: clusters of any size.
        predicted_groups, true_groups: clusters of two records and more.
        exact_clusters: true clusters found exactly.
        exact_groups: of these, the ones of two records and more.
    """

    pairwise: PairMetrics
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    records: int
    predicted_clusters: int
    true_clusters: int
    predicted_groups: int
    true_groups: int
    exact_clusters: int
    exact_groups: int

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def evaluate_clusters(predicted: npt.ArrayLike, true: npt.ArrayLike) -> ClusterMetrics:
    """Return pairwise and B-cubed metrics of predicted clusters against the true ones.

    Pairs are counted by contingency table, so that time grows with the records and not with the
    pairs of a large cluster.

    Args:
        predicted, true: labels of the same n records, in the same order; numbers or strings.

    Returns:
        The metrics, with the numbers that they were computed from.

    Raises:
        ValueError: for different lengths and missing labels.

    Example:
        >>> evaluate_clusters([0, 0, 1], [0, 0, 0]).pairwise.recall
        0.3333333333333333
    """
    ours, truth = _codes(predicted, "predicted"), _codes(true, "true")
    if len(ours) != len(truth):
        raise ValueError(f"predicted has {len(ours)} labels and true has {len(truth)}")
    ours_size, true_size = np.bincount(ours), np.bincount(truth)
    width = max(len(true_size), 1)
    cells, both = np.unique(ours * width + truth, return_counts=True)
    ours_cell, true_cell = ours_size[cells // width], true_size[cells % width]
    n = len(ours)
    same = both.astype(np.float64) ** 2
    precision = float((same / ours_cell).sum() / n) if n else np.nan
    recall = float((same / true_cell).sum() / n) if n else np.nan
    exact = (both == ours_cell) & (both == true_cell)
    return ClusterMetrics(
        pairwise=_pair_metrics(_pairs_in(ours_size), _pairs_in(true_size), _pairs_in(both)),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=2 * precision * recall / (precision + recall) if n else np.nan,
        records=n,
        predicted_clusters=len(ours_size),
        true_clusters=len(true_size),
        predicted_groups=int((ours_size > 1).sum()),
        true_groups=int((true_size > 1).sum()),
        exact_clusters=int(exact.sum()),
        exact_groups=int((exact & (both > 1)).sum()),
    )


def evaluate_pairs(
    predicted: pd.DataFrame, truth: pd.DataFrame, *, ordered: bool = True
) -> PairMetrics:
    """Return precision, recall and F1 of predicted pairs against all true pairs.

    Args:
        predicted, truth: ``left_id, right_id``; further columns are ignored, repeated pairs count
            once.
        ordered: False for pairs within one table, where (a, b) is (b, a) and (a, a) is no pair.

    Returns:
        The metrics, with the numbers that they were computed from; no average precision.

    Raises:
        ValueError: for missing columns.
    """
    ours, true = _pair_index(predicted, ordered), _pair_index(truth, ordered)
    return _pair_metrics(len(ours), len(true), len(ours.intersection(true)))


def evaluate_split(
    truth: pd.DataFrame, predicted: pd.DataFrame, *, threshold: float | None = None
) -> PairMetrics:
    """Return metrics over a labelled split of pairs; pairs outside the split do not count.

    Args:
        truth: ``left_id, right_id, label`` with labels 0 and 1, one row a pair.
        predicted: ``left_id, right_id`` with ``match`` (0 or 1, or booleans), ``score``, or both.
            Pairs of the split that are not in it count as non-matches with score 0.
        threshold: score from which a pair is a match, in place of the ``match`` column.

    Raises:
        ValueError: for missing columns, repeated pairs, labels other than 0 and 1, unknown scores.
    """
    _need(truth, ["left_id", "right_id", "label"], "the truth")
    _need(predicted, ["left_id", "right_id"], "the prediction")
    scored, decided = "score" in predicted, "match" in predicted and threshold is None
    if not decided and (threshold is None or not scored):
        raise ValueError(
            "the prediction needs a `match` column, or a `score` column and a threshold"
        )
    labels = pd.to_numeric(truth["label"], errors="coerce")
    if not labels.isin([0, 1]).all():
        bad = truth["label"][~labels.isin([0, 1])].iloc[0]
        raise ValueError(f"labels must be 0 or 1, got {bad!r}")
    keys, ours = _key_index(truth), _key_index(predicted)
    for index, what in ((keys, "the truth"), (ours, "the prediction")):
        if not index.is_unique:
            raise ValueError(f"{what} holds the pair {index[index.duplicated()][0]} more than once")
    at = ours.get_indexer(keys)
    found = at >= 0
    score: npt.NDArray[np.float64] | None = None
    if scored:
        score = np.zeros(len(keys))
        score[found] = pd.to_numeric(predicted["score"]).to_numpy(np.float64)[at[found]]
        if np.isnan(score).any():
            raise ValueError(f"the pair {keys[int(np.argmax(np.isnan(score)))]} has no score")
    match = np.zeros(len(keys), bool)
    if decided:
        match[found] = pd.to_numeric(predicted["match"]).to_numpy(np.float64)[at[found]] > 0.5
    elif score is not None and threshold is not None:
        match = found & (score >= threshold)
    positive = labels.to_numpy() == 1
    precision = average_precision(positive, score) if score is not None else None
    return _pair_metrics(
        int(match.sum()), int(positive.sum()), int((match & positive).sum()), precision
    )


def closure_of_pairs(pairs: pd.DataFrame, *, ordered: bool = True) -> pd.DataFrame:
    """Return the clusters that true pairs imply: ids joined by a chain of pairs are one entity.

    Args:
        pairs: ``left_id, right_id``.
        ordered: True where left and right ids belong to two tables, so that an id may occur in
            both.

    Returns:
        One row an id: ``side`` (0 left, 1 right; always 0 if not ordered), ``id``, ``entity`` (int,
            numbered
        by first appearance). Ids in no pair are not there.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _need(pairs, ["left_id", "right_id"], "the truth")
    left, right = pairs["left_id"].astype(str), pairs["right_id"].astype(str)
    ids, texts = pd.factorize(pd.concat([left, right], ignore_index=True))
    sides = np.repeat([0, 1 if ordered else 0], len(pairs))
    codes, nodes = pd.factorize(ids * 2 + sides)
    n, m = len(nodes), len(pairs)
    graph = coo_array((np.ones(m, np.int8), (codes[:m], codes[m:])), shape=(n, n))
    entity = connected_components(graph, directed=False)[1] if n else np.empty(0, np.int32)
    return pd.DataFrame(
        {
            "side": (nodes % 2).astype(np.int8),
            "id": np.asarray(texts, dtype=object)[nodes // 2],
            "entity": pd.factorize(entity)[0],
        }
    )


def average_precision(
    positive: npt.ArrayLike, score: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> float:
    """Return average precision: the mean of the precision at each positive, best score first.

    Pairs of one score count together. NaN without positives.
    """
    positive, score = np.asarray(positive, dtype=bool), np.asarray(score, dtype=np.float64)
    if not positive.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    w = np.ones(len(score)) if weight is None else np.asarray(weight, dtype=np.float64)[order]
    hits, found = np.cumsum(w * positive[order]), np.cumsum(w)
    ends = np.flatnonzero(np.concatenate([np.diff(score[order]) != 0, [True]]))
    precision = hits[ends] / np.maximum(found[ends], 1e-300)
    return float((np.diff(hits[ends], prepend=0) * precision).sum() / hits[-1])


def log_loss(
    positive: npt.ArrayLike, probability: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> float:
    """Return the mean negative log likelihood of the labels, in nats; NaN without pairs."""
    truth, p, w = _probabilities(positive, probability, weight)
    if not w.sum():
        return float("nan")
    p = np.clip(p, _CERTAIN, 1 - _CERTAIN)
    return float(-(w * np.where(truth, np.log(p), np.log1p(-p))).sum() / w.sum())


def expected_calibration_error(
    positive: npt.ArrayLike,
    probability: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    bins: int = 10,
) -> float:
    """Return the mean gap between probability and share of positives, over bins of equal width.

    Naeini, Cooper and Hauskrecht 2015. Bins weigh as many pairs as they hold; NaN without pairs.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    truth, p, w = _probabilities(positive, probability, weight)
    if not w.sum():
        return float("nan")
    which = np.minimum((p * bins).astype(np.int64), bins - 1)
    gap = np.bincount(which, weights=w * (p - truth), minlength=bins)
    return float(np.abs(gap).sum() / w.sum())


def _probabilities(
    positive: npt.ArrayLike, probability: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    truth, p = np.asarray(positive, dtype=bool), np.asarray(probability, dtype=np.float64)
    w = np.ones(len(p)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not len(truth) == len(p) == len(w):
        raise ValueError(f"labels, probabilities, weights: {len(truth)}, {len(p)}, {len(w)} values")
    if len(p) and not (p.min() >= 0 and p.max() <= 1):
        raise ValueError("probabilities must be in [0, 1], without NaN")
    return truth, p, w


def _codes(labels: npt.ArrayLike, what: str) -> npt.NDArray[np.int64]:
    codes = pd.factorize(np.asarray(labels))[0].astype(np.int64)
    if (codes < 0).any():
        raise ValueError(f"{what} lacks the label of record {int(np.argmax(codes < 0))}")
    return codes


def _pairs_in(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _pair_metrics(
    predicted: int, true: int, correct: int, precision: float | None = None
) -> PairMetrics:
    return PairMetrics(
        predicted=predicted,
        true=true,
        correct=correct,
        precision=correct / predicted if predicted else float("nan"),
        recall=correct / true if true else float("nan"),
        f1=2 * correct / (predicted + true) if predicted + true else float("nan"),
        average_precision=precision,
    )


def _need(frame: pd.DataFrame, columns: list[str], what: str) -> None:
    lacking = [name for name in columns if name not in frame]
    if lacking:
        raise ValueError(
            f"{what} lacks the column {lacking[0]!r}; it has {', '.join(map(str, frame.columns))}"
        )


def _key_index(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([frame["left_id"].astype(str), frame["right_id"].astype(str)])


def _pair_index(frame: pd.DataFrame, ordered: bool) -> pd.MultiIndex:
    _need(frame, ["left_id", "right_id"], "the pair table")
    left = frame["left_id"].astype(str).to_numpy(object)
    right = frame["right_id"].astype(str).to_numpy(object)
    if not ordered:
        swap = left > right
        left, right = np.where(swap, right, left), np.where(swap, left, right)
        apart = left != right
        left, right = left[apart], right[apart]
    return pd.MultiIndex.from_arrays([left, right]).drop_duplicates()
