"""What one match definition comes to: scored pairs and clusters, under its rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blocking.report import blocking_report
from features.compare.synonyms import Synonyms
from linkage.clustering.cluster_pairs import decide
from linkage.clustering.rules import Rules
from linkage.config.match_definition import MatchDefinition
from linkage.models.pair_model import PairModel
from linkage.pipeline.expansion import spread
from linkage.pipeline.rule_clustering import RuledClusters
from linkage.results.definition_result import DefinitionResult
from linkage.results.pair_table import worth_writing
from linkage.results.rule_counts import report_rules
from linkage.scoring.embedding_gain import add_where_it_pays
from linkage.scoring.score import score_candidates
from linkage.scoring.session import Session

__all__ = ["match_definition_run"]

#: Rounds of widening the candidates of records whose clusters fill their budget.
_WIDENING_ROUNDS = 2
#: Times that groups are completed: pairs that the first time adds and that match lead to others.
_COMPLETIONS = 2
#: ... where they are so many to each match that was known before: after 5 % (exact, a million
#: generated rows) a second time found 0.2 % more, after 21 % (variants) 2 %.
_LEADING = 0.1


def match_definition_run(
    definition: MatchDefinition,
    session: Session,
    model: PairModel,
    rules: Rules,
    before: Sequence[np.ndarray],
    max_cluster_size: int,
) -> DefinitionResult:
    """Scores and clusters the records of a session.

    Args:
        definition: the match definition.
        session: the records under it.
        model: what was learned for it.
        rules: the rules that hold under it.
        before: clusters of the stricter definitions that it begins with, labels of records.
        max_cluster_size: most records of a cluster.
    """
    collapsed = session.collapsed
    n = session.records.n if collapsed is None else len(collapsed.form)
    start = rules.start(n, before) if rules or before else None
    ruled = RuledClusters.of(session, rules, start) if rules and start is not None else None
    add_where_it_pays(session, model)
    for rounds_left in reversed(range(_WIDENING_ROUNDS + 1)):
        probability = score_candidates(session, model)
        for _ in range(_COMPLETIONS):
            known = np.count_nonzero(probability >= model.threshold)
            if model.one_to_one or not session.complete(probability, model.threshold):
                break
            probability = score_candidates(session, model)
            if np.count_nonzero(probability >= model.threshold) < (1 + _LEADING) * known:
                break
        with session.log.step("Cluster"):
            if ruled is not None:
                clustering = ruled.cluster(
                    model,
                    probability,
                    one_to_one=model.one_to_one and not before,
                    largest=max_cluster_size,
                )
                labels = ruled.session_labels(clustering)
            else:
                clustering = decide(
                    session.records,
                    session.candidates,
                    probability,
                    model.threshold,
                    one_to_one=model.one_to_one and not before,
                    max_cluster_size=max_cluster_size,
                    start=session.starting_clusters(start),
                    sources=rules.sources,
                    weight=None if collapsed is None else collapsed.weight,
                )
                labels = clustering.labels
        # The model stays as it is: learned on wider candidates, it would drift towards mere
        # likeness.
        if model.one_to_one or not rounds_left or not session.widen(labels):
            break
    report = blocking_report(
        session.candidates, session.prepared, session.known_matches, session.plan.largest_blocks
    )
    if ruled is None:
        candidates, score, clustering = spread(session, model, probability, clustering)
        account = []
    else:
        candidates, score, clustering = ruled.spread(model, probability, clustering)
        account = report_rules(rules, candidates, score, model.threshold, clustering.labels)
        candidates, score = ruled.overruled(candidates, score, clustering.labels)
    compared = len(candidates)
    if session.resolved.quality == "fast":
        kept = worth_writing(candidates, score, model.threshold, clustering.labels)
        candidates, score = candidates.part(kept), score[kept]
    return DefinitionResult(
        definition,
        model,
        candidates,
        score,
        clustering,
        report,
        collapsed,
        account,
        [*rules.notes, *session.notes],
        session.synonyms or Synonyms(),
        compared=compared,
        identifiers=_identifiers(session),
    )


def _identifiers(session: Session) -> dict[str, np.ndarray]:
    """Number of each record's identifier by column, where the rows of a session are records."""
    if session.collapsed is not None:
        return {}
    attributes = session.prepared.attributes.values()
    return {one.name: one.identifiers.code for one in attributes if one.identifiers is not None}
