"""Tokens of texts, sparse sets of words weighted by inverse document frequency, their overlap."""

__all__: list[str] = []
