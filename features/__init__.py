"""What a record is in numbers, and what a pair of records is in numbers.

Attribute kinds, normalisation, tokens and their rarity weights, identifiers, quantities,
embeddings, and the comparison of pairs. This package imports neither :mod:`blocking` nor
:mod:`linkage`.
"""

from __future__ import annotations

__all__: list[str] = []
