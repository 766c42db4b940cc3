"""Views of records, each the input of one linear model: words, character n-grams, vectors.

A view of vectors is a dense block of features with one attribute or several behind it; vectors of
pictures would be another one, made by a function of the records as those of texts are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from features.embeddings.text_vectors import STATIC, Embedder
from features.kinds import Kind
from features.records import Records
from features.text.statistics import Statistics
from linkage.classify.record_terms import Family, record_terms
from linkage.classify.term_space import TermSpace

__all__ = ["VECTORS", "TermView", "VectorView", "View", "families", "joined_texts"]

VECTORS = "vectors"
#: Kinds whose values are written into the text that is embedded.
_TEXTS = (Kind.TEXT, Kind.NAME, Kind.CATEGORY)
#: Length of a vector: a unit vector spreads over hundreds of numbers, whose steps would be short.
_LENGTH = 2.0


@dataclass(frozen=True, eq=False)
class TermView:
    """Weighted terms of one family.

    Attributes:
        name: The family.
        space: The terms that count.
        bins: Edges of the bins of numbers, by attribute.

    """

    name: str
    space: TermSpace
    bins: dict[str, np.ndarray]

    @classmethod
    def learned(
        cls, name: str, records: Records, bins: dict[str, np.ndarray], classes: int
    ) -> TermView | None:
        """Choose the terms of training records; None where there are none."""
        terms = list(record_terms(records, name, bins))
        space = TermSpace.learned(terms, records.kinds, classes) if terms else None
        return cls(name, space, bins) if space is not None and len(space) else None

    def matrix(self, records: Records) -> sparse.csr_array:
        """Return the weights of terms, float32, shape (n, terms)."""
        return self.space.matrix(record_terms(records, self.name, self.bins), records.n)

    def attribute_of_column(self, records: Records) -> np.ndarray:
        """Return the position among the records' attributes of each column, int[columns]."""
        position = {name: at for at, name in enumerate(records.kinds)}
        return np.array([position[name] for name in self.space.names])[self.space.attribute]


@dataclass(frozen=True, eq=False)
class VectorView:
    """Vectors of the records' texts.

    Attributes:
        name: Of the view.
        statistics: Rarities of words, which weigh them.
        threads: How many to use.

    """

    name: str = VECTORS
    statistics: Statistics = field(default_factory=Statistics)
    threads: int = 1

    def frozen(self) -> VectorView:
        """Return the same view, whose rarities of words are applied rather than learned."""
        return replace(self, statistics=self.statistics.as_frozen())

    def matrix(self, records: Records) -> sparse.csr_array:
        """Return the vectors, float32, shape (n, dimensions)."""
        return self.matrix_of(joined_texts(records))

    def matrix_of(self, texts: list[str]) -> sparse.csr_array:
        """Return the vectors of texts."""
        vectors = Embedder(STATIC, threads=self.threads).embed(texts, statistics=self.statistics)
        return sparse.csr_array(_LENGTH * vectors)


View = TermView | VectorView


def joined_texts(records: Records, attributes: Collection[str] | None = None) -> list[str]:
    """Return the texts, names and categories of each record as one text.

    Args:
        records: The records.
        attributes: Which attributes to write; all if None.

    """
    columns = [
        records.values(name).to_pylist()
        for name, kind in records.kinds.items()
        if kind in _TEXTS and (attributes is None or name in attributes)
    ]
    if not columns:
        return [""] * records.n
    return [" ".join(filter(None, row)) for row in zip(*columns, strict=True)]


def families(quality: str) -> tuple[str, ...]:
    """Return the families of terms that a quality reads."""
    return (Family.WORDS,) if quality == "fast" else (Family.WORDS, Family.CHARACTERS)
