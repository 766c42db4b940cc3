"""Golden records: one record for each cluster, with the source of every cell; exports to shops."""

__all__: list[str] = []
