"""Learning which records are variants of one product, from identifiers of single variants.

A trade number (GTIN) identifies one variant, so unequal numbers do not show that records are of
different products. But records that state equal values of all ignored attributes are of one product
exactly if they are of one variant: for these pairs, equal and unequal numbers are labels of the
looser definition, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from features.compare.synonyms import StatementFeatures, Synonyms
from features.feature_names import column_of, measure_of, owner_of
from features.kinds import Kind
from features.statements import Statements, statements_of
from features.values.identifiers import Identifiers, parse_identifiers
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.record_folds import FOLDS
from linkage.training.boosting import subsampled, train_folds
from linkage.training.cuts.thresholds import best_expected_threshold
from linkage.training.progress import ShareFunction
from linkage.training.synonyms.between_records import ValuePairs, learn_synonyms
from linkage.training.unsupervised.identifier_labels import enough_labels, identifier_agreement
from linkage.training.unsupervised.self_training import self_train
from linkage.training.variants.strict_evidence import StrictEvidence, same_values
from linkage.variants.collapsed_records import SHARED_IDENTIFIER

__all__ = ["start_variants_from_identifiers"]

#: Shares of the matches (m) and of the non-matches (u) with a shared identifier, where they are
#: not estimated.
_AGREEMENT = 0.9, 0.01
#: Probability above which a pair is used to estimate rates of equal and of different values.
_LEAST_PROBABILITY = 0.1
#: Pairs of equal, and of different, ignored values below which no rates are estimated; bins of
#: their scores.
_FEWEST_PAIRS, _BINS = 200, 8
#: Iterations of the fit of the rates.
_ITERATIONS = 200
#: Cuts of `self_train` without a trade number: labels then mistake some product lines for products,
#: and a lower first cut would add more of these every round.
_CUTS = ((0.5, 0.5), (0.5, 0.5))
#: Share of the numbers that must be GTINs with a valid check digit.
_STANDARD = 0.5


def start_variants_from_identifiers(
    session: CollapsedSession,
    compared: ComparedPairs,
    strict: StrictEvidence | None = None,
    *,
    seed: int,
    threads: int,
    progress: ShareFunction | None = None,
) -> PairModel | None:
    """Return a model of collapsed records; None where there are too few labels.

    Labels are given to pairs that state equal ignored values: by the trade number, or by the
    strictest definition where there is one. Boosters do not see what identifies single variants.

    Args:
        session: collapsed records of a definition that ignores attributes.
        compared: its candidate pairs.
        strict: results of the strictest definition, if records state the ignored attributes: its
            match probabilities label the same pairs as trade numbers do, and more.
        seed: random seed.
        threads: threads; the model does not depend on it.
        progress: called with the share done.
    """
    identifier = _best_identifier(session, compared, strict)
    conflicts = strict is not None and strict.model.training.source is TrainingSource.CONFLICTS
    if identifier is None and not conflicts:
        return None
    if strict is not None:
        labels = _labels_by_strictest(session, strict)
    else:
        assert identifier is not None
        labels = _labels_by_identifier(session, compared, identifier.code)
    matches, others = int(np.sum(labels.target == 1)), int(np.sum(labels.target == 0))
    if not enough_labels(matches, others):
        return None
    hidden = sorted({
        *_single_variant_features(session, compared.names),
        *_inverted_features(labels, compared.names),
    })  # fmt: skip
    quick = session.resolved.quality == "fast"
    target, weight = subsampled(labels.target, labels.keys)
    boosters = train_folds(
        labels.matrix, target, weight, labels.fold, labels.keys,
        folds=FOLDS, seed=seed, threads=threads, quick=quick, progress=progress, hidden=hidden,
    )  # fmt: skip
    ensemble = BoosterEnsemble(boosters, by_fold=True)
    # Boosters that were trained without values of a feature never split on it.
    raw = ensemble.raw(compared.matrix, compared.fold, threads)
    noise = identifier_agreement(expit(raw)) if strict is None else None
    if strict is None and noise is None:
        return None
    scorer = PairScorer(
        compared.names,
        hidden=hidden,
        ensembles=(ensemble,),
        noise=noise,
        identifier=None if identifier is None else _evidence(noise or _AGREEMENT),
        folds=FOLDS,
    )
    account = TrainingAccount(
        TrainingSource.SAME_VALUES,
        f"{f'the trade number in {identifier.name}' if identifier else 'the strictest definition'}"
        f", by records that state the same ignored values: {matches:,} candidate pairs are of one "
        f"unit, {others:,} of two",
    )
    log_odds = scorer.adjusted(raw, compared.matrix)
    same, differ = _compare_ignored_values(session, compared, identifier, strict)
    fair = compared.in_fair_sample
    shift = _sibling_shift(log_odds[fair], same[fair], differ[fair], merged=session.merges)
    threshold = best_expected_threshold(expit(log_odds[fair] + shift))
    return self_train(
        session,
        compared,
        PairModel(replace(scorer, intercept=shift), threshold, training=account),
        None if strict is None else session.starting_clusters(strict.labels, by_key=False),
        cuts=_CUTS if identifier is None else None,
        seed=seed,
        threads=threads,
        quick=quick,
        across=session.merges,
    )


def _evidence(agreement: tuple[float, float]) -> IdentifierEvidence:
    """Return the evidence of a shared identifier: log(m / u) if shared, nothing otherwise."""
    of_matches, of_others = agreement
    return IdentifierEvidence(
        SHARED_IDENTIFIER, equal=float(np.log(of_matches / max(of_others, 1e-3))), differ=0.0
    )


def _sibling_shift(
    log_odds: np.ndarray, same: np.ndarray, differ: np.ndarray, *, merged: bool = False
) -> float:
    """Return what to add to log-odds that were learned from pairs of equal ignored values.

    Non-matches make a larger share of the pairs of different values than of equally similar pairs
    of equal values: two products of one line seldom come in the same values, variants of one
    product differ in them. To each pair of equal values that matches with probability p there are
    r1 p + r0 (1 - p) pairs of different values; r1 and r0 are fitted over bins of the scores by
    maximum likelihood (Poisson counts; multiplicative updates, Richardson 1972 and Lucy 1974).

    Args:
        log_odds: log-odds of candidate pairs, as learned.
        same, differ: which pairs state equal, and which different ignored values, bool.
        merged: whether matches of equal values are merged before pairs are scored, so that only
            pairs of different values are left.
    """
    used = expit(log_odds) > _LEAST_PROBABILITY
    same, differ = same & used, differ & used
    if same.sum() < _FEWEST_PAIRS or differ.sum() < _FEWEST_PAIRS:
        return 0.0
    edges = np.unique(np.quantile(log_odds[same], np.linspace(0, 1, _BINS + 1)[1:-1]))
    bin_of_pair = np.searchsorted(edges, log_odds)
    bins = len(edges) + 1
    probability = expit(log_odds)
    expected = np.stack([
        np.bincount(bin_of_pair[same], probability[same], minlength=bins),
        np.bincount(bin_of_pair[same], 1 - probability[same], minlength=bins),
    ])  # fmt: skip
    count = np.bincount(bin_of_pair[differ], minlength=bins)
    rates = np.full(2, differ.sum() / same.sum())
    for _ in range(_ITERATIONS):
        ratio = count / np.maximum(rates @ expected, 1e-9)
        rates *= (expected @ ratio) / expected.sum(axis=1)
    matches = rates[0] + (0.0 if merged else 1.0)
    return float(np.log(max(matches, 1e-3) / (1 + rates[1])))


@dataclass(frozen=True)
class _Identifier:
    """A column of trade numbers.

    Attributes:
        name: the column.
        code: number of each record's identifier, -1 unknown, shape (n,).
    """

    name: str
    code: np.ndarray


def _best_identifier(
    session: CollapsedSession, compared: ComparedPairs, strict: StrictEvidence | None
) -> _Identifier | None:
    """Return the trade number that both records of most pairs state; None where there is none."""
    collapsed, records = session.collapsed, session.originals
    left, right = collapsed.first_record[compared.left], collapsed.first_record[compared.right]
    best: tuple[int, str, np.ndarray] | None = None
    for name in collapsed.unit_identifiers:
        parsed = None if strict is None else strict.identifiers.get(name)
        identifiers = parse_identifiers(records.values(name)) if parsed is None else parsed
        known = identifiers.code >= 0
        pairs = int(np.sum(known[left] & known[right]))
        if _are_gtins(identifiers) and pairs and (best is None or pairs > best[0]):
            best = pairs, name, identifiers.code
    return None if best is None else _Identifier(*best[1:])


@dataclass(frozen=True)
class _Labels:
    """Labels of pairs of collapsed records that state equal ignored values.

    Attributes:
        matrix: features, shape (m, f).
        fold: fold of each pair.
        keys: hashes of the pairs, uint64.
        target: 1 match, 0 non-match, -1 not used.
    """

    matrix: np.ndarray
    fold: np.ndarray
    keys: np.ndarray
    target: np.ndarray


def _labels_by_identifier(
    session: CollapsedSession, compared: ComparedPairs, code: np.ndarray
) -> _Labels:
    """Return labels of candidates: a match if identifiers are equal, by codes of the records."""
    left = session.collapsed.first_record[compared.left]
    right = session.collapsed.first_record[compared.right]
    statements, synonyms = _ignored_statements(session, code, left, right)
    same = same_values(statements, synonyms, left, right)
    a, b = code[left], code[right]
    target = np.where((a >= 0) & (b >= 0) & same, a == b, -1).astype(int)
    if compared.only_by_identifiers is not None:
        target[compared.only_by_identifiers] = -1
    return _Labels(compared.matrix, compared.fold, compared.keys, target)


def _labels_by_strictest(session: CollapsedSession, strict: StrictEvidence) -> _Labels:
    """Return labels of the strictest definition for its pairs of equal ignored values."""
    collapsed, labelled = session.collapsed, strict.pairs[session.ignored]
    a, b = collapsed.row_of_record[labelled.left], collapsed.row_of_record[labelled.right]
    pairs = session.compare(np.minimum(a, b), np.maximum(a, b), "Compare forms")
    return _Labels(pairs.matrix, pairs.fold, pairs.keys, labelled.target)


def _single_variant_features(session: CollapsedSession, names: list[str]) -> list[int]:
    """Return positions of features that identify single variants: identifiers and prices."""
    prices = {n for n, k in session.records.kinds.items() if k == Kind.PRICE}
    return [k for k, n in enumerate(names) if n == SHARED_IDENTIFIER or column_of(n) in prices]


def _inverted_features(labels: _Labels, names: list[str]) -> list[int]:
    """Return positions of features of attributes that agree less in matches than in non-matches.

    A seller lists a variant once, so that two records of one seller are two variants, but may be of
    one product.
    """
    known = labels.target >= 0
    match = labels.target[known] == 1
    hidden = []
    owners = [owner_of(name) for name in names]
    for cosine in [k for k, name in enumerate(names) if measure_of(name) == "idf_cosine"]:
        similarity = labels.matrix[known, cosine]
        mean = [
            float(np.mean(part[~np.isnan(part)]))
            for part in (similarity[match], similarity[~match])
            if not np.isnan(part).all()
        ]
        if len(mean) == 2 and mean[0] < mean[1]:
            hidden += [k for k, owner in enumerate(owners) if owner == owners[cosine]]
    return hidden


def _are_gtins(identifiers: Identifiers) -> bool:
    """Return whether most identifiers are GTINs with a valid check digit."""
    known = identifiers.code[identifiers.code >= 0]
    return len(known) > 0 and float(np.mean(identifiers.is_gtin[known])) > _STANDARD


def _compare_ignored_values(
    session: CollapsedSession,
    compared: ComparedPairs,
    identifier: _Identifier | None,
    strict: StrictEvidence | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs state equal, and which different ignored values; bool, shape (m,)."""
    collapsed = session.collapsed
    left, right = collapsed.first_record[compared.left], collapsed.first_record[compared.right]
    if strict is not None:
        statements = {name: strict.statements[name] for name in session.ignored}
        synonyms = strict.synonyms
    else:
        assert identifier is not None
        statements, synonyms = _ignored_statements(session, identifier.code, left, right)
    differ = np.zeros(len(left), bool)
    for stated in statements.values():
        differ |= StatementFeatures(stated, synonyms).compare(left, right)[:, 0] == 0
    return same_values(statements, synonyms, left, right), differ


def _ignored_statements(
    session: CollapsedSession, code: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[dict[str, Statements], Synonyms]:
    """Return what records state of the ignored attributes, and their synonyms, learned by codes."""
    statements = statements_of(session.originals, session.ignored)
    both = (code[left] >= 0) & (code[right] >= 0)
    a, b = left[both], right[both]
    product = np.where(code >= 0, code, int(code.max(initial=0)) + 1 + np.arange(len(code)))
    pairs = ValuePairs(a, b, code[a] == code[b], product.astype(np.int64))
    return statements, learn_synonyms(statements, pairs)
