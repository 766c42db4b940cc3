"""The waterfall of a score: from the base, attribute by attribute, to the log-odds of a match."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from linkage.explanation.data.findings import Contribution, ScoreExplanation

__all__ = ["FeatureSum", "WaterfallBar", "of_feature", "waterfall"]

#: Parts of the model in words.
SOURCES = {
    "boosters": "boosters",
    "fellegi_sunter": "match weights",
    "views": "match weights of views",
    "linear": "taken over directly",
}


@dataclass(frozen=True)
class FeatureSum:
    """The log-odds that one feature added over all parts of the model.

    Attributes:
        label: the feature in words.
        family: its family.
        value: its value.
        amount: log-odds added.
        sources: the parts of the model that it came by.
    """

    label: str
    family: str
    value: float | None
    amount: float
    sources: list[str]


@dataclass(frozen=True)
class WaterfallBar:
    """One bar of a waterfall.

    Attributes:
        label: what it is.
        kind: ``base``, ``attribute``, ``sum`` or ``step``.
        start, end: log-odds before and after; a sum starts from 0.
        features: the features of an attribute's bar, largest first.
    """

    label: str
    kind: str
    start: float
    end: float
    features: list[FeatureSum] = field(default_factory=list)

    @property
    def amount(self) -> float:
        """Log-odds added."""
        return self.end - self.start


def waterfall(score: ScoreExplanation) -> list[WaterfallBar]:
    """The bars of a score, from top to bottom; attributes by log-odds added, largest first."""
    level = score.base
    bars = [WaterfallBar("before any feature", "base", 0.0, level)]
    groups: dict[str, list[Contribution]] = {}
    for one in score.contributions:
        groups.setdefault(one.attribute, []).append(one)
    sums = {name: sum(one.amount for one in group) for name, group in groups.items()}
    for name in sorted(groups, key=lambda name: (-abs(sums[name]), name)):
        bars.append(
            WaterfallBar(name, "attribute", level, level + sums[name], of_feature(groups[name]))
        )
        level += sums[name]
    bars.append(WaterfallBar("raw score", "sum", 0.0, score.raw))
    level = score.raw
    for step in score.steps:
        bars.append(WaterfallBar(step.label, "step", level, level + step.amount))
        level += step.amount
    if score.steps:
        bars.append(WaterfallBar("log-odds of a match", "sum", 0.0, score.log_odds))
    return bars


def of_feature(contributions: Iterable[Contribution]) -> list[FeatureSum]:
    """Contributions added up by feature, largest first."""
    groups: dict[str, list[Contribution]] = {}
    for one in contributions:
        groups.setdefault(one.name, []).append(one)
    out = [
        FeatureSum(
            group[0].label,
            group[0].family,
            next((one.value for one in group if one.value is not None), None),
            sum(one.amount for one in group),
            list(dict.fromkeys(SOURCES.get(one.source, one.source) for one in group)),
        )
        for group in groups.values()
    ]
    return sorted(out, key=lambda one: (-abs(one.amount), one.label))
