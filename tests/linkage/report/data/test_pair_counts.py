"""Counts of pairs for the report agree with plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np

from linkage.report.data.pair_counts import (
    DIFFERENT,
    EQUAL,
    UNKNOWN,
    compare_codes,
    count_by_blocker,
    tally,
)

GENERATOR = np.random.default_rng(5)
M, N = 300, 40
LEFT, RIGHT = GENERATOR.integers(0, N, (2, M)).astype(np.int32)
MATCH = GENERATOR.random(M) < 0.3
SCORE = GENERATOR.random(M)
KIND = GENERATOR.integers(0, 4, M).astype(np.int8)


def test_tally() -> None:
    pairs, matches, expected = tally(KIND, MATCH, SCORE, 5)
    for kind in range(5):
        chosen = [k for k in range(M) if KIND[k] == kind]
        assert pairs[kind] == len(chosen)
        assert matches[kind] == sum(MATCH[k] for k in chosen)
        np.testing.assert_allclose(expected[kind], sum(SCORE[k] for k in chosen))


def test_count_by_blocker() -> None:
    pairs, matches, degree = count_by_blocker(KIND, 5, MATCH, LEFT, RIGHT, N)
    assert dict(enumerate(pairs)) == {k: Counter(KIND.tolist())[k] for k in range(5)}
    assert matches.tolist() == [int(np.sum(MATCH & (k == KIND))) for k in range(5)]
    rows = Counter([*LEFT.tolist(), *RIGHT.tolist()])
    assert degree.tolist() == [rows[row] for row in range(N)]


def test_compare_codes() -> None:
    code = GENERATOR.integers(-1, 5, N).astype(np.int32)
    for one, other, found in zip(LEFT, RIGHT, compare_codes(code, LEFT, RIGHT), strict=True):
        wanted = EQUAL if code[one] == code[other] else DIFFERENT
        assert found == (UNKNOWN if min(code[one], code[other]) < 0 else wanted)
