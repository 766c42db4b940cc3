"""Threads that run torch side by side, one core each, so that sums do not hang on their number."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["SHARDS", "torch_workers"]

#: Parts of a batch that are computed apart and added in order: a sum does not hang on how many
#: threads computed its parts. No more threads than this are of use.
SHARDS = 4
_TORCH_THREADS = threading.Lock()


@contextmanager
def torch_workers(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that each run torch on one core, so that sums do not hang on their number."""
    import torch

    def begin() -> None:
        torch.set_num_threads(1)
        # Weights that fade leave numbers too small to be worth their cost.
        torch.set_flush_denormal(True)

    with _TORCH_THREADS:
        before = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(max(1, min(threads, SHARDS)), initializer=begin) as pool:
                yield pool
        finally:
            torch.set_num_threads(before)
