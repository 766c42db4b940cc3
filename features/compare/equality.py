"""Equality of several attributes at once, so that each record of a pair is read only once."""

from __future__ import annotations

import numpy as np

from features.compare.value_kernels import equal_codes
from features.feature_names import column_feature
from features.kinds import Kind
from features.prepare import PreparedAttribute

__all__ = ["CodesFeatures"]


class CodesFeatures:
    """Equality of the values, and of the first words, of several attributes.

    Args:
        attributes: at least one; each has the feature of `EqualityFeatures` and, if it is a text or
            name, that of `FirstWordFeatures`.
    """

    def __init__(self, attributes: list[PreparedAttribute]) -> None:
        self.names: list[str] = []
        columns = []
        for attribute in attributes:
            identifiers = attribute.identifiers
            self.names.append(column_feature(attribute.name, "equal"))
            columns.append(attribute.values if identifiers is None else identifiers.code)
            if attribute.kind in (Kind.TEXT, Kind.NAME) and attribute.first_word is not None:
                self.names.append(column_feature(attribute.name, "first_word_equal"))
                columns.append(attribute.first_word)
        self._codes = np.column_stack(columns).astype(np.int32)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), len(self.names)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        equal_codes(self._codes, left, right, out)
