"""Rival candidates: pairs against the rivals of their records, checked against plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.scoring.rival_candidates import RivalCandidates


def rivals(pair: tuple[int, int], scores: dict[tuple[int, int], float]) -> list[float]:
    return [
        score
        for other, score in scores.items()
        if other != pair and (other[0] == pair[0] or other[1] == pair[1])
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(5, 9)), st.floats(-8, 8), min_size=1, max_size=15
    )
)
def test_against_rivals_and_gaps_by_plain_loops(scores: dict[tuple[int, int], float]) -> None:
    left, right = (np.array([pair[k] for pair in scores]) for k in (0, 1))
    given_scores = np.array(list(scores.values()))
    candidates = RivalCandidates(left, right, given_scores, 10)
    # All pairs are asked for, candidates or not.
    a, b = (grid.ravel() for grid in np.meshgrid(np.arange(5), np.arange(5, 10)))
    asked = np.array([scores.get((int(i), int(j)), 1.5) for i, j in zip(a, b, strict=True)])
    against = candidates.against(a, b, asked) + candidates.shift
    gaps = candidates.gaps(a, b, asked)
    least = min(0.0, given_scores.min())
    for k, (i, j) in enumerate(zip(a, b, strict=True)):
        others = rivals((i, j), scores)
        expected = asked[k] - np.log1p(np.sum(np.exp(others)))
        np.testing.assert_allclose(against[k], expected, atol=1e-6)
        row = [s for (p, q), s in scores.items() if p == i and q != j]
        column = [s for (p, q), s in scores.items() if q == j and p != i]
        wanted = [asked[k] - max(row, default=least), asked[k] - max(column, default=least)]
        np.testing.assert_allclose(gaps[k], [*wanted, min(wanted)], atol=1e-9)


def test_the_shift_accepts_as_many_as_an_assignment() -> None:
    rng = np.random.default_rng(0)
    left, right = np.divmod(np.arange(400), 20)
    score = rng.normal(-3, 2, 400)
    score[left == right] = rng.normal(3, 2, 20)
    candidates = RivalCandidates(left, right + 20, score, 40)
    accepted = candidates.against(left, right + 20, score) > 0
    assert 10 <= accepted.sum() <= 20
    assert np.mean(left[accepted] == right[accepted]) > 0.8


def test_no_candidates() -> None:
    none = np.zeros(0, int)
    candidates = RivalCandidates(none, none, np.zeros(0), 4)
    pair = np.array([0]), np.array([2])
    assert candidates.against(*pair, np.array([1.5]))[0] == 1.5
    assert candidates.gaps(*pair, np.array([1.5])).tolist() == [[1.5, 1.5, 1.5]]
