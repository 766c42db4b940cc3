"""Learning a pair model for a session, from labels or without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import expit, logit

from linkage.config.authored import Config
from linkage.evaluation.label_coverage import uncovered_kinds
from linkage.models.pair_model import PairModel
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.session import Session
from linkage.scoring.shared_records import between_others
from linkage.training.base_model import base_labels, base_score_feature, learn_base_model
from linkage.training.cross_encoder import fit_cross_encoder
from linkage.training.cuts.threshold_targets import meet_target
from linkage.training.cuts.thresholds import BEST_F1, ThresholdTarget, best_f1_threshold
from linkage.training.folds import label_folds
from linkage.training.known_pairs import known_matches_of, with_hard_pairs
from linkage.training.learn_synonyms import start_synonyms
from linkage.training.pair_labels import PairLabels
from linkage.training.prefilter import learn_prefilter
from linkage.training.pseudo_negatives import add_pseudo_negatives
from linkage.training.supervised import LabelledPairs, train_on_labels
from linkage.training.unsupervised.absence import holds_duplicates
from linkage.training.unsupervised.conflicts import conflict_too_often
from linkage.training.unsupervised.exact_match import start_from_exact_matches
from linkage.training.unsupervised.from_conflicts import start_from_conflicts
from linkage.training.unsupervised.start import start_without_labels
from linkage.training.variants.from_identifiers import start_variants_from_identifiers
from linkage.training.variants.from_keys import start_variants_from_keys
from linkage.training.variants.strict_evidence import StrictEvidence

__all__ = [
    "learn_from_labels",
    "learn_without_labels",
]

#: Labelled matches below which no language model is fine-tuned.
_FEWEST_TO_FINE_TUNE = 100
_REFUTED = "What looks alike differs in amounts, colours or sizes; too few pairs do not."
#: Candidates whose kinds are compared with those of the labelled pairs.
_MOST_COMPARED = 100_000
_POOLED = (
    "Most records of the smaller table stand in the other one, too, with the same values, and "
    "facts show further partners of them: the two are taken for parts of one pool, in which a "
    "record may have several partners, and what it has in common with itself was not learned from. "
    'Set linkage.one_to_one = "yes" if each record has at most one partner.'
)


def learn_from_labels(
    session: Session,
    labels: PairLabels,
    config: Config,
    validation: PairLabels | None = None,
    *,
    target: ThresholdTarget | None = None,
    with_base_model: bool = False,
) -> PairModel:
    """Return a pair model trained on labelled pairs of the session's records.

    Where whole clusters are known, candidates between their records are labelled by these, too:
    they are the pairs that are hard to classify.

    Args:
        session: the records.
        labels: pairs to learn from.
        config: the configuration.
        validation: pairs to choose the threshold by; held-out folds of the labels by default.
        target: what the threshold aims at; that of the configuration by default.
        with_base_model: whether a base model is learned first, whose score is a feature, and which
            outweighs labels while they are few.
    """
    session.release_words()
    session.drop_added()
    if session.synonyms is None and len(session.candidates):
        start_synonyms(session, config)
    base_model = (
        learn_base_model(session, config) if with_base_model and len(session.candidates) else None
    )
    session.add_wording()
    known_matches = known_matches_of(session, labels, validation) if with_base_model else None
    if known_matches is not None:
        session.add_known_matches(known_matches)
    left, right, label = with_hard_pairs(session, labels)
    pairs = session.compare(left, right, "Compare labelled pairs")
    labelled = LabelledPairs(pairs, label, sampling=labels.weight)
    if (
        base_model is not None
        and not session.records.is_linkage
        and session.resolved.quality != "best"
    ):
        candidates = session.candidates.left, session.candidates.right
        labelled = add_pseudo_negatives(
            labelled,
            candidates,
            session.compared_pairs(),
            base_score_feature(session),
            session.records.n,
        )
    held_out = None
    if validation is not None:
        pairs = session.compare(validation.left, validation.right, "Compare validation pairs")
        held_out = LabelledPairs(pairs, validation.label, sampling=validation.weight)
    elif session.resolved.quality == "best" and label.sum() >= _FEWEST_TO_FINE_TUNE:
        labelled, held_out = _split_off_validation(labelled)
    target = target or ThresholdTarget(config.training.precision, config.training.recall)
    with session.log.step("Train on labels") as progress:
        model, probability = train_on_labels(
            labelled,
            validation=held_out,
            base_model=None if base_model is None else base_labels(session),
            known_matches=known_matches,
            is_linkage=session.records.is_linkage,
            seed=config.seed,
            threads=session.resolved.threads,
            seeds=config.training.seeds,
            one_to_one=config.linkage.one_to_one,
            quick=session.resolved.quality == "fast",
            progress=progress,
        )
    model = replace(model, base_model=base_model)
    if labels.weight is None and len(session.candidates):  # else they are a sample of all pairs
        step = -(-len(session.candidates) // _MOST_COMPARED)
        sample = session.candidates.left[::step], session.candidates.right[::step]
        notes = uncovered_kinds(session.records.table, (left, right), sample)
        model = replace(model, training=model.training.noting(*notes))
    if (
        session.resolved.quality == "best"
        and held_out is not None
        and labelled.label.sum() >= _FEWEST_TO_FINE_TUNE
    ):
        model, probability = with_cross_encoder(session, model, labelled, held_out, config.seed)
    if target == BEST_F1 and labels.weight is None:
        return model  # its probabilities need not be those of the candidates
    judged, largest = held_out or labelled, config.limits.max_cluster_size
    return meet_target(session, model, target, largest, judged, probability)


def _split_off_validation(labelled: LabelledPairs) -> tuple[LabelledPairs, LabelledPairs]:
    """Return the labelled pairs without a fold, and that fold as validation pairs."""
    compared, label = labelled.compared, labelled.label.astype(int)
    folds = label_folds(compared.left, compared.right, label)
    return labelled.part(folds.training(0)), labelled.part(folds.held_out(0))


def with_cross_encoder(
    session: Session,
    model: PairModel,
    labelled: LabelledPairs,
    validation: LabelledPairs,
    seed: int,
) -> tuple[PairModel, np.ndarray]:
    """Return the pair model with a fine-tuned cross-encoder, and the validation probabilities.

    Its threshold is that of both together.

    Args:
        session: the records.
        model: the trained pair model.
        labelled: pairs to learn from.
        validation: pairs to weigh both models and to choose the threshold by.
        seed: random seed.
    """
    threads = session.resolved.threads
    pairs = validation.compared
    log_odds = model.log_odds(pairs.matrix, pairs.fold, threads)
    with session.log.step("Fine-tune the language model") as progress:
        encoder = fit_cross_encoder(
            session.language_model,
            session.texts,
            labelled.rows,
            validation.rows,
            log_odds,
            float(logit(model.threshold)),
            symmetric=not session.records.is_linkage,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    score = encoder.blend(session.texts, pairs.left, pairs.right, log_odds, threads)
    label, weight = validation.label.astype(int), validation.weight_in_estimates
    threshold = best_f1_threshold(expit(score), label, weight)
    account = validation.judging(model.training, expit(score), threshold)
    model = replace(model, cross_encoder=encoder, threshold=threshold, training=account)
    return model, expit(score)


def with_prefilter(
    session: Session, model: PairModel, compared: ComparedPairs, seed: int
) -> PairModel:
    """Return the model with a prefilter that rejects most candidates, where that pays.

    Not for definitions that ignore attributes: many of their candidates may be matches.

    Args:
        session: the records.
        model: a model learned without labels.
        compared: the pairs that it was learned from.
        seed: random seed.
    """

    def score(some: np.ndarray) -> np.ndarray:
        """Return the model's probabilities of some pairs, by their positions."""
        threads = session.resolved.threads
        return model.probability(compared.matrix[some], compared.fold[some], threads)

    columns = session.features.quick_columns
    with session.log.step("Learn a first look"):
        prefilter = learn_prefilter(
            compared.matrix, score, model.threshold, columns, compared.keys, seed
        )
    return replace(model, prefilter=prefilter)


def learn_without_labels(
    session: Session,
    config: Config,
    target: ThresholdTarget | None = None,
    strict: StrictEvidence | None = None,
    *,
    lists_once: Callable[[], bool] | None = None,
) -> PairModel:
    """Return a pair model learned from the session's candidates without labels.

    Args:
        session: the records.
        config: the configuration.
        target: what the threshold aims at; that of the configuration by default.
        strict: results of the strictest definition, if there are any.
        lists_once: tells whether looser definitions show that each variant of a product is listed
            once, so that no two records match; asked where no trade number tells.
    """
    target = target or ThresholdTarget(config.training.precision, config.training.recall)
    session.release_words()
    if isinstance(session, CollapsedSession):
        compared = session.compared_pairs()
        model = _learn_variants(session, compared, config, strict)
    else:
        if session.synonyms is None:
            start_synonyms(session, config)
        compared = session.compared_pairs()
        model = _learn_records(session, compared, config, lists_once)
        if session.records.is_linkage and config.linkage.one_to_one == "yes":
            model = replace(model, one_to_one=True)  # for every anchor
    against_rivals = session.records.is_linkage and model.one_to_one and config.training.context
    model = replace(model, judged_against_rivals=against_rivals)
    if target == BEST_F1:
        quick = session.resolved.quality == "fast"
        if quick and not session.is_collapsed and not model.one_to_one:
            return with_prefilter(session, model, compared, config.seed)
        return model
    return meet_target(session, model, target, config.limits.max_cluster_size)


def _learn_variants(
    session: CollapsedSession,
    compared: ComparedPairs,
    config: Config,
    strict: StrictEvidence | None,
) -> PairModel:
    """Return a model of collapsed records: from identifiers if these suffice, else from keys."""
    if strict is not None and session.ignored not in strict.pairs:
        strict = None
    threads = session.resolved.threads
    with session.log.step("Learn without labels") as progress:
        from_identifiers = None
        if session.ignored:  # else no column tells which records state the same
            from_identifiers = start_variants_from_identifiers(
                session, compared, strict, seed=config.seed, threads=threads, progress=progress
            )
        return from_identifiers or start_variants_from_keys(
            compared,
            session.own_pairs(sampled=True),
            session.collapsed,
            seed=config.seed,
            threads=threads,
            quick=session.resolved.quality == "fast",
            progress=progress,
        )


def _learn_records(
    session: Session,
    compared: ComparedPairs,
    config: Config,
    lists_once: Callable[[], bool] | None = None,
) -> PairModel:
    """Return a model of records; from conflicts where matches would conflict too often."""
    one_to_one, threads = config.linkage.one_to_one, session.resolved.threads
    pooled = False
    with session.log.step("Learn without labels") as progress:
        if one_to_one == "auto" and session.copy_of_row is not None:
            others = between_others(compared, session.copy_of_row, session.sampler)
            # Records that have a copy may have no other partner.
            pooled = holds_duplicates(others)
        if pooled:
            compared, one_to_one = others, "no"
        model = start_without_labels(
            compared,
            seed=config.seed,
            threads=threads,
            one_to_one=one_to_one,
            quick=session.resolved.quality == "fast",
            progress=progress,
            finds_sources=session.resolved.quality != "fast",
            lists_once=lists_once,
        )
        if model.scorer.sources is not None:
            session.add_sources(model.scorer.sources)
        if not model.one_to_one and model.scorer.identifier is None:
            probability = model.probability(compared.matrix, compared.fold, threads)
            if conflict_too_often(compared, probability >= model.threshold):
                from_conflicts = start_from_conflicts(session, seed=config.seed, threads=threads)
                # What was refuted is not kept.
                model = from_conflicts or start_from_exact_matches(compared, _REFUTED)
    if pooled:
        notes = (_POOLED, *model.training.notes)
        model = replace(model, training=replace(model.training, notes=notes))
    return model
