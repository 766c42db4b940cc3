"""Clustering under the rules of a match definition."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blocking.candidates import Candidates
from linkage.clustering.cluster_pairs import decide_edges
from linkage.clustering.constrained_union import join_groups
from linkage.clustering.constraints import Constraints
from linkage.clustering.decided_pairs import join_pairs
from linkage.clustering.partition import Clustering
from linkage.clustering.rules import Rules
from linkage.models.pair_model import PairModel
from linkage.pipeline.expansion import expand, expand_clustering, near_pairs
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.score import score_collapsed
from linkage.scoring.session import Session

__all__ = ["RuledClusters"]

#: Listed as the blocker of a pair that a rule joined and no blocker proposed.
_MUST = "must"
#: The same of a pair that a person decided to be the same.
_DECISION = "decision"


@dataclass(frozen=True)
class RuledClusters:
    """Clusters the records of a session under rules.

    The nodes of the clustering are records, or parts of collapsed records: records of one row that
    a rule keeps apart are different nodes.

    Attributes:
        session: the records under a definition.
        rules: the rules that hold under it.
        constraints: what a cluster of nodes may not hold.
        node: node of each record.
        first_record: record that stands for each node.
        start: cluster that each node begins in.
        row_of_node: row of the session (record or collapsed record) of each node.
        declared: cluster of each record by the ``must`` rules alone.
        bound: group of the records that count as one with each, -1 = none.
    """

    session: Session
    rules: Rules
    constraints: Constraints
    node: np.ndarray
    first_record: np.ndarray
    start: np.ndarray
    row_of_node: np.ndarray
    declared: np.ndarray
    bound: np.ndarray

    @classmethod
    def of(
        cls, session: Session, rules: Rules, start: np.ndarray, bound: np.ndarray | None = None
    ) -> RuledClusters:
        """The nodes of a session.

        Args:
            session: the records under a definition.
            rules: the rules that hold under it.
            start: cluster of each record to begin with.
            bound: group of each record that a person decided to be the same, -1 = none; each group
                within one starting cluster. They count as one in averages.
        """
        rules = rules.yielding_to(start)
        bound = np.full(len(start), -1) if bound is None else bound
        rows, constraints = np.arange(len(start)), rules.constraints
        declared = rules.declared_matches(len(start))
        if not isinstance(session, CollapsedSession):
            return cls(session, rules, constraints, rows, rows, start, rows, declared, bound)
        row = session.collapsed.row_of_record
        # Records of one row are one node as far as the rules allow it.
        together = join_groups(start, row, constraints)
        width = int(together.max(initial=0)) + 1
        part, first, node = np.unique(
            row * width + together, return_index=True, return_inverse=True
        )
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        node, first = rank[node], first[order]
        return cls(
            session, rules, constraints.of_nodes(node), node, first, together[first],
            part[order] // width, declared, bound,
        )  # fmt: skip

    def cluster(
        self, model: PairModel, probability: np.ndarray, *, one_to_one: bool, largest: int
    ) -> Clustering:
        """Clusters nodes by the scores of the session's candidates.

        Args:
            model: what was learned for the definition.
            probability: score of each candidate pair.
            one_to_one: whether a record of one table has at most one partner in the other.
            largest: most nodes of a cluster.
        """
        session, n = self.session, len(self.first_record)
        candidates = session.candidates
        if isinstance(session, CollapsedSession):
            parts = replace(session.collapsed, row_of_record=self.row_of_node)
            own = score_collapsed(session, model)
            candidates, probability = expand(candidates, probability, parts, own)
        left, right = candidates.left, candidates.right
        if not isinstance(session, CollapsedSession):
            forbidden = self.rules.forbids(left, right)
        else:
            forbidden = self.constraints.forbid(left, right, n)
        score = np.where(forbidden, 0.0, probability)
        one, two = self._declared_edges()
        records = session.records
        return decide_edges(
            n,
            np.concatenate([left, one]),
            np.concatenate([right, two]),
            np.concatenate([score, np.ones(len(one))]),
            model.threshold,
            one_to_one=one_to_one,
            max_cluster_size=largest,
            start=self.start,
            side=records.side[self.row_of_node] if records.is_linkage else None,
            sources=self.rules.sources,
            constraints=self.constraints,
            declared=self.declared[self.first_record],
            weight=self._weight,
            equal=self._equal,
        )

    def _declared_edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of nodes that rules join, and those decided to be the same that begin together."""
        star, same = self.rules.stars(self.declared), self.rules.same
        one, two = (self.node[np.concatenate(rows)] for rows in zip(star, same, strict=True))
        begun = self.start[one] == self.start[two]
        begun[: len(star[0])] = True
        use = begun & (one != two)
        return one[use], two[use]

    @property
    def _equal(self) -> np.ndarray | None:
        """Group of nodes that count as one: equal rows, and records decided to be the same."""
        session, bound = self.session, self.bound >= 0
        n = len(self.first_record)
        equal = np.full(n, -1) if session.equal is None else session.equal.group
        if not bound.any():
            return None if session.equal is None else equal
        # Nodes of one group, of either kind, are connected by their groups.
        groups = [(np.flatnonzero(equal >= 0), equal[equal >= 0])]
        groups.append((self.node[bound], self.bound[bound] + int(equal.max(initial=-1)) + 1))
        nodes, codes = (np.concatenate(one) for one in zip(*groups, strict=True))
        both = join_pairs(np.arange(n + int(codes.max()) + 1), np.column_stack([nodes, n + codes]))
        several = np.bincount(both[:n])[both[:n]] > 1
        return np.where(several, both[:n], -1)

    @property
    def _weight(self) -> np.ndarray | None:
        """Number of records that each node stands for in averages; None where each counts once."""
        session = self.session
        if not isinstance(session, CollapsedSession) or not session.collapsed.merged:
            return None
        return np.bincount(self.node, minlength=len(self.first_record))

    def session_labels(self, clustering: Clustering) -> np.ndarray:
        """Cluster of each row of the session: that of its first record."""
        labels = clustering.labels[self.node]
        return labels[self.session.first_records(np.arange(self.session.records.n))]

    def spread(
        self, model: PairModel, probability: np.ndarray, clustering: Clustering
    ) -> tuple[Candidates, np.ndarray, Clustering]:
        """Candidates, scores before the rules, and clusters of nodes, all as those of records."""
        session = self.session
        if not isinstance(session, CollapsedSession):
            return session.candidates, probability, clustering
        own = score_collapsed(session, model)
        near = near_pairs(session, model, probability, self.session_labels(clustering))
        candidates, score = expand(*near, session.collapsed, own)
        parts = replace(session.collapsed, row_of_record=self.node, first_record=self.first_record)
        return candidates, score, expand_clustering(clustering, parts, own[self.row_of_node])

    def overruled(
        self, candidates: Candidates, score: np.ndarray, labels: np.ndarray
    ) -> tuple[Candidates, np.ndarray]:
        """Pairs of records with the scores that rules set, and the pairs that rules add.

        Args:
            candidates: pairs of records.
            score: their scores before the rules.
            labels: cluster of each record.
        """
        score = self.rules.overrule(candidates.left, candidates.right, score)
        candidates, score = _with_pairs(candidates, score, self.rules.same, _DECISION, len(labels))
        stars = self.rules.stars(labels)
        return _with_pairs(candidates, score, stars, _MUST, len(labels))


def _with_pairs(
    candidates: Candidates,
    score: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
    name: str,
    n: int,
) -> tuple[Candidates, np.ndarray]:
    """Candidates and scores with the pairs that are none yet, of score 1 and a blocker's name."""
    left, right = pairs
    keys = candidates.left.astype(np.int64) * n + candidates.right
    added = left * n + right
    fresh = ~np.isin(added, keys)
    if not fresh.any():
        return candidates, score
    bit = np.uint32(1) << np.uint32(len(candidates.names))
    order = np.argsort(np.concatenate([keys, added[fresh]]), kind="stable")

    def merged(known: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([known, new.astype(known.dtype)])[order]

    found = Candidates(
        merged(candidates.left, left[fresh]),
        merged(candidates.right, right[fresh]),
        merged(candidates.blockers, np.full(int(fresh.sum()), bit)),
        [*candidates.names, name],
    )
    return found, merged(score, np.ones(int(fresh.sum())))
