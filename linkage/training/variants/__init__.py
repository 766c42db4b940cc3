"""Learning match definitions that ignore attributes."""

__all__: list[str] = []
