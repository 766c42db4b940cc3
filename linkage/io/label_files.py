"""Label files: known matches and non-matches, read and checked.

Three shapes of file are distinguished by their columns: pairs (``left_id,right_id,label``), groups
(``labeling_set_id,label`` beside ids or attributes) and clusters (``id,entity_id``).
:mod:`linkage.training.pair_labels` turns any of them into labelled pairs of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import LabelError, nearest, shorten
from linkage.io.csv_writer import unguarded
from linkage.io.file_content import name_of
from linkage.io.missing_values import NULL_WORDS, missing_cells
from linkage.io.reading import read_plain_table
from linkage.io.row_text import row_text

__all__ = [
    "ENTITY_COLUMNS",
    "PAIR_IDS",
    "LabelShape",
    "Labels",
    "check_pairs",
    "entities",
    "entity_column",
    "label_ids",
    "parse_labels",
    "parse_pairs",
    "read_labels",
    "read_pairs",
]

#: Columns that name a row's entity: in the results of a run, and in common benchmarks.
ENTITY_COLUMNS = ("entity_id", "cluster_id", "group_id", "exact_id", "variant_id", "entity")

#: Columns of the ids of a pair.
PAIR_IDS = ("left_id", "right_id")

#: Columns of ids of known clusters, where the catalog's own name for them is missing.
_ID_COLUMNS = ("id", "record_id")
_TRUE = {"1", "1.0", "true"}
_FALSE = {"0", "0.0", "false"}
_SHOWN = 5
_SHAPES = (
    "Labels are a file of pairs (left_id, right_id, label of 0 or 1), of groups (labeling_set_id, "
    "label, and the id or the attributes), or of clusters (id, cluster_id)."
)


class LabelShape(StrEnum):
    """What a row of a label file is."""

    PAIRS = "pairs"
    GROUPS = "groups"
    CLUSTERS = "clusters"


@dataclass(frozen=True, eq=False)
class Labels:
    """A label file, checked as far as it can be without the records.

    Attributes:
        shape: What a row of it is.
        table: Its rows: ``left_id, right_id, label`` (pairs, with ``weight`` where the file has
            it), ``set, label, id`` (groups) or ``id, entity`` (clusters, with ``source`` where the
            file has it); all strings but the labels and weights of pairs.
        training_table: Where a group file has no ids: its attributes as records of their own,
            whose generated ids are in ``id_column``. Otherwise None.
        id_column: The id column of ``training_table``.
        where: What messages call the file.

    """

    shape: LabelShape
    table: pa.Table
    training_table: pa.Table | None = None
    id_column: str = "id"
    where: str = "labels"


def read_labels(
    path: str | Path, *, id_column: str | None = None, encoding: str | None = None
) -> Labels:
    """Read a label file.

    Args:
        path: The file, of any kind that catalogs may be of.
        id_column: The catalog's id column, ``id`` if not given; a group file that has it refers
            to the catalog, one that does not holds training records itself.
        encoding: Of a CSV file.

    Returns:
        The labels.

    Raises:
        InputError: If the file cannot be read.
        LabelError: If its columns are of no known shape, or a label or id is missing or wrong.

    """
    id_column = id_column or "id"
    table = read_plain_table(path, encoding=encoding, id_columns=label_ids(id_column))
    table = unguarded(table, path)
    return parse_labels(table, id_column=id_column, where=name_of(Path(path)))


def label_ids(id_column: str = "id") -> tuple[str, ...]:
    """Return the columns of labels, pairs and truths in which null words are ids or names."""
    return (id_column, *_ID_COLUMNS, *PAIR_IDS, *ENTITY_COLUMNS)


def parse_labels(table: pa.Table, *, id_column: str = "id", where: str = "labels") -> Labels:
    """Return checked labels from a table, whose shape follows from its columns.

    Args:
        table: A table of strings.
        id_column: The catalog's id column.
        where: What messages call the table.

    Returns:
        The labels.

    Raises:
        LabelError: If its columns are of no known shape, or a label or id is missing or wrong.

    """
    names = table.column_names
    if set(PAIR_IDS) <= set(names):
        if "label" not in names:
            raise LabelError(
                f"{where}: pairs without labels (columns {', '.join(names)}).",
                hint="Add a column 'label' of 1 (match) and 0 (no match); both are needed.",
            )
        _refuse_nulls(table, ["left_id", "right_id", "label"], where)
        chosen = table.select(["left_id", "right_id"])
        texts = table.column("label").to_pylist()
        chosen = chosen.append_column("label", pa.array(_zero_one(texts, where)))
        if "weight" in names:
            chosen = chosen.append_column("weight", pa.array(_weights(table, where)))
        return Labels(LabelShape.PAIRS, chosen, where=where)
    if "labeling_set_id" in names and "label" in names:
        return _groups(table, id_column, where)
    ids = next((name for name in (id_column, *_ID_COLUMNS) if name in names), None)
    entity = entity_column(names, ids or id_column)
    if ids is not None and entity is not None:
        table = table.set_column(names.index(entity), entity, entities(table, ids, entity))
        _refuse_nulls(table, [ids, entity], where)
        columns = {"id": table.column(ids), "entity": table.column(entity)}
        if "source" in names:
            columns["source"] = table.column("source")
        return Labels(LabelShape.CLUSTERS, pa.table(columns), where=where)
    raise LabelError(
        f"{where}: columns of no known shape: {', '.join(names)}.{_column_hint(names, id_column)}",
        hint=_SHAPES,
    )


def entity_column(names: list[str], id_column: str = "id") -> str | None:
    """Return the column that names a row's entity, if there is one.

    Args:
        names: The columns of a file of clusters.
        id_column: The column of ids.

    Returns:
        One of :data:`ENTITY_COLUMNS`, or the only column beside the id.

    """
    for name in ENTITY_COLUMNS:
        if name in names:
            return name
    others = [name for name in names if name != id_column]
    return others[0] if len(others) == 1 else None


def entities(table: pa.Table, id_column: str, entity: str) -> pa.ChunkedArray:
    """Return the entities of a table of clusters, null where missing.

    A null word is missing, unless it is the id of a record: then the cluster may be named after it,
    as clusters of a run are.

    Args:
        table: A table of strings.
        id_column: The column of ids.
        entity: The column of entities.

    """
    column = table.column(entity).combine_chunks()
    named = pc.is_in(column, value_set=table.column(id_column).combine_chunks())
    missing = missing_cells(column, NULL_WORDS) & ~named.to_numpy(zero_copy_only=False)
    return pa.chunked_array([pc.if_else(pa.array(missing), pa.scalar(None, column.type), column)])


def read_pairs(path: str | Path, *, encoding: str | None = None) -> pd.DataFrame:
    """Read a file of pairs to score; as :func:`parse_pairs`."""
    table = read_plain_table(path, encoding=encoding, id_columns=PAIR_IDS)
    return parse_pairs(unguarded(table, path), name_of(Path(path)))


def parse_pairs(table: pa.Table, where: str) -> pd.DataFrame:
    """Return checked pairs from a table.

    Args:
        table: A table of strings with columns ``left_id`` and ``right_id``.
        where: What messages call it.

    Returns:
        Its rows in file order, columns beside the two ids included; a column ``label``, if there
        is one, is int8.

    Raises:
        LabelError: If a column or an id is missing, or a pair occurs twice.

    """
    check_pairs(table, where)
    has_label = "label" in table.column_names
    _refuse_nulls(table, ["label"] if has_label else [], where)
    frame: pd.DataFrame = table.to_pandas()
    if has_label:
        frame["label"] = _zero_one(frame["label"].tolist(), where)
    repeated = frame.duplicated(["left_id", "right_id"], keep=False).to_numpy()
    if repeated.any():
        rows = np.flatnonzero(repeated)
        first = frame.loc[rows[0], ["left_id", "right_id"]]
        same = rows[(frame.loc[rows, ["left_id", "right_id"]] == first).all(axis=1).to_numpy()]
        count = int(frame.duplicated(["left_id", "right_id"]).sum())
        raise LabelError(
            f"{where}: {count:,} pairs occur more than once; the first is "
            f"({first['left_id']}, {first['right_id']}), in {row_text(same)}.",
            hint="Remove the repeated rows.",
        )
    return frame


def check_pairs(table: pa.Table, where: str) -> None:
    """Refuse a table of pairs that lacks a column of ids, or an id."""
    missing = [name for name in PAIR_IDS if name not in table.column_names]
    if missing:
        raise LabelError(
            f"{where}: there is no column {' and no column '.join(map(repr, missing))} "
            f"(columns: {', '.join(table.column_names)}).",
            hint="Pairs have the columns left_id and right_id.",
        )
    _refuse_nulls(table, list(PAIR_IDS), where)


def _groups(table: pa.Table, id_column: str, where: str) -> Labels:
    _refuse_nulls(table, ["labeling_set_id", "label"], where)
    sets, label = table.column("labeling_set_id"), table.column("label")
    training_table = None
    if id_column in table.column_names:
        _refuse_nulls(table, [id_column], where)
        ids = table.column(id_column)
    else:
        attributes = table.drop_columns(["labeling_set_id", "label"])
        if not attributes.num_columns:
            raise LabelError(
                f"{where} has neither the id column '{id_column}' nor any attribute.", hint=_SHAPES
            )
        # Ids of equal width sort in the order of the file.
        width = len(str(table.num_rows))
        ids = pa.chunked_array([[f"{row:0{width}d}" for row in range(1, table.num_rows + 1)]])
        training_table = attributes.add_column(0, id_column, ids)
    return Labels(
        LabelShape.GROUPS,
        pa.table({"set": sets, "label": label, "id": ids}),
        training_table=training_table,
        id_column=id_column,
        where=where,
    )


def _zero_one(texts: list[str], where: str) -> np.ndarray:
    values = np.full(len(texts), -1, dtype=np.int8)
    wrong = []
    for row, text in enumerate(texts):
        word = text.strip().lower()
        if word in _TRUE:
            values[row] = 1
        elif word in _FALSE:
            values[row] = 0
        else:
            wrong.append(row)
    if wrong:
        shown = ", ".join(f"{shorten(texts[row], 30)} (row {row + 1:,})" for row in wrong[:_SHOWN])
        raise LabelError(
            f"{where}: {len(wrong):,} values of column 'label' are neither 0 nor 1: {shown}"
            + (", ..." if len(wrong) > _SHOWN else "")
            + ".",
            hint="A label is 1 or true (match), or 0 or false (no match).",
        )
    return values


def _weights(table: pa.Table, where: str) -> np.ndarray:
    """Return the weights of labelled pairs."""
    _refuse_nulls(table, ["weight"], where)
    texts = table.column("weight").to_pylist()
    values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(wrong):
        shown = ", ".join(f"{shorten(texts[row], 30)} (row {row + 1:,})" for row in wrong[:_SHOWN])
        raise LabelError(
            f"{where}: {len(wrong):,} values of column 'weight' are not positive numbers: {shown}"
            + (", ..." if len(wrong) > _SHOWN else "")
            + ".",
            hint="A weight is how many pairs a labelled pair stands for, as suggested pairs have "
            "it; leave the column out if all pairs count alike.",
        )
    return values


def _refuse_nulls(table: pa.Table, names: list[str], where: str) -> None:
    for name in names:
        column = table.column(name)
        if column.null_count:
            rows = np.flatnonzero(column.is_null().to_numpy())
            raise LabelError(
                f"{where}: {len(rows):,} of {table.num_rows:,} rows have no value in column "
                f"'{name}': {row_text(rows)}.",
                hint="Fill them in, or remove the rows.",
            )


def _column_hint(names: list[str], id_column: str) -> str:
    wanted = ["left_id", "right_id", "label", "labeling_set_id", id_column, "entity_id"]
    slips = [
        f"'{name}' looks like '{close[0]}'"
        for name in names
        if name not in wanted and (close := nearest(name, wanted, 1))
    ]
    return f" {'; '.join(slips)}." if slips else ""
