"""Changes of a task's tables that should move nothing, and what they moved.

The relations are those of metamorphic testing: the right answer is not known, but how the answers
to two questions are related is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage import Config, Linker
from linkage.challenge.task import read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import read_task_data

__all__ = ["Moved", "Relation", "Relations", "compare", "copies_joined", "sample_tables"]

Tables = tuple[pa.Table, pa.Table | None]
#: Copies of rows that are added, as a share of the rows; at least a few.
_COPIES, _FEWEST = 0.02, 5
_COPY = "copy-"


class Relation(StrEnum):
    """A change; the value is the name that is shown."""

    EQUAL = "equal rows join"
    COLUMNS = "columns reordered"
    IDS = "ids renamed"
    SWAPPED = "A and B swapped"
    CONSTANT = "a constant column"
    STRANGER = "one unrelated row"


@dataclass(frozen=True)
class Moved:
    """What a change did to the matches of a table.

    Attributes:
        pairs: matched pairs of the rows before the change.
        lost: of those, how many are none after it.
        gained: pairs after it that were none before.
    """

    pairs: int
    lost: int
    gained: int

    @property
    def share(self) -> float:
        """Pairs that moved, of those before and those that are new; 0 where there are none."""
        return (self.lost + self.gained) / max(1, self.pairs + self.gained)


def compare(before: pd.Series, after: pd.Series) -> Moved:
    """Compare two partitions of the same rows by the pairs that share a cluster.

    Args:
        before, after: cluster of each row, by a name of the row; rows that are in one of them only
            do not count.
    """
    both = pd.concat({"before": before, "after": after}, axis=1, join="inner")
    pairs, others = (_pairs(both.groupby(side).size()) for side in ("before", "after"))
    common = _pairs(both.groupby(["before", "after"]).size())
    return Moved(pairs, pairs - common, others - common)


def copies_joined(clusters: pd.Series, copies: dict[str, str]) -> Moved:
    """Return how many copies are with their originals: as pairs, of which some are lost.

    Args:
        clusters: cluster of each row.
        copies: original of each copy.
    """
    apart = sum(clusters[copy] != clusters[original] for copy, original in copies.items())
    return Moved(len(copies), int(apart), 0)


def sample_tables(data: TaskData, rows: int) -> Tables:
    """Return a task's tables with at most so many rows each: the first ones, and their matches."""
    left = data.left.slice(0, rows)
    if data.right is None:
        return left, None
    ids = data.right.column("id").to_pylist()
    matched: set[str] = set()
    if data.matches is not None:
        known = data.matches["left_id"].isin(left.column("id").to_pylist())
        matched = set(data.matches["right_id"][known])
    order = sorted(range(len(ids)), key=lambda row: ids[row] not in matched)
    return left, data.right.take(sorted(order[:rows]))


class Relations:
    """The relations of one task.

    Args:
        folder: of the task.
        rows: of each table at most.
        quality: of the runs.
        seed: of all that is drawn.
    """

    def __init__(self, folder: Path, rows: int, quality: str, seed: int) -> None:
        data = read_task_data(read_task(folder))
        left, right = sample_tables(data, rows)
        self._plain: Tables = (_plain(left), None if right is None else _plain(right))
        self._alone = {
            f"{side}:{name}"
            for side, table in zip("lr", self._plain, strict=True)
            if table is not None
            for name in _without_twins(table)
        }
        # Kinds are inferred, as for a catalog that nobody has described: so new columns count.
        match = {"variant": {"ignore": list(data.task.ignore)}} if data.task.ignore else {}
        self._config = Config(quality=quality, threads=1, **({"match": match} if match else {}))
        self._seed = seed

    def run(self, wanted: dict[Relation, int]) -> Iterator[tuple[Relation, Moved]]:
        """Run the task as it is, then changed.

        Args:
            wanted: how often each relation is tried; other rows are drawn each time.

        Yields:
            The relation and what it moved.
        """
        before = self._clusters(self._plain)
        for relation, tries in wanted.items():
            for attempt in range(tries):
                chance = random.Random(f"{self._seed} {relation} {attempt}")
                moved = self._moved(relation, before, chance)
                if moved is not None:
                    yield relation, moved

    def _moved(self, relation: Relation, before: pd.Series, chance: random.Random) -> Moved | None:
        left, right = self._plain
        if relation is Relation.EQUAL:
            table, copies = _with_copies(left, chance)
            return copies_joined(self._clusters((table, None)), copies)
        if relation is Relation.SWAPPED:
            if right is None:
                return None
            after = self._clusters((right, left))
            # The sides have changed names.
            other = {"l": "r", "r": "l"}
            after.index = pd.Index([other[name[0]] + name[1:] for name in after.index])
            return self._compare(before, after)
        if relation is Relation.IDS:
            named, tables = {}, []
            for side, table in zip("lr", self._plain, strict=True):
                changed, names = (None, {}) if table is None else _renamed(table, chance)
                tables.append(changed)
                named |= {f"{side}:{new}": f"{side}:{old}" for new, old in names.items()}
            after = self._clusters((tables[0], tables[1]))
            after.index = pd.Index([named[name] for name in after.index])
            return self._compare(before, after)
        change: Callable[[pa.Table], pa.Table] = {
            Relation.COLUMNS: lambda table: table.select(table.column_names[::-1]),
            Relation.CONSTANT: lambda table: table.append_column(
                "feed name", pa.array(["north"] * table.num_rows)
            ),
            Relation.STRANGER: lambda table: table,
        }[relation]
        tables = [None if table is None else change(table) for table in self._plain]
        if relation is Relation.STRANGER:
            tables[0] = _with_stranger(left, chance)
        return self._compare(before, self._clusters((tables[0], tables[1])))

    def _compare(self, before: pd.Series, after: pd.Series) -> Moved:
        return compare(before[before.index.isin(self._alone)], after)

    def _clusters(self, tables: Tables) -> pd.Series:
        """The cluster of each row by ``l:ID`` or ``r:ID``."""
        clusters = Linker(self._config).match(*tables).clusters
        rows = tables[0].num_rows
        side = np.where(np.arange(len(clusters)) < rows, "l:", "r:").astype(object)
        return pd.Series(
            clusters["cluster_id"].to_numpy(), index=pd.Index(side + clusters["id"].astype(str))
        )


def _plain(table: pa.Table) -> pa.Table:
    """A table that knows nothing of its file."""
    return table.replace_schema_metadata(None).combine_chunks()


def _without_twins(table: pa.Table) -> list[str]:
    """Ids of rows that no other row equals: which of equal rows has the partner, only ids say."""
    frame = table.to_pandas()
    names: list[str] = frame.loc[~frame.drop(columns="id").duplicated(keep=False), "id"].tolist()
    return names


def _pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _with_copies(table: pa.Table, chance: random.Random) -> tuple[pa.Table, dict[str, str]]:
    ids = table.column("id").to_pylist()
    number = min(len(ids), max(_FEWEST, round(len(ids) * _COPIES)))
    rows = sorted(chance.sample(range(len(ids)), number))
    names = [f"{_COPY}{ids[row]}" for row in rows]
    place = table.column_names.index("id")
    copies = table.take(rows).set_column(place, "id", pa.array(names, table.field(place).type))
    known = {f"l:{name}": f"l:{ids[row]}" for name, row in zip(names, rows, strict=True)}
    return pa.concat_tables([table, copies]).combine_chunks(), known


def _renamed(table: pa.Table, chance: random.Random) -> tuple[pa.Table, dict[str, str]]:
    """A table with other ids, and the old id of each."""
    ids = table.column("id").to_pylist()
    numbers = chance.sample(range(10 * len(ids)), len(ids))
    names = [f"x{number:08x}" for number in numbers]
    place = table.column_names.index("id")
    renamed = table.set_column(place, "id", pa.array(names, table.field(place).type))
    return renamed, dict(zip(names, ids, strict=True))


def _with_stranger(table: pa.Table, chance: random.Random) -> pa.Table:
    """A table with one more row, of words and numbers that no other row has."""
    row: dict[str, list[str | None]] = {}
    for name in table.column_names:
        word = "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(4))
        known = table.column(name).drop_null()
        numeric = len(known) > 0 and str(known[0].as_py()).replace(".", "").isdigit()
        row[name] = [str(chance.randrange(10**5)) if numeric else f"{word} {word[::-1]}"]
    row["id"] = [f"stranger-{chance.randrange(10**9)}"]
    return pa.concat_tables([table, pa.table(row, schema=table.schema)]).combine_chunks()
