"""The tables, splits and truth of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from features.kinds import Kind
from linkage.challenge.task import Task
from linkage.io.label_files import Labels, LabelShape

__all__ = ["Split", "TaskData"]

_KEYS = ["left_id", "right_id"]
_OTHER = " of the right table"


@dataclass(frozen=True, eq=False)
class Split:
    """Pairs of a file, in its order.

    Attributes:
        pairs: ``left_id, right_id``, all strings, and ``label`` (int8) in a labelled split.
        where: The file.

    """

    pairs: pd.DataFrame
    where: str

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def labelled(self) -> bool:
        """Whether the pairs have labels."""
        return "label" in self.pairs.columns

    @property
    def positives(self) -> int | None:
        """Number of matching pairs; None without labels."""
        return int(self.pairs["label"].sum()) if self.labelled else None

    def holds(self, other: Split) -> np.ndarray:
        """Bool array of n: which pairs are in another split, left and right as given."""
        keys = pd.MultiIndex.from_frame(self.pairs[_KEYS])
        return np.asarray(keys.isin(pd.MultiIndex.from_frame(other.pairs[_KEYS])))

    def without(self, other: Split) -> Split:
        """Return the split without the pairs that are in another one."""
        kept = self.pairs[~self.holds(other)].reset_index(drop=True)
        return replace(self, pairs=kept)

    def labels(self) -> Labels:
        """Return the pairs as labels to learn from."""
        return Labels(
            LabelShape.PAIRS,
            pa.Table.from_pandas(self.pairs[[*_KEYS, "label"]], preserve_index=False),
            where=self.where,
        )


@dataclass(frozen=True, eq=False)
class TaskData:
    """A task's files, read.

    Attributes:
        task: What they belong to.
        left: The table, or the left one of two; ids in the column ``id``.
        right: The other table, None if there is only one.
        kinds: Compared columns with their kinds; empty where all are to be inferred.
        train, valid, test: The splits there are.
        matches: All true matches between two tables, ``left_id, right_id``; None where unknown.
        entities: The entity of each record of one table, by id; None where unknown.

    """

    task: Task
    left: pa.Table
    right: pa.Table | None
    kinds: Mapping[str, Kind]
    train: Split | None = None
    valid: Split | None = None
    test: Split | None = None
    matches: pd.DataFrame | None = None
    entities: pd.Series | None = None

    @property
    def tables(self) -> tuple[pa.Table, ...]:
        """One table or two."""
        return (self.left,) if self.right is None else (self.left, self.right)

    def repeated_records(self) -> set[str]:
        """Ids that name one and the same record in both tables: all values are equal, too.

        Where both tables are samples of one source, a record may be in both. That it matches
        itself is no finding, and truths leave it out.
        """
        if self.right is None:
            return set()
        shared = [name for name in self.left.column_names if name in self.right.column_names]
        shared.remove("id")
        if not shared:
            return set()
        left, right = (table.select(["id", *shared]).to_pandas() for table in self.tables)
        both = left.merge(right, on="id", suffixes=("", _OTHER))
        same = np.ones(len(both), bool)
        for name in shared:
            one, other = both[name], both[name + _OTHER]
            same &= ((one == other) | (one.isna() & other.isna())).to_numpy()
        return set(both.loc[same, "id"])
