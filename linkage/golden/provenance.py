"""Where each cell of a golden record is from, in long form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.golden.members import Members

__all__ = ["PROVENANCE", "Block", "as_texts", "lists_of", "provenance_table"]

#: The columns of the provenance.
PROVENANCE = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("attribute", pa.string()),
        ("value", pa.string()),
        ("record_id", pa.string()),
        ("rule", pa.string()),
        ("agreement", pa.float64()),
        ("losers", pa.list_(pa.string())),
        ("who", pa.string()),
        ("why", pa.string()),
    ]
)
#: Clusters that are put in order at a time, to save memory.
_CLUSTERS = 1 << 16
#: What JSON writes otherwise than it is.
_ESCAPED = '[\x00-\x1f"\\\\]'


@dataclass(frozen=True)
class Block:
    """The provenance of m cells of one attribute.

    Attributes:
        attribute: its name.
        cluster: cluster of each cell, int64[m], ascending.
        value: strings, null where the record has no value though some are stated.
        record: row of the record that states it, int64[m], -1 where none does.
        rule: by which it was chosen, strings.
        agreement: share of the records that state a value which state this one, float64[m].
        losers: the other values that are stated, a list for each cell, the best first.
        who, why: of pinned values, strings; None where nothing is pinned.
    """

    attribute: str
    cluster: np.ndarray
    value: pa.Array
    record: np.ndarray
    rule: pa.Array
    agreement: np.ndarray
    losers: pa.Array
    who: pa.Array | None = None
    why: pa.Array | None = None


def lists_of(values: pa.Array, cluster: np.ndarray, clusters: np.ndarray) -> pa.ListArray:
    """Values as a list for each of some clusters.

    Args:
        values: m strings.
        cluster: the cluster of each, int64[m], ascending.
        clusters: the clusters, int64[c], ascending, all of ``cluster`` among them.
    """
    offsets = np.searchsorted(cluster, np.append(clusters, np.iinfo(np.int64).max))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def provenance_table(members: Members, blocks: Sequence[Block]) -> pa.Table:
    """The provenance of all attributes, by cluster, inside a cluster in the order of the blocks."""
    k = len(members.names)
    parts = [
        _of_clusters(members, blocks, start, min(start + _CLUSTERS, k))
        for start in range(0, k, _CLUSTERS)
    ]
    return pa.concat_tables([PROVENANCE.empty_table(), *parts])


def _of_clusters(members: Members, blocks: Sequence[Block], start: int, stop: int) -> pa.Table:
    """The provenance of some clusters."""
    parts, cluster = [PROVENANCE.empty_table()], [np.zeros(0, np.int64)]
    for one in blocks:
        begin, end = np.searchsorted(one.cluster, [start, stop])
        some, nothing = slice(begin, end), pa.nulls(end - begin, pa.string())
        record, agreement = one.record[some], one.agreement[some]
        columns = [
            members.names.take(pa.array(one.cluster[some])),
            pa.repeat(pa.scalar(one.attribute), end - begin),
            one.value[some],
            members.records.take(pa.array(record, mask=record < 0)),
            one.rule[some],
            pa.array(agreement, mask=np.isnan(agreement)),
            one.losers[some],
            nothing if one.who is None else one.who[some],
            nothing if one.why is None else one.why[some],
        ]
        parts.append(pa.table(columns, schema=PROVENANCE))
        cluster.append(one.cluster[some])
    order = np.argsort(np.concatenate(cluster), kind="stable")
    return pa.concat_tables(parts).combine_chunks().take(pa.array(order))


def as_texts(table: pa.Table) -> pa.Table:
    """A table whose lists are written as JSON, as CSV files have them; an empty list is empty."""
    for at, column in enumerate(table.columns):
        if pa.types.is_list(column.type):
            texts = pa.chunked_array(map(_json_lists, column.chunks), pa.string())
            table = table.set_column(at, table.column_names[at], texts)
    return table


def _json_lists(lists: pa.ListArray) -> pa.Array:
    items = lists.flatten()
    odd = pc.match_substring_regex(items, _ESCAPED)
    quoted = pc.binary_join_element_wise('"', items, '"', "")
    if pc.any(odd, min_count=0).as_py():
        escaped = [json.dumps(text, ensure_ascii=False) for text in items.filter(odd).to_pylist()]
        quoted = pc.replace_with_mask(quoted, odd, pa.array(escaped, pa.string()))
    offsets = np.append(0, np.cumsum(lists.value_lengths().fill_null(0).to_numpy()))
    whole = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), quoted)
    texts = pc.binary_join_element_wise("[", pc.binary_join(whole, ", "), "]", "")
    filled = pc.greater(lists.value_lengths().fill_null(0), 0)
    return pc.if_else(filled, texts, pa.scalar(None, pa.string()))
