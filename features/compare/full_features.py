"""The feature groups of the full set: what each attribute, and the records as wholes, have alike.

The cheap set, for catalogs of many records, is in `features.compare.cheap_features`.
"""

from __future__ import annotations

from features.compare.cheap_features import fact_feature_groups
from features.compare.feature_groups import (
    CodeFeatures,
    ContainmentFeatures,
    CosineFeatures,
    EqualityFeatures,
    FeatureGroup,
    FirstWordFeatures,
    ImageFeatures,
    NumberFeatures,
    QuantityFeatures,
    QuantityTextFeatures,
    SetFeatures,
    StringFeatures,
)
from features.feature_names import column_prefix, engine_prefix
from features.kinds import Kind
from features.prepare import DESCRIPTION_WORDS, PreparedAttribute, PreparedRecords

__all__ = ["full_feature_groups"]


def full_feature_groups(records: PreparedRecords, threads: int = 1) -> list[FeatureGroup]:
    """The groups of each attribute in column order, then those of the records as wholes.

    Args:
        records: prepared records.
        threads: threads of the string measures; the features do not depend on it.
    """
    out: list[FeatureGroup] = []
    for attribute in records.attributes.values():
        out += _attribute_groups(attribute, records, threads)
    return out + _record_groups(records)


def _attribute_groups(
    attribute: PreparedAttribute, records: PreparedRecords, threads: int
) -> list[FeatureGroup]:
    """The groups that compare one attribute, by its kind."""
    kind = attribute.kind
    if kind == Kind.IMAGE:
        return [ImageFeatures(attribute)]
    if kind == Kind.PRICE:
        return [NumberFeatures(attribute)]
    out: list[FeatureGroup] = [EqualityFeatures(attribute)]
    if kind in (Kind.NUMBER, Kind.DATE):
        out.append(NumberFeatures(attribute, is_date=kind == Kind.DATE))
        out.append(StringFeatures(attribute, threads))
        return out
    if kind == Kind.QUANTITY:
        out.append(QuantityFeatures(attribute))
        return out
    assert attribute.words is not None
    assert attribute.grams is not None
    if kind == Kind.IDENTIFIER:
        out.append(StringFeatures(attribute, threads))
        return out
    out.append(SetFeatures(column_prefix(attribute.name), attribute.words, records.vocabulary))
    out.append(CosineFeatures(column_prefix(attribute.name), attribute.grams))
    if kind == Kind.CATEGORY:
        return out
    out.append(FirstWordFeatures(attribute))
    if attribute.mean_words <= DESCRIPTION_WORDS:
        out.append(StringFeatures(attribute, threads))
    return out


def _record_groups(records: PreparedRecords) -> list[FeatureGroup]:
    """The groups that compare all texts of two records together."""
    out: list[FeatureGroup] = [
        SetFeatures(engine_prefix("record"), records.words, records.vocabulary),
        CosineFeatures(engine_prefix("record"), records.grams),
        CodeFeatures(records),
        QuantityTextFeatures(records.facts["quantities"]),
    ]
    out += fact_feature_groups(records.facts)
    main = records.attributes[records.main].words if records.main else None
    if main is not None:
        out.append(ContainmentFeatures(main, records.words))
    return out
