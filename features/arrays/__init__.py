"""Helpers over arrays: work in chunks, stable orders, distinct values, row starts, prefetching."""

__all__: list[str] = []
