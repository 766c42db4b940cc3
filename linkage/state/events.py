"""Events: how the clusters of one match definition came from those before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.state.cluster_ids import successors
from linkage.state.schema import CAUSES, KINDS

__all__ = ["Circumstances", "Events", "events_between", "replay"]

Ints = npt.NDArray[np.integer]
Bools = npt.NDArray[np.bool_]
_GONE = ("shrank", "retired")


@dataclass(frozen=True)
class Circumstances:
    """What was new in a run, by which its events are explained.

    Attributes:
        added, changed: bool[n], records that the catalog did not have, or in other words.
        decided: int[n], latest decision since the run before that names each record, -1 none.
        other_model: whether the model is another than that of the run before.
        left, right: int[m], records of scored pairs.
        score: float[m], their scores.
    """

    added: Bools
    changed: Bools
    decided: Ints
    other_model: bool
    left: Ints
    right: Ints
    score: npt.NDArray[np.floating]


@dataclass(frozen=True)
class Events:
    """Events of one run and definition.

    Attributes:
        kind, cause: int8[e], positions in ``KINDS`` and ``CAUSES``.
        old, new: int64[e], clusters, -1 = none.
        records: records of all events, those of each together.
        bounds: int64[e + 1], where the records of each begin.
        left, right: int64[e], records of the best scored pair that speaks of the event, -1 none.
        score: float[e], its score, NaN where there is none.
        decision: int64[e], the decision that caused it, -1 none.
    """

    kind: npt.NDArray[np.int8]
    cause: npt.NDArray[np.int8]
    old: npt.NDArray[np.int64]
    new: npt.NDArray[np.int64]
    records: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    decision: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kind)


def events_between(old: Ints, new: Ints, circumstances: Circumstances) -> Events:
    """Return the events that lead from one assignment to the next.

    All records that go from one cluster to another make one event: ``created`` and ``grew`` are of
    records that had none, into a cluster that was not or was there; ``retired`` and ``shrank`` of
    records that the catalog has no more, the last of their cluster or not. ``split`` takes records
    into a cluster that is new, from the one that most of its records are of; ``merged`` takes them
    out of a cluster that is no more, into the one that most of them go to; all else is ``moved``.

    Args:
        old, new: int64[n], cluster of each record before and now, -1 = none.
        circumstances: of the run.
    """
    rows = np.flatnonzero(old != new)
    width = int(new.max(initial=-1)) + 2
    key, flow = np.unique((old[rows] + 1) * width + new[rows] + 1, return_inverse=True)
    flows = np.column_stack(np.divmod(key, width)) - 1
    kind = _kinds(flows[:, 0], flows[:, 1], old, new)
    order = np.lexsort((flows[:, 0], flows[:, 1], kind))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    flow, flows, kind = place[flow.ravel()], flows[order], kind[order]
    sorted_rows = rows[np.argsort(flow, kind="stable")]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(flow, minlength=len(flows)))])
    of_record = np.full(len(old), -1, np.int64)
    of_record[rows] = flow
    best = _evidence(of_record, old, new, kind, circumstances)
    cause, decision = _causes(flows, flow, rows, kind, old, new, circumstances)
    has = best >= 0
    at = np.where(has, best, 0)
    nothing = len(circumstances.left) == 0

    def of_pair(values: np.ndarray, none: float) -> np.ndarray:
        return np.full(len(best), none) if nothing else np.where(has, values[at], none)

    shrank = kind == KINDS.index("shrank")
    return Events(
        kind,
        cause,
        flows[:, 0],
        np.where(shrank, flows[:, 0], flows[:, 1]),
        sorted_rows,
        bounds,
        of_pair(circumstances.left, -1).astype(np.int64),
        of_pair(circumstances.right, -1).astype(np.int64),
        of_pair(circumstances.score, np.nan).astype(np.float64),
        decision,
    )


def _kinds(source: Ints, target: Ints, old: Ints, new: Ints) -> npt.NDArray[np.int8]:
    """Return the kind of each flow from one cluster to another."""
    # Whether each cluster has records before and now; the last place is of -1, no cluster.
    there = np.zeros((2, int(max(old.max(initial=-1), new.max(initial=-1))) + 2), bool)
    there[0, old], there[1, new] = True, True
    lasts, was_there = there[1, source], there[0, target]
    main_target, main_source = successors(old, new, source), successors(new, old, target)
    names = np.select(
        [
            (source < 0) & was_there,
            source < 0,
            (target < 0) & (lasts | (main_target >= 0)),
            target < 0,
            ~lasts & (main_target == target),
            ~was_there & (main_source == source),
        ],
        [KINDS.index(one) for one in
         ("grew", "created", "shrank", "retired", "merged", "split")],
        KINDS.index("moved"),
    )  # fmt: skip
    return names.astype(np.int8)


def _evidence(
    flow: Ints, old: Ints, new: Ints, kind: Ints, circumstances: Circumstances
) -> npt.NDArray[np.int64]:
    """Return the best scored pair of each event, -1 where there is none.

    Of a split it is a pair of the two parts, of other events one that joins the records to their
    cluster.
    """
    left, right = circumstances.left, circumstances.right
    split, created = KINDS.index("split"), KINDS.index("created")
    together = (new[left] == new[right]) & (new[left] >= 0)
    parted = (old[left] == old[right]) & (old[left] >= 0) & (new[left] != new[right])
    best = np.full(len(kind), -1, np.int64)
    pairs, events = [], []
    for end, other in ((left, right), (right, left)):
        own = flow[end]
        kinds = np.where(own >= 0, kind[own] if len(kind) else 0, -1)
        joins = together & ((own != flow[other]) | (kinds == created)) & (kinds != split)
        use = np.flatnonzero((own >= 0) & (joins | (parted & (kinds == split))))
        pairs.append(use)
        events.append(own[use])
    pair, event = np.concatenate(pairs), np.concatenate(events)
    score = circumstances.score[pair]
    order = np.lexsort((right[pair], left[pair], -score, event))
    first = np.unique(event[order], return_index=True)[1]
    best[event[order[first]]] = pair[order[first]]
    return best


def _causes(
    flows: Ints,
    flow: Ints,
    rows: Ints,
    kind: Ints,
    old: Ints,
    new: Ints,
    circumstances: Circumstances,
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """Return the cause of each event, and the decision that a person caused it by."""
    size = int(max(old.max(initial=-1), new.max(initial=-1))) + 2

    def largest(values: Ints) -> npt.NDArray[np.int64]:
        """The largest value among an event's records and, if these had a cluster, both clusters."""
        own = np.full(len(flows), -1, np.int64)
        np.maximum.at(own, flow, values[rows])
        whole = np.full((2, size), -1, np.int64)
        np.maximum.at(whole[0], old, values)  # -1, no cluster, is the last place
        np.maximum.at(whole[1], new, values)
        whole[:, -1] = -1
        around = np.maximum.reduce(
            [whole[0][flows[:, 0]], whole[1][flows[:, 1]], whole[1][flows[:, 0]]]
        )
        return np.where(flows[:, 0] < 0, own, np.maximum(own, around))

    decision = largest(circumstances.decided)
    number = {name: position for position, name in enumerate(CAUSES)}
    cause = np.select(
        [
            flows[:, 1] < 0,
            decision >= 0,
            flows[:, 0] < 0,
            largest(circumstances.changed.astype(np.int64)) > 0,
            largest(circumstances.added.astype(np.int64)) > 0,
            np.full(len(flows), circumstances.other_model),
        ],
        [number["deleted record"], number["a person"], number["new record"],
         number["changed record"], number["new record"], number["another model"]],
        number["new evidence"],
    )  # fmt: skip
    by_person = cause == number["a person"]
    return cause.astype(np.int8), np.where(by_person, decision, -1)


def replay(
    events: Iterable[tuple[int, str, int | None, Iterable[int] | None]],
) -> dict[int, dict[int, int]]:
    """Return the assignments that a log of events leads to: definition -> record -> cluster.

    Args:
        events: definition, kind, new cluster and records of each, in their order.
    """
    found: dict[int, dict[int, int]] = {}
    for definition, kind, new, records in events:
        if records is None:  # a decision moves nothing by itself
            continue
        cluster = found.setdefault(definition, {})
        for record in records:
            if kind in _GONE:
                del cluster[record]
            else:
                assert new is not None
                cluster[record] = new
    return found
