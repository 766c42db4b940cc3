"""Prefetching: rows that are far apart in memory are asked for before they are needed.

Pairs jump from row to row. Waiting for each row until it has come from memory takes several times
as long as comparing it; asked for some pairs ahead, it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["AT_ONCE", "FAR", "NEAR", "fetch_row", "fetch_terms", "prefetch"]

#: Turns of a loop ahead of which memory is asked for: what a row holds, and where it begins.
NEAR, FAR = 8, 16
#: Terms, and weights, that come at once: a line of the cache.
AT_ONCE = 16


def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    """How the call is typed, and what it is compiled to."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(found.data, [arguments[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To be read, data, to be kept in the nearest cache.
        builder.call(function, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


#: ``prefetch(array, index)`` asks for the element of a contiguous array, counted in one dimension;
#: for compiled code. It is harmless beyond the ends.
prefetch: Callable[[np.ndarray, Any], None] = cast(Any, intrinsic(_prefetch))


@njit(nogil=True, cache=True)
def fetch_terms(indptr, ids, rows, k):
    """Asks for where a row begins and for its terms, as :func:`fetch_row` does."""
    prefetch(indptr, np.int64(rows[k + FAR]))
    prefetch(ids, indptr[rows[k + NEAR]])


@njit(nogil=True, cache=True)
def fetch_row(indptr, ids, weights, sums, norms, rows, k, long):
    """Asks for what a loop over rows of weighted sets needs some turns after turn k.

    To be called only while there are `FAR` more turns; asked for in here, that takes longer than it
    saves.

    Args:
        indptr, ids, weights, sums, norms: the sets, see `features.text.sets.SparseSets`.
        rows: the row of each turn.
        k: the turn.
        long: whether most rows have more terms than come at once.
    """
    prefetch(indptr, np.int64(rows[k + FAR]))
    row = np.int64(rows[k + NEAR])
    prefetch(sums, row)
    prefetch(norms, row)
    at = indptr[row]
    prefetch(ids, at)
    prefetch(weights, at)
    if long:
        prefetch(ids, at + AT_ONCE)
        prefetch(weights, at + AT_ONCE)
