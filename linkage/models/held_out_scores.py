"""Held-out scores: counts of labelled pairs by score, for the threshold curves of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from linkage.io.saved.json_fields import FieldError, Fields

__all__ = ["STEP", "HeldOutScores", "bins_of", "log_odds_beyond"]

#: Width of a bin in log-odds; fine enough for a curve of a few hundred points.
STEP = 0.1
#: Bins on either side of the threshold; the outermost hold all that lies beyond.
_FARTHEST = 150
_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class HeldOutScores:
    """Histogram of labelled pairs by the score of a model that was not trained on them.

    Attributes:
        matches: int64[2 * 150], matches in bins of `STEP` log-odds; the threshold lies between the
            two bins in the middle.
        others: int64[2 * 150], labelled pairs that do not match.
    """

    matches: np.ndarray
    others: np.ndarray

    @classmethod
    def count(
        cls,
        probability: np.ndarray,
        label: np.ndarray,
        threshold: float,
        weight: np.ndarray | None = None,
    ) -> HeldOutScores:
        """Counts labelled pairs.

        Args:
            probability: held-out probabilities, shape (m,).
            label: 1 match, 0 no match.
            threshold: probability from which a pair is a match.
            weight: number of pairs that each stands for; each for itself by default.
        """
        weight = np.ones(len(label)) if weight is None else weight
        position = np.clip(bins_of(probability, threshold), -_FARTHEST, _FARTHEST - 1) + _FARTHEST
        found = [
            np.rint(np.bincount(position, weight * (label == value), 2 * _FARTHEST)).astype(
                np.int64
            )
            for value in (1, 0)
        ]
        return cls(*found)

    def within(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Matches and others in the bins from first to last; the outermost hold what is beyond."""
        position = np.clip(np.arange(-_FARTHEST, _FARTHEST), first, last) - first
        number = last - first + 1
        matches = np.bincount(position, weights=self.matches, minlength=number)
        others = np.bincount(position, weights=self.others, minlength=number)
        return matches.astype(np.int64), others.astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: (bin, matches, others) of bins with pairs; the threshold is at bin 0."""
        used = np.flatnonzero(self.matches + self.others)
        return {
            "step": STEP,
            "bins": [[int(k) - _FARTHEST, int(self.matches[k]), int(self.others[k])] for k in used],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any] | Fields) -> HeldOutScores:
        """Reads what :meth:`to_dict` gave.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        matches = np.zeros(2 * _FARTHEST, np.int64)
        others = np.zeros(2 * _FARTHEST, np.int64)
        fields = Fields.of(plain)
        for found in fields.number_lists("bins"):
            if len(found) != 3 or not -_FARTHEST <= found[0] < _FARTHEST:
                raise FieldError(f"{fields.path('bins')}: there is no bin {found}")
            at = int(found[0]) + _FARTHEST
            matches[at], others[at] = found[1], found[2]
        return cls(matches, others)


def bins_of(probability: np.ndarray, threshold: float) -> np.ndarray:
    """Number of each probability's bin; from 0 on at or above the threshold, int64.

    Args:
        probability: probabilities, shape (m,).
        threshold: where bin 0 starts.
    """
    beyond = log_odds_beyond(probability, threshold)
    beyond /= STEP
    number = np.floor(beyond, out=beyond).astype(np.int64)
    # Rounding must not move a pair to the other side of the threshold.
    return np.where(probability >= threshold, np.maximum(number, 0), np.minimum(number, -1))


def log_odds_beyond(probability: np.ndarray, threshold: float) -> np.ndarray:
    """Log-odds of each probability minus those of the threshold, float64, shape (m,).

    Args:
        probability: probabilities, shape (m,).
        threshold: the probability that is subtracted.
    """
    cut = np.clip(threshold, 1e-9, 1 - 1e-9)
    least = np.log(cut / (1 - cut))
    out = np.empty(len(probability))
    # In chunks, whose intermediate arrays stay in the cache of a core.
    for start in range(0, len(out), _AT_ONCE):
        inside = np.clip(probability[start : start + _AT_ONCE], 1e-9, 1 - 1e-9)
        odds = inside / (1 - inside)
        np.subtract(np.log(odds, out=odds), least, out=out[start : start + _AT_ONCE])
    return out
