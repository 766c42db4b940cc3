"""One-to-one assignment of scored pairs between two tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = [
    "Assignment",
    "assign_best_first",
    "assign_by_log_odds",
    "assign_one_to_one",
    "pick_best_first",
    "repeats_share",
]

_ONE = 1 << 30  # fixed point, so that equal totals are equal and potentials exact
# Edges visited before the exact method gives up on a component and takes its pairs best first: a
# bound of some seconds, whatever the shape of the component.
_BUDGET_PER_EDGE, _LEAST_BUDGET = 200, 50_000_000


@dataclass(frozen=True)
class Assignment:
    """Which of the pairs given were chosen.

    Attributes:
        chosen: bool[m]; no record occurs in two chosen pairs.
        total: sum of the chosen scores.
        approximate: pairs within components that exceeded the budget of the exact method, and were
            taken best first.
    """

    chosen: npt.NDArray[np.bool_]
    total: float
    approximate: int


def assign_one_to_one(
    left: npt.NDArray[np.integer],
    right: npt.NDArray[np.integer],
    score: npt.NDArray[np.floating],
    *,
    threshold: float = 0.0,
) -> Assignment:
    """Choose pairs so that each record has at most one partner and the sum of scores is largest.

    Shortest augmenting paths with potentials (Jonker and Volgenant 1987), where any record may also
    stay alone; work stays local to contested records. The order of the pairs given makes no
    difference but to ties.

    Args:
        left, right: int[m], records of each pair, numbered in any way (both sides apart).
        score: float[m], in [0, 1].
        threshold: pairs that score lower are never chosen.

    Raises:
        ValueError: for scores out of range and arrays of different lengths.

    Example:
        >>> pairs = np.array([0, 0, 1]), np.array([5, 6, 5])
        >>> assign_one_to_one(*pairs, np.array([0.9, 0.8, 0.7])).chosen
        array([False,  True,  True])
    """
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    score = np.asarray(score, dtype=np.float64)
    if not len(left) == len(right) == len(score):
        raise ValueError(
            f"left, right and score differ in length: {len(left)}, {len(right)}, {len(score)}"
        )
    if len(score) and not (score.min() >= 0 and score.max() <= 1):
        raise ValueError("scores must be in [0, 1], without NaN")
    chosen = np.zeros(len(score), bool)
    weight = np.round(score * _ONE).astype(np.int64)
    order = np.flatnonzero((score >= threshold) & (weight > 0))
    if not len(order):
        return Assignment(chosen, 0.0, 0)
    order = order[np.lexsort((-weight[order], right[order], left[order]))]
    fresh = np.ones(len(order), bool)  # of a pair given twice the best counts
    fresh[1:] = (np.diff(left[order]) != 0) | (np.diff(right[order]) != 0)
    order = order[fresh]
    rows, row = np.unique(left[order], return_inverse=True)
    columns, column = np.unique(right[order], return_inverse=True)
    graph = coo_array(
        (np.ones(len(order), np.int8), (row, len(rows) + column)),
        shape=(len(rows) + len(columns),) * 2,
    )
    component = connected_components(graph, directed=False)[1][row]
    by_component = np.lexsort((column, row, component))
    order, row, column = order[by_component], row[by_component], column[by_component]
    # Rows in the order of their components, so that both edges and rows of a component lie
    # together.
    starts = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
    pointers = np.concatenate([starts, [len(row)]]).astype(np.int64)
    row_component = component[by_component][starts]
    bounds = np.flatnonzero(
        np.concatenate([[True], row_component[1:] != row_component[:-1], [True]])
    )
    best = np.argsort(-weight[order], kind="stable")
    taken, approximate = _assign(
        pointers, column.astype(np.int64), weight[order], bounds.astype(np.int64), len(columns),
        np.repeat(np.arange(len(starts)), np.diff(pointers)), best,
    )  # fmt: skip
    chosen[order[taken]] = True
    return Assignment(chosen, float(weight[chosen].sum()) / _ONE, int(approximate))


@njit(cache=True)
def _assign(pointers, column, weight, bounds, columns, row, best):
    """Edges of the best assignment, component by component, within a budget of work."""
    rows = len(pointers) - 1
    partner = np.full(columns, -1, np.int64)  # row of each column
    edge_of = np.full(columns, -1, np.int64)  # and the edge between them
    own = np.full(rows, -1, np.int64)  # column of each row
    potential = np.zeros(columns, np.int64)
    distance = np.full(columns, -1, np.int64)  # -1 = not reached
    via = np.empty(columns, np.int64)  # edge by which a column was reached
    done = np.zeros(columns, np.bool_)
    heap_key, heap_column = np.empty(len(column), np.int64), np.empty(len(column), np.int64)
    touched = np.empty(columns, np.int64)
    cut = np.zeros(rows, np.bool_)
    approximate = 0
    for c in range(len(bounds) - 1):
        edges = pointers[bounds[c + 1]] - pointers[bounds[c]]
        budget = max(_LEAST_BUDGET, _BUDGET_PER_EDGE * edges)
        for start in range(bounds[c], bounds[c + 1]):
            budget -= _augment(
                start, pointers, column, weight, row, own, partner, edge_of, potential, distance,
                via, done, heap_key, heap_column, touched,
            )  # fmt: skip
            if budget < 0:
                break
        if budget < 0:
            approximate += edges
            for r in range(bounds[c], bounds[c + 1]):
                cut[r] = True
                for e in range(pointers[r], pointers[r + 1]):
                    partner[column[e]] = -1
                    edge_of[column[e]] = -1
    if approximate:
        free = cut.copy()
        for e in best:
            if free[row[e]] and edge_of[column[e]] < 0:
                free[row[e]] = False
                edge_of[column[e]] = e
    return edge_of[edge_of >= 0], approximate


@njit(cache=True)
def _augment(
    start, pointers, column, weight, row, own, partner, edge_of, potential, distance, via, done,
    heap_key, heap_column, touched,
):  # fmt: skip
    """Give one more row a column, or leave some row on the way alone, whichever costs least.

    Costs are `_ONE` less weight; staying alone costs `_ONE`. Returns the edges looked at.
    """
    length, reached, work = 0, 0, 0
    last, last_row = _ONE, start  # cheapest end by leaving a row alone
    last_column = -1
    r, so_far, used = start, 0, -1
    while True:
        for e in range(pointers[r], pointers[r + 1]):
            work += 1
            j = column[e]
            if done[j] or e == used:
                continue
            far = so_far + (_ONE - weight[e]) - potential[j]
            if far >= last or (distance[j] >= 0 and far >= distance[j]):
                continue
            if distance[j] < 0:
                touched[reached] = j
                reached += 1
            distance[j] = far
            via[j] = e
            if partner[j] < 0:
                last, last_column = far, j
            else:
                length = _push(heap_key, heap_column, length, far, j)
        j = -1
        while length > 0:
            key, k = heap_key[0], heap_column[0]
            length = _pop(heap_key, heap_column, length)
            if not done[k] and key == distance[k]:
                j = k
                break
        if j < 0 or distance[j] >= last:
            break
        done[j] = True
        used = edge_of[j]
        r = partner[j]
        so_far = distance[j] - ((_ONE - weight[used]) - potential[j])
        if so_far + _ONE < last:
            last, last_row, last_column = so_far + _ONE, r, -1
    # Walk back from the end: each row on the way moves to the column that was found for it.
    j = last_column
    if j < 0:
        j = own[last_row]  # -1 where the new row itself stays alone
        own[last_row] = -1
    while j >= 0:
        e = via[j]
        taker = row[e]
        given = own[taker]
        partner[j], edge_of[j], own[taker] = taker, e, j
        j = given
    for i in range(reached):
        j = touched[i]
        if done[j]:
            potential[j] += distance[j] - last
        distance[j] = -1
        done[j] = False
    return work


@njit(cache=True)
def _push(keys, items, length, key, item):
    i = length
    while i > 0 and keys[(i - 1) // 2] > key:
        keys[i], items[i] = keys[(i - 1) // 2], items[(i - 1) // 2]
        i = (i - 1) // 2
    keys[i], items[i] = key, item
    return length + 1


@njit(cache=True)
def _pop(keys, items, length):
    length -= 1
    key, item = keys[length], items[length]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= length:
            break
        if child + 1 < length and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], items[i] = keys[child], items[child]
        i = child
    keys[i], items[i] = key, item
    return length


@njit(nogil=True, cache=True)
def pick_best_first(left, right, order, n):
    """Return the pairs that a greedy pass keeps: those whose records are both free; bool[m]."""
    used = np.zeros(n, np.bool_)
    chosen = np.zeros(len(left), np.bool_)
    for k in order:
        if not used[left[k]] and not used[right[k]]:
            used[left[k]] = True
            used[right[k]] = True
            chosen[k] = True
    return chosen


def assign_by_log_odds(
    left: np.ndarray, right: np.ndarray, log_odds: np.ndarray, cut: float
) -> np.ndarray:
    """Return the one-to-one pairs with the largest sum of log-odds above the cut, bool[m]."""
    worth = log_odds - cut
    largest = max(float(worth.max(initial=0.0)), 1e-9)
    result = assign_one_to_one(left, right, np.clip(worth / largest, 0.0, 1.0), threshold=1e-9)
    return result.chosen & (worth > 0)


def assign_best_first(left: np.ndarray, right: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return a greedy assignment, bool[m]: pairs best first, each record once; ties by rows.

    Unlike an optimal assignment it needs no threshold, and which pairs are chosen above a score
    does not depend on pairs below it.
    """
    order = np.lexsort((right, left, -score))
    return pick_best_first(
        left, right, order, int(max(left.max(initial=0), right.max(initial=0))) + 1
    )


def repeats_share(score: np.ndarray, assigned: np.ndarray, cut: float) -> float:
    """Return how many pairs score as well as assigned ones but were not assigned, as a ratio.

    Pairs that score at least the median of the accepted ones are counted: those not assigned,
    divided by those accepted. In one-to-one data the second-best partner of a record is another
    product with a lower score, and the ratio is near 0. Where products have several offers on a
    side it is near 1 or above.
    """
    accepted = score[assigned & (score >= cut)]
    if len(accepted) == 0:
        return 0.0
    typical = np.median(accepted)
    return float(np.sum(~assigned & (score >= typical)) / max(np.sum(accepted >= typical), 1))
