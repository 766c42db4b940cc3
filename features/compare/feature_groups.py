"""Feature groups: each computes a few features of pairs, the columns of one comparison.

A group is any object with ``names`` and ``compare(left, right)``; see :class:`FeatureGroup`. What
Splink calls a comparison, with numbers in place of levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from features.compare import set_kernels
from features.compare.code_kernels import CODE_FEATURES, code_features
from features.compare.value_kernels import number_differences, quantity_differences
from features.feature_names import column_feature, engine_feature
from features.prepare import PreparedAttribute, PreparedRecords
from features.text.sets import SparseSets
from features.text.tokens import Vocabulary
from features.text.word_kernels import WORD_FEATURES, Words

__all__ = [
    "AgreementFeatures",
    "CodeFeatures",
    "ContainmentFeatures",
    "CosineFeatures",
    "EqualityFeatures",
    "FeatureGroup",
    "FirstWordFeatures",
    "ImageFeatures",
    "InPlaceGroup",
    "NumberFeatures",
    "QuantityFeatures",
    "QuantityTextFeatures",
    "ReorderableGroup",
    "SetFeatures",
    "StringFeatures",
    "VectorFeatures",
]

#: Characters of a string that edit similarity looks at; its cost grows with the product of lengths.
LONGEST_STRING = 120
#: Weights of the axes of CIE Lab: lightness counts less, since it differs from photo to photo.
_COLOUR_WEIGHTS = np.array([0.3, 1, 1], np.float32)


class FeatureGroup(Protocol):
    """Computes some features of pairs of records."""

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        ...

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of the pairs: float32, shape (m, len(names)), NaN where unknown."""
        ...


@runtime_checkable
class InPlaceGroup(Protocol):
    """A feature group that can write its features into part of a larger matrix, without a copy."""

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what ``compare`` returns into ``out``, an array of that shape, of any strides."""
        ...


@runtime_checkable
class ReorderableGroup(Protocol):
    """A feature group that can hold the records in another order, see `blocking.locality`."""

    def reordered(self, rows: np.ndarray) -> FeatureGroup:
        """The same features of pairs whose records are given by positions in another order.

        Args:
            rows: row of the record at each position, shape (n,).
        """
        ...


class SetFeatures:
    """Idf-weighted overlap of words, with soft matching (Jaro-Winkler) of the words that differ.

    Args:
        prefix: prefix of the features' names, see `features.feature_names`.
        sets: the words of every row.
        vocabulary: the words.
        rows: record at each position of another order, by which pairs are given; by default records
            are given by their rows.
    """

    def __init__(
        self,
        prefix: str,
        sets: SparseSets,
        vocabulary: Vocabulary,
        rows: np.ndarray | None = None,
    ) -> None:
        self._words = Words(sets, vocabulary, rows)
        self._counts = self._words.counts.astype(np.float32)
        self.names = [f"{prefix}{n}" for n in (*WORD_FEATURES, "length_ratio")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), len(self.names)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        self._words.fill(left, right, out)
        a, b = self._counts[left], self._counts[right]
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.minimum(a, b) / np.maximum(a, b)
        out[:, -1] = np.where((a == 0) | (b == 0), np.nan, ratio)


@dataclass(frozen=True)
class CosineFeatures:
    """Cosine of rarity-weighted character n-grams."""

    prefix: str
    sets: SparseSets

    @property
    def names(self) -> list[str]:
        return [f"{self.prefix}character_cosine"]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return set_kernels.cosine(self.sets, left, right)[:, None]


@dataclass(frozen=True)
class ContainmentFeatures:
    """Share of the words of one record's main attribute that are anywhere in the other record."""

    main: SparseSets
    whole: SparseSets

    names = [engine_feature("record", f"main_contained_{side}") for side in ("min", "max")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return set_kernels.containment(self.main, self.whole, left, right)


@dataclass(frozen=True)
class AgreementFeatures:
    """Agreement of the facts of one sort in the texts: years, numbers, colours, editions or sizes.

    Columns: shared facts over the smaller set (overlap coefficient), and over the union (Jaccard);
    NaN where a record states none. If ``one_sided``, the latter is 0 where one record states facts
    (other than term 0, which says as much as nothing) and the other none.
    """

    prefix: str
    sets: SparseSets
    measures: tuple[str, str] = ("agreement", "jaccard")
    one_sided: bool = False

    @property
    def names(self) -> list[str]:
        return [f"{self.prefix}{measure}" for measure in self.measures]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return set_kernels.agreement(self.sets, left, right, one_sided=self.one_sided)


@dataclass(frozen=True)
class QuantityTextFeatures:
    """Agreement of the quantities in the texts, dimension by dimension."""

    sets: SparseSets

    names = [engine_feature("quantities", measure) for measure in ("common", "agreement")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), 2), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        set_kernels.quantity_agreement(self.sets, left, right, out)


class CodeFeatures:
    """Model codes: shared, contained in the other record, similar, in conflict."""

    names = [engine_feature("codes", measure) for measure in CODE_FEATURES]

    def __init__(self, records: PreparedRecords) -> None:
        self._codes, self._grams = records.codes, records.grams

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return code_features(self._codes, self._grams, left, right)


class EqualityFeatures:
    """Equality of the clean texts of an attribute, or of the canonical forms of an identifier."""

    def __init__(self, attribute: PreparedAttribute) -> None:
        identifiers = attribute.identifiers
        self._values = attribute.values if identifiers is None else identifiers.code
        self.names = [column_feature(attribute.name, "equal")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        a, b = self._values[left], self._values[right]
        return np.where((a < 0) | (b < 0), np.nan, a == b).astype(np.float32)[:, None]


class FirstWordFeatures:
    """Equality of the first words of an attribute, often the brand."""

    def __init__(self, attribute: PreparedAttribute) -> None:
        assert attribute.first_word is not None
        self._first = attribute.first_word
        self.names = [column_feature(attribute.name, "first_word_equal")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        a, b = self._first[left], self._first[right]
        return np.where((a < 0) | (b < 0), np.nan, a == b).astype(np.float32)[:, None]


class StringFeatures:
    """Edit similarity (``rapidfuzz.fuzz.ratio``) of whole values, once for each distinct pair."""

    def __init__(self, attribute: PreparedAttribute, threads: int) -> None:
        self._values = attribute.values
        self._strings = np.array([s[:LONGEST_STRING] for s in attribute.strings], dtype=object)
        self._threads = threads
        self.names = [column_feature(attribute.name, "ratio")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        a, b = self._values[left].astype(np.int64), self._values[right].astype(np.int64)
        out = np.full((len(left), 1), np.nan, np.float32)
        known = np.flatnonzero((a >= 0) & (b >= 0))
        if len(known) == 0:
            return out
        low, high = np.minimum(a[known], b[known]), np.maximum(a[known], b[known])
        distinct, inverse = np.unique(low * len(self._strings) + high, return_inverse=True)
        first = self._strings[distinct // len(self._strings)].tolist()
        second = self._strings[distinct % len(self._strings)].tolist()
        scores = cpdist(first, second, scorer=fuzz.ratio, workers=self._threads, dtype=np.float32)
        out[known, 0] = scores[inverse] * 0.01
        return out


class NumberFeatures:
    """Relative difference of numbers, prices or dates (dates in days)."""

    def __init__(self, attribute: PreparedAttribute, *, is_date: bool = False) -> None:
        assert attribute.number is not None
        self._number, self._is_date = attribute.number, is_date
        suffixes = ("log_days",) if is_date else ("difference", "log_ratio")
        self.names = [column_feature(attribute.name, s) for s in suffixes]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), len(self.names)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        if self._is_date:
            out[:, 0] = np.log1p(np.abs(self._number[left] - self._number[right]))
        else:
            number_differences(self._number, left, right, out)


class QuantityFeatures:
    """Quantities in base units: conflict of dimensions, ratio of amounts, equality of packs."""

    def __init__(self, attribute: PreparedAttribute) -> None:
        assert attribute.quantity is not None
        self._quantity = attribute.quantity
        self.names = [
            column_feature(attribute.name, s)
            for s in ("same_dimension", "log_ratio", "packs_equal")
        ]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), 3), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        q = self._quantity
        quantity_differences(q.dimension, q.amount, q.packs, left, right, out)


class ImageFeatures:
    """Equality of image files or cells, difference of perceptual hashes, difference of colours.

    Files are equal if their content is, given hashes and unreadable cells if their text is; between
    different sorts of cells equality is NaN. The perceptual hash depends on shapes and hardly on
    colour; products that differ in colour alone are told apart by the third feature.

    Args:
        attribute: the images.
        rows: record at each position of another order, by which pairs are given; by default records
            are given by their rows.
    """

    def __init__(self, attribute: PreparedAttribute, rows: np.ndarray | None = None) -> None:
        assert attribute.images is not None
        self._images = attribute.images
        self._rows = rows
        self.names = [
            column_feature(attribute.name, "equal"),
            column_feature(attribute.name, "hash_difference"),
        ]
        if not np.isnan(self._images.colour).all():
            self.names.append(column_feature(attribute.name, "colour_difference"))

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Equality, share of differing bits, distance in CIE Lab over 100."""
        images = self._images
        if self._rows is not None:
            left, right = self._rows[left], self._rows[right]
        a, b = images.content[left], images.content[right]
        known = (a >= 0) & (b >= 0) & (images.nature[left] == images.nature[right])
        columns = [np.where(known, a == b, np.nan)]
        hashed = images.is_hashed[left] & images.is_hashed[right]
        bits = np.bitwise_count(images.bits[left] ^ images.bits[right])
        columns.append(np.where(hashed, bits / 64, np.nan))
        if len(self.names) > len(columns):
            gap = (images.colour[left] - images.colour[right]) * _COLOUR_WEIGHTS
            columns.append(np.sqrt(np.sum(gap * gap, axis=1)) / 100)
        return np.column_stack(columns).astype(np.float32)


class VectorFeatures:
    """Cosine of embeddings, given as unit vectors; NaN where one is zero."""

    def __init__(self, name: str, vectors: np.ndarray) -> None:
        self._vectors = vectors
        self._known = np.any(vectors != 0, axis=1)
        self.names = [column_feature(name, "embedding_cosine")]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        products = np.einsum(
            "ij,ij->i", self._vectors[left], self._vectors[right], dtype=np.float32
        )
        known = self._known[left] & self._known[right]
        return np.where(known, products, np.nan).astype(np.float32)[:, None]
