"""Blocking: the candidate pairs, those of all pairs of records that are compared at all.

Blockers propose pairs; their union is kept within a budget of neighbours per record. This package
imports :mod:`features` and never :mod:`linkage`.
"""

from __future__ import annotations

__all__: list[str] = []
