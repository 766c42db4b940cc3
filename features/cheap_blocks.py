"""The blocks of cheap features: what words, codes, facts and values two records share.

They can be made in another order than that of the rows, in which records that are compared stand
near each other in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from features import blocks
from features.agreements import AgreementsBlock
from features.chunked import in_order
from features.equality import CodesBlock
from features.kinds import Kind
from features.overlap import CodeOverlapBlock, OverlapBlock
from features.prepare import PreparedAttribute, PreparedRecords
from features.quantities import Quantities
from features.sets import SparseSets

__all__ = ["cheap_blocks", "fact_blocks"]

#: Cheap measures of texts and names, and of categories, which are a few words long.
_MEASURES = (
    "idf_cosine",
    "idf_overlap",
    "rarest_shared",
    "rarest_unshared_min",
    "rarest_unshared_max",
)
_FEW_MEASURES = ("idf_cosine", "rarest_unshared_max")


def cheap_blocks(
    records: PreparedRecords, rows: np.ndarray | None = None, threads: int = 1
) -> list[blocks.FeatureBlock]:
    """The blocks of the attributes, then of the whole records.

    Args:
        records: prepared records.
        rows: row at each place, by which pairs will be given; the rows in their order by default.
        threads: threads to use; the blocks do not depend on it.
    """

    def placed(attribute: PreparedAttribute) -> PreparedAttribute:
        return attribute if rows is None else _values_at(attribute, rows)

    def of_attribute(attribute: PreparedAttribute) -> list[blocks.FeatureBlock]:
        return _attribute_blocks(attribute, placed(attribute), records, rows)

    def of_codes() -> list[blocks.FeatureBlock]:
        coded = [
            placed(attribute)
            for attribute in records.attributes.values()
            if attribute.kind not in (Kind.PRICE, Kind.IMAGE)
        ]
        return [CodesBlock(coded)] if coded else []

    def of_facts() -> list[blocks.FeatureBlock]:
        quantities, others = (
            records.facts["quantities"],
            AgreementsBlock(fact_blocks(records.facts)),
        )
        if rows is not None:
            quantities, others = quantities.at(rows).bare(), others.placed(rows)
        return [blocks.QuantityTextBlock(quantities), others]

    jobs: list[Callable[[], list[blocks.FeatureBlock]]] = [
        *(partial(of_attribute, attribute) for attribute in records.attributes.values()),
        of_codes,
        lambda: [OverlapBlock("record", records.words, _MEASURES, rows)],
        lambda: [CodeOverlapBlock(records.codes.sets, rows)],
        of_facts,
    ]
    return [block for _, made in in_order(lambda job: job(), jobs, threads) for block in made]


def fact_blocks(facts: Mapping[str, SparseSets]) -> list[blocks.AgreementBlock]:
    """The blocks of what texts state: numbers, years, colours, editions, sizes."""
    values = ("value_agreement", "value_jaccard")
    return [
        blocks.AgreementBlock("numbers", facts["number_values"], values),
        *(
            blocks.AgreementBlock(name, facts[name])
            for name in ("numbers", "years", "colours", "editions", "sizes")
        ),
    ]


def _attribute_blocks(
    attribute: PreparedAttribute,
    part: PreparedAttribute,
    records: PreparedRecords,
    rows: np.ndarray | None,
) -> list[blocks.FeatureBlock]:
    """The blocks of an attribute, of which ``part`` has the values in the order of the places."""
    kind = attribute.kind
    if kind == Kind.IMAGE:
        return [blocks.ImageBlock(attribute, rows)]
    if kind == Kind.PRICE:
        return [blocks.NumberBlock(part)]
    if kind in (Kind.NUMBER, Kind.DATE):
        return [blocks.NumberBlock(part, is_date=kind == Kind.DATE)]
    if kind == Kind.QUANTITY:
        return [blocks.QuantityBlock(part)]
    if kind == Kind.IDENTIFIER:
        return []
    assert attribute.words is not None
    if attribute.name == records.main:  # the one text worth a look at misspelt words
        return [blocks.SetBlock(attribute.name, attribute.words, records.vocabulary, rows)]
    measures = _FEW_MEASURES if kind == Kind.CATEGORY else _MEASURES
    return [OverlapBlock(attribute.name, attribute.words, measures, rows)]


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
