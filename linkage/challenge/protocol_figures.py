"""Figures of a protocol, and the submission they are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkage.challenge.task_data import Split, TaskData
from linkage.evaluation.metrics import (
    evaluate_clusters,
    evaluate_pairs,
    evaluate_split,
    expected_calibration_error,
    log_loss,
)

if TYPE_CHECKING:
    from linkage.result import Result

__all__ = [
    "SeedRun",
    "all_pair_figures",
    "cluster_figures",
    "pair_submission",
    "split_figures",
    "summarise",
]

_KEYS = ["left_id", "right_id"]


@dataclass(frozen=True, eq=False)
class SeedRun:
    """One seed's scores of the judged pairs.

    Attributes:
        scored: ``left_id, right_id, score, match``, each pair once.
        threshold: The score from which a pair is a match.

    """

    scored: pd.DataFrame
    threshold: float


def split_figures(judged: Split, runs: list[SeedRun]) -> dict[str, Any]:
    """Figures of the judged pairs over seeds; a pair that occurs twice counts once."""
    figures: dict[str, Any] = {"pairs": len(judged), "threshold": [r.threshold for r in runs]}
    if not judged.labelled:
        return figures
    truth = judged.pairs.drop_duplicates()
    label = truth["label"].to_numpy()
    rows = []
    for run in runs:
        metrics = evaluate_split(truth, run.scored)
        score = run.scored["score"].to_numpy()
        rows.append(
            {
                "f1": metrics.f1,
                "precision": metrics.precision,
                "recall": metrics.recall,
                "average_precision": metrics.average_precision,
                "log_loss": log_loss(label, score),
                "expected_calibration_error": expected_calibration_error(label, score),
            }
        )
    figures.update({name: summarise([row[name] for row in rows]) for name in rows[0]})
    together = evaluate_split(truth, pair_submission(judged, runs).drop_duplicates(_KEYS))
    figures["submission_f1"] = together.f1
    return figures


def summarise(values: list[float | None]) -> dict[str, Any]:
    """Mean and spread of a figure over seeds.

    Args:
        values: One a seed; NaN or None where undefined.

    Returns:
        ``mean``, ``spread`` (standard deviation of the sample, None for fewer than two), and
        ``values``.

    """
    defined = np.array([np.nan if value is None else value for value in values], float)
    defined = defined[~np.isnan(defined)]
    return {
        "mean": float(defined.mean()) if len(defined) else None,
        "spread": float(defined.std(ddof=1)) if len(defined) > 1 else None,
        "values": values,
    }


def pair_submission(judged: Split, runs: list[SeedRun]) -> pd.DataFrame:
    """Mean of the seeds' scores for every judged pair, in the order of the file.

    A match is a mean score of at least the mean of the seeds' thresholds.
    """
    score = np.mean([run.scored["score"].to_numpy() for run in runs], axis=0)
    threshold = np.mean([run.threshold for run in runs])
    scored = runs[0].scored[_KEYS].assign(score=score, match=score >= threshold)
    return judged.pairs[_KEYS].merge(scored, on=_KEYS, how="left", validate="many_to_one")


def all_pair_figures(data: TaskData, result: Result) -> tuple[dict[str, Any], pd.DataFrame]:
    """Figures over all pairs of two tables, and the matches found."""
    pairs = result.pairs[[*_KEYS, "score", "match"]]
    matches = pairs[pairs["match"]].reset_index(drop=True)
    smaller = min(table.num_rows for table in data.tables)
    figures: dict[str, Any] = {"pairs_per_record": len(pairs) / smaller}
    if data.matches is not None:
        judged = matches
        repeated = data.repeated_records()
        same = data.matches["left_id"] == data.matches["right_id"]
        if repeated and not data.matches.loc[same, "left_id"].isin(repeated).any():
            itself = (judged["left_id"] == judged["right_id"]) & judged["left_id"].isin(repeated)
            judged = judged[~itself]
            figures["records_in_both_tables"] = len(repeated)
        metrics = evaluate_pairs(judged, data.matches)
        figures |= _plain(f1=metrics.f1, precision=metrics.precision, recall=metrics.recall)
        proposed = pairs[_KEYS].merge(data.matches, on=_KEYS)
        figures["pairs_completeness"] = len(proposed) / len(data.matches)
    return figures, matches


def cluster_figures(data: TaskData, result: Result) -> tuple[dict[str, Any], pd.DataFrame]:
    """Figures of the clusters of one table, and the clusters."""
    clusters = result.clusters[["id", "cluster_id"]]
    figures: dict[str, Any] = {
        "pairs_per_record": len(result.pairs) / len(clusters),
        "clusters": int(clusters["cluster_id"].nunique()),
    }
    if data.entities is not None:
        judged = clusters[clusters["id"].isin(data.entities.index)]
        metrics = evaluate_clusters(
            pd.factorize(judged["cluster_id"])[0], pd.factorize(data.entities.loc[judged["id"]])[0]
        )
        pairwise = metrics.pairwise
        figures |= _plain(f1=pairwise.f1, precision=pairwise.precision, recall=pairwise.recall)
        figures |= _plain(
            b_cubed_f1=metrics.bcubed_f1,
            b_cubed_precision=metrics.bcubed_precision,
            b_cubed_recall=metrics.bcubed_recall,
        )
        figures["records_without_truth"] = len(clusters) - len(judged)
    return figures, clusters


def _plain(**figures: float) -> dict[str, Any]:
    return {name: summarise([value]) for name, value in figures.items()}
