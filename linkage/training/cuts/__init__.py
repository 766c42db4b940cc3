"""Thresholds: from labels, from decoys, and from what a run accepts."""

__all__: list[str] = []
