"""The content of reports as plain data, gathered from a run or a catalog."""

__all__: list[str] = []
