"""Forms of a task: the same records in a table of another make, whose right answer is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow as pa

from features.kinds import Kind
from linkage.challenge.task_data import TaskData
from linkage.evaluation.metrics import closure_of_pairs

__all__ = ["COPY", "Form", "OneTable", "diluted", "doubled", "emptied", "one_table"]

#: One seed for all drawings, so that figures of two versions are of the same tables.
_SEED = 7
COPY = "copy-"
_STRANGER = "stranger-"
#: Strangers in a diluted table, as a share of its own records.
_STRANGERS = 1 / 3
#: Kinds that stand in for each other where a column of a stranger is to be found.
_LIKE = {Kind.NAME: Kind.TEXT, Kind.PRICE: Kind.NUMBER, Kind.QUANTITY: Kind.NUMBER}


class Form(StrEnum):
    """A form of a task; the value is the name that is shown."""

    PLAIN = "plain"
    EMPTIED = "emptied"  # one record an entity
    DOUBLED = "doubled"  # every record twice
    DILUTED = "diluted"  # with records of another task among them
    STACKED = "stacked"  # two tables as one


@dataclass(frozen=True, eq=False)
class OneTable:
    """All records of a task in one table.

    Attributes:
        table: n rows, ids in the column ``id``.
        entity: The entity of each id; None where the task has no whole truth.

    """

    table: pa.Table
    entity: pd.Series | None


def one_table(data: TaskData) -> OneTable:
    """Return a task's records as one table; of two tables the truth is the closure of the pairs.

    A record that both tables hold with the same id and values is kept once.
    """
    if data.right is None:
        return OneTable(data.left, data.entities)
    repeated = data.repeated_records()
    once = ~np.isin(data.right.column("id").to_numpy(), list(repeated))
    tables = [_with_prefix(data.left, "left-"), _with_prefix(data.right, "right-")]
    kept = [tables[0], tables[1].filter(pa.array(once))]
    table = pa.concat_tables(kept, promote_options="default")
    if data.matches is None:
        return OneTable(table, None)
    same = pd.DataFrame({"left_id": sorted(repeated), "right_id": sorted(repeated)})
    pairs = pd.concat([data.matches, same], ignore_index=True)
    pairs = pd.DataFrame(
        {"left_id": "left-" + pairs["left_id"], "right_id": "right-" + pairs["right_id"]}
    )
    joined = closure_of_pairs(pairs, ordered=False).set_index("id")["entity"]
    ids = table.column("id").to_pandas()
    # A record without a match is an entity of its own, named by its id.
    entity = ids.map(joined).astype(object).where(ids.isin(joined.index), ids)
    return OneTable(table, pd.Series(entity.to_numpy(), index=ids.to_numpy()))


def emptied(one: OneTable) -> OneTable:
    """Return one record of each entity: no two match."""
    assert one.entity is not None
    entity = one.entity.reindex(one.table.column("id").to_pandas())
    order = np.random.default_rng(_SEED).permutation(len(entity))
    drawn = pd.Series(entity.to_numpy()[order], index=order).dropna().drop_duplicates()
    return OneTable(one.table.take(pa.array(np.sort(drawn.index.to_numpy()))), entity)


def doubled(one: OneTable) -> OneTable:
    """Return the table and a copy of it below, whose ids begin with :data:`COPY`."""
    return OneTable(pa.concat_tables([one.table, _with_prefix(one.table, COPY)]), None)


def diluted(data: TaskData, other: TaskData) -> TaskData:
    """Return a task with records of another one among its own, a third as many in each table.

    Args:
        data: The task.
        other: The task of the strangers; their values go to columns of the same kind.

    Returns:
        The task with larger tables and the same truth.

    """
    strangers = pa.concat_tables(
        [table.replace_schema_metadata(None) for table in other.tables], promote_options="default"
    )
    order = np.random.default_rng(_SEED).permutation(strangers.num_rows)
    sources = _columns_like(data.kinds, other.kinds)
    tables, begun = [], 0
    for table in data.tables:
        rows = order[begun : begun + round(table.num_rows * _STRANGERS)]
        begun += len(rows)
        chosen = strangers.take(pa.array(np.sort(rows)))
        ids = [f"{_STRANGER}{row}" for row in np.sort(rows)]
        columns = {
            name: ids
            if name == "id"
            else chosen.column(sources[name])
            if name in sources
            else pa.nulls(len(rows), pa.string())
            for name in table.column_names
        }
        plain = table.replace_schema_metadata(None)
        added = pa.concat_tables([plain, pa.table(columns).cast(plain.schema)])
        tables.append(added)
    return replace(data, left=tables[0], right=tables[1] if len(tables) > 1 else None)


def _columns_like(own: dict[str, Kind], others: dict[str, Kind]) -> dict[str, str]:
    """Return for columns the other task's column of the same kind, each taken once, in order."""
    free = dict(others)
    found = {}
    for exact in (True, False):
        for name, kind in own.items():
            for source, candidate in free.items():
                same = kind is candidate if exact else _like(kind) is _like(candidate)
                if name not in found and same:
                    found[name] = source
                    del free[source]
                    break
    return found


def _like(kind: Kind) -> Kind:
    return _LIKE.get(kind, kind)


def _with_prefix(table: pa.Table, prefix: str) -> pa.Table:
    ids = pa.array([prefix + one for one in table.column("id").to_pylist()], table.field("id").type)
    # Without metadata, which says of the file that its ids are checked.
    plain = table.replace_schema_metadata(None)
    return plain.set_column(plain.column_names.index("id"), "id", ids)
