"""Features of pairs of records: feature groups, their compiled kernels, and the comparer."""

__all__: list[str] = []
