"""Plain data of a report as self-contained HTML."""

__all__: list[str] = []
