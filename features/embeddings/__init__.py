"""Vectors of texts, language models that read pairs, and their caches on disk."""

__all__: list[str] = []
