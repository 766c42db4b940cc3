"""Classes of counts, such as clusters by their number of records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["count_classes"]


def count_classes(
    values: np.ndarray, ends: Sequence[int], start: int
) -> list[tuple[int, int, int]]:
    """Return how many values are in each class: (from, to, number), empty classes left out.

    Args:
        values: Whole numbers.
        ends: Upper ends of the classes, ascending, both ends included.
        start: Lower end of the first class.

    """
    most = int(values.max(initial=0))
    classes = []
    for end in ends:
        if start > most:
            break
        number = int(np.sum((values >= start) & (values <= end)))
        if number:
            classes.append((start, min(end, most), number))
        start = end + 1
    return classes
