"""Golden records as files that shops import: parents and their children."""

__all__: list[str] = []
