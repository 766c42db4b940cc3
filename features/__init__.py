"""Prepared records and the features of pairs of records.

Attribute kinds, text normalisation, tokens weighted by inverse document frequency, identifiers,
quantities, embeddings, and the comparer that turns pairs into a feature matrix. This package
imports neither :mod:`blocking` nor :mod:`linkage`.

A folder imports only those before it: arrays, text, values, variants, embeddings, images; then the
modules of this folder; then compare.
"""

from __future__ import annotations

__all__: list[str] = []
