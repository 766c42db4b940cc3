"""Strict evidence: what looser definitions learn from the strictest one."""

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
from linkage.scoring.reused_candidates import leads_outside_clusters
from linkage.scoring.sampling import pairs_learned_from
from linkage.scoring.score import candidate_scores
from linkage.scoring.session import Session
from linkage.training.boosting import subsampled

__all__ = ["StrictEvidence", "StrictPairs", "same_values", "strict_targets"]

#: Chance of a match, where a trade number has its say, from which a pair is taken as one, and up to
#: which as none: wrong numbers part records that are alike in all else.
_MATCHING, _OTHER = 0.9, 0.1
#: Candidates among which pairs that state the same are looked for, evenly spread; more than enough.
_LOOKED_AT = 2_000_000


@dataclass(frozen=True)
class StrictPairs:
    """Pairs of records that state the same of all that a looser definition ignores.

    Attributes:
        left, right: rows.
        target: 1 for a match of the strictest definition, 0 for none.
    """

    left: np.ndarray
    right: np.ndarray
    target: np.ndarray


@dataclass(frozen=True)
class StrictEvidence:
    """What the strictest definition came to before its groups were completed.

    It is all that is kept of its session, whose features and pairs take far more room.

    Attributes:
        model: its pair model.
        statements: what the rows state of attributes, by name.
        synonyms: values that mean the same.
        labels: cluster of each row.
        pairs: for the attributes that a looser definition ignores, pairs that state the same of
            them; only where the rows state something of each.
        identifiers: parsed identifiers of the rows, by column.
        sample: candidates that looser definitions learn from, and the rows that were drawn for
            them, where those do for all; None where these find their own.
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
        """Scores the candidates of a session that ignores nothing.

        Args:
            session: the session, with the candidates that were learned from.
            model: its pair model.
            ignored: attributes that looser definitions ignore.
            labels: cluster of each row, if that is known.
        """
        scores = candidate_scores(session, model)
        chance = scores.probability
        statements = session.prepared.statements
        synonyms = session.synonyms or Synonyms()
        found = session.candidates
        if labels is None:
            labels = decide(
                session.records, found, chance, model.threshold,
                one_to_one=False, max_cluster_size=session.records.n,
            ).labels  # fmt: skip
        # Without labels or numbers what it finds is too uncertain to be built upon.
        suits = model.is_anchored and leads_outside_clusters(found, labels)
        sample = _sample(session) if suits else None
        step = max(1, len(found) // _LOOKED_AT)
        found, chance = found.part(np.arange(0, len(found), step)), chance[::step]
        prefiltered = scores.prefiltered[::step]
        pairs = {}
        for names in ignored:
            if not set(names) <= set(statements):
                continue
            known = {name: statements[name] for name in names}
            target = strict_targets(model, chance, labels[found.left] == labels[found.right])
            target[~same_values(known, synonyms, found.left, found.right)] = -1
            target[found.only_by_identifiers] = -1
            target, _ = subsampled(target)
            used = np.flatnonzero(target >= 0)
            doubtful = used[prefiltered[used] & (target[used] == 0)]
            used = np.setdiff1d(used, _likelier(session, model, found, doubtful))
            pairs[names] = StrictPairs(found.left[used], found.right[used], target[used])
        identifiers = {
            one.name: one.identifiers
            for one in session.prepared.attributes.values()
            if one.identifiers is not None
        }
        return cls(model, statements, synonyms, labels, pairs, identifiers, sample)

    def rows(self, ignored: tuple[str, ...]) -> np.ndarray:
        """Rows of the pairs for a definition that ignores these attributes."""
        known = self.pairs.get(ignored)
        if known is None:
            return np.zeros(0, np.int64)
        return np.concatenate([known.left, known.right])


def _sample(session: Session) -> tuple[Candidates, np.ndarray] | None:
    """Candidates from which looser definitions learn, and the rows that were sampled, bool[n].

    None where they learn from all.
    """
    found = session.candidates
    share = pairs_learned_from(session.records.n, groups=True) / max(len(found), 1)
    if not session.is_joined or share >= 1 or session.records.is_linkage:
        return None
    chosen, sampled = session.sampler.draw_groups(found.left, found.right, share)
    return found.part(chosen), sampled


def strict_targets(model: PairModel, chance: np.ndarray, together: np.ndarray) -> np.ndarray:
    """Which pairs match by the strictest definition: 1, others: 0, left open: -1.

    With neither labels nor a trade number its scores mistake some lines of one brand for products,
    of which its clusters put many right; what lies between is what a looser definition has most to
    learn from.

    Args:
        model: its pair model.
        chance: chance of a match of each pair.
        together: whether its records are of one cluster, bool.
    """
    if not model.is_anchored:
        return together.astype(int)
    found: np.ndarray = np.where(chance >= _MATCHING, 1, np.where(chance <= _OTHER, 0, -1))
    return found


def _likelier(
    session: Session, model: PairModel, candidates: Candidates, doubtful: np.ndarray
) -> np.ndarray:
    """Which of the pairs that the prefilter rejected are no sure non-matches once compared.

    Args:
        session: the rows.
        model: the pair model.
        candidates: pairs of the rows.
        doubtful: positions of those that the prefilter rejected.

    Returns:
        Positions, of these.
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
    """Whether two records state the same of some attributes, and state something of them."""
    same = np.ones(len(left), bool)
    some = np.zeros(len(left), bool)
    for stated in statements.values():
        said = np.diff(stated.indptr) > 0
        neither = ~said[left] & ~said[right]
        agreement = StatementFeatures(stated, synonyms).compare(left, right)[:, 0]
        same &= neither | (agreement > 0)
        some |= agreement > 0
    return same & some
