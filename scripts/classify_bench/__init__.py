"""The benchmark of classification: tasks, splits, and a rival in an environment of its own."""

__all__: list[str] = []
