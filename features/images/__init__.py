"""Image files and the columns that name them."""

__all__: list[str] = []
