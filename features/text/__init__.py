"""Tokens of texts, sparse sets of words weighted by inverse document frequency, word kernels."""

__all__: list[str] = []
