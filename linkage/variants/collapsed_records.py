"""A grouping: what is known of records under a definition that ignores attributes.

A *form* stands for the records that are equal in all they keep: variants whose texts repeat, or
texts that differed only in what was masked. Forms are blocked, compared and clustered; then the
result is spread over their records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from features.arrays.distinct import sorted_distinct
from features.arrays.ordering import stable_order
from features.feature_names import column_feature, engine_feature
from features.records import Records
from features.variants.masking_policy import MaskingPolicy
from linkage.variants.collapse_kernels import common_terms, share_term

__all__ = ["RAW_EQUAL", "SHARED_IDENTIFIER", "STATED", "CollapsedFeatures", "CollapsedRecords"]

#: Feature: the main texts are the same to the byte (of masked texts: to the word).
RAW_EQUAL = engine_feature("text", "raw_equal")
#: Measure of a column: 1 where a variant's attribute that counts is stated equal, 0.5 where it may
#: be (both blues), 0 where it is not.
STATED = "stated"
#: Feature: 1 where the records share a unit identifier, unknown otherwise.
SHARED_IDENTIFIER = engine_feature("identifier", "shared")
#: Two texts with so many, and this share, of the smaller's variants in common are two products
#: that each have a whole set of variants.
_FEWEST_COMMON, _COMMON = 3, 0.75


@dataclass(frozen=True)
class CollapsedRecords:
    """Records under a definition that ignores attributes.

    Attributes:
        forms: one record a form, without the ignored attributes, masked.
        form: form of each record, int, shape (n,); -1 where its form is none of these.
        first: record that stands for each form.
        main: the column that names the thing.
        text: number of the main column's exact text in each form, -1 unknown.
        disciplined: whether the main text of each form is of a disciplined source.
        variants: sorted ``form * width + combination`` of ignored values, where sources do not
            repeat them.
        width: number of combinations.
        source: source of each form.
        shared: unit identifiers (of one variant each): column -> (form, code) of its known values,
            sorted.
        stated: attributes of variants that this definition does not ignore: column -> number of
            each form's value, and of its value's group (all blues).
        treatments: what was done with each source's texts, and why.
        merged: whether a form is all the records of one cluster of a stricter definition.
    """

    records: Records
    row_of_record: np.ndarray
    first_record: np.ndarray
    main: str | None
    text_number: np.ndarray
    disciplined: np.ndarray
    variants: np.ndarray
    width: int
    source: np.ndarray
    unit_identifiers: dict[str, tuple[np.ndarray, np.ndarray]]
    stated: dict[str, tuple[np.ndarray, np.ndarray]]
    masking_policies: list[MaskingPolicy]
    merged: bool = False

    @property
    def weight(self) -> np.ndarray | None:
        """How many records each form counts as in an average; None where each counts as one.

        Forms of texts that repeat count as one text each.
        """
        return self.sizes if self.merged else None

    @property
    def most_unequal(self) -> float | None:
        """Most matches of unequal main texts for each of equal ones; None in messy sources.

        Where nearly all records share their text with other variants, few of a product's records
        can have another one.
        """
        found = [t for t in self.masking_policies if t.column == self.main and t.disciplined]
        records = sum(t.records for t in found)
        if not records:
            return None
        spanning = sum(t.spanning * t.records for t in found) / records
        return (1 - spanning) / max(spanning, 0.01)

    def statements(self, name: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """How a stated attribute compares: 1 equal, 0.5 of one group, 0 different, NaN unknown."""
        exact, group = self.stated[name]
        out = np.where(group[left] == group[right], 0.5, 0.0)
        out = np.where(exact[left] == exact[right], 1.0, out)
        return np.where((exact[left] < 0) | (exact[right] < 0), np.nan, out)

    def contradicted(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether a variant's attribute that counts is stated to differ, bool, shape (m,)."""
        out = np.zeros(len(left), bool)
        for name in self.stated:
            out |= self.statements(name, left, right) == 0
        return out

    @cached_property
    def _shared_starts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Where the codes of each form begin, and the codes, of each unit identifier."""
        forms = len(self.first_record)
        return [(_starts(form, forms), code) for form, code in self.unit_identifiers.values()]

    @cached_property
    def _variant_starts(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the combinations of ignored values of each form begin, and the combinations."""
        return _starts(
            self.variants // self.width, len(self.first_record)
        ), self.variants % self.width

    @cached_property
    def _any_disciplined(self) -> bool:
        return bool(self.disciplined.any())

    @cached_property
    def sizes(self) -> np.ndarray:
        """Records of each form."""
        return np.bincount(
            self.row_of_record[self.row_of_record >= 0], minlength=len(self.first_record)
        )

    def equal_texts(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether two forms have exactly the same main text: 1, 0, or NaN where unknown."""
        a, b = self.text_number[left], self.text_number[right]
        return np.where((a < 0) | (b < 0), np.nan, a == b)

    def share_identifier(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether two forms have a unit identifier in common, bool, shape (m,)."""
        out = np.zeros(len(left), bool)
        for start, code in self._shared_starts:
            out |= share_term(start, code, left, right)
        return out

    def pairs_of_rows(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Forms of pairs of records, the smaller first, without pairs within one form."""
        a, b = self.row_of_record[left], self.row_of_record[right]
        across = a != b
        return np.minimum(a, b)[across], np.maximum(a, b)[across]

    def apart(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Forms of one disciplined source that each have a whole set of variants: two products."""
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

    def starting_clusters(self, labels: np.ndarray) -> np.ndarray:
        """Clusters of forms that hold together the given clusters of records.

        Args:
            labels: cluster of each record under a stricter definition.
        """
        n = len(self.first_record)
        clusters = int(labels.max(initial=-1)) + 1
        known = self.row_of_record >= 0
        edges = (np.ones(int(known.sum()), np.int8), (self.row_of_record[known], n + labels[known]))
        graph = sparse.coo_array(edges, shape=(n + clusters, n + clusters))
        found: np.ndarray = connected_components(graph, directed=False)[1][:n]
        return found

    def part(self, chosen: np.ndarray) -> CollapsedRecords:
        """Some of the forms.

        Args:
            chosen: ascending numbers of forms.
        """
        number = np.full(len(self.first_record), -1, np.int64)
        number[chosen] = np.arange(len(chosen))
        return replace(
            self.regrouped(chosen, number),
            records=self.records.part(chosen),
            row_of_record=np.where(self.row_of_record < 0, -1, number[self.row_of_record]),
        )

    def regrouped(self, standing: np.ndarray, number: np.ndarray) -> CollapsedRecords:
        """What is known of other forms, each of one or more of these; all but their values.

        Args:
            standing: the form of these that stands for each.
            number: the new form that each of these is of, -1 of none.
        """
        identifiers = {}
        for name, (form, code) in self.unit_identifiers.items():
            of = number[form]
            width = int(code.max(initial=0)) + 1
            pairs = sorted_distinct(of[of >= 0] * width + code[of >= 0])
            identifiers[name] = pairs // width, pairs % width
        of = number[self.variants // self.width]
        variants = of[of >= 0] * self.width + (self.variants % self.width)[of >= 0]
        return replace(
            self,
            first_record=self.first_record[standing],
            text_number=self.text_number[standing],
            disciplined=self.disciplined[standing],
            variants=sorted_distinct(variants),
            source=self.source[standing],
            unit_identifiers=identifiers,
            stated={n: (one[standing], group[standing]) for n, (one, group) in self.stated.items()},
        )

    def account(self) -> dict[str, Any]:
        """What the run's account says of the treatment."""
        return {
            "forms": len(self.first_record),
            "merged": self.merged,
            "treatments": [treatment.to_dict() for treatment in self.masking_policies],
        }


def _starts(form: np.ndarray, forms: int) -> np.ndarray:
    """Where each form begins in values sorted by form."""
    return np.concatenate([[0], np.cumsum(np.bincount(form, minlength=forms))]).astype(np.int64)


@dataclass(frozen=True)
class CollapsedFeatures:
    """What a grouping knows of pairs of forms: exactly equal texts, a shared unit identifier.

    Attributes:
        grouping: the forms.
    """

    collapsed: CollapsedRecords

    @property
    def names(self) -> list[str]:
        return [
            RAW_EQUAL,
            SHARED_IDENTIFIER,
            *(column_feature(n, STATED) for n in self.collapsed.stated),
        ]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of the pairs: float32, shape (m, len(names))."""
        known = self.collapsed
        disciplined = known.disciplined[left] & known.disciplined[right]
        columns = [
            np.where(disciplined, known.equal_texts(left, right), np.nan),
            np.where(known.share_identifier(left, right), 1.0, np.nan),
            *(known.statements(name, left, right) for name in known.stated),
        ]
        return np.column_stack(columns).astype(np.float32)

    def reordered(self, rows: np.ndarray) -> CollapsedFeatures:
        """The same features of pairs given by positions in another order of the records."""
        known = self.collapsed
        place = np.empty(len(rows), np.int64)
        place[rows] = np.arange(len(rows))
        identifiers = {}
        for name, (form, code) in known.unit_identifiers.items():
            order = stable_order(place[form])
            identifiers[name] = place[form[order]], code[order]
        stated = {name: (one[rows], group[rows]) for name, (one, group) in known.stated.items()}
        return CollapsedFeatures(
            replace(
                known,
                text_number=known.text_number[rows],
                disciplined=known.disciplined[rows],
                stated=stated,
                unit_identifiers=identifiers,
            )
        )
