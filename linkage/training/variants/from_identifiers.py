"""Learning without labels what variants of one product are, from the trade numbers of units.

A trade number (GTIN) names one variant, so unequal numbers say nothing of siblings. But records
that state the same values of all that is ignored are of one product exactly if they are of one
unit: among these, equal and unequal numbers are labels of the looser question, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from features.compare.synonyms import StatementFeatures, Synonyms
from features.feature_names import column_of, measure_of, owner_of
from features.kinds import Kind
from features.statements import Statements, statements_of
from features.values.identifiers import Identifiers, parse_identifiers
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.score_terms import IdentifierEvidence
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import subsampled, train_folds
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.thresholds import best_expected_threshold
from linkage.training.unsupervised.identifier_labels import enough_labels, identifier_agreement
from linkage.training.unsupervised.self_training import self_train
from linkage.training.variants.strict_evidence import StrictEvidence, same_values
from linkage.variants.collapsed_records import SHARED_IDENTIFIER

__all__ = ["start_from_identifiers"]

#: Share of the matches, and of other pairs, that share a number, where that is not estimated.
_AGREEMENT = 0.9, 0.01
#: Chance from which a pair is near enough to be of one product or of one line.
_NEAR = 0.1
#: Pairs of the same, and of other, values from which rates can be told; bins of their scores.
_FEWEST_SAME, _BINS = 200, 8
#: Rounds by which the rates are fitted.
_ROUNDS = 200
#: Cuts of `self_train` where no trade number began the labels: these take some lines for
#: products, and what a lower cut leaves open would let more of them in every round.
_CUTS = ((0.5, 0.5), (0.5, 0.5))
#: Share of the numbers that must be standard trade numbers with a right check digit.
_STANDARD = 0.5


def start_from_identifiers(
    session: CollapsedSession,
    compared: ComparedPairs,
    strict: StrictEvidence | None = None,
    *,
    seed: int,
    threads: int,
    progress: Callable[[float], None] | None = None,
) -> PairModel | None:
    """Starts a model of forms from units; None where nothing tells these well enough.

    Args:
        session: records of a definition that ignores attributes.
        comparison: its candidates.
        strict: what the strictest definition came to, if it says what records state of all that
            is ignored: chances of a match there say the same as numbers do, and of more pairs.
        seed: random seed.
        threads: threads; the model does not depend on it.
        progress: called with the share done.
    """
    found = _number(session, compared, strict)
    of_conflicts = strict is not None and strict.model.training.source is TrainingSource.CONFLICTS
    if found is None and not of_conflicts:
        return None
    if strict is not None:
        labels = _by_strictest(session, strict)
    else:
        assert found is not None
        labels = _by_number(session, compared, found[1])
    matches, others = int(np.sum(labels.target == 1)), int(np.sum(labels.target == 0))
    if not enough_labels(matches, others):
        return None
    units = _of_units(session, compared.names)
    units = sorted({*units, *_against(labels, compared.names)})
    target, weight = subsampled(labels.target)
    boosters = train_folds(
        labels.matrix, target, weight, labels.fold,
        folds=FOLDS, seed=seed, threads=threads, quick=session.resolved.quality == "fast",
        progress=progress, hidden=units,
    )  # fmt: skip
    part = BoosterEnsemble(boosters, by_fold=True)
    # To a booster that has never seen a value of a feature all its values are unknown.
    raw = part.raw(compared.matrix, compared.fold, threads)
    noise = identifier_agreement(expit(raw)) if strict is None else None
    if strict is None and noise is None:
        return None
    agreement, accident = noise or _AGREEMENT
    scorer = PairScorer(
        compared.names,
        hidden=units,
        ensembles=(part,),
        noise=noise,
        identifier=None
        if found is None
        else IdentifierEvidence(
            SHARED_IDENTIFIER, equal=float(np.log(agreement / max(accident, 1e-3))), differ=0.0
        ),
        folds=FOLDS,
    )
    account = TrainingAccount(
        TrainingSource.SAME_VALUES,
        f"{f'the trade number in {found[0]}' if found else 'the strictest definition'}, by "
        f"records that state the same ignored values: {matches:,} candidate pairs are of one unit, "
        f"{others:,} of two",
    )
    log_odds = scorer.adjusted(raw, compared.matrix)
    fair = compared.fair
    same, differ = _compared_values(session, compared, found, strict)
    merged = session.merges
    shift = _shift_to_siblings(log_odds[fair], same[fair], differ[fair], merged=merged)
    threshold = best_expected_threshold(expit(log_odds[fair] + shift))
    model = PairModel(replace(scorer, intercept=shift), threshold, training=account)
    start = None if strict is None else session.starting_clusters(strict.labels)
    return self_train(
        session,
        compared,
        model,
        start,
        cuts=_CUTS if found is None else None,
        seed=seed,
        threads=threads,
        quick=session.resolved.quality == "fast",
        across=merged,
    )


def _shift_to_siblings(
    log_odds: np.ndarray, same: np.ndarray, differ: np.ndarray, *, merged: bool = False
) -> float:
    """What to add to log-odds that were learned from pairs that state the same values.

    Two products of one line seldom come in the same values, records of one product often do, so
    that among pairs of other values there are more of two products than equally alike pairs of the
    same values show. Where those are matches with chance p, there are r1 p + r0 (1 - p) pairs of
    other values to each of them; r1 and r0 are fitted over bins of the scores by maximum
    likelihood (Poisson counts, multiplicative updates after Richardson 1972 and Lucy 1974). Where
    matches of the same values are merged before pairs are scored, only the others are left.

    Args:
        log_odds: of candidate pairs, as learned.
        same, differ: which of them state the same, and which different values, bool.
        merged: whether matches of the same values are merged.
    """
    near = expit(log_odds) > _NEAR
    same, differ = same & near, differ & near
    if same.sum() < _FEWEST_SAME or differ.sum() < _FEWEST_SAME:
        return 0.0
    edges = np.unique(np.quantile(log_odds[same], np.linspace(0, 1, _BINS + 1)[1:-1]))
    place = np.searchsorted(edges, log_odds)
    bins = len(edges) + 1
    chance = expit(log_odds)
    shown = np.stack([
        np.bincount(place[same], chance[same], minlength=bins),
        np.bincount(place[same], 1 - chance[same], minlength=bins),
    ])  # fmt: skip
    count = np.bincount(place[differ], minlength=bins)
    rates = np.full(2, differ.sum() / same.sum())
    for _ in range(_ROUNDS):
        rates *= (shown @ (count / np.maximum(rates @ shown, 1e-9))) / shown.sum(axis=1)
    matches = rates[0] + (0.0 if merged else 1.0)
    return float(np.log(max(matches, 1e-3) / (1 + rates[1])))


def _number(
    session: CollapsedSession, compared: ComparedPairs, strict: StrictEvidence | None
) -> tuple[str, np.ndarray] | None:
    """The trade number known of most pairs, and its code of each record, -1 unknown."""
    collapsed, records = session.collapsed, session.originals
    left, right = collapsed.first[compared.left], collapsed.first[compared.right]
    best: tuple[int, str, np.ndarray] | None = None
    for name in collapsed.shared:
        parsed = None if strict is None else strict.identifiers.get(name)
        identifiers = parse_identifiers(records.values(name)) if parsed is None else parsed
        known = identifiers.code >= 0
        pairs = int(np.sum(known[left] & known[right]))
        if _standard(identifiers) and pairs and (best is None or pairs > best[0]):
            best = pairs, name, identifiers.code
    return None if best is None else best[1:]


@dataclass(frozen=True)
class _Labels:
    """Pairs of forms that state the same of all that is ignored, or that are not used (-1)."""

    matrix: np.ndarray
    fold: np.ndarray
    target: np.ndarray


def _by_number(session: CollapsedSession, compared: ComparedPairs, code: np.ndarray) -> _Labels:
    """Candidates whose records state the same, by whether their numbers are equal."""
    left = session.collapsed.first[compared.left]
    right = session.collapsed.first[compared.right]
    statements, synonyms = _ignored_statements(session, code, left, right)
    same = same_values(statements, synonyms, left, right)
    a, b = code[left], code[right]
    target = np.where((a >= 0) & (b >= 0) & same, a == b, -1).astype(int)
    if compared.numbered is not None:
        target[compared.numbered] = -1
    return _Labels(compared.matrix, compared.fold, target)


def _by_strictest(session: CollapsedSession, strict: StrictEvidence) -> _Labels:
    """Pairs that state the same, by whether the strictest definition takes them as one."""
    collapsed, known = session.collapsed, strict.pairs[session.ignored]
    a, b = collapsed.row_of_record[known.left], collapsed.row_of_record[known.right]
    pairs = session.compare(np.minimum(a, b), np.maximum(a, b), "Compare forms")
    return _Labels(pairs.matrix, pairs.fold, known.target)


def _of_units(session: CollapsedSession, names: list[str]) -> list[int]:
    """Features that tell units apart: what identifies them, and what they cost."""
    prices = {n for n, k in session.records.kinds.items() if k == Kind.PRICE}
    return [k for k, n in enumerate(names) if n == SHARED_IDENTIFIER or column_of(n) in prices]


def _against(labels: _Labels, names: list[str]) -> list[int]:
    """Features of attributes that agree less often where records are of one unit.

    A seller lists a unit once, so that records of one seller are of two units, which says nothing
    of the looser question.
    """
    known = labels.target >= 0
    match = labels.target[known] == 1
    hidden = []
    owners = [owner_of(name) for name in names]
    for cosine in [k for k, name in enumerate(names) if measure_of(name) == "idf_cosine"]:
        alike = labels.matrix[known, cosine]
        mean = [
            float(np.mean(part[~np.isnan(part)]))
            for part in (alike[match], alike[~match])
            if not np.isnan(part).all()
        ]
        if len(mean) == 2 and mean[0] < mean[1]:
            hidden += [k for k, owner in enumerate(owners) if owner == owners[cosine]]
    return hidden


def _standard(identifiers: Identifiers) -> bool:
    known = identifiers.code[identifiers.code >= 0]
    return len(known) > 0 and float(np.mean(identifiers.is_gtin[known])) > _STANDARD


def _compared_values(
    session: CollapsedSession,
    compared: ComparedPairs,
    number: tuple[str, np.ndarray] | None,
    strict: StrictEvidence | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Whether two forms state the same ignored values, and whether they state different ones."""
    collapsed = session.collapsed
    left, right = collapsed.first[compared.left], collapsed.first[compared.right]
    if strict is not None:
        statements = {name: strict.statements[name] for name in session.ignored}
        synonyms = strict.synonyms
    else:
        assert number is not None
        statements, synonyms = _ignored_statements(session, number[1], left, right)
    differ = np.zeros(len(left), bool)
    for stated in statements.values():
        differ |= StatementFeatures(stated, synonyms).compare(left, right)[:, 0] == 0
    return same_values(statements, synonyms, left, right), differ


def _ignored_statements(
    session: CollapsedSession, code: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[dict[str, Statements], Synonyms]:
    """What records state of the ignored attributes."""
    statements = statements_of(session.originals, session.ignored)
    both = (code[left] >= 0) & (code[right] >= 0)
    a, b = left[both], right[both]
    product = np.where(code >= 0, code, int(code.max(initial=0)) + 1 + np.arange(len(code)))
    pairs = ValuePairs(a, b, code[a] == code[b], product.astype(np.int64))
    return statements, learn_synonyms(statements, pairs)
