"""Starts of rows of different lengths."""

from __future__ import annotations

import numpy as np

from features.arrays.rows import row_starts


def test_rows_begin_where_the_ones_before_end() -> None:
    counts = np.array([2, 0, 3], np.int32)
    starts = row_starts(counts)
    assert starts.dtype == np.int64
    np.testing.assert_array_equal(starts, [0, 2, 2, 5])
    np.testing.assert_array_equal(np.diff(starts), counts)
    assert row_starts(counts[:0]).tolist() == [0]
    assert row_starts(np.array([True, False, True])).tolist() == [0, 1, 1, 2]
