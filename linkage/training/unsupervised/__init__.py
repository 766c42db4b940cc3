"""Learning without labels: where a model starts from, and how it teaches itself."""

__all__: list[str] = []
