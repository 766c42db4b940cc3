"""Statements of an attribute, written out."""

from __future__ import annotations

import numpy as np

from features.statements import Statements


def statements(rows: list[list[str]]) -> Statements:
    """What records state of the colour, each row the values of one."""
    strings = sorted({v for row in rows for v in row})
    ids = [np.array(sorted(strings.index(v) for v in row), np.int32) for row in rows]
    counts = [len(i) for i in ids]
    nothing = np.zeros(0, np.int64)
    return Statements(
        "colour", strings, np.array([i[0] if len(i) else -1 for i in ids]),
        np.concatenate([[0], np.cumsum(counts)]), np.concatenate(ids), nothing, nothing,
    )  # fmt: skip
