"""Values in which product variants differ: finding and masking their mentions in texts."""

__all__: list[str] = []
