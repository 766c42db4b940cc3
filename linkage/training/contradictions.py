"""Pairs that are labelled both as a match and as none: set aside, with a warning."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from linkage.io.row_text import row_text

__all__ = ["uncontradicted"]


def uncontradicted(
    left: np.ndarray,
    right: np.ndarray,
    label: np.ndarray,
    where: str,
    ids: np.ndarray | None = None,
    *,
    with_rows: bool = False,
) -> np.ndarray:
    """Return which of some labelled pairs have one label only, and warn of the others.

    Real label files hold a few such pairs, and nothing tells which of their labels is right.

    Args:
        left: Ids or rows of m records.
        right: Ids or rows of m records, the partners.
        label: 0 or 1, m.
        where: What messages call the labels.
        ids: The id of each row; None where ``left`` and ``right`` are ids.
        with_rows: Whether the pairs are the rows of a file, which the warning then names.

    Returns:
        Bool array of m.

    """
    pairs = pd.DataFrame({"left": left, "right": right})
    distinct = pairs.assign(label=label).drop_duplicates()
    wrong = distinct[distinct.duplicated(["left", "right"])]
    if not len(wrong):
        return np.ones(len(pairs), bool)
    first = [
        one if ids is None else ids[one] for one in (wrong["left"].iloc[0], wrong["right"].iloc[0])
    ]
    at = np.flatnonzero((pairs == wrong[["left", "right"]].iloc[0]).all(axis=1))
    place = f", in {row_text(at)}" if with_rows else ""
    count = f"{len(wrong):,} pair{' is' if len(wrong) == 1 else 's are'}"
    warnings.warn(
        f"{where}: {count} labelled both 0 and 1 and set aside; the first is "
        f"({first[0]}, {first[1]}){place}. Decide each pair once to have it learned from.",
        stacklevel=2,
    )
    keys = pd.MultiIndex.from_frame(wrong[["left", "right"]])
    return ~np.asarray(pd.MultiIndex.from_frame(pairs).isin(keys))
