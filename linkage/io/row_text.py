"""Row numbers as error messages name them."""

from __future__ import annotations

import numpy as np

__all__ = ["row_text"]

#: How many rows a message names.
_SHOWN = 5


def row_text(rows: np.ndarray) -> str:
    """Return "row 3" or "rows 3, 7, ...": the first few of some rows, counted from 1.

    Args:
        rows: int[k], positions from 0.
    """
    shown = ", ".join(f"{row + 1:,}" for row in rows[:_SHOWN])
    return ("row " if len(rows) == 1 else "rows ") + shown + (", ..." if len(rows) > _SHOWN else "")
