"""Training accounts: what a model was learned from, and its metrics on held-out labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from linkage.models.held_out_scores import HeldOutScores

__all__ = ["TrainingAccount", "TrainingSource"]


class TrainingSource(StrEnum):
    """Where the labels or pseudo-labels of a pair model came from."""

    NOTHING = "nothing"
    """No candidates, or too few to learn from: only records equal in all they state match."""
    LABELS = "labels"
    """Labelled pairs."""
    IDENTIFIER = "identifier"
    """Equal and unequal trade numbers of candidates."""
    NEIGHBOURS = "neighbours"
    """Mutual nearest neighbours of two tables in several similarity spaces."""
    MIXTURE = "mixture"
    """A Fellegi-Sunter mixture, seeded by pairs that stand out among their neighbours."""
    CONFLICTS = "conflicts"
    """Which candidates state conflicting values."""
    PRODUCT_KEYS = "product keys"
    """Collapsed records of one product key, for a definition that ignores attributes."""
    SAME_VALUES = "same values"
    """Pairs that state the same ignored values, by trade numbers or by the strictest definition."""


@dataclass(frozen=True)
class TrainingAccount:
    """What a model was learned from, and how well it does.

    Attributes:
        source: origin of the labels or pseudo-labels.
        anchor: the same in words for the user, with numbers.
        notes: sentences on the training for the user.
        metrics: metrics on held-out labelled pairs; empty without labels.
        held_out: counts of the held-out pairs by score; None without labels.
    """

    source: TrainingSource = TrainingSource.NOTHING
    anchor: str = ""
    notes: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    held_out: HeldOutScores | None = None

    def noting(self, *notes: str) -> TrainingAccount:
        """The account with further notes after its own."""
        return replace(self, notes=(*self.notes, *notes))
