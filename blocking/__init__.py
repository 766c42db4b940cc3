"""Which pairs of records are worth comparing.

Blockers propose pairs; their union is kept within a budget per record. This package imports
:mod:`features` and never :mod:`linkage`.
"""

from __future__ import annotations

__all__: list[str] = []
