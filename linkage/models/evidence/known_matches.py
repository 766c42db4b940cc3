"""Known matches: a record that labels match with one record seldom matches another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from features.arrays.distinct import sorted_distinct
from features.feature_names import engine_feature
from features.records import Records
from linkage.io.saved.json_fields import FieldError, Fields

__all__ = ["KnownMatches", "KnownPartners", "is_known_match_feature", "record_hashes"]

_LEFT, _RIGHT = (engine_feature("known", f"{side}_has_other") for side in ("left", "right"))
#: Strength of the penalty that pulls the evidence towards 0, and its bound in log-odds: where no
#: record has two labelled matches it would be infinite, and a wrong label must not decide alone.
_PULL, _MOST = 0.05, 6.0


@dataclass(frozen=True)
class KnownMatches:
    """The labelled matches of two tables, and the evidence of a known match against others.

    Records are identified by a hash of their content, so that a saved model applies its known
    matches to the same records only, not to others of the same ids.

    Attributes:
        left, right: hashes of the records of each match, uint64, shape (matches,).
        evidence: log-odds added where the left, and where the right record is known to match
            another one; at most 0.
    """

    left: np.ndarray
    right: np.ndarray
    evidence: tuple[float, float] = (0.0, 0.0)

    def weighed(
        self, scores: np.ndarray, flags: np.ndarray, label: np.ndarray
    ) -> tuple[KnownMatches, np.ndarray]:
        """The matches with evidence fitted to held-out scores, and these scores with it added.

        The evidence is estimated by a logistic regression on the score and the flags.

        Args:
            scores: held-out log-odds of labelled pairs, shape (m,).
            flags: their columns :attr:`KnownPartners.names`, shape (m, 2).
            label: 1 match, 0 no match.
        """
        from scipy.optimize import minimize

        values = np.column_stack([scores, flags])

        def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            weight, intercept = parameters[:-1], parameters[-1]
            z = values @ weight + intercept
            change = weight - np.array([1.0, 0.0, 0.0])
            value = np.sum(np.logaddexp(0, z) - label * z) + _PULL * np.sum(change**2)
            error = expit(z) - label
            return float(value), np.append(values.T @ error + 2 * _PULL * change, error.sum())

        bounds = [(0.1, None), (None, 0.0), (None, 0.0), (None, None)]
        found = minimize(
            loss, np.array([1.0, 0.0, 0.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds
        ).x
        left, right = np.clip(found[1:3] / found[0], -_MOST, 0.0)
        weighed = KnownMatches(self.left, self.right, (float(left), float(right)))
        return weighed, scores + weighed.against(flags)

    def against(self, flags: np.ndarray) -> np.ndarray:
        """Log-odds that known matches with others add to pairs, at most 0, float64, shape (m,).

        Args:
            flags: columns :attr:`KnownPartners.names` of the pairs, shape (m, 2).
        """
        return np.asarray(np.nan_to_num(flags.astype(np.float64)) @ np.array(self.evidence))

    def to_dict(self) -> dict[str, list[int] | list[float]]:
        """Plain values, for JSON."""
        return {
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "evidence": list(self.evidence),
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any] | Fields) -> KnownMatches:
        """Reads what :meth:`to_dict` gave.

        Raises:
            FieldError: a value is missing or none that it gives.
        """
        fields = Fields.of(state)
        evidence = fields.numbers("evidence", 2)
        left, right = (fields.counts(side, 0, 2**64 - 1) for side in ("left", "right"))
        if len(left) != len(right):
            raise FieldError(f"{fields.path('right')}: {len(right)} hashes instead of {len(left)}")
        sides = np.array(left, np.uint64), np.array(right, np.uint64)
        return cls(*sides, (evidence[0], evidence[1]))


class KnownPartners:
    """Flags pairs of a catalog whose records are known to match other records.

    Args:
        matches: the known matches.
        hashes: hash of each record, as :func:`record_hashes` gives them.

    Attributes:
        names: names of the features it adds.
    """

    names = (_LEFT, _RIGHT)

    def __init__(self, matches: KnownMatches, hashes: np.ndarray) -> None:
        order = np.argsort(hashes, kind="stable")
        left, right = (_rows(order, hashes, wanted) for wanted in (matches.left, matches.right))
        found = (left >= 0) & (right >= 0)
        self._records = len(hashes)
        self._keys = sorted_distinct(left[found].astype(np.int64) * self._records + right[found])
        self._left = np.bincount(self._keys // max(self._records, 1), minlength=self._records)
        self._right = np.bincount(self._keys % max(self._records, 1), minlength=self._records)

    def flags(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether the left and the right record is known to match another than the pair's: 1 or 0.

        Returns:
            float32, shape (m, 2).
        """
        wanted = left.astype(np.int64) * self._records + right
        own = np.isin(wanted, self._keys)
        return np.column_stack([self._left[left] > own, self._right[right] > own]).astype(
            np.float32
        )


def record_hashes(records: Records) -> np.ndarray:
    """A hash of each record's id, table and cells, uint64, shape (n,)."""
    table = records.given_tables.astype(np.uint64)
    out = pd.util.hash_array(np.asarray(records.ids, dtype=object)) ^ table
    for column in sorted(records.kinds):
        cells = records.table.column(column).to_pandas().astype(object)
        text = cells.where(cells.notna(), "").astype(str).to_numpy(dtype=object)
        out = out * np.uint64(0x9E3779B97F4A7C15) + pd.util.hash_array(text)
    return np.asarray(out)


def is_known_match_feature(feature: str) -> bool:
    """Whether a feature is a flag of known matches, which boosters are not given."""
    return feature in KnownPartners.names


def _rows(order: np.ndarray, hashes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Row of each wanted hash, -1 where no record has it."""
    if not len(order):
        return np.full(len(wanted), -1)
    ranked = hashes[order]
    at = np.minimum(np.searchsorted(ranked, wanted), len(ranked) - 1)
    return np.where(ranked[at] == wanted, order[at], -1)
