"""The columns to compare of a table that has very many: those that tell most about its rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from features.arrays.numbering import number_hashes
from features.text.sets import sparse_sets
from features.text.tokens import tokenise

__all__ = ["MOST_COMPARED", "columns_note", "informative_columns", "shared_information"]

#: Columns that are compared where the user names none. Each adds features to every pair, so time
#: and memory grow with them: 300 rows take 25 s and 0.8 GB for 100 columns, ten times that for 500.
#: Catalogs rarely have more, and wide ones are mostly empty; the rarest columns tell least.
MOST_COMPARED = 100


def informative_columns(columns: Mapping[str, pa.ChunkedArray]) -> list[str]:
    """Return the names of the columns to compare, in the order given; all if they are few.

    Of many, the `MOST_COMPARED` with the most shared information are kept, equal ones by name.

    Args:
        columns: string columns by name, null where missing.
    """
    if len(columns) <= MOST_COMPARED:
        return list(columns)
    told = {name: shared_information(column) for name, column in columns.items()}
    kept = set(sorted(columns, key=lambda name: (-told[name], name))[:MOST_COMPARED])
    return [name for name in columns if name in kept]


def columns_note(compared: int, left_out: int) -> str:
    """Return what a user is told of columns that are not compared, a sentence."""
    return (
        f"{compared + left_out:,} columns have values, more than are compared unless they are "
        f"named: the {compared:,} that tell most are compared and {left_out:,} are left out; name "
        "those to compare in [attributes]."
    )


def shared_information(column: pa.ChunkedArray) -> float:
    """Return what the words of a column tell that another row tells as well, in nats a row.

    The mean over all rows of the sum of the self-information, ``log(n / rows with the word)``, of
    the distinct words of a cell that are in other rows too: a constant tells nothing, nor do
    numbers that each stand in one row.

    Args:
        column: strings, null where missing.
    """
    n = len(column)
    tokens = tokenise(column)
    code, first = number_hashes(tokens.hashes)
    words = sparse_sets(tokens.indptr, code, max(len(first), 1)).ids
    rows = np.bincount(words, minlength=len(first))
    information = np.log(n / np.maximum(rows, 1)) * (rows > 1)
    return float(information[words].sum()) / max(n, 1)
