"""Learning which values of an attribute mean the same."""

__all__: list[str] = []
