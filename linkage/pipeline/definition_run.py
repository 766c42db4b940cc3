"""The run of one match definition: scored pairs and clusters, under its rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from blocking.candidates import Candidates
from blocking.report import blocking_report
from features.compare.synonyms import Synonyms
from linkage.clustering.cluster_pairs import decide
from linkage.clustering.constrained_union import join_groups
from linkage.clustering.decided_start import decided_start
from linkage.clustering.partition import Clustering
from linkage.clustering.rules import Rules
from linkage.config.match_definition import MatchDefinition
from linkage.evaluation.expected_accuracy import (
    UNCERTAIN,
    ExpectedAccuracy,
    expected_of_groups,
    expected_of_pairs,
)
from linkage.models.pair_model import PairModel
from linkage.models.training_account import TrainingSource
from linkage.pipeline.expansion import spread
from linkage.pipeline.rule_clustering import RuledClusters
from linkage.results.definition_result import DefinitionResult
from linkage.results.pair_table import worth_writing
from linkage.results.rule_counts import report_rules
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.embedding_gain import add_where_it_pays
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session

__all__ = ["match_definition_run"]

#: Rounds in which records whose clusters fill their budget get more candidates.
_WIDENING_ROUNDS = 2
#: Rounds of completion: added pairs that match have further partners in common.
_COMPLETIONS = 2
#: Growth of the matches by one round from which there is another: after 5 % (exact, a million
#: generated rows) a second round found 0.2 % more, after 21 % (variants) 2 %.
_LEADING = 0.1
#: Sources of models of which labels tell more, or there is nothing to tell.
_NOT_ESTIMATED = (TrainingSource.LABELS, TrainingSource.NOTHING)


def match_definition_run(
    definition: MatchDefinition,
    session: Session,
    model: PairModel,
    rules: Rules,
    before: Sequence[np.ndarray],
    max_cluster_size: int,
    labelled_matches: tuple[np.ndarray, np.ndarray] | None = None,
) -> DefinitionResult:
    """The scored pairs and clusters of a session's records under one match definition.

    Args:
        definition: the match definition.
        session: the records under it.
        model: what was learned for it.
        rules: the rules that hold under it.
        before: clusters of the stricter definitions that it begins with, labels of records.
        max_cluster_size: most records of a cluster.
        labelled_matches: rows of the labelled matches, from which the blocking report estimates its
            recall.
    """
    session.release_words()
    embedding_notes = add_where_it_pays(session, model)
    clusterer = _Clusterer(session, model, rules, before, max_cluster_size)
    probability, clustering = _score_and_cluster(session, model, clusterer)
    report = blocking_report(
        session.candidates, session.prepared, labelled_matches, session.plan.largest_blocks
    )
    ruled, forbidden = clusterer.ruled, None
    if ruled is None:
        candidates, score, clustering = spread(session, model, probability, clustering)
        account = []
    else:
        candidates, score, clustering = ruled.spread(model, probability, clustering)
        account = report_rules(rules, candidates, score, model.threshold, clustering.labels)
        candidates, score = ruled.overruled(candidates, score, clustering.labels)
        forbidden = rules.forbids(candidates.left, candidates.right)
    expected = None
    if model.training.source not in _NOT_ESTIMATED:
        expected = _expected(session, model, candidates, score, clustering.labels, before)
    doubts = [expected.doubt] if expected is not None and expected.f1 < UNCERTAIN else []
    compared = len(candidates)
    if session.resolved.quality == "fast":
        labels = clustering.labels
        kept = worth_writing(candidates, score, model.threshold, labels, forbidden)
        candidates, score = candidates.part(kept), score[kept]
    return DefinitionResult(
        definition,
        model,
        candidates,
        score,
        clustering,
        report,
        session.collapsed if isinstance(session, CollapsedSession) else None,
        account,
        [*rules.notes, *embedding_notes, *doubts],
        session.synonyms or Synonyms(),
        compared=compared,
        identifiers=_identifiers(session),
        expected=expected,
    )


def _expected(
    session: Session,
    model: PairModel,
    candidates: Candidates,
    score: np.ndarray,
    labels: np.ndarray,
    before: Sequence[np.ndarray],
) -> ExpectedAccuracy | None:
    """What to expect of the clusters of records, given the scores of their pairs."""
    if not isinstance(session, CollapsedSession):
        calibrated = model.training.source is TrainingSource.IDENTIFIER
        ends = candidates.left, candidates.right
        return expected_of_pairs(*ends, score, labels, calibrated=calibrated)
    combination = session.collapsed.combination
    if combination is None:
        combination = np.full(len(labels), -1)
    return expected_of_groups(labels, combination, before[0] if before else None)


class _Clusterer:
    """Clusters the rows of a session by the scores of its candidates.

    Attributes:
        ruled: clusters the records under rules; None where no rule holds.
    """

    def __init__(
        self,
        session: Session,
        model: PairModel,
        rules: Rules,
        before: Sequence[np.ndarray],
        largest: int,
    ) -> None:
        self._session = session
        self._model = model
        self._rules = rules
        self._before = before
        self._one_to_one = model.one_to_one and not before
        self._largest = largest
        # Of records with one partner each, those decided to be the same have found theirs.
        self._start = self._begin(decided=self._one_to_one) if rules or before else None
        self.ruled: RuledClusters | None = None
        if rules and self._start is not None:
            self.ruled = RuledClusters.of(session, rules, self._start)
        self._first = self.ruled

    def cluster(self, probability: np.ndarray) -> tuple[Clustering, np.ndarray]:
        """The clusters of the records or nodes, and the cluster of each of the session's rows."""
        session, model = self._session, self._model
        if self._first is not None:
            self.ruled, clustering = self._under_rules(self._first, probability)
            return clustering, self.ruled.session_labels(clustering)
        clustering = decide(
            session.records,
            session.candidates,
            probability,
            model.threshold,
            one_to_one=self._one_to_one,
            max_cluster_size=self._largest,
            start=session.starting_clusters(self._start, by_key=model.joins_equal_keys),
            sources=self._rules.sources,
            weight=session.collapsed.weight if isinstance(session, CollapsedSession) else None,
            equal=None if session.equal is None else session.equal.group,
        )
        return clustering, clustering.labels

    def _under_rules(
        self, ruled: RuledClusters, probability: np.ndarray
    ) -> tuple[RuledClusters, Clustering]:
        """The clusters of nodes, begun again where decided pairs do not hold in them."""
        assert self._start is not None
        clustering = self._nodes_clustered(ruled, probability)
        decided = self._rules.decided
        while decided is not None:
            labels = clustering.labels[ruled.node]
            if not decided.hold_in(labels):
                forced = self._begin(decided=True)
                start, bound = decided_start(self._rules, labels, forced, self._largest)
                ruled = RuledClusters.of(self._session, self._rules, start, bound)
                clustering = self._nodes_clustered(ruled, probability)
                labels = clustering.labels[ruled.node]
            held = self._before[0] if self._before else np.arange(len(labels))
            part = decided.without_room(labels, held)
            if not len(part):
                break
            decided = decided.apart(part)
            self._rules = replace(self._rules, decided=decided)
            self._start = self._begin(decided=self._one_to_one)
            ruled = self._first = RuledClusters.of(self._session, self._rules, self._start)
            clustering = self._nodes_clustered(ruled, probability)
        return ruled, clustering

    def _nodes_clustered(self, ruled: RuledClusters, probability: np.ndarray) -> Clustering:
        return ruled.cluster(
            self._model, probability, one_to_one=self._one_to_one, largest=self._largest
        )

    def _begin(self, *, decided: bool) -> np.ndarray:
        """Clusters of records to begin with."""
        session, rules = self._session, self._rules
        start = rules.start(session.n_records, self._before, decided=decided)
        if not isinstance(session, CollapsedSession) or not self._model.joins_equal_keys:
            return start
        if rules and not rules.declared:  # decisions leave the rest as it is
            key = session.collapsed.key[session.collapsed.row_of_record]
            start = join_groups(start, key, rules.yielding_to(start).limits)
        return start


def _score_and_cluster(
    session: Session, model: PairModel, clusterer: _Clusterer
) -> tuple[np.ndarray, Clustering]:
    """Scores and clusters the rows, with more candidates for records whose clusters fill theirs.

    The model is not learned again: wider candidates hold more pairs that are merely similar, and a
    model learned from them without labels would accept such pairs.

    Returns:
        The scores of the session's candidates, and the clusters.
    """
    for rounds_left in reversed(range(_WIDENING_ROUNDS + 1)):
        probability = _score_and_complete(session, model)
        with session.log.step("Cluster"):
            clustering, labels = clusterer.cluster(probability)
        if model.one_to_one or not rounds_left or not session.blocking.widen(labels):
            break
    return probability, clustering


def _score_and_complete(session: Session, model: PairModel) -> np.ndarray:
    """Scores of the candidates, after pairs with matched partners in common were added to them."""
    probability = score_candidates(session, model)
    for _ in range(_COMPLETIONS):
        known = np.count_nonzero(probability >= model.threshold)
        if model.one_to_one or not session.blocking.complete(probability, model.threshold):
            break
        probability = score_candidates(session, model)
        if np.count_nonzero(probability >= model.threshold) < (1 + _LEADING) * known:
            break
    if session.equal is not None:
        session.blocking.add_always(*session.equal.pairs(), "equal rows")
        probability = score_candidates(session, model)
    return probability


def _identifiers(session: Session) -> dict[str, np.ndarray]:
    """Number of each record's identifier, by attribute; empty where rows are collapsed records."""
    if session.is_collapsed:
        return {}
    attributes = session.prepared.attributes.values()
    return {one.name: one.identifiers.code for one in attributes if one.identifiers is not None}
