"""Sorted neighbourhood (Hernandez and Stolfo, 1995): records near each other in order of text."""

from __future__ import annotations

import warnings

import numpy as np

from features.prepare import PreparedRecords

__all__ = ["SortedNeighbourhoodBlocker"]

#: Records above which this blocker does not run: recordlinkage sorts the texts as Python objects on
#: one core and holds all pairs in one pandas MultiIndex. Up to this number that takes half a
#: second; and on catalogs of this size key blocking never missed a match that this blocker found.
MOST_RECORDS = 100_000
#: Records up to which they are paired here instead: in less time than recordlinkage, which loads
#: scikit-learn, takes to import.
FEW_RECORDS = 10_000
#: Neighbours in order that are paired: the window holds this many distinct texts, the record's own
#: in the middle.
WINDOW = 3


class SortedNeighbourhoodBlocker:
    """Proposes records whose main texts are neighbours in order, through ``recordlinkage``.

    Args:
        window: distinct texts in the sliding window, odd and at least 3.
        few_records: records up to which the same pairs are found without ``recordlinkage``.
        most_records: records above which nothing is proposed.
        name: name in the report.

    Attributes:
        skipped: why the last run proposed nothing, None where it ran.
        left_out: number of records of the last run left out because more records than the window
            share their text (equal texts are keys of their own, and are cut there).
    """

    def __init__(
        self,
        window: int = WINDOW,
        *,
        few_records: int = FEW_RECORDS,
        most_records: int = MOST_RECORDS,
        name: str = "sorted neighbourhood",
    ) -> None:
        if window < 3 or window % 2 == 0:
            raise ValueError(f"window must be odd and at least 3, not {window}")
        self.name = name
        self.window = window
        self.few_records = few_records
        self.most_records = most_records
        self.skipped: str | None = None
        self.left_out = 0

    def pairs(self, records: PreparedRecords) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of records whose texts stand within half a window of each other."""
        self.left_out = 0
        self.skipped = None
        if records.main is None:
            self.skipped = "there is no text to sort by"
        elif records.n > self.most_records:
            self.skipped = f"{records.n:,} records are more than {self.most_records:,}"
        if self.skipped is not None or records.main is None:
            return np.zeros(0, np.int32), np.zeros(0, np.int32)
        values = records.attributes[records.main].values
        known = values >= 0
        shared = np.bincount(values[known], minlength=1)
        kept = known & (shared[values] <= self.window)
        self.left_out = int(known.sum() - kept.sum())
        strings = records.attributes[records.main].strings
        rows = np.flatnonzero(kept)
        find = _close_by if records.n <= self.few_records else _close_by_library
        return find(strings[values[rows]], rows, records.records.n_left, records.n, self.window)


def _close_by(
    texts: np.ndarray, rows: np.ndarray, n_left: int, n: int, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows, the lower first, int32, whose texts are close by among the distinct ones."""
    _, rank = np.unique(texts, return_inverse=True)
    order = np.argsort(rank, kind="stable")
    # Each is paired with those after it in order, up to the last text of the half window.
    end = np.searchsorted(rank[order], rank[order] + window // 2, side="right")
    others = end - np.arange(1, len(order) + 1)
    first = np.repeat(np.arange(len(order)), others)
    apart = np.arange(len(first)) - np.repeat(np.cumsum(others) - others, others) + 1
    a, b = rows[order[first]].astype(np.int32), rows[order[first + apart]].astype(np.int32)
    low, high = np.minimum(a, b), np.maximum(a, b)
    if n_left < n:
        across = (low < n_left) & (high >= n_left)
        low, high = low[across], high[across]
    return low, high


def _close_by_library(
    texts: np.ndarray, rows: np.ndarray, n_left: int, n: int, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same pairs through ``recordlinkage``."""
    import pandas as pd

    with warnings.catch_warnings():
        # recordlinkage 0.16 imports parts of other libraries by names that these are about to
        # drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        from recordlinkage.index import SortedNeighbourhood

        frame = pd.DataFrame({"text": texts}, index=rows)
        left, right = frame[rows < n_left], frame[rows >= n_left]
        index = SortedNeighbourhood("text", window=window)
        if n_left == n:
            if len(left) < 2:
                return np.zeros(0, np.int32), np.zeros(0, np.int32)
            pairs = index.index(left)
        else:
            if left.empty or right.empty:
                return np.zeros(0, np.int32), np.zeros(0, np.int32)
            pairs = index.index(left, right)
    a = pairs.get_level_values(0).to_numpy().astype(np.int32)
    b = pairs.get_level_values(1).to_numpy().astype(np.int32)
    return np.minimum(a, b), np.maximum(a, b)
