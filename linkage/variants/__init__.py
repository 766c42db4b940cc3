"""Match definitions that ignore attributes: records collapsed where all else is equal."""

__all__: list[str] = []
