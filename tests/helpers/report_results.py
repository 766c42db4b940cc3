"""Results made by hand, so that reports can be tested without a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.models.held_out_scores import HeldOutScores
from linkage.result import Result
from linkage.results.pair_table import PairTable

__all__ = ["account", "made_result", "scored_pairs", "small_result"]


def account(**changes: Any) -> dict[str, Any]:
    """What run.json says of a definition, as far as a report reads it."""
    plain = {
        "ignore": [],
        "attributes": {},
        "candidates": 0,
        "matches": 0,
        "clusters": 0,
        "singletons": 0,
        "largest_cluster": 1,
        "threshold": 0.5,
        "one_to_one": False,
        "anchor": "labels made up",
        "notes": ["a note"],
        "metrics": {},
        "held_out": None,
        "feature_importance": {"title.words": 0.75, "price.ratio": 0.25},
        "weakest_edges": [],
        "refused_merges": {"max_cluster_size": 2, "cannot": 0},
        "blocking": {
            "pairs": 5, "mean": 2.0, "p99": 3.0, "most": 3, "reduction_ratio": 0.5,
            "completeness": None, "true_pairs": None, "found_pairs": None,
            "blockers": [{"name": "words", "pairs": 4, "alone": 1, "completeness": None}],
            "largest_blocks": [
                {"blocker": "words", "name": "red", "rows": 5, "pairs": 10, "kept": 4,
                 "treatment": "cut"}
            ],
        },
        "masking": None,
    }  # fmt: skip
    return {**plain, **changes}


def made_result(
    columns: dict[str, list[str | None]],
    kinds: dict[str, str],
    pairs: list[tuple[str, str, float, str]],
    clusters: list[str],
    *,
    definitions: dict[str, dict[str, Any]] | None = None,
    right: dict[str, list[str | None]] | None = None,
    source: str | None = None,
) -> Result:
    """Makes a result.

    Args:
        columns: the table, ``id`` among its columns.
        kinds: kinds of its attributes.
        pairs: (left id, right id, score, blockers).
        clusters: cluster of each row.
        definitions: accounts by name; pairs and clusters are the same for all.
        right: the right table of a linkage.
        source: the column of sources.
    """
    tables = [pa.table(columns), None if right is None else pa.table(right)]
    ids = [*columns["id"], *(right["id"] if right else [])]
    frame = pd.DataFrame({"id": ids})
    if right:
        frame["source"] = ["left"] * len(columns["id"]) + ["right"] * len(right["id"])
    accounts = definitions or {"exact": account()}
    made = pd.DataFrame(pairs, columns=["left_id", "right_id", "score", "blockers"])
    left = dict(zip(columns["id"], clusters, strict=False))
    other = dict(zip(right["id"], clusters[len(columns["id"]) :], strict=True)) if right else left
    same = [left[a] == other[b] for a, b, *_ in pairs]
    names = made.pop("blockers").astype("category")
    score = made.pop("score")
    for name in accounts:
        prefix = "" if len(accounts) == 1 else f"{name}_"
        made[f"{prefix}score"], made[f"{prefix}match"] = score, same
        made[f"{prefix}blockers"] = names
        frame[f"{name}_id" if prefix else "cluster_id"] = clusters
        frame[f"{prefix}confidence"] = 0.8
    _, sizes = np.unique(clusters, return_counts=True)
    for one in accounts.values():
        one |= {
            "candidates": len(pairs), "matches": sum(same), "clusters": int((sizes > 1).sum()),
            "singletons": int((sizes == 1).sum()), "largest_cluster": int(sizes.max()),
        }  # fmt: skip
    config = {"catalog": {"id": "id"}, "attributes": kinds, "match": {n: {} for n in accounts}}
    config["threads"] = 1
    if source is not None:
        config["catalog"]["source"] = source
    run = {
        "records": {"left": len(columns["id"]), "right": len(right["id"]) if right else 0},
        "config": config,
        "seed": 0,
        "versions": {"linkage": "0"},
        "steps": [
            {"name": "Read records", "seconds": 0.5, "peak_memory_mb": 100.0},
            {"name": "Cluster", "seconds": 1.0, "peak_memory_mb": 200.0},
            {"name": "Cluster", "seconds": 0.25, "peak_memory_mb": 150.0},
        ],
        "definitions": accounts,
    }
    return Result(scored_pairs(made, frame), frame, run, (tables[0], tables[1]))


def scored_pairs(pairs: pd.DataFrame, clusters: pd.DataFrame) -> PairTable:
    """Scored pairs by the rows of clusters that their ids are of.

    Args:
        pairs: as `Result.pairs`.
        clusters: as `Result.clusters`.
    """
    ids = clusters["id"].tolist()
    n_left = clusters["source"].tolist().count("left") if "source" in clusters else len(ids)
    left = {one: row for row, one in enumerate(ids[:n_left])}
    right = {one: row + n_left for row, one in enumerate(ids[n_left:])} or left
    kinds = {"score": float, "match": bool, "blockers": "category"}
    columns = {
        name: pairs[name].astype(kinds[name.rpartition("_")[2]]).array
        for name in pairs
        if not name.endswith("_id")
    }
    return PairTable(
        np.array([left[one] for one in pairs["left_id"]], np.int32),
        np.array([right[one] for one in pairs["right_id"]], np.int32),
        columns,
    )


def small_result(text: str = "", column: str = "title") -> Result:
    """Seven rows in three clusters, one of them with a weak link; labels; a wrong number.

    Args:
        text: put into every title, to see what becomes of it.
        column: name of the column of titles.
    """
    titles = ["red shoe", "red shoe", "red shoes", "shoe red big", "blue hat", "blue hats", "sock"]
    columns: dict[str, list[str | None]] = {
        "id": ["a", "b", "c", "d", "e", "f", "g"],
        column: [f"{title} {text}".strip() for title in titles],
        "colour": ["red", "red", "red", "dark red", "blue", "navy", None],
        "size": ["1", "2", "3", "4", "1", "1", None],
        "code": ["X1", "X1", "X2", "X3", "Y1", "Y1", "X1"],
    }
    kinds = {column: "text", "colour": "category", "size": "category", "code": "identifier"}
    pairs = [
        ("a", "b", 0.99, "words+code"),
        ("a", "c", 0.9, "words"),
        ("b", "c", 0.8, "words"),
        ("c", "d", 0.3, "words"),
        ("b", "d", 0.2, "characters"),
        ("e", "f", 0.7, "code"),
        ("a", "e", 0.6, "words"),
        ("b", "g", 0.1, "code"),
    ]
    score = np.array([0.95, 0.7, 0.4, 0.1, 0.6])
    label = np.array([1, 1, 1, 0, 0])
    definitions = {
        "exact": account(
            metrics={"labels": 5, "f1": 0.8, "precision": 0.667, "recall": 0.667},
            held_out=HeldOutScores.count(score, label, 0.5).to_dict(),
        ),
        "variant": account(ignore=["colour", "size"]),
    }
    clusters = ["a", "a", "a", "a", "e", "e", "g"]
    return made_result(columns, kinds, pairs, clusters, definitions=definitions)
