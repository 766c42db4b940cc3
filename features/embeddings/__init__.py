"""Embeddings of texts, cross-encoders that score pairs of texts, and their caches on disk."""

__all__: list[str] = []
