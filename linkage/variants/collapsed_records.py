"""Collapsed records: the rows that are compared under a definition that ignores attributes.

One row stands for all records that are equal in what the definition compares: variants of a product
whose texts repeat, or whose texts differed only in what was masked. Rows are blocked, compared and
clustered; then the result is written for their records (`linkage.pipeline.expansion`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from features.arrays.distinct import sorted_distinct
from features.arrays.numbering import number_values
from features.arrays.ordering import stable_order
from features.feature_names import column_feature, engine_feature
from features.records import Records
from features.variants.masking_policy import MaskingPolicy
from linkage.variants.collapse_kernels import common_terms, share_term
from linkage.variants.collisions import NO_COLLISIONS, Collisions, collisions

__all__ = [
    "EQUAL_KEYS",
    "MOST_REPEATED",
    "RAW_EQUAL",
    "SHARED_IDENTIFIER",
    "STATED",
    "CollapsedFeatures",
    "CollapsedRecords",
]

#: Feature: the main texts are equal byte for byte (masked texts: word for word).
RAW_EQUAL = engine_feature("text", "raw_equal")
#: Measure of a compared attribute that variants differ in: 1 where its values are equal, 0.5 where
#: they are of one group (both blues), 0 where they differ.
STATED = "stated"
#: Feature: 1 where the records share a unit identifier, unknown otherwise.
SHARED_IDENTIFIER = engine_feature("identifier", "shared")
#: Feature: 1 where the rows have one product key, 0 otherwise.
EQUAL_KEYS = engine_feature("key", "same")
#: Largest share of records with the product and ignored values of another; where it is larger,
#: sources repeat offers, and equal ignored values tell nothing of two rows (docs/unlabelled.md).
MOST_REPEATED = 0.1
#: Variants that two rows of one source must have in common, and as a share of those of the row with
#: fewer, to be two products that each have a whole set of variants.
_FEWEST_COMMON, _COMMON = 3, 0.75


@dataclass(frozen=True)
class CollapsedRecords:
    """Records collapsed to one row where they are equal in all that a definition compares.

    Attributes:
        records: one record a row, without the ignored attributes, masked.
        row_of_record: row of each record, int, shape (n,); -1 where its row was left out.
        first_record: first record of each row.
        main: the attribute that names the product, if any.
        text_number: number of each row's exact main text, -1 unknown.
        key: number of each row's product key (`linkage.variants.product_keys`).
        disciplined: whether the main text of each row is of a disciplined source.
        variants: sorted ``row * width + combination`` of ignored values; empty where sources
            repeat them.
        width: number of combinations.
        source: number of each row's source.
        unit_identifiers: identifiers with one number per variant: attribute -> (row, value) of the
            known values, sorted.
        stated: compared attributes that variants differ in: attribute -> number of each row's
            value, and of that value's group (all blues); -1 unknown.
        masking_policies: what was done with each source's texts, and why.
        merged: whether a row is all the records of one cluster of a stricter definition.
        combination: number of each record's combination of ignored values, -1 unknown, shape (n,).
        coincidental: whether records that are equal in all that is compared are no variants of one
            product, so that each is a row of its own.
    """

    records: Records
    row_of_record: np.ndarray
    first_record: np.ndarray
    main: str | None
    text_number: np.ndarray
    key: np.ndarray
    disciplined: np.ndarray
    variants: np.ndarray
    width: int
    source: np.ndarray
    unit_identifiers: dict[str, tuple[np.ndarray, np.ndarray]]
    stated: dict[str, tuple[np.ndarray, np.ndarray]]
    masking_policies: list[MaskingPolicy]
    merged: bool = False
    combination: np.ndarray | None = None
    coincidental: bool = False

    @property
    def weight(self) -> np.ndarray | None:
        """Weight of each row in an average over records; None where each row counts once.

        Merged rows count once per record; rows of repeated texts count once per text.
        """
        return self.sizes if self.merged else None

    @property
    def most_unequal(self) -> float | None:
        """Upper bound of matches with unequal main texts per match with equal ones.

        Where sources repeat one text for nearly all variants of a product, few records of a product
        have another text. None where no source is disciplined, so that nothing bounds it.
        """
        found = [t for t in self.masking_policies if t.column == self.main and t.disciplined]
        records = sum(t.records for t in found)
        if not records:
            return None
        spanning = sum(t.spanning * t.records for t in found) / records
        return (1 - spanning) / max(spanning, 0.01)

    def statements(self, name: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Agreement of a stated attribute: 1 equal, 0.5 of one group, 0 different, NaN unknown."""
        exact, group = self.stated[name]
        out = np.where(group[left] == group[right], 0.5, 0.0)
        out = np.where(exact[left] == exact[right], 1.0, out)
        return np.where((exact[left] < 0) | (exact[right] < 0), np.nan, out)

    def contradicted(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether any stated attribute of the pairs differs, bool, shape (m,)."""
        out = np.zeros(len(left), bool)
        for name in self.stated:
            out |= self.statements(name, left, right) == 0
        return out

    @cached_property
    def repeats(self) -> Collisions:
        """How often records of one row have equal ignored values."""
        if self.combination is None:
            return NO_COLLISIONS
        kept = np.flatnonzero(self.row_of_record >= 0)
        return collisions(kept, self.row_of_record[kept], self.combination[kept])

    @property
    def lists_variants_once(self) -> bool:
        """Whether most records are variants of a product key, and hardly any key repeats one."""
        if self.combination is None or self.coincidental:
            return False
        kept = self.row_of_record >= 0
        key, combination = self.key[self.row_of_record[kept]], self.combination[kept]
        of_several = np.bincount(key)[key] > 1
        if 2 * of_several.sum() <= len(key):
            return False
        known = of_several & (combination >= 0)
        variant = number_values(key[known] * self.width + combination[known])[0]
        repeated = np.bincount(variant)[variant] > 1
        return len(repeated) > 0 and float(repeated.mean()) <= MOST_REPEATED

    @cached_property
    def _identifier_starts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each unit identifier: where the values of each row begin, and the values."""
        rows = len(self.first_record)
        return [(_starts(row, rows), value) for row, value in self.unit_identifiers.values()]

    @cached_property
    def _variant_starts(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the combinations of ignored values of each row begin, and the combinations."""
        return _starts(
            self.variants // self.width, len(self.first_record)
        ), self.variants % self.width

    @cached_property
    def _any_disciplined(self) -> bool:
        return bool(self.disciplined.any())

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of records of each row."""
        return np.bincount(
            self.row_of_record[self.row_of_record >= 0], minlength=len(self.first_record)
        )

    def equal_texts(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether two rows have exactly the same main text: 1, 0, or NaN where unknown."""
        a, b = self.text_number[left], self.text_number[right]
        return np.where((a < 0) | (b < 0), np.nan, a == b)

    def share_identifier(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether two rows have a value of a unit identifier in common, bool, shape (m,)."""
        out = np.zeros(len(left), bool)
        for start, value in self._identifier_starts:
            out |= share_term(start, value, left, right)
        return out

    def pairs_of_rows(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of records as pairs of rows, the lower first, without those within one row."""
        a, b = self.row_of_record[left], self.row_of_record[right]
        across = a != b
        return np.minimum(a, b)[across], np.maximum(a, b)[across]

    def apart(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether two rows are certainly two products, bool, shape (m,).

        They are where one disciplined source lists both with the same set of variants.
        """
        out = np.zeros(len(left), bool)
        if not len(self.variants) or not self._any_disciplined:
            return out
        eligible = self.disciplined[left] & self.disciplined[right]
        eligible &= (self.source[left] == self.source[right]) & (
            self.text_number[left] != self.text_number[right]
        )
        start, combination = self._variant_starts
        count = [start[rows + 1] - start[rows] for rows in (left, right)]
        fewest = np.minimum(*count)
        chosen = np.flatnonzero(eligible & (fewest >= _FEWEST_COMMON))
        common = common_terms(start, combination, left[chosen], right[chosen])
        out[chosen] = common >= np.maximum(_FEWEST_COMMON, _COMMON * fewest[chosen])
        return out

    def starting_clusters(self, labels: np.ndarray, *, by_key: bool = False) -> np.ndarray:
        """Clusters of rows that keep the given clusters of records together.

        Args:
            labels: cluster of each record under a stricter definition.
            by_key: whether rows of one product key are kept together, too.
        """
        n = len(self.first_record)
        clusters = int(labels.max(initial=-1)) + 1
        kept = self.row_of_record >= 0
        rows, nodes = self.row_of_record[kept], n + labels[kept]
        if by_key:
            rows, nodes = np.append(rows, np.arange(n)), np.append(nodes, self.key)
        edges = (np.ones(len(rows), np.int8), (rows, nodes))
        graph = sparse.coo_array(edges, shape=(n + clusters, n + clusters))
        found: np.ndarray = connected_components(graph, directed=False)[1][:n]
        return found

    def part(self, chosen: np.ndarray) -> CollapsedRecords:
        """Some of the rows; records of the others have none.

        Args:
            chosen: numbers of rows, ascending.
        """
        number = np.full(len(self.first_record), -1, np.int64)
        number[chosen] = np.arange(len(chosen))
        return replace(
            self.regrouped(chosen, number),
            records=self.records.part(chosen),
            row_of_record=np.where(self.row_of_record < 0, -1, number[self.row_of_record]),
        )

    def regrouped(self, standing: np.ndarray, number: np.ndarray) -> CollapsedRecords:
        """These rows renumbered or joined; `records` and `row_of_record` are left to the caller.

        Args:
            standing: the present row whose text, source and stated values each new row has.
            number: new row of each present one, -1 of none.
        """
        identifiers = {}
        for name, (row, value) in self.unit_identifiers.items():
            of = number[row]
            width = int(value.max(initial=0)) + 1
            pairs = sorted_distinct(of[of >= 0] * width + value[of >= 0])
            identifiers[name] = pairs // width, pairs % width
        of = number[self.variants // self.width]
        variants = of[of >= 0] * self.width + (self.variants % self.width)[of >= 0]
        return replace(
            self,
            first_record=self.first_record[standing],
            text_number=self.text_number[standing],
            key=np.unique(self.key[standing], return_inverse=True)[1],
            disciplined=self.disciplined[standing],
            variants=sorted_distinct(variants),
            source=self.source[standing],
            unit_identifiers=identifiers,
            stated={n: (one[standing], group[standing]) for n, (one, group) in self.stated.items()},
        )

    def account(self) -> dict[str, Any]:
        """The entry ``masking`` of a definition in the account of a run, as plain values."""
        return {
            "forms": len(self.first_record),
            "merged": self.merged,
            "treatments": [policy.to_dict() for policy in self.masking_policies],
        }


def _starts(row: np.ndarray, rows: int) -> np.ndarray:
    """Where the values of each row begin among values sorted by row, int64, shape (rows + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)


@dataclass(frozen=True)
class CollapsedFeatures:
    """The feature group of collapsed records: equal texts, shared unit identifiers, stated values.

    Attributes:
        collapsed: the collapsed records.
    """

    collapsed: CollapsedRecords

    @property
    def names(self) -> list[str]:
        return [
            RAW_EQUAL,
            SHARED_IDENTIFIER,
            EQUAL_KEYS,
            *(column_feature(n, STATED) for n in self.collapsed.stated),
        ]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of the pairs: float32, shape (m, len(names))."""
        rows = self.collapsed
        disciplined = rows.disciplined[left] & rows.disciplined[right]
        columns = [
            np.where(disciplined, rows.equal_texts(left, right), np.nan),
            np.where(rows.share_identifier(left, right), 1.0, np.nan),
            rows.key[left] == rows.key[right],
            *(rows.statements(name, left, right) for name in rows.stated),
        ]
        return np.column_stack(columns).astype(np.float32)

    def reordered(self, rows: np.ndarray) -> CollapsedFeatures:
        """The same features of pairs that are given by positions in another order of the rows."""
        collapsed = self.collapsed
        position = np.empty(len(rows), np.int64)
        position[rows] = np.arange(len(rows))
        identifiers = {}
        for name, (row, value) in collapsed.unit_identifiers.items():
            order = stable_order(position[row])
            identifiers[name] = position[row[order]], value[order]
        stated = {name: (one[rows], group[rows]) for name, (one, group) in collapsed.stated.items()}
        return CollapsedFeatures(
            replace(
                collapsed,
                text_number=collapsed.text_number[rows],
                key=collapsed.key[rows],
                disciplined=collapsed.disciplined[rows],
                stated=stated,
                unit_identifiers=identifiers,
            )
        )
