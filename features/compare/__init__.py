"""From pairs of records to features: feature groups, their compiled kernels, and the comparer."""

__all__: list[str] = []
