"""Evidence that a scorer adds to the score of the features."""

__all__: list[str] = []
