"""The content of explanations as plain data, and how it is gathered from a run."""

__all__: list[str] = []
