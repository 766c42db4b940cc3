"""The feature groups of the cheap set: words, codes, facts and values that two records share.

They can be made in another order than that of the rows, in which records that are compared stand
near each other in memory (`blocking.locality`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np

from features.arrays.chunked import in_order
from features.compare import feature_groups
from features.compare.agreements import AgreementsFeatures
from features.compare.equality import CodesFeatures
from features.compare.overlap import CodeOverlapFeatures, OverlapFeatures
from features.feature_names import column_prefix, engine_prefix
from features.kinds import Kind
from features.prepare import PreparedAttribute, PreparedRecords
from features.text.sets import SparseSets
from features.text.tokens import Vocabulary
from features.values.marks import MARKS
from features.values.quantities import Quantities

__all__ = ["fact_feature_groups", "feature_group_makers", "make_feature_groups"]

#: Makes some of the groups when called.
Maker: TypeAlias = Callable[[], list[feature_groups.FeatureGroup]]

#: Cheap measures of texts and names, and of categories, which are a few words long.
_MEASURES = (
    "idf_cosine",
    "idf_overlap",
    "rarest_shared",
    "rarest_unshared_min",
    "rarest_unshared_max",
)
_FEW_MEASURES = ("idf_cosine", "rarest_unshared_max")
#: Kinds whose values are compared otherwise than by whether they are the same.
_WITHOUT_CODES = (Kind.PRICE, Kind.IMAGE)


def feature_group_makers(records: PreparedRecords, rows: np.ndarray | None = None) -> list[Maker]:
    """Functions that make the groups of each attribute, then those of the records as wholes.

    Each refers to only those parts of the records that its groups need, so that the others can be
    freed before it is called.

    Args:
        records: prepared records.
        rows: record at each position of another order, by which pairs will be given; by default
            records are given by their rows.
    """

    def reordered(attribute: PreparedAttribute) -> PreparedAttribute:
        return attribute if rows is None else _reordered_values(attribute, rows)

    def of_attribute(
        attribute: PreparedAttribute, vocabulary: Vocabulary | None
    ) -> list[feature_groups.FeatureGroup]:
        return _attribute_groups(attribute, reordered(attribute), vocabulary, rows)

    def of_codes(attributes: list[PreparedAttribute]) -> list[feature_groups.FeatureGroup]:
        return [CodesFeatures([reordered(one) for one in attributes])] if attributes else []

    def of_words(words: SparseSets) -> list[feature_groups.FeatureGroup]:
        return [OverlapFeatures(engine_prefix("record"), words, _MEASURES, rows)]

    def of_model_codes(codes: SparseSets) -> list[feature_groups.FeatureGroup]:
        return [CodeOverlapFeatures(codes, rows)]

    def of_facts(facts: Mapping[str, SparseSets]) -> list[feature_groups.FeatureGroup]:
        quantities, others = facts["quantities"], AgreementsFeatures(fact_feature_groups(facts))
        if rows is not None:
            quantities, others = quantities.at(rows).bare(), others.reordered(rows)
        return [feature_groups.QuantityTextFeatures(quantities), others]

    attributes = list(records.attributes.values())
    coded = [
        replace(one, words=None, letters=None, hashes=None)
        for one in attributes
        if one.kind not in _WITHOUT_CODES
    ]
    return [
        *(
            partial(of_attribute, one, records.vocabulary if one.name == records.main else None)
            for one in attributes
        ),
        partial(of_codes, coded),
        partial(of_words, records.words),
        partial(of_model_codes, records.codes.sets),
        partial(of_facts, records.facts),
    ]


def make_feature_groups(makers: list[Maker], threads: int = 1) -> list[feature_groups.FeatureGroup]:
    """The feature groups, in the order of their makers.

    Args:
        makers: functions that make them, of `feature_group_makers`. The list is emptied and each
            maker is freed once it was called, so that word sets which only makers refer to are
            never all in memory beside their reordered copies.
        threads: threads to use; the groups do not depend on it.
    """
    held = dict(enumerate(makers))
    makers.clear()
    made = in_order(lambda number: held.pop(number)(), range(len(held)), threads)
    return [group for _, some in made for group in some]


def fact_feature_groups(facts: Mapping[str, SparseSets]) -> list[feature_groups.AgreementFeatures]:
    """Agreement groups of the facts in texts: numbers, years, colours, editions, sizes and marks.

    Args:
        facts: facts of every record by name, see `features.values.facts.fact_sets`.
    """
    values = ("value_agreement", "value_jaccard")
    return [
        feature_groups.AgreementFeatures(engine_prefix("numbers"), facts["number_values"], values),
        *(
            feature_groups.AgreementFeatures(engine_prefix(name), facts[name])
            for name in ("numbers", "years", "colours", "editions", "sizes")
        ),
        *(
            feature_groups.AgreementFeatures(
                engine_prefix(name), facts[name], ("agreement", "coverage"), one_sided=True
            )
            for name in MARKS
        ),
    ]


def _attribute_groups(
    attribute: PreparedAttribute,
    part: PreparedAttribute,
    vocabulary: Vocabulary | None,
    rows: np.ndarray | None,
) -> list[feature_groups.FeatureGroup]:
    """The groups of one attribute.

    Args:
        attribute: the attribute.
        part: the same with its values in the order of ``rows``.
        vocabulary: the words, for the main attribute alone: only there is it worth its time to
            match misspelt words.
        rows: as of `feature_group_makers`.
    """
    kind = attribute.kind
    if kind == Kind.IMAGE:
        return [feature_groups.ImageFeatures(attribute, rows)]
    if kind == Kind.PRICE:
        return [feature_groups.NumberFeatures(part)]
    if kind in (Kind.NUMBER, Kind.DATE):
        return [feature_groups.NumberFeatures(part, is_date=kind == Kind.DATE)]
    if kind == Kind.QUANTITY:
        return [feature_groups.QuantityFeatures(part)]
    if kind == Kind.IDENTIFIER:
        return []
    assert attribute.words is not None
    prefix = column_prefix(attribute.name)
    if vocabulary is not None:
        return [feature_groups.SetFeatures(prefix, attribute.words, vocabulary, rows)]
    measures = _FEW_MEASURES if kind == Kind.CATEGORY else _MEASURES
    return [OverlapFeatures(prefix, attribute.words, measures, rows)]


def _reordered_values(attribute: PreparedAttribute, rows: np.ndarray) -> PreparedAttribute:
    """The attribute with its values in another order; its sets of words stay as they are."""
    by_row = attribute.quantity
    quantity = None
    if by_row is not None:
        quantity = Quantities(by_row.amount[rows], by_row.dimension[rows], by_row.packs[rows])
    identifiers = attribute.identifiers
    return replace(
        attribute,
        values=attribute.values[rows],
        first_word=None if attribute.first_word is None else attribute.first_word[rows],
        number=None if attribute.number is None else attribute.number[rows],
        quantity=quantity,
        identifiers=None
        if identifiers is None
        else replace(identifiers, code=identifiers.code[rows]),
    )
