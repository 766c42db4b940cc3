"""Pairs around a sample, against plain Python."""

from __future__ import annotations

import numpy as np

from linkage.sampling import pairs_around


def test_pairs_around_a_sample() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.random(60) < 0.1
    left, right = np.sort(rng.integers(0, 60, (2, 300)).astype(np.int32), axis=0)
    around = set(np.flatnonzero(drawn).tolist())
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if drawn[a] or drawn[b]:
            around |= {a, b}
    expected = [
        a in around and b in around for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert 0 < sum(expected) < 300
    assert pairs_around(drawn, left, right).tolist() == expected
