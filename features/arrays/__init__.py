"""Helpers over arrays: work in chunks, stable orders, distinct values, numbering, prefetching."""

__all__: list[str] = []
