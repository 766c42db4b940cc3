"""Rival candidates: log-odds of a pair given the other candidates of its two records."""

from __future__ import annotations

import numpy as np

from linkage.clustering.assignment import assign_best_first

__all__ = ["RivalCandidates"]

#: Bound of log-odds before the exponential, so that sums of odds stay precise.
_LARGEST = 30.0


class RivalCandidates:
    """Scores pairs of two tables, in which a record has at most one partner, against rivals.

    If at most one candidate of a record is its partner, the odds of a pair are its own over those
    of "no partner" and of all rivals: exp(s) / (1 + sum of exp(s) of the rivals). A pair need not
    be a candidate itself.

    Args:
        left, right: rows of the candidates.
        log_odds: their log-odds of a match, each scored by itself; the threshold is at 0.
        records: number of records of both tables.
    """

    def __init__(
        self, left: np.ndarray, right: np.ndarray, log_odds: np.ndarray, records: int
    ) -> None:
        self._records = records
        keys = left.astype(np.int64) * records + right
        order = np.argsort(keys)
        self._keys = keys[order]
        odds = _odds(log_odds)
        self._own = odds[order]
        self._sums = np.bincount(left, odds, records) + np.bincount(right, odds, records)
        self._rows = _best_two(left, right, log_odds, records)
        self._columns = _best_two(right, left, log_odds, records)
        self._least = float(log_odds.min(initial=0.0))
        self.shift = self._shift(left, right, log_odds)

    def against(self, left: np.ndarray, right: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
        """Log-odds of pairs given their rivals, float64, shape (m,).

        They are shifted so that as many candidates are above 0 as a one-to-one assignment accepts.
        """
        rivals = self._sums[left] + self._sums[right] - 2 * self._own_odds(left, right)
        return log_odds - np.log1p(np.maximum(rivals, 0.0)) - self.shift

    def gaps(self, left: np.ndarray, right: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
        """Lead of pairs over the best rival of the left and of the right record, and their minimum.

        Returns:
            float64, shape (m, 3). Where there is no rival, the lead over the weakest candidate.
        """
        row = log_odds - self._best_rival(self._rows, left, right)
        column = log_odds - self._best_rival(self._columns, right, left)
        return np.column_stack([row, column, np.minimum(row, column)])

    def _own_odds(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        if len(self._keys) == 0:
            return np.zeros(len(left))
        wanted = left.astype(np.int64) * self._records + right
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return np.where(self._keys[at] == wanted, self._own[at], 0.0)

    def _best_rival(
        self,
        best_two: tuple[np.ndarray, np.ndarray, np.ndarray],
        rows: np.ndarray,
        partners: np.ndarray,
    ) -> np.ndarray:
        first, partner, second = best_two
        rival = np.where(partner[rows] == partners, second[rows], first[rows])
        return np.where(np.isneginf(rival), self._least, rival)

    def _shift(self, left: np.ndarray, right: np.ndarray, log_odds: np.ndarray) -> float:
        accepted = int(np.sum(assign_best_first(left, right, log_odds) & (log_odds > 0)))
        self.shift = 0.0
        ranked = np.sort(self.against(left, right, log_odds))[::-1]
        if not 0 < accepted < len(ranked):
            return 0.0
        return float((ranked[accepted - 1] + ranked[accepted]) / 2)


def _odds(log_odds: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(np.clip(log_odds, -_LARGEST, _LARGEST)))


def _best_two(
    rows: np.ndarray, partners: np.ndarray, score: np.ndarray, records: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best score of each record, that partner, and second best score; -inf where there is none."""
    order = np.lexsort((partners, -score, rows))
    ranked = rows[order]
    begins = np.ones(len(ranked), bool)
    begins[1:] = ranked[1:] != ranked[:-1]
    at = np.flatnonzero(begins)
    first, second = np.full(records, -np.inf), np.full(records, -np.inf)
    partner = np.full(records, -1)
    first[ranked[at]] = score[order[at]]
    partner[ranked[at]] = partners[order[at]]
    following = at[at + 1 < len(ranked)]
    following = following[ranked[following + 1] == ranked[following]]
    second[ranked[following]] = score[order[following + 1]]
    return first, partner, second
