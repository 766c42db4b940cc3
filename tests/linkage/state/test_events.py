"""Events: each kind, their causes and evidence, and a log that can be replayed."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.state.events import Circumstances, Events, events_between, replay
from linkage.state.schema import CAUSES, KINDS


def circumstances(n: int, **given_: Any) -> Circumstances:
    pairs = given_.pop("pairs", {})
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    values: dict[str, Any] = {
        "added": np.zeros(n, bool),
        "changed": np.zeros(n, bool),
        "decided": np.full(n, -1),
        "other_model": False,
        **given_,
    }
    return Circumstances(
        **values, left=ends[:, 0], right=ends[:, 1], score=np.array(list(pairs.values()), float)
    )


def rows(events: Events) -> list[tuple[str, int, int, list[int], str]]:
    return [
        (
            KINDS[events.kind[k]],
            int(events.old[k]),
            int(events.new[k]),
            events.records[events.bounds[k] : events.bounds[k + 1]].tolist(),
            CAUSES[events.cause[k]],
        )
        for k in range(len(events))
    ]


def between(old: list[int], new: list[int], **given_: Any) -> Events:
    return events_between(np.array(old), np.array(new), circumstances(len(old), **given_))


def test_new_and_deleted_records() -> None:
    found = between([-1, 1, -1, 2, 2, 3], [4, 1, 1, 2, -1, -1])
    assert rows(found) == [
        ("created", -1, 4, [0], "new record"),
        ("grew", -1, 1, [2], "new record"),
        ("shrank", 2, 2, [4], "deleted record"),
        ("retired", 3, -1, [5], "deleted record"),
    ]


def test_a_merge_a_split_and_a_move() -> None:
    old, new = [1, 1, 2, 3, 3, 3, 4, 4], [1, 1, 1, 3, 3, 9, 4, 3]
    found = between(old, new, pairs={(0, 2): 0.8, (1, 2): 0.9, (3, 5): 0.4, (6, 7): 0.6})
    assert rows(found) == [
        ("merged", 2, 1, [2], "new evidence"),
        ("split", 3, 9, [5], "new evidence"),
        ("moved", 4, 3, [7], "new evidence"),
    ]
    assert found.left.tolist() == [1, 3, -1]
    assert found.right.tolist() == [2, 5, -1]
    assert found.score.tolist()[:2] == [0.9, 0.4]


def test_what_an_event_was_caused_by() -> None:
    old, new = [1, 1, 2, -1], [1, 1, 1, 1]
    none = np.zeros(4, bool)
    bridge, other = none.copy(), none.copy()
    bridge[3], other[0] = True, True
    decided = np.array([-1, -1, 6, -1])

    def cause(**given_: Any) -> str:
        return next(row[4] for row in rows(between(old, new, **given_)) if row[0] == "merged")

    assert cause() == "new evidence"
    assert cause(other_model=True) == "another model"
    assert cause(added=bridge, other_model=True) == "new record"
    assert cause(added=bridge, changed=other) == "changed record"
    assert cause(decided=decided, changed=other) == "a person"
    found = between(old, new, decided=decided)
    assert found.decision.tolist() == [-1, 6]  # the record that is new comes by itself


CLUSTERS = st.lists(st.integers(-1, 4), min_size=8, max_size=8)


@given(st.lists(CLUSTERS, min_size=1, max_size=5))
def test_a_replay_of_the_log_gives_the_assignment(days: list[list[int]]) -> None:
    log: list[tuple[int, str, int | None, list[int] | None]] = []
    before = [-1] * 8
    for day in days:
        for kind, _, new, records, _ in rows(between(before, day)):
            log.append((0, kind, None if new < 0 else new, records))
        log.append((0, "decided", None, None))
        before = day
        expected = {record: cluster for record, cluster in enumerate(day) if cluster >= 0}
        assert replay(log).get(0, {}) == expected


@given(CLUSTERS)
def test_nothing_changed_is_no_event(clusters: list[int]) -> None:
    assert len(between(clusters, clusters)) == 0


@given(CLUSTERS, CLUSTERS)
def test_kinds_say_what_became_of_both_clusters(old: list[int], new: list[int]) -> None:
    before, after = set(old), set(new)
    for kind, source, target, records, _ in rows(between(old, new)):
        assert records
        if kind == "created":
            assert source == -1
            assert target not in before
        elif kind in ("grew", "moved"):
            assert target in before or kind == "moved"
        elif kind == "merged":
            assert source not in after
        elif kind == "split":
            assert target not in before
        elif kind == "shrank":
            kept = {now for was, now in zip(old, new, strict=True) if was == source}
            assert kept != {-1} or source in after
        else:
            assert (kind, target) == ("retired", -1)
