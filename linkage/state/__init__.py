"""The state of a catalog over many runs: records, assignments, decisions and events."""

__all__: list[str] = []
