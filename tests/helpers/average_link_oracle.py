"""Average link in plain Python, and small graphs to try it on."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from linkage.clustering.average_link import Clustering, average_link
from linkage.clustering.partition import ONE


def cluster(n: int, edges: dict[tuple[int, int], float], **options: object) -> Clustering:
    pairs = np.array(list(edges), dtype=np.int64).reshape(-1, 2)
    options.setdefault("threshold", 0.5)
    return average_link(n, pairs[:, 0], pairs[:, 1], np.array(list(edges.values())), **options)


def oracle(
    n: int,
    edges: dict[tuple[int, int], float],
    *,
    threshold: float = 0.5,
    missing: float = 0.05,
    largest: int | None = None,
    cannot: tuple[tuple[int, int], ...] = (),
    side: list[int] | None = None,
    across: list[int] | None = None,
    start: list[int] | None = None,
) -> list[int]:
    """Greedy average link in plain Python, in exact arithmetic, looking at every pair each time.

    `side` stands for one record of each side, `across` holds sides of which only pairs across
    count.
    """
    fixed = {frozenset(pair): round(score * ONE) for pair, score in edges.items()}
    none, floor = round(missing * ONE), round(threshold * ONE)
    begin = list(range(n)) if start is None else start
    clusters = [[i for i in range(n) if begin[i] == label] for label in dict.fromkeys(begin)]
    home = {i: members[0] for members in clusters for i in members}
    forbidden = {frozenset(pair) for pair in cannot}

    def allowed(a: list[int], b: list[int]) -> bool:
        if largest is not None and len(a) + len(b) > largest:
            return False
        if side is not None and {side[i] for i in a if side[i] >= 0} & {side[i] for i in b}:
            return False
        return not any(frozenset(pair) in forbidden for pair in itertools.product(a, b))

    while True:
        best = None
        for a, b in itertools.combinations(clusters, 2):
            counted = [
                frozenset((i, j))
                for i, j in itertools.product(a, b)
                if across is None or across[i] != across[j]
            ]
            if not any(pair in fixed for pair in counted):
                continue
            mean = Fraction(sum(fixed.get(pair, none) for pair in counted), len(counted))
            edge = min(sorted(home[i] for i in pair) for pair in counted if pair in fixed)
            key = (-mean, edge)
            if mean >= floor and allowed(a, b) and (best is None or key < best[0]):
                best = key, a, b
        if best is None:
            break
        _, a, b = best
        clusters = [c for c in clusters if c is not a and c is not b] + [sorted(a + b)]
    labels = [0] * n
    for number, members in enumerate(sorted(clusters)):
        for i in members:
            labels[i] = number
    return labels


@st.composite
def graphs(draw: st.DrawFn, coarse: bool = False) -> tuple[int, dict[tuple[int, int], float]]:
    n = draw(st.integers(1, 9))
    pairs = list(itertools.combinations(range(n), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    step = 10 if coarse else 10**6
    scores = st.integers(0, step).map(lambda value: value / step)
    return n, {pair: draw(scores) for pair in chosen}
