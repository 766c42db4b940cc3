"""Labelled pairs of rows, resolved from labels of any shape: pairs, groups or clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.records import Records
from linkage.errors import LabelError, shorten
from linkage.io.pair_ids import id_positions, refuse_unknown_ids, shown_ids
from linkage.io.row_text import row_text
from linkage.training.contradictions import uncontradicted

if TYPE_CHECKING:
    from linkage.io.label_files import Labels

__all__ = ["PairLabels", "resolve_labels", "with_decided"]

#: Rows of a set with which each row of it is paired: all pairs would grow with its square, and add
#: little to learn from.
_WINDOW = 100
#: The same for records of a known cluster, whose candidates are learned from, too: large clusters
#: must not dominate the small ones.
_MATCHES = 10
#: Random non-matches of each record of known clusters. Few are enough: the hard ones are
#: candidates, which `PairLabels.label_of` labels.
_RANDOM_NEGATIVES = 2


@dataclass(frozen=True, eq=False)
class PairLabels:
    """Labelled pairs of rows, sorted by (left, right) and unique.

    Attributes:
        left: int32 array of m row positions.
        right: int32 array of m row positions, each above its left.
        label: int8 array of m; 1 match, 0 no match.
        entity: Where whole clusters are known, int32 array of n: the entity of each row, -1
            unknown. Then ``label`` holds all matches but only a sample of the non-matches.
        weight: Where the pairs are a sample drawn with known probabilities, float64 array of m: how
            many pairs each stands for.

    """

    left: np.ndarray
    right: np.ndarray
    label: np.ndarray
    entity: np.ndarray | None = None
    weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def matches(self) -> tuple[np.ndarray, np.ndarray]:
        """Left and right rows of the labelled matches."""
        match = self.label == 1
        return self.left[match], self.right[match]

    def label_of(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the labels of given pairs.

        Args:
            left: int array of row positions.
            right: int array of row positions, each above its left.

        Returns:
            int8 array: 1 match, 0 no match, -1 unknown.

        """
        wanted = _keys(left, right)
        labelled = _keys(self.left, self.right)
        found = np.full(len(wanted), -1, dtype=np.int8)
        if len(labelled):
            position = np.minimum(np.searchsorted(labelled, wanted), len(labelled) - 1)
            hit = labelled[position] == wanted
            found[hit] = self.label[position[hit]]
        if self.entity is not None:
            of_left, of_right = self.entity[left], self.entity[right]
            known = (of_left >= 0) & (of_right >= 0)
            found[known] = (of_left == of_right)[known]
        return found


def resolve_labels(labels: Labels, records: Records) -> PairLabels:
    """Return the labelled pairs of rows of given labels.

    Args:
        labels: As :func:`linkage.io.label_files.read_labels` returns them.
        records: The records; those of ``labels.training_table``, if it has one.

    Returns:
        The labelled pairs. Of clusters: all matches (of large clusters a part), each row's
        entity, and a few non-matches.

    Raises:
        LabelError: If an id does not exist, a pair is of a record with itself, a record is in two
            entities, or only one class is left. Pairs of both labels are set aside, with a warning.

    """
    entity = weight = None
    if labels.shape == "pairs":
        left, right, label = _of_pairs(labels, records)
        if "weight" in labels.table.column_names:
            weight = labels.table.column("weight").to_numpy()
    elif labels.shape == "groups":
        left, right, label = _of_groups(labels, records)
    else:
        left, right, label, entity = _of_clusters(labels, records)
    kept = uncontradicted(
        left, right, label, labels.where, records.ids, with_rows=labels.shape == "pairs"
    )
    chosen = _unique(left, right, np.flatnonzero(kept))
    left, right, label = left[chosen], right[chosen], label[chosen]
    if len(label) == 0 or label.min() == label.max():
        held = "no pair" if len(label) == 0 else f"only label {label[0]} ({len(label):,} pairs)"
        raise LabelError(
            f"{labels.where}: the labels have {held}; both matches (1) and non-matches (0) are "
            "needed to learn.",
            hint="Add pairs of the other class, or leave the labels out: the engine starts itself.",
        )
    return PairLabels(
        left.astype(np.int32),
        right.astype(np.int32),
        label.astype(np.int8),
        entity,
        None if weight is None else weight[chosen],
    )


def with_decided(labels: PairLabels, same: np.ndarray, different: np.ndarray) -> PairLabels:
    """Return labels with those of pairs that a person decided, which replace others of the pairs.

    Where whole clusters are known they tell more of a pair than its decision, and are kept.

    Args:
        labels: The labels of a definition.
        same: int array of shape (k, 2), rows of pairs decided to be the same.
        different: int array of shape (m, 2), likewise.

    """
    pairs = np.sort(np.concatenate([same, different]), axis=1)
    if not len(pairs) or labels.entity is not None:
        return labels
    answer = np.repeat([1, 0], [len(same), len(different)]).astype(np.int8)
    left = np.concatenate([pairs[:, 0], labels.left])
    right = np.concatenate([pairs[:, 1], labels.right])
    chosen = _unique(left, right, np.arange(len(left)))  # of several the first, a decision
    weight = labels.weight
    if weight is not None:  # each stands for itself: nobody drew it
        weight = np.concatenate([np.ones(len(pairs)), weight])[chosen]
    return PairLabels(
        left[chosen].astype(np.int32),
        right[chosen].astype(np.int32),
        np.concatenate([answer, labels.label])[chosen],
        weight=weight,
    )


def _of_pairs(labels: Labels, records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left rows, right rows and labels of labelled pairs."""
    left_ids, right_ids = _sides(records)
    left, right = refuse_unknown_ids(
        labels.table.column("left_id").to_numpy(),
        labels.table.column("right_id").to_numpy(),
        left_ids,
        right_ids,
        labels.where,
    )
    label = labels.table.column("label").to_numpy()
    if right_ids is not None:
        left, right = left + records.rows_of(0).start, right + records.rows_of(1).start
    return np.minimum(left, right), np.maximum(left, right), label


def _of_groups(labels: Labels, records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left rows, right rows and labels of pairs within labelled sets."""
    rows = _rows_of(labels, records)
    sets = _codes(labels.table.column("set").to_numpy())
    entities = _codes(labels.table.column("label").to_numpy())
    # In order of row, then within a set by label, so that windows reach both classes.
    by_row = np.lexsort((rows, sets))
    by_label = np.lexsort((rows, entities, sets))
    first, second = _windows(sets, by_row, _WINDOW)
    same_first, same_second = _windows(sets, by_label, _WINDOW)
    first, second = np.append(first, same_first), np.append(second, same_second)
    clash = np.flatnonzero((rows[first] == rows[second]) & (entities[first] != entities[second]))
    if len(clash):
        one, other = first[clash[0]], second[clash[0]]
        row_label = labels.table.column("label")
        raise LabelError(
            f"{labels.where}: record {shorten(records.ids[rows[one]], 40)} occurs in one set with "
            f"two labels, {row_label[int(one)]} (row {one + 1:,}) and {row_label[int(other)]} "
            f"(row {other + 1:,}).",
            hint="Remove one of the rows.",
        )
    return _across(records, rows[first], rows[second], entities[first] == entities[second])


def _of_clusters(
    labels: Labels, records: Records
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return left rows, right rows and labels of pairs of clusters, and the entity of each row."""
    rows = _rows_of(labels, records)
    codes = _codes(labels.table.column("entity").to_numpy())
    entity = np.full(records.n, -1, dtype=np.int32)
    entity[rows] = codes
    clash = np.flatnonzero(entity[rows] != codes)
    if len(clash):
        row = int(clash[0])
        other = int(np.flatnonzero((rows == rows[row]) & (codes == entity[rows[row]]))[0])
        raise LabelError(
            f"{labels.where}: {len(clash):,} records are in two entities; the first is "
            f"{shorten(records.ids[rows[row]], 40)} ({row_text(np.sort([row, other]))}).",
            hint="Remove one of the rows.",
        )
    known = np.flatnonzero(entity >= 0)
    members = entity[known]
    first, second = _windows(members, np.argsort(members, kind="stable"), _MATCHES)
    random, partner = _windows(np.zeros_like(members), np.arange(len(known)), _RANDOM_NEGATIVES)
    if records.is_linkage and len(known):
        # Pairs within one table are no candidates: each left row is paired with right rows.
        left, right = (
            np.flatnonzero(known < records.n_left),
            np.flatnonzero(known >= records.n_left),
        )
        if len(left) and len(right):
            steps = np.arange(_RANDOM_NEGATIVES)
            random = np.repeat(left, _RANDOM_NEGATIVES)
            partner = right[(np.arange(len(left))[:, None] + steps).ravel() % len(right)]
    first, second = known[np.append(first, random)], known[np.append(second, partner)]
    return (*_across(records, first, second, entity[first] == entity[second]), entity)


def _rows_of(labels: Labels, records: Records) -> np.ndarray:
    """Return the row of each id of a group or cluster file, in whichever table it is."""
    ids = labels.table.column("id").to_numpy()
    left_ids, right_ids = _sides(records)
    left = id_positions(ids, left_ids)
    if right_ids is None:
        rows = left
    else:
        right = id_positions(ids, right_ids)
        if "source" in labels.table.column_names:
            source = labels.table.column("source").to_numpy()
            left[source == "right"] = -1
            right[source == "left"] = -1
        both = np.flatnonzero((left >= 0) & (right >= 0))
        if len(both):
            raise LabelError(
                f"{labels.where}: {len(both):,} ids are in both tables: {shown_ids(ids, both)}.",
                hint="Add a column 'source' of left or right, or give pairs instead.",
            )
        starts = records.rows_of(0).start, records.rows_of(1).start
        rows = np.where(left >= 0, left + starts[0], np.where(right >= 0, right + starts[1], -1))
    unknown = np.flatnonzero(rows < 0)
    if len(unknown):
        raise LabelError(
            f"{labels.where}: {len(unknown):,} values of column 'id' are no ids of the catalog: "
            f"{shown_ids(ids, unknown)}.",
            hint="Were the ids read from the same version of the catalog?",
        )
    return rows


def _across(
    records: Records, first: np.ndarray, second: np.ndarray, same: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order each pair, and keep those that can be candidates."""
    left, right = np.minimum(first, second), np.maximum(first, second)
    keep = left < right
    if records.is_linkage:
        keep &= (left < records.n_left) & (right >= records.n_left)
    return left[keep], right[keep], same[keep].astype(np.int8)


def _unique(left: np.ndarray, right: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return those of the positions of pairs that are kept that are of distinct ones, sorted."""
    _, first = np.unique(_keys(left[kept], right[kept]), return_index=True)
    return kept[first]


def _windows(group: np.ndarray, order: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of members of one group that are at most ``window`` apart in an order."""
    firsts, seconds = [order[:0]], [order[:0]]
    start = np.arange(len(order))
    for step in range(1, window + 1):
        start = start[start + step < len(order)]
        # Members are contiguous in the order, so a pair of two groups stays one at larger steps.
        start = start[group[order[start]] == group[order[start + step]]]
        if not len(start):
            break
        firsts.append(order[start])
        seconds.append(order[start + step])
    return np.concatenate(firsts), np.concatenate(seconds)


def _sides(records: Records) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the ids of the left and of the right table; of one table no right ones."""
    if not records.is_linkage:
        return records.ids, None
    return records.ids[records.rows_of(0)], records.ids[records.rows_of(1)]


def _codes(values: np.ndarray) -> np.ndarray:
    """Return the number of each value among the distinct ones, int32."""
    import pandas as pd

    return pd.factorize(values, sort=True)[0].astype(np.int32)


def _keys(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return one int64 key for each pair of rows."""
    return (np.asarray(left, dtype=np.int64) << 32) | np.asarray(right, dtype=np.int64)
