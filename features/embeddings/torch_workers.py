"""A pool of threads that each run torch on one core; results do not depend on their number."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["SHARDS", "torch_workers"]

#: Parts of a batch that are computed separately and added in a fixed order, so that a sum does not
#: depend on the number of threads. More threads than this are of no use.
SHARDS = 4
_TORCH_THREADS = threading.Lock()


@contextmanager
def torch_workers(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Context with a pool of threads that each run torch on one core.

    One context runs at a time, since the number of threads of torch is global.
    """
    import torch

    def begin() -> None:
        torch.set_num_threads(1)
        # Denormal numbers slow a processor down and make no difference.
        torch.set_flush_denormal(True)

    with _TORCH_THREADS:
        before = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(max(1, min(threads, SHARDS)), initializer=begin) as pool:
                yield pool
        finally:
            torch.set_num_threads(before)
