"""Rules over arrays choose what plain Python chooses, on random clusters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from linkage.golden.attribute import Attribute
from linkage.golden.cells import chosen_columns
from linkage.golden.members import Members
from linkage.golden.ordering import Context
from linkage.golden.plan import Group

WORDS = ["red", "Red", "RED", "navy blue", "green", "unknown", "-", "12", "7", "3.5"]
#: Records, clusters.
N, K = 400, 90


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("most_frequent", Kind.NAME),
        ("most_complete", Kind.NAME),
        ("longest", Kind.TEXT),
        ("newest", Kind.NAME),
        ("source", Kind.NAME),
        ("min", Kind.NUMBER),
        ("max", Kind.NUMBER),
    ],
)
def test_the_chosen_record(rule: str, kind: Kind, seed: int) -> None:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, K, N)
    values = [None if rng.random() < 0.2 else WORDS[rng.integers(len(WORDS))] for _ in range(N)]
    ids = [f"r{k:03d}" for k in rng.permutation(N)]
    complete, newest, trust = (rng.integers(0, 4, N) for _ in range(3))
    members = Members.of(pa.array([f"c{one:02d}" for one in label]), pa.array(ids))
    context = Context(members, complete, newest.astype(float), trust)
    attribute = Attribute("colour", kind, pa.array(values, pa.string()))
    (column,) = chosen_columns(context, Group((attribute,), rule), {})
    (block,) = column.blocks
    held = dict(zip(block.cluster.tolist(), range(len(block.cluster)), strict=True))

    keys = {
        "most_frequent": lambda row: 0.0,
        "most_complete": lambda row: complete[row],
        "longest": lambda row: len(values[row]),
        "newest": lambda row: newest[row],
        "source": lambda row: trust[row],
        "min": lambda row: -number(values[row], np.inf),
        "max": lambda row: number(values[row], -np.inf),
    }
    for cluster in range(len(members.names)):
        rows = [k for k in range(N) if members.label[k] == cluster and said(values[k])]
        if not rows:
            assert cluster not in held
            assert column.values[cluster].as_py() is None
            continue
        same = Counter(said(values[row]) for row in rows)
        spelled = Counter(values[row] for row in rows)

        def order(row: int, same: Counter = same, spelled: Counter = spelled) -> tuple:  # type: ignore[type-arg]
            known = number(values[row], None) is not None or rule not in ("min", "max")
            votes = (same[said(values[row])], spelled[values[row]], complete[row])
            return (not known, -keys[rule](row), *(-one for one in votes), ids[row])

        rows.sort(key=order)
        losers = [said(values[row]) for row in rows if said(values[row]) != said(values[rows[0]])]
        at = held[cluster]
        assert block.record[at] == rows[0]
        assert column.values[cluster].as_py() == values[rows[0]]
        assert block.agreement[at] == same[said(values[rows[0]])] / len(rows)
        assert [said(one) for one in block.losers[at].as_py()] == list(dict.fromkeys(losers))


def said(value: str | None) -> str:
    """What a cell says; nothing if empty."""
    return "" if value in (None, "unknown", "-") else str(value).lower()


def number(value: str | None, missing: float | None) -> float | None:
    """The number of a cell."""
    try:
        return float(str(value))
    except ValueError:
        return missing
