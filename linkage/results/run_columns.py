"""The columns of ``pairs.parquet`` and ``clusters.parquet``."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linkage.io.parquet_writer import Texts
from linkage.results.column_names import cluster_column
from linkage.results.run_tables import RunTables

__all__ = ["cluster_columns", "own_columns", "pair_columns"]


def pair_columns(result: RunTables) -> dict[str, Any]:
    """Columns of the pairs: ids as rows of the clusters' ids, which the writer looks up."""
    ids = pa.array(result.id_texts, pa.string())
    left, right = Texts(ids, result.scored.left), Texts(ids, result.scored.right)
    return {"left_id": left, "right_id": right, **result.scored.columns}


def cluster_columns(result: RunTables) -> dict[str, pa.Array]:
    """Columns of the clusters as Arrow arrays.

    Names of clusters are gathered from the ids of `RunTables.namesakes` where a definition has
    them: cheaper than converting as many Python strings.
    """
    names = pa.array(result.id_texts, pa.string())
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


def own_columns(result: RunTables) -> dict[str, pa.ChunkedArray]:
    """The catalog's own columns, to stand beside those of the clusters.

    Those whose names the clusters have already are renamed: ``catalog_confidence``. The column of
    ids is left out where the clusters have it under its own name.
    """
    tables = [table for table in result.tables if table is not None]
    own = pa.concat_tables(tables, promote_options="permissive")
    id_column = result.run["config"].get("catalog", {}).get("id", "id")
    names = set(own.column_names)
    columns = {}
    for name in own.column_names:
        if name == id_column == "id":
            continue
        new = name
        while new in result.clusters or (new != name and new in names):
            new = f"catalog_{new}"
        columns[new] = own.column(name)
    return columns
