"""A run from tables to clusters: one match definition after the other, resumable."""

__all__: list[str] = []
