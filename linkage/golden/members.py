"""Which records are in which cluster, and their order inside of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Members"]


@dataclass(frozen=True)
class Members:
    """The records of n rows by cluster.

    Attributes:
        names: names of the k clusters, ascending.
        label: cluster of each record, int64[n], a position in ``names``.
        records: names of the records: ids, of two linked tables with the table before them.
    """

    names: pa.Array
    label: np.ndarray
    records: pa.Array

    @classmethod
    def of(cls, clusters: pa.Array, records: pa.Array) -> Members:
        """The members of clusters.

        Args:
            clusters: name of each record's cluster, n strings.
            records: name of each record, n strings, none twice.
        """
        encoded = pc.dictionary_encode(clusters)
        order = pc.sort_indices(encoded.dictionary)
        place = np.empty(len(order), np.int64)
        place[order.to_numpy()] = np.arange(len(order))
        return cls(encoded.dictionary.take(order), place[encoded.indices.to_numpy()], records)

    @cached_property
    def order(self) -> np.ndarray:
        """The records by cluster, inside a cluster by name, int64[n]: no tie depends on rows."""
        by_name = pc.sort_indices(self.records).to_numpy().astype(np.int64)
        return by_name[np.argsort(self.label[by_name], kind="stable")]

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of records of each cluster, int64[k]."""
        return self.counts(np.arange(len(self.label)))

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """How many of some rows each cluster has, int64[k]."""
        return np.bincount(self.label[rows], minlength=len(self.names))
