"""Readers of the tables, splits and truth of a task, which are checked against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.kinds import Kind, infer_kind
from linkage.challenge.task import Task
from linkage.challenge.task_data import Split, TaskData
from linkage.errors import ConfigError, InputError, LabelError, nearest_hint
from linkage.evaluation.metrics import closure_of_pairs
from linkage.io.label_files import entity_column, parse_labels
from linkage.io.pair_ids import check_pair_ids
from linkage.io.reading import from_frame, read_plain_table
from linkage.training.contradictions import uncontradicted

__all__ = ["digest", "read_id_table", "read_task_data", "task_kinds"]

_KEYS = ["left_id", "right_id"]
#: Kinds that a declared number may turn out to be.
_NUMBERS = (Kind.PRICE, Kind.QUANTITY)


def read_task_data(task: Task) -> TaskData:
    """Read a task's tables, splits and truth.

    Ids are in the column ``id``, or else in the first one. A column may be in one table only. A
    test split may lack its labels; without ``valid`` or ``train`` these are None. Pairs of a split
    that are labelled both 0 and 1 are set aside, with a warning.

    Args:
        task: The task.

    Returns:
        Its data.

    Raises:
        InputError: If a file cannot be read.
        LabelError: If a split or the truth is of no known shape, or names unknown records.
        ConfigError: If ``task.json`` names columns that no table has.

    """
    files = task.files
    if task.is_linkage:
        left, right = read_id_table(files["left"]), read_id_table(files["right"])
    else:
        left, right = read_id_table(files["records"]), None
    tables = [left] if right is None else [left, right]
    _check_columns(task, [name for table in tables for name in table.column_names])
    left = _with_image_paths(left, task)
    right = None if right is None else _with_image_paths(right, task)
    data = TaskData(task, left, right, task_kinds(task.attributes, tables))
    train, valid, test = (
        _read_split(files[name], data) if name in files else None
        for name in ("train", "valid", "test")
    )
    for split in (train, valid):
        if split is not None and not split.labelled:
            raise LabelError(
                f"{split.where} has no labels.",
                hint="It needs a column 'label' of 1 (match) and 0 (no match); only test may lack "
                "it.",
            )
    data = replace(data, train=train, valid=valid, test=test)
    if task.is_linkage:
        return replace(data, matches=_read_matches(data))
    return replace(data, entities=_read_entities(data))


def task_kinds(declared: Mapping[str, Kind], tables: list[pa.Table]) -> dict[str, Kind]:
    """Return the kinds by which a task's columns are compared.

    A task file knows fewer kinds than the engine does: its ``number`` may be a price or a
    quantity with a unit, which compare better as such. So a declared number is looked at as an
    undeclared column would be, and where that finds a price or a quantity it is one. All other
    declared kinds (``text``, ``name``, ``category``, ``date``, ``id``, ``image``) hold as they are.

    Args:
        declared: Columns and their kinds in ``task.json``.
        tables: The tables of the task, one or two.

    Returns:
        Columns and kinds in the same order; empty, for kinds to be inferred, if none is declared.

    """
    kinds = {}
    for name, kind in declared.items():
        if name == "id":
            continue
        if kind is Kind.NUMBER:
            chunks = [
                chunk
                for table in tables
                if name in table.column_names
                for chunk in table.column(name).cast(pa.large_string()).chunks
            ]
            inferred = infer_kind(name, pa.chunked_array(chunks, pa.large_string()))
            kind = inferred if inferred in _NUMBERS else kind
        kinds[name] = kind
    return kinds


def digest(task: Task) -> str:
    """Return a SHA-256 of a task's files, by which a change of them is noticed."""
    total = hashlib.sha256()
    for role, path in sorted({**task.files, "task": task.description}.items()):
        with path.open("rb") as file:
            total.update(f"{role} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def read_id_table(path: Path) -> pa.Table:
    """Read a table of a task, its ids in the column ``id``, or else in the first one."""
    table = read_plain_table(path)
    if "id" not in table.column_names:
        first = table.column_names[0]
        # Read anew, since "NA" may be an id but no value.
        table = read_plain_table(path, id_columns=(first,))
        table = from_frame(table, id_column=first, name=str(path))
        return table.rename_columns(["id", *table.column_names[1:]])
    return from_frame(table, name=str(path))


def _check_columns(task: Task, columns: list[str]) -> None:
    named = [(f"attributes.{name}", name) for name in task.attributes]
    named += [("ignore", name) for name in task.ignore]
    faults = [
        f"{key}: no table has a column '{name}'. " + nearest_hint(name, dict.fromkeys(columns))
        for key, name in named
        if name not in columns
    ]
    if faults:
        raise ConfigError(faults, where=str(task.description))


def _with_image_paths(table: pa.Table, task: Task) -> pa.Table:
    """Put the whole path in place of one that is relative to the task's folder.

    A value that names no file in that folder (a hash, an address, a path that leads out of it)
    stays as it is.
    """
    for name, kind in task.attributes.items():
        if kind is not Kind.IMAGE or name not in table.column_names:
            continue
        values = table.column(name).to_pylist()
        whole = {value: _inside(task.folder, value) for value in set(values) - {None}}
        column = pa.array([whole.get(value) for value in values], pa.large_string())
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _inside(folder: Path, value: str) -> str:
    try:
        path = (folder / value).resolve()
        return str(path) if path.is_relative_to(folder) and path.is_file() else value
    except (OSError, ValueError):
        return value


def _read_split(path: Path, data: TaskData) -> Split:
    table = _read_pairs(path)
    labels = "label" in table.column_names and table.column("label").null_count < table.num_rows
    if labels:
        pairs = parse_labels(table, where=str(path)).table.to_pandas()
        left, right, label = (pairs[name].to_numpy() for name in (*_KEYS, "label"))
        pairs = pairs[uncontradicted(left, right, label, str(path))].reset_index(drop=True)
        if not len(pairs):
            raise LabelError(f"{path}: no pair has one label only.", hint="Decide each pair once.")
    else:
        pairs = table.select(_KEYS).to_pandas()
    _check_ids(pairs, data, path)
    return Split(pairs, str(path))


def _read_pairs(path: Path) -> pa.Table:
    table = read_plain_table(path, id_columns=_KEYS)
    missing = [name for name in _KEYS if name not in table.column_names]
    if missing:
        raise LabelError(
            f"{path} has no column {' and no column '.join(map(repr, missing))} "
            f"(columns: {', '.join(table.column_names)}).",
            hint="A file of pairs has the columns left_id and right_id.",
        )
    for name in _KEYS:
        column = table.column(name)
        if column.null_count:
            row = int(np.argmax(column.is_null().to_numpy())) + 1
            raise LabelError(
                f"{path}: {column.null_count:,} rows have no value in column '{name}'; the first "
                f"is row {row:,}.",
                hint="Fill them in, or remove the rows.",
            )
    return table


def _check_ids(pairs: pd.DataFrame, data: TaskData, path: Path) -> None:
    left, *others = (table.column("id").to_numpy() for table in data.tables)
    check_pair_ids(pairs, left, others[0] if others else None, where=str(path))


def _read_matches(data: TaskData) -> pd.DataFrame | None:
    """All matches between two tables."""
    path = data.task.files.get("truth")
    if path is None:
        return None
    table = _read_pairs(path)
    pairs: pd.DataFrame = table.select(_KEYS).to_pandas()
    if "label" in table.column_names:
        pairs = pairs[parse_labels(table, where=str(path)).table.column("label").to_numpy() == 1]
    _check_ids(pairs, data, path)
    return pairs.drop_duplicates(ignore_index=True)


def _read_entities(data: TaskData) -> pd.Series | None:
    """Entity of each record of one table; of a truth of pairs, its transitive closure."""
    path = data.task.files.get("clusters", data.task.files.get("truth"))
    if path is None:
        return None
    table = read_plain_table(path)
    ids = data.left.column("id").to_pandas()
    if set(_KEYS) <= set(table.column_names):
        pairs = _read_pairs(path).select(_KEYS).to_pandas()
        _check_ids(pairs, data, path)
        joined = closure_of_pairs(pairs, ordered=False).set_index("id")["entity"]
        alone = ids[~ids.isin(joined.index)]
        rest = pd.Series(np.arange(len(alone)) + len(joined), index=alone.to_numpy())
        return pd.concat([joined, rest])
    name = "id" if "id" in table.column_names else table.column_names[0]
    entity = entity_column(table.column_names, name)
    if entity is None:
        raise LabelError(
            f"{path}: columns of no known shape: {', '.join(table.column_names)}.",
            hint="The truth of one table is clusters (id, entity_id), or all matches (left_id, "
            "right_id).",
        )
    frame = table.select([name, entity]).to_pandas()
    if frame.isna().any(axis=None):
        raise LabelError(f"{path}: {int(frame.isna().any(axis=1).sum()):,} rows lack a value.")
    if frame[name].duplicated().any():
        first = frame.loc[frame[name].duplicated(), name].iloc[0]
        raise LabelError(f"{path}: the id {first!r} occurs more than once.")
    unknown = frame.loc[~frame[name].isin(set(ids)), name]
    if len(unknown):
        raise InputError(
            f"{path}: {len(unknown):,} ids are not in {data.task.files['records'].name}; the "
            f"first is {unknown.iloc[0]!r}."
        )
    return frame.set_index(name)[entity]
