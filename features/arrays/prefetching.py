"""Memory prefetching for compiled loops over pairs of records.

The right rows of pairs are scattered in memory, and waiting for one takes several times as long as
comparing it. The loops issue the processor's prefetch instruction for the rows of some pairs ahead.
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

#: Iterations ahead for which the elements of a row, and its start, are prefetched.
NEAR, FAR = 8, 16
#: Terms, or weights, in one cache line.
AT_ONCE = 16


def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    """The type of the call and its LLVM code, for `numba.extending.intrinsic`."""

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


#: ``prefetch(array, index)`` prefetches an element of a contiguous array by its flat index, in
#: compiled code. An index out of range does no harm.
prefetch: Callable[[np.ndarray, Any], None] = cast(Any, intrinsic(_prefetch))


@njit(nogil=True, cache=True)
def fetch_terms(indptr, ids, rows, k):
    """Prefetches the start of a row, and the terms of a nearer one, as :func:`fetch_row` does."""
    prefetch(indptr, np.int64(rows[k + FAR]))
    prefetch(ids, indptr[rows[k + NEAR]])


@njit(nogil=True, cache=True)
def fetch_row(indptr, ids, weights, sums, norms, rows, k, long):
    """Prefetches what a loop over rows of weighted sets needs some iterations after iteration k.

    To be called only while at least `FAR` iterations remain: checking that in here costs more than
    prefetching saves.

    Args:
        indptr, ids, weights, sums, norms: the sets, see `features.text.sets.SparseSets`.
        rows: the row of each iteration.
        k: the iteration.
        long: whether most rows have more terms than fit into one cache line.
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
