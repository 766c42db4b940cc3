"""A score as a sum: contributions of features, then the steps to a calibrated probability."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import expit

from features.feature_names import column_of
from linkage.explanation.data.feature_names import describe_feature
from linkage.explanation.data.findings import Contribution, ScoreExplanation, ScorePart, ScoreStep
from linkage.models.contributions import BASE, BOUND, Contributions
from linkage.models.cross_encoder import CrossEncoderEvidence
from linkage.models.evidence.hidden_sources import AcrossSources
from linkage.models.evidence.known_matches import KnownPartners
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import denoise
from linkage.models.scorer_contributions import scorer_contributions, scorer_parts
from linkage.scoring.base_score import base_model_columns
from linkage.scoring.session import Session
from linkage.variants.collapsed_records import EQUAL_KEYS

__all__ = ["explain_score", "explain_scores"]

#: Log-odds that stand for certainty where a language model reads on.
_CERTAIN = math.log(1e12)


def explain_score(session: Session, model: PairModel, left: int, right: int) -> ScoreExplanation:
    """The score of one pair as a sum; see :func:`explain_scores`."""
    return explain_scores(session, model, np.array([left]), np.array([right]))[0]


def explain_scores(
    session: Session, model: PairModel, left: np.ndarray, right: np.ndarray
) -> list[ScoreExplanation]:
    """The scores of pairs as sums of contributions and steps.

    Args:
        session: the records, with the base scores if the model has a base model.
        model: the pair model.
        left, right: rows of the pairs, ``left < right``; equal for two records of one collapsed
            record.
    """
    pairs = session.compare(left, right, "Compare pairs")
    threads = session.resolved.threads
    main = session.prepared.main
    explained = _explain_features(model, pairs.names, pairs.matrix, pairs.fold, threads, main)
    if model.cross_encoder is None:
        return explained
    return _with_language_model(session, model.cross_encoder, left, right, explained)


def _explain_features(
    model: PairModel,
    names: list[str],
    matrix: np.ndarray,
    fold: np.ndarray,
    threads: int,
    main: str | None,
) -> list[ScoreExplanation]:
    matrix = matrix[:, base_model_columns(model, names)]
    contributions = scorer_contributions(model.scorer, matrix, fold, threads)
    raw = model.scorer.raw(matrix, fold, threads)
    log_odds = model.scorer.adjusted(raw, matrix)
    parts = scorer_parts(model.scorer, matrix, fold, threads)
    weight = sum(w for _, w, _ in parts) or 1.0
    base_scores: list[ScoreExplanation | None] = [None] * len(matrix)
    if model.base_model is not None:
        base_scores = list(
            _explain_features(model.base_model, model.names, matrix, fold, threads, main)
        )
    steps = _steps(model, raw, matrix)
    alone = [(source, w / weight, part.total()) for source, w, part in parts]
    out = []
    for k in range(len(matrix)):
        base, found = _contributions_of(contributions, model, matrix, k, main)
        out.append(
            ScoreExplanation(
                base=base,
                contributions=found,
                raw=float(raw[k]),
                steps=[ScoreStep(name, label, float(a[k])) for name, label, a in steps if a[k]],
                log_odds=float(log_odds[k]),
                score=float(expit(log_odds[k])),
                threshold=model.threshold,
                parts=[ScorePart(source, w, float(score[k])) for source, w, score in alone],
                lowest=model.scorer.lowest,
                opinion=base_scores[k],
            )
        )
    return out


def _contributions_of(
    contributions: Contributions, model: PairModel, matrix: np.ndarray, k: int, main: str | None
) -> tuple[float, list[Contribution]]:
    """The base of one pair, and its contributions, largest first."""
    at = {name: position for position, name in enumerate(model.names)}
    base, found = 0.0, []
    columns = zip(contributions.names, contributions.sources, contributions.values[k], strict=True)
    for name, source, amount in columns:
        if name == BASE:
            base += float(amount)
        elif name == BOUND:
            if amount:
                label = "beyond the bound, where a score says no more than certain"
                found.append(
                    Contribution(name, label, "bound", "bound", source, None, float(amount))
                )
        else:
            words = describe_feature(name, main)
            value = float(matrix[k, at[name]]) if name in at else math.nan
            found.append(
                Contribution(
                    name=name,
                    label=words.label,
                    attribute=words.attribute,
                    family=words.family,
                    source=source,
                    value=None if math.isnan(value) else value,
                    amount=float(amount),
                )
            )
    # Exact zeros add nothing to the sum and are left out.
    found = [c for c in found if c.amount != 0.0]
    return base, sorted(found, key=lambda c: (-abs(c.amount), c.name, c.source))


def _steps(
    model: PairModel, raw: np.ndarray, matrix: np.ndarray
) -> list[tuple[str, str, np.ndarray]]:
    """The log-odds that `PairScorer.adjusted` adds to raw scores, step by step.

    Returns:
        Name, label and float64[m] of each step.
    """
    steps: list[tuple[str, str, np.ndarray]] = []
    score = raw
    if model.scorer.noise is not None:
        clean = denoise(score, *model.scorer.noise)
        steps.append(("label noise", "numbers that are wrong or chance", clean - score))
        score = clean
    if model.scorer.identifier is not None:
        evidence = model.scorer.identifier
        equal = matrix[:, model.names.index(evidence.feature)]
        added = np.where(equal == 1, evidence.equal, 0.0)
        added = added + np.where(equal == 0, evidence.differ, 0.0)
        source = column_of(evidence.feature) or evidence.feature
        label = f"{source}: the trade number itself"
        if evidence.feature == EQUAL_KEYS:
            label = "the product key itself"
        steps.append(("identifier", label, added))
        score = score + added
    if model.scorer.known is not None:
        columns = [model.names.index(name) for name in KnownPartners.names]
        added = model.scorer.known.against(matrix[:, columns])
        if added.any():
            steps.append(("known matches", "labels name another partner of a record", added))
        score = score + added
    calibrated = model.scorer.slope * score + model.scorer.intercept
    label = f"calibration: {model.scorer.slope:.3g} times the score, {model.scorer.intercept:+.3g}"
    steps.append(("calibration", label, calibrated - score))
    if model.scorer.sources is not None:
        across = matrix[:, model.names.index(AcrossSources.names[0])]
        label = "matches are of two sources, which the way records are written tells apart"
        steps.append(("sources", label, model.scorer.sources.evidence(across)))
    return steps


def _with_language_model(
    session: Session,
    encoder: CrossEncoderEvidence,
    left: np.ndarray,
    right: np.ndarray,
    explained: list[ScoreExplanation],
) -> list[ScoreExplanation]:
    """The explanations with the step of the language model, which reads unsure pairs."""
    before = np.clip([e.log_odds for e in explained], -_CERTAIN, _CERTAIN)
    after = encoder.blend(session.texts, left, right, before, session.resolved.threads)
    out = []
    for e, log_odds in zip(explained, after, strict=True):
        if log_odds == e.log_odds:
            out.append(e)
            continue
        step = ScoreStep(
            "language model", "a language model that read both records", log_odds - e.log_odds
        )
        out.append(
            replace(
                e, steps=[*e.steps, step], log_odds=float(log_odds), score=float(expit(log_odds))
            )
        )
    return out
