"""The columns of ``pairs.parquet`` and ``clusters.parquet``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linkage.io.parquet_writer import Texts
from linkage.results.column_names import cluster_column
from linkage.results.run_tables import RunTables

__all__ = ["cluster_columns", "pair_columns"]


def pair_columns(result: RunTables) -> dict[str, Any]:
    """Columns of the pairs: ids as rows of the clusters' ids, which the writer looks up."""
    ids = pa.array(result.clusters["id"], pa.string())
    left, right = Texts(ids, result.scored.left), Texts(ids, result.scored.right)
    return {"left_id": left, "right_id": right, **result.scored.columns}


def cluster_columns(result: RunTables) -> dict[str, pa.Array]:
    """Columns of the clusters as Arrow arrays.

    Names of clusters are gathered from the ids of `RunTables.namesakes` where a definition has
    them: cheaper than converting as many Python strings.
    """
    names = pa.array(result.clusters["id"], pa.string())
    columns = {"id": names}
    if "source" in result.clusters:
        columns["source"] = pa.array(result.clusters["source"], pa.string())
        names = pc.binary_join_element_wise(columns["source"], names, ":")
    namesakes = {
        cluster_column(name, result.run["definitions"]): rows
        for name, rows in result.namesakes.items()
    }
    for name, column in result.clusters.items():
        name = str(name)
        if name in namesakes:
            columns[name] = Texts(names, namesakes[name]).array()
        elif name not in columns:
            columns[name] = pa.Array.from_pandas(column)
    return columns
