"""Texts in numbers: tokens, sparse sets of words weighted by rarity, and their overlap."""

__all__: list[str] = []
