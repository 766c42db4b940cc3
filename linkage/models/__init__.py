"""Pair models: their parts, and the folder of open formats that they are saved in."""

__all__: list[str] = []
