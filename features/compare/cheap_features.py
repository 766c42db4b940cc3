"""The blocks of cheap features: what words, codes, facts and values two records share.

They can be made in another order than that of the rows, in which records that are compared stand
near each other in memory.
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
from features.kinds import Kind
from features.prepare import PreparedAttribute, PreparedRecords
from features.text.overlap import CodeOverlapBlock, OverlapFeatures
from features.text.sets import SparseSets
from features.text.tokens import Vocabulary
from features.values.quantities import Quantities

__all__ = ["fact_feature_groups", "feature_group_makers", "make_feature_groups"]

#: Makes blocks when called.
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
    """What makes the blocks of the attributes, then those of the whole records.

    Each holds of the records only what it looks at.

    Args:
        records: prepared records.
        rows: row at each place, by which pairs will be given; the rows in their order by default.
    """

    def placed(attribute: PreparedAttribute) -> PreparedAttribute:
        return attribute if rows is None else _values_at(attribute, rows)

    def of_attribute(
        attribute: PreparedAttribute, vocabulary: Vocabulary | None
    ) -> list[feature_groups.FeatureGroup]:
        return _attribute_blocks(attribute, placed(attribute), vocabulary, rows)

    def of_codes(attributes: list[PreparedAttribute]) -> list[feature_groups.FeatureGroup]:
        return [CodesFeatures([placed(one) for one in attributes])] if attributes else []

    def of_words(words: SparseSets) -> list[feature_groups.FeatureGroup]:
        return [OverlapFeatures("record", words, _MEASURES, rows)]

    def of_model_codes(codes: SparseSets) -> list[feature_groups.FeatureGroup]:
        return [CodeOverlapBlock(codes, rows)]

    def of_facts(facts: Mapping[str, SparseSets]) -> list[feature_groups.FeatureGroup]:
        quantities, others = facts["quantities"], AgreementsFeatures(fact_feature_groups(facts))
        if rows is not None:
            quantities, others = quantities.at(rows).bare(), others.placed(rows)
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
    """The blocks, in order.

    Args:
        makers: what makes them. The list is emptied, and each maker is let go of once it is done:
            sets that nobody else holds are never all in memory beside their copies.
        threads: threads to use; the blocks do not depend on it.
    """
    held = dict(enumerate(makers))
    makers.clear()
    made = in_order(lambda number: held.pop(number)(), range(len(held)), threads)
    return [block for _, some in made for block in some]


def fact_feature_groups(facts: Mapping[str, SparseSets]) -> list[feature_groups.AgreementFeatures]:
    """The blocks of what texts state: numbers, years, colours, editions, sizes."""
    values = ("value_agreement", "value_jaccard")
    return [
        feature_groups.AgreementFeatures("numbers", facts["number_values"], values),
        *(
            feature_groups.AgreementFeatures(name, facts[name])
            for name in ("numbers", "years", "colours", "editions", "sizes")
        ),
    ]


def _attribute_blocks(
    attribute: PreparedAttribute,
    part: PreparedAttribute,
    vocabulary: Vocabulary | None,
    rows: np.ndarray | None,
) -> list[feature_groups.FeatureGroup]:
    """The blocks of an attribute, of which ``part`` has the values in the order of the places.

    A vocabulary is given for the main one: the one text worth a look at misspelt words.
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
    if vocabulary is not None:
        return [feature_groups.SetFeatures(attribute.name, attribute.words, vocabulary, rows)]
    measures = _FEW_MEASURES if kind == Kind.CATEGORY else _MEASURES
    return [OverlapFeatures(attribute.name, attribute.words, measures, rows)]


def _values_at(attribute: PreparedAttribute, rows: np.ndarray) -> PreparedAttribute:
    """An attribute with its values, but not its words, in another order."""
    known = attribute.quantity
    quantity = None
    if known is not None:
        quantity = Quantities(known.amount[rows], known.dimension[rows], known.packs[rows])
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
