"""CSV files: their dialect, their quotes, their cells."""

__all__: list[str] = []
