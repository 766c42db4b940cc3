"""Sessions: the records of a match definition with candidate pairs, features and scores."""

__all__: list[str] = []
