"""Strict evidence: results of the strictest match definition from which looser ones learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from blocking.candidates import Candidates
from features.compare.synonyms import StatementFeatures, Synonyms
from features.statements import Statements
from features.values.identifiers import Identifiers
from linkage.clustering.cluster_pairs import decide
from linkage.models.pair_model import PairModel
from linkage.scoring.content import pair_hashes
from linkage.scoring.reused_candidates import leads_outside_clusters
from linkage.scoring.sampling import least_keys, pairs_learned_from
from linkage.scoring.score import candidate_scores
from linkage.scoring.session import Session
from linkage.training.boosting import subsampled

__all__ = ["StrictEvidence", "StrictPairs", "same_values", "strict_targets"]

#: Probability from which a pair is labelled a match, and up to which a non-match, where scores rest
#: on labels or a trade number: wrong numbers separate records that are equal in all else.
_MATCHING, _OTHER = 0.9, 0.1
#: Candidates that are searched for pairs of equal values, evenly spread.
_MOST_CANDIDATES = 2_000_000


@dataclass(frozen=True)
class StrictPairs:
    """Pairs of records that state equal values of all attributes that a looser definition ignores.

    Attributes:
        left, right: rows.
        target: 1 for a match of the strictest definition, 0 for a non-match.
    """

    left: np.ndarray
    right: np.ndarray
    target: np.ndarray


@dataclass(frozen=True)
class StrictEvidence:
    """Results of the strictest definition, before its clusters were completed.

    Only these are kept of its session, whose features and pairs take far more memory.

    Attributes:
        model: its pair model.
        statements: values that the records state, by attribute.
        synonyms: values that mean the same.
        labels: cluster of each record.
        pairs: by the attributes that a looser definition ignores, labelled pairs that state equal
            values of these; only where records state values of each.
        identifiers: parsed identifiers of the records, by column.
        sample: candidates that looser definitions learn from, and which records were sampled for
            them, bool, shape (n,); None where looser definitions have candidates of their own.
    """

    model: PairModel
    statements: dict[str, Statements]
    synonyms: Synonyms
    labels: np.ndarray
    pairs: dict[tuple[str, ...], StrictPairs]
    identifiers: Mapping[str, Identifiers] = field(default_factory=dict)
    sample: tuple[Candidates, np.ndarray] | None = None

    @classmethod
    def of(
        cls,
        session: Session,
        model: PairModel,
        ignored: Iterable[tuple[str, ...]],
        labels: np.ndarray | None = None,
    ) -> StrictEvidence:
        """Return the evidence of a session, whose candidates are scored.

        Args:
            session: a session that ignores no attributes, with the candidates that were learned
                from.
            model: its pair model.
            ignored: for each looser definition the attributes that it ignores.
            labels: cluster of each record; clustered from the scores by default.
        """
        scores = candidate_scores(session, model)
        probability = scores.probability
        statements = session.prepared.statements
        synonyms = session.synonyms or Synonyms()
        candidates = session.candidates
        if labels is None:
            labels = decide(
                session.records, candidates, probability, model.threshold,
                one_to_one=False, max_cluster_size=session.records.n,
                equal=None if session.equal is None else session.equal.group,
            ).labels  # fmt: skip
        # Without labels or trade numbers its clusters are too uncertain to sample candidates by.
        reusable = model.is_anchored and leads_outside_clusters(candidates, labels)
        sample = _sample(session) if reusable else None
        described = session.described
        keys = pair_hashes(described[candidates.left], described[candidates.right])
        drawn = least_keys(keys, _MOST_CANDIDATES)
        candidates, keys = candidates.part(drawn), keys[drawn]
        probability, prefiltered = probability[drawn], scores.prefiltered[drawn]
        pairs = {}
        for names in ignored:
            if not set(names) <= set(statements):
                continue
            left, right = candidates.left, candidates.right
            target = strict_targets(model, probability, labels[left] == labels[right])
            stated = {name: statements[name] for name in names}
            target[~same_values(stated, synonyms, left, right)] = -1
            target[candidates.only_by_identifiers] = -1
            target, _ = subsampled(target, keys)
            used = np.flatnonzero(target >= 0)
            doubtful = used[prefiltered[used] & (target[used] == 0)]
            unsure = _possible_matches(session, model, candidates, doubtful)
            used = np.setdiff1d(used, unsure)
            pairs[names] = StrictPairs(left[used], right[used], target[used])
        identifiers = {
            one.name: one.identifiers
            for one in session.prepared.attributes.values()
            if one.identifiers is not None
        }
        return cls(model, statements, synonyms, labels, pairs, identifiers, sample)

    def rows(self, ignored: tuple[str, ...]) -> np.ndarray:
        """Return the rows of the labelled pairs for a definition that ignores these attributes."""
        labelled = self.pairs.get(ignored)
        if labelled is None:
            return np.zeros(0, np.int64)
        return np.concatenate([labelled.left, labelled.right])


def _sample(session: Session) -> tuple[Candidates, np.ndarray] | None:
    """Return candidates from which looser definitions learn, and the records sampled for them.

    The records are bool, shape (n,). None where looser definitions learn from all candidates.
    """
    candidates = session.candidates
    share = pairs_learned_from(session.records.n, groups=True) / max(len(candidates), 1)
    if not session.is_joined or share >= 1 or session.records.is_linkage:
        return None
    chosen, sampled = session.sampler.draw_groups(candidates.left, candidates.right, share)
    return candidates.part(chosen), sampled


def strict_targets(
    model: PairModel, probability: np.ndarray, in_one_cluster: np.ndarray
) -> np.ndarray:
    """Return labels of pairs by the strictest definition: 1 match, 0 non-match, -1 not used.

    Where the model rests on labels or a trade number, probabilities decide, and uncertain pairs are
    not used. Otherwise clusters decide: they correct many scores that mistake a product line for a
    product, and uncertain pairs are those from which a looser definition learns most.

    Args:
        model: the pair model of the strictest definition.
        probability: probability of a match of each pair.
        in_one_cluster: whether both records of each pair are in one cluster, bool.
    """
    if not model.is_anchored:
        return in_one_cluster.astype(int)
    target: np.ndarray = np.where(
        probability >= _MATCHING, 1, np.where(probability <= _OTHER, 0, -1)
    )
    return target


def _possible_matches(
    session: Session, model: PairModel, candidates: Candidates, doubtful: np.ndarray
) -> np.ndarray:
    """Return positions of rejected pairs that are no sure non-matches by the full pair model.

    Args:
        session: the records.
        model: the pair model.
        candidates: candidate pairs.
        doubtful: positions of candidates that the prefilter rejected.
    """
    if not len(doubtful):
        return doubtful
    left, right = candidates.left[doubtful], candidates.right[doubtful]
    pairs = session.compare(left, right, "Compare pairs")
    probability = model.probability(pairs.matrix, pairs.fold, session.resolved.threads)
    return np.asarray(doubtful[probability > _OTHER])


def same_values(
    statements: Mapping[str, Statements], synonyms: Synonyms, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return which pairs state equal values of all given attributes, bool, shape (m,).

    An attribute that neither record states counts as equal; at least one must be stated by both.

    Args:
        statements: values that the records state, by attribute.
        synonyms: values that mean the same.
        left, right: rows of the pairs.
    """
    same = np.ones(len(left), bool)
    some = np.zeros(len(left), bool)
    for stated in statements.values():
        has_value = np.diff(stated.indptr) > 0
        neither = ~has_value[left] & ~has_value[right]
        agreement = StatementFeatures(stated, synonyms).compare(left, right)[:, 0]
        same &= neither | (agreement > 0)
        some |= agreement > 0
    return same & some
