"""Label coverage: kinds of candidate pairs of which the labels hold none.

Figures on held-out labels tell of pairs like the labelled ones. Where all labels are between two
sellers, they say nothing of offers of one seller.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["uncovered_kinds"]

#: Labelled pairs of a kind that the candidates let expect, of which none is there: by chance that
#: happens once in e ** 5 = 150 times.
_EXPECTED = 5.0
#: Share of the candidates from which a kind matters: figures may be off by about as much.
_SHARE = 0.05
_KINDS = {
    "equal": "two equal values of '{}'",
    "different": "two different values of '{}'",
    "missing": "a missing value of '{}'",
}

Pairs = tuple[np.ndarray, np.ndarray]


def uncovered_kinds(table: pa.Table, labelled: Pairs, candidates: Pairs) -> list[str]:
    """Return a sentence on each kind of candidate pairs that no labelled pair is of.

    A kind is that a column's two values are equal, different, or not both stated.

    Args:
        table: the records, string columns.
        labelled: left and right rows of the labelled pairs.
        candidates: left and right rows of the candidates, or of a fair sample.
    """
    number, found = len(labelled[0]), []
    if not number or not len(candidates[0]):
        return []
    for name in table.column_names:
        codes = pd.factorize(table.column(name).to_pandas())[0]
        present = dict(_shares(codes, labelled))
        for kind, share in _shares(codes, candidates):
            if share >= _SHARE and share * number >= _EXPECTED and not present[kind]:
                found.append(
                    f"No labelled pair has {_KINDS[kind].format(name)}, but {100 * share:.0f} % of "
                    "the candidate pairs have: figures on held-out labels do not hold for those. "
                    "Label pairs that Linker.suggest names: they are of all kinds."
                )
    return found


def _shares(codes: np.ndarray, pairs: Pairs) -> Iterator[tuple[str, float]]:
    """Share of the pairs whose two values, by codes, are equal, different, or not both stated."""
    left, right = codes[pairs[0]], codes[pairs[1]]
    stated = (left >= 0) & (right >= 0)
    yield "equal", float(np.mean(stated & (left == right)))
    yield "different", float(np.mean(stated & (left != right)))
    yield "missing", float(np.mean(~stated))
