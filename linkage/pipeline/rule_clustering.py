"""Clustering under the rules of a match definition."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blocking.candidates import Candidates
from linkage.clustering.cluster_pairs import decide_edges
from linkage.clustering.constrained_union import join_groups
from linkage.clustering.constraints import Constraints
from linkage.clustering.partition import Clustering
from linkage.clustering.rules import Rules
from linkage.models.pair_model import PairModel
from linkage.pipeline.expansion import expand, expand_clustering, near_pairs
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.score import score_collapsed
from linkage.scoring.session import Session

__all__ = ["RuledClusters"]

#: Names, among the blockers of a pair, what joined it where blocking had not proposed it.
_MUST = "must"


@dataclass(frozen=True)
class RuledClusters:
    """A session's records as they are clustered where rules hold.

    What is clustered are nodes: the records, or, where a form stands for several records, the parts
    of forms that the rules let be together.

    Attributes:
        session: the records under a definition.
        rules: the rules that hold under it.
        constraints: what a cluster of nodes may not hold.
        node: node of each record.
        first_record: record that stands for each node.
        start: cluster that each node begins in.
        row_of_node: row of the session (record or collapsed record) of each node.
        declared: labels of the records that ``must`` rules join by themselves.
    """

    session: Session
    rules: Rules
    constraints: Constraints
    node: np.ndarray
    first_record: np.ndarray
    start: np.ndarray
    row_of_node: np.ndarray
    declared: np.ndarray

    @classmethod
    def of(cls, session: Session, rules: Rules, start: np.ndarray) -> RuledClusters:
        """Nodes of a session.

        Args:
            session: the records under a definition.
            rules: the rules that hold under it.
            start: cluster of each record to begin with.
        """
        rows, constraints = np.arange(len(start)), rules.constraints
        declared = rules.declared_matches(len(start))
        if not isinstance(session, CollapsedSession):
            return cls(session, rules, constraints, rows, rows, start, rows, declared)
        form = session.collapsed.row_of_record
        # Records of one form are one thing as far as the rules let them be.
        together = join_groups(start, form, constraints)
        width = int(together.max(initial=0)) + 1
        part, first, node = np.unique(
            form * width + together, return_index=True, return_inverse=True
        )
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        node, first = rank[node], first[order]
        return cls(
            session, rules, constraints.of_nodes(node), node, first, together[first],
            part[order] // width, declared,
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
        one, two = (self.node[rows] for rows in self.rules.stars(self.declared))
        star = one != two
        records = session.records
        return decide_edges(
            n,
            np.concatenate([left, one[star]]),
            np.concatenate([right, two[star]]),
            np.concatenate([score, np.ones(int(star.sum()))]),
            model.threshold,
            one_to_one=one_to_one,
            max_cluster_size=largest,
            start=self.start,
            side=records.side[self.row_of_node] if records.is_linkage else None,
            sources=self.rules.sources,
            constraints=self.constraints,
            declared=self.declared[self.first_record],
            weight=self._weight,
        )

    @property
    def _weight(self) -> np.ndarray | None:
        """How many records each node counts as, if not one."""
        session = self.session
        if not isinstance(session, CollapsedSession) or not session.collapsed.merged:
            return None
        return np.bincount(self.node, minlength=len(self.first_record))

    def session_labels(self, clustering: Clustering) -> np.ndarray:
        """Cluster of each row of the session: of a form's first record."""
        labels = clustering.labels[self.node]
        return labels[self.session.first_records(np.arange(self.session.records.n))]

    def spread(
        self, model: PairModel, probability: np.ndarray, clustering: Clustering
    ) -> tuple[Candidates, np.ndarray, Clustering]:
        """Candidates, scores before the rules, and clusters of nodes, in records."""
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
        """Pairs of records with the scores that the rules give them, and the pairs they add.

        Args:
            candidates: pairs of records.
            score: their scores before the rules.
            labels: cluster of each record.
        """
        rules, n = self.rules, len(labels)
        score = rules.overrule(candidates.left, candidates.right, score)
        left, right = rules.stars(labels)
        keys = candidates.left.astype(np.int64) * n + candidates.right
        added = left * n + right
        fresh = ~np.isin(added, keys)
        bit = np.uint32(1) << np.uint32(len(candidates.names))
        order = np.argsort(np.concatenate([keys, added[fresh]]), kind="stable")

        def merged(known: np.ndarray, new: np.ndarray) -> np.ndarray:
            return np.concatenate([known, new.astype(known.dtype)])[order]

        found = Candidates(
            merged(candidates.left, left[fresh]),
            merged(candidates.right, right[fresh]),
            merged(candidates.blockers, np.full(int(fresh.sum()), bit)),
            [*candidates.names, _MUST],
        )
        return found, merged(score, np.ones(int(fresh.sum())))
