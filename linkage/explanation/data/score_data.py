"""A score as a sum of contributions and steps, as plain data; log-odds are natural logarithms."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Contribution", "ScoreExplanation", "ScorePart", "ScoreStep"]


@dataclass(frozen=True)
class Contribution:
    """The log-odds that one feature, or a view of several, added to the raw score.

    Attributes:
        name: the feature, or the view of several, as the model has it.
        label: the same in words.
        attribute: the column it was read from, or the whole record, the other candidates ...
        family: how: words, characters, numbers ...
        source: the part of the model: ``boosters``, ``fellegi_sunter``, ``views`` or ``linear``.
        value: the feature's value, None where unknown or where there is no single one.
        amount: log-odds added.
    """

    name: str
    label: str
    attribute: str
    family: str
    source: str
    value: float | None
    amount: float


@dataclass(frozen=True)
class ScoreStep:
    """A step from the raw score to the log-odds of a match.

    Attributes:
        name: ``label noise``, ``identifier``, ``known matches``, ``calibration`` or ``language
            model``.
        label: the same in words.
        amount: log-odds added.
    """

    name: str
    label: str
    amount: float


@dataclass(frozen=True)
class ScorePart:
    """One part of the model alone.

    Attributes:
        source: which.
        weight: its share of the raw score, from 0 to 1.
        score: its own score, log-odds.
    """

    source: str
    weight: float
    score: float


@dataclass(frozen=True)
class ScoreExplanation:
    """A score as a sum.

    ``base`` and the amounts of the contributions add up to ``raw``; with the steps, to
    ``log_odds``.

    Attributes:
        base: log-odds before any feature is seen.
        contributions: what the features added, largest first.
        raw: mean log-odds of the model's parts, before calibration.
        steps: from there to the log-odds of a match.
        log_odds: calibrated log-odds of a match.
        score: calibrated probability of a match.
        threshold: score at which a match begins.
        parts: the model's parts alone.
        lowest: whether the lowest part counts rather than the mean.
        opinion: the score of the base model (learned without labels), where the features include
            it; None otherwise.
    """

    base: float
    contributions: list[Contribution]
    raw: float
    steps: list[ScoreStep]
    log_odds: float
    score: float
    threshold: float
    parts: list[ScorePart]
    lowest: bool = False
    opinion: ScoreExplanation | None = None
