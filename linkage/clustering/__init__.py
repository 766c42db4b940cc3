"""From scored pairs to clusters: average link and assignment, under rules and other constraints."""

__all__: list[str] = []
