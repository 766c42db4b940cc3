"""What tables hold: offers of shop exports, columns of two tables under one name, notes."""

__all__: list[str] = []
