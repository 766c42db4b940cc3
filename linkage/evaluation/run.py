"""The evaluation of a run, from the files of its folder and a truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.errors import ConfigError, InputError, LabelError, nearest_hint, shorten
from linkage.evaluation.metrics import (
    ClusterMetrics,
    PairMetrics,
    evaluate_clusters,
    evaluate_pairs,
    evaluate_split,
)
from linkage.io.csv_writer import unguarded
from linkage.io.label_files import PAIR_IDS, entities, entity_column, label_ids, parse_pairs
from linkage.io.reading import read_plain_table

__all__ = ["RunEvaluation", "evaluate_run", "evaluate_scored", "read_results"]

_SHOWN = 5


@dataclass(frozen=True)
class RunEvaluation:
    """Metrics, and the protocol they were measured by.

    Attributes:
        protocol: What was compared with what, in words.
        rows: Name and value of each metric, as shown.
        metrics: All metrics, by name.

    """

    protocol: str
    rows: list[tuple[str, int | float]]
    metrics: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return protocol and metrics as plain values."""
        return {"protocol": self.protocol, **self.metrics}


def evaluate_run(
    folder: str | Path,
    truth: str | Path,
    *,
    definition: str | None = None,
    id_column: str | None = None,
    encoding: str | None = None,
) -> RunEvaluation:
    """Compare the results of a run with the truth, by the protocol the truth allows.

    Labelled pairs (``left_id,right_id,label``) are scored as a split: a pair that is not among
    the candidates counts as no match. Unlabelled pairs are all the matches there are. Anything
    else is clusters (``id,entity_id``).

    Args:
        folder: The results folder.
        truth: A file of any kind that catalogs may be of.
        definition: The match definition to evaluate, where the run has several.
        id_column: The id column of a truth of clusters; ``id`` if not given.
        encoding: Of a CSV truth.

    Returns:
        The metrics.

    Raises:
        InputError: If the folder holds no results, or the truth cannot be read.
        LabelError: If the truth is of no known shape, or names records the run does not have.
        ConfigError: If the definition is unknown, or needed.

    """
    folder = Path(folder)
    clusters = read_results(folder, "clusters.parquet")
    prefix = _prefix(clusters, definition)
    id_column = id_column or "id"
    table = read_plain_table(truth, encoding=encoding, id_columns=label_ids(id_column))
    table = unguarded(table, truth)
    if set(PAIR_IDS) <= set(table.column_names):
        pairs = parse_pairs(table, str(truth))
        _check_pair_ids(pairs, clusters, str(truth))
        if "label" in pairs.columns:
            return _of_split(pairs, read_results(folder, "pairs.parquet"), clusters, prefix, truth)
        return _of_all_pairs(pairs, folder, clusters, prefix)
    return _of_clusters(table, clusters, prefix, id_column, str(truth))


def evaluate_scored(scored: pd.DataFrame) -> RunEvaluation:
    """Compare scored pairs with their labels.

    Args:
        scored: With columns ``left_id, right_id, score, match, label``.

    Returns:
        The metrics, of the split.

    """
    keys = ["left_id", "right_id"]
    metrics = evaluate_split(scored[[*keys, "label"]], scored[[*keys, "score", "match"]])
    return _split_evaluation(metrics, len(scored))


def _of_split(
    labelled: pd.DataFrame,
    pairs: pd.DataFrame,
    clusters: pd.DataFrame,
    prefix: str,
    truth: str | Path,
) -> RunEvaluation:
    columns = {f"{prefix}{name}": name for name in ("score", "match")}
    predicted = pairs[["left_id", "right_id", *columns]].rename(columns=columns)
    if "source" not in clusters.columns:
        labelled, predicted = _undirected(labelled), _undirected(predicted)
    try:
        metrics = evaluate_split(labelled, predicted)
    except ValueError as error:
        raise LabelError(f"{truth}: {error}.") from error
    keys = ["left_id", "right_id"]
    positive = pd.MultiIndex.from_frame(labelled.loc[labelled["label"] == 1, keys])
    missed = int((~positive.isin(pd.MultiIndex.from_frame(predicted[keys]))).sum())
    evaluation = _split_evaluation(metrics, len(labelled))
    return RunEvaluation(
        evaluation.protocol,
        [*evaluation.rows, ("matches that were no candidates", missed)],
        {**evaluation.metrics, "matches_not_candidates": missed},
    )


def _split_evaluation(metrics: PairMetrics, n_pairs: int) -> RunEvaluation:
    rows = _pair_rows(metrics)
    if metrics.average_precision is not None:
        rows.append(("average precision", metrics.average_precision))
    return RunEvaluation(
        f"Pair split: {n_pairs:,} labelled pairs", rows, {"pairs": n_pairs, **metrics.as_dict()}
    )


def _of_all_pairs(
    truth: pd.DataFrame, folder: Path, clusters: pd.DataFrame, prefix: str
) -> RunEvaluation:
    if "source" in clusters.columns:
        pairs = read_results(folder, "pairs.parquet")
        predicted = pairs.loc[pairs[f"{prefix}match"].astype(bool)]
        metrics = evaluate_pairs(predicted, truth)
    else:
        predicted = _pairs_within(clusters, f"{prefix or 'cluster_'}id")
        metrics = evaluate_pairs(predicted, truth, ordered=False)
    return RunEvaluation(
        "End to end (blocking included): all pairs", _pair_rows(metrics), metrics.as_dict()
    )


def _of_clusters(
    table: pa.Table, clusters: pd.DataFrame, prefix: str, id_column: str, where: str
) -> RunEvaluation:
    names = table.column_names
    entity = entity_column(names, id_column)
    if id_column not in names or entity is None:
        raise LabelError(
            f"{where}: columns of no known shape: {', '.join(names)}.",
            hint="The truth is clusters (id, entity_id), all matches (left_id, right_id), or a "
            "split (left_id, right_id, label).",
        )
    keys = ["id", "source"] if {"source"} <= set(names) & set(clusters) else ["id"]
    named = table.set_column(names.index(entity), "true", entities(table, id_column, entity))
    truth = named.to_pandas().rename(columns={id_column: "id"})[[*keys, "true"]]
    for frame, name in ((truth, where), (clusters, "the run")):
        if frame.duplicated(keys).any():
            first = frame.loc[frame.duplicated(keys), "id"].iloc[0]
            raise LabelError(
                f"{name}: id {shorten(first)} occurs more than once.",
                hint="In two linked tables a column 'source' must tell equal ids apart.",
            )
    if truth["true"].isna().any():
        raise LabelError(f"{where}: {int(truth['true'].isna().sum()):,} rows have no entity.")
    ours = f"{prefix or 'cluster_'}id"
    both = truth.merge(clusters[[*keys, ours]], on=keys, how="left")
    unknown = both.loc[both[ours].isna(), "id"]
    if len(unknown):
        _refuse_ids(unknown.tolist(), "id", where)
    metrics = evaluate_clusters(both[ours].to_numpy(), both["true"].to_numpy())
    rows = _cluster_rows(metrics)
    if len(both) < len(clusters):
        rows.append(("records without truth, left out", len(clusters) - len(both)))
    return RunEvaluation(f"Clusters: {len(both):,} records", rows, metrics.as_dict())


def _pair_rows(metrics: PairMetrics) -> list[tuple[str, int | float]]:
    return [
        ("precision", metrics.precision),
        ("recall", metrics.recall),
        ("F1", metrics.f1),
        ("predicted matches", metrics.predicted),
        ("true matches", metrics.true),
        ("correct matches", metrics.correct),
    ]


def _cluster_rows(metrics: ClusterMetrics) -> list[tuple[str, int | float]]:
    return [
        ("pairwise precision", metrics.pairwise.precision),
        ("pairwise recall", metrics.pairwise.recall),
        ("pairwise F1", metrics.pairwise.f1),
        ("B-cubed precision", metrics.bcubed_precision),
        ("B-cubed recall", metrics.bcubed_recall),
        ("B-cubed F1", metrics.bcubed_f1),
        ("predicted clusters", metrics.predicted_clusters),
        ("true clusters", metrics.true_clusters),
        ("exactly right clusters", metrics.exact_clusters),
        ("predicted clusters of two or more", metrics.predicted_groups),
        ("true clusters of two or more", metrics.true_groups),
        ("exactly right, of two or more", metrics.exact_groups),
    ]


def read_results(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of a results folder.

    Args:
        folder: The results folder.
        name: Of the file.

    Returns:
        The table.

    Raises:
        InputError: If the folder holds no results, or the file cannot be read.

    """
    if not folder.exists():
        raise InputError(f"{folder} does not exist.", hint="Give the folder of -o of a run.")
    path = folder / name
    if not path.is_file():
        raise InputError(
            f"{folder} is no results folder: it has no {name}.",
            hint="Give the folder that -o of a run named.",
        )
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def _prefix(clusters: pd.DataFrame, definition: str | None) -> str:
    """Return the prefix of a match definition's columns; empty where there is only one."""
    names = [
        name.removesuffix("_confidence")
        for name in clusters.columns
        if name.endswith("_confidence") and f"{name.removesuffix('_confidence')}_id" in clusters
    ]
    if not names:
        return ""
    if definition is None:
        if len(names) == 1:
            return f"{names[0]}_"
        raise ConfigError(
            f"the run has several match definitions: {', '.join(names)}.",
            where="command line",
            hint=f"Name the one that the truth is of: --truth {names[0]}=FILE.",
        )
    if definition not in names:
        raise ConfigError(
            f"the run has no match definition '{definition}'.",
            where="command line",
            hint=nearest_hint(definition, names, "definitions"),
        )
    return f"{definition}_"


def _undirected(pairs: pd.DataFrame) -> pd.DataFrame:
    left, right = pairs["left_id"].to_numpy(object), pairs["right_id"].to_numpy(object)
    swap = left > right
    return pairs.assign(left_id=np.where(swap, right, left), right_id=np.where(swap, left, right))


def _pairs_within(clusters: pd.DataFrame, column: str) -> pd.DataFrame:
    lefts: list[np.ndarray] = []
    rights: list[np.ndarray] = []
    for members in clusters.groupby(column, sort=False)["id"].agg(list):
        if len(members) > 1:
            ids = np.array(members, dtype=object)
            first, second = np.triu_indices(len(ids), 1)
            lefts.append(ids[first])
            rights.append(ids[second])
    empty = np.array([], dtype=object)
    return pd.DataFrame(
        {
            "left_id": np.concatenate([empty, *lefts]),
            "right_id": np.concatenate([empty, *rights]),
        }
    )


def _check_pair_ids(pairs: pd.DataFrame, clusters: pd.DataFrame, where: str) -> None:
    if "source" in clusters.columns:
        sides = {
            "left_id": set(clusters.loc[clusters["source"] == "left", "id"]),
            "right_id": set(clusters.loc[clusters["source"] == "right", "id"]),
        }
    else:
        ids = set(clusters["id"])
        sides = {"left_id": ids, "right_id": ids}
    for column, own in sides.items():
        unknown = [value for value in pairs[column] if value not in own]
        if unknown:
            _refuse_ids(unknown, column, where)


def _refuse_ids(unknown: list[str], column: str, where: str) -> None:
    shown = ", ".join(shorten(value, 30) for value in unknown[:_SHOWN])
    more = ", ..." if len(unknown) > _SHOWN else ""
    raise LabelError(
        f"{where}: {len(unknown):,} values of column '{column}' are no ids of the run: "
        f"{shown}{more}.",
        hint="Is it the truth of the catalog that the run read?",
    )
