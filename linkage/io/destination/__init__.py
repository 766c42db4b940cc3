"""Where outputs go: what may be replaced there, who writes it, and how it is put in its place."""

__all__: list[str] = []
