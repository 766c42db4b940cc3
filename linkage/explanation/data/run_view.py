"""A run's pairs and clusters, looked up by record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from linkage.config.match_definition import MatchDefinition
from linkage.config.nesting import is_looser, starts_of
from linkage.errors import InputError, nearest_hint
from linkage.explanation.data.findings import Edge, RivalCandidate
from linkage.pipeline.expansion import SAME_CLUSTER
from linkage.results.column_names import cluster_column, column_prefix
from linkage.results.run_account import RunAccount

__all__ = ["Key", "RunView", "ScoredPairs"]

#: A record: its table (``left``, ``right``, or empty where there is one) and its id.
Key = tuple[str, str]
_SIDES = ("left", "right")


@dataclass(frozen=True)
class ScoredPairs:
    """The pairs that one match definition scored.

    Attributes:
        left, right: position of each pair's records among the run's.
        score: their scores.
        blockers: their blockers' names, joined by ``+``.
    """

    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    blockers: np.ndarray

    def at(self, chosen: np.ndarray) -> ScoredPairs:
        """Some of the pairs."""
        return ScoredPairs(
            self.left[chosen], self.right[chosen], self.score[chosen], self.blockers[chosen]
        )


@dataclass(frozen=True)
class RunView:
    """The tables of a run, looked up by record.

    Attributes:
        pairs: as `linkage.result.Result.pairs`.
        clusters: as `linkage.result.Result.clusters`.
        run: as `linkage.result.Result.run`.
    """

    pairs: pd.DataFrame
    clusters: pd.DataFrame
    run: RunAccount

    @property
    def definitions(self) -> list[str]:
        """Names of the match definitions, strictest first."""
        return list(self.run["definitions"])

    def stricter(self, definition: str) -> list[str]:
        """The definitions that ignore less than a definition, whose clusters it begins with."""
        match = {one.name: one for one in self._match()}
        return [name for name in match if is_looser(match[definition], match[name])]

    def _match(self) -> list[MatchDefinition]:
        """The definitions, strictest first, with what they ignore."""
        return [
            MatchDefinition(name, tuple(a["ignore"]), ignore_text=tuple(a.get("ignore_text", ())))
            for name, a in self.run["definitions"].items()
        ]

    def began_with(self, definition: str) -> list[pd.Series]:
        """Clusters that a definition began with: by definition a cluster's id by id of the record.

        Args:
            definition: its name; of a run over one table.
        """
        match = self._match()
        own = next(one for one in match if one.name == definition)
        ids = self.clusters["id"]
        before = [self.clusters[self.cluster_column(one.name)] for one in starts_of(own, match)]
        before = before or [self._joined(definition)]
        return [pd.Series(one.to_numpy(), index=ids) for one in before]

    def _joined(self, definition: str) -> pd.Series:
        """Clusters of what was joined before a definition's pairs were scored.

        Stricter definitions that are not written have no clusters in the results; but each pair
        that they joined is a pair of the looser one, or its records are paired with a third.
        """
        blockers = f"{column_prefix(definition, self.definitions)}blockers"
        found = self.pairs[blockers].dropna().unique()
        joining = [names for names in found if SAME_CLUSTER in names.split("+")]
        pairs = self.pairs[self.pairs[blockers].isin(joining)]
        rows = [self._positions_of("", pairs[name]) for name in ("left_id", "right_id")]
        n = len(self.clusters)
        graph = sparse.coo_array((np.ones(len(pairs), np.int8), tuple(rows)), shape=(n, n))
        return pd.Series(connected_components(graph, directed=False)[1])

    @property
    def is_linkage(self) -> bool:
        """Whether two tables were linked."""
        return "source" in self.clusters.columns

    @cached_property
    def _index(self) -> dict[str, pd.Index]:
        """Ids of each table; their positions count from its first record."""
        ids = self.clusters["id"]
        if not self.is_linkage:
            return {"": pd.Index(ids)}
        return {side: pd.Index(ids[self.clusters["source"] == side]) for side in _SIDES}

    @cached_property
    def _positions(self) -> dict[str, np.ndarray]:
        if not self.is_linkage:
            return {"": np.arange(len(self.clusters))}
        side = self.clusters["source"].to_numpy()
        return {name: np.flatnonzero(side == name) for name in _SIDES}

    @cached_property
    def rank(self) -> np.ndarray:
        """Place of each record by table and id, by which ties are broken."""
        ids = self.clusters["id"].astype(str).to_numpy()
        table = self.clusters["source"].astype(str).to_numpy() if self.is_linkage else ids
        rank = np.empty(len(ids), np.int64)
        rank[np.lexsort((ids, table))] = np.arange(len(ids))
        return rank

    def key(self, position: int) -> Key:
        """The record at a position."""
        row = self.clusters.iloc[position]
        return (str(row["source"]) if self.is_linkage else "", str(row["id"]))

    def position(self, key: Key) -> int:
        """Position of a record."""
        table, record = key
        return int(self._positions[table][self._index[table].get_indexer(pd.Index([record]))[0]])

    def find(self, given: str, prefer: str | None = None) -> Key:
        """The record that a user means.

        Args:
            given: its id; in a linkage ``left:ID`` or ``right:ID`` says of which table it is.
            prefer: the table it is of where both have the id.

        Raises:
            InputError: there is none, or one in both tables.
        """
        found = [table for table, index in self._index.items() if given in index]
        if len(found) == 1:
            return found[0], given
        if prefer in found:
            return str(prefer), given
        if found:
            raise InputError(
                f"Both tables have a record with the id {given!r}.",
                hint=f"Say which is meant: left:{given} or right:{given}.",
            )
        table, colon, rest = given.partition(":")
        if colon and table in self._index and rest in self._index[table]:
            return table, rest
        ids = [str(record) for index in self._index.values() for record in index[:200_000]]
        raise InputError(
            f"The run has no record with the id {given!r}.", hint=nearest_hint(given, ids, "ids")
        )

    def cluster_column(self, definition: str) -> str:
        """Column of the clusters' ids."""
        return cluster_column(definition, self.definitions)

    def cluster(self, definition: str, position: int) -> str:
        """The cluster of a record."""
        return str(self.clusters[self.cluster_column(definition)].iloc[position])

    def confidence(self, definition: str, position: int) -> float:
        """Confidence of a record's cluster."""
        column = f"{column_prefix(definition, self.definitions)}confidence"
        return float(self.clusters[column].iloc[position])

    def members(self, definition: str, cluster: str) -> np.ndarray:
        """Positions of a cluster's records, by table and id."""
        names = self.clusters[self.cluster_column(definition)].to_numpy()
        found = np.flatnonzero(names == cluster)
        return np.asarray(found[np.argsort(self.rank[found])])

    def pairs_of(self, definition: str, positions: np.ndarray) -> ScoredPairs:
        """The scored pairs of which a record at least is at one of the positions."""
        left_table, right_table = _SIDES if self.is_linkage else ("", "")
        keys = [self.key(int(position)) for position in positions]
        left_ids = [record for table, record in keys if table == left_table]
        right_ids = [record for table, record in keys if table == right_table]
        pairs = self.pairs
        found = pairs[pairs["left_id"].isin(left_ids) | pairs["right_id"].isin(right_ids)]
        prefix = column_prefix(definition, self.definitions)
        found = found[found[f"{prefix}score"].notna()]
        left = self._positions_of(left_table, found["left_id"])
        right = self._positions_of(right_table, found["right_id"])
        return ScoredPairs(
            left,
            right,
            found[f"{prefix}score"].to_numpy(np.float64),
            found[f"{prefix}blockers"].astype(object).to_numpy(),
        )

    def _positions_of(self, table: str, ids: pd.Series) -> np.ndarray:
        return np.asarray(self._positions[table][self._index[table].get_indexer(pd.Index(ids))])

    def edge(self, definition: str, pairs: ScoredPairs, k: int) -> Edge:
        """A scored pair as an edge."""
        return Edge(
            self.key(int(pairs.left[k]))[1],
            self.key(int(pairs.right[k]))[1],
            float(pairs.score[k]),
            definition,
            [name for name in str(pairs.blockers[k]).split("+") if name],
        )

    def rivals(self, definition: str, pair: tuple[int, int], most: int = 3) -> list[RivalCandidate]:
        """The best other candidates of both records of a pair, best first."""
        out = []
        for side, one, other in (("left", *pair), ("right", *pair[::-1])):
            found = self.pairs_of(definition, np.array([one]))
            partner = np.where(found.left == one, found.right, found.left)
            order = np.lexsort((self.rank[partner], -found.score))
            for k in [k for k in order if partner[k] != other][:most]:
                position = int(partner[k])
                same = self.cluster(definition, one) == self.cluster(definition, position)
                out.append(RivalCandidate(side, self.key(position)[1], float(found.score[k]), same))
        return out
