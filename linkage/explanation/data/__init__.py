"""What an explanation says, as plain data, and how it is found out."""

__all__: list[str] = []
