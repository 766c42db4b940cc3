"""Compiled kernels ahead of their use: the list of them, and processes that fill numba's cache."""

__all__: list[str] = []
