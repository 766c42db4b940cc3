"""Learning a pair model, from labels or without them."""

__all__: list[str] = []
