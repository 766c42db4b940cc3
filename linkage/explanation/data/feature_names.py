"""Features in words: the attribute, the family and the label of each."""

from __future__ import annotations

from typing import NamedTuple

from features.compare.wording import is_wording_feature
from features.feature_names import column_of, group_of, measure_of
from linkage.models.grouped_fellegi_sunter import CATEGORIES
from linkage.variants.collapsed_records import EQUAL_KEYS, RAW_EQUAL, SHARED_IDENTIFIER, STATED

__all__ = ["FeatureName", "describe_feature"]


class FeatureName(NamedTuple):
    """A feature in words.

    Attributes:
        attribute: the column, or another part of the record, that it was read from.
        family: the kind of comparison.
        label: the comparison in words.
    """

    attribute: str
    family: str
    label: str


#: Values of `FeatureName.attribute` that are no columns.
RECORD, NEIGHBOURS, BASE_MODEL = "whole record", "other candidates", "without labels"

_MEASURES = {
    "equal": ("equality", "equal"),
    "idf_cosine": ("words", "words in common, by rarity (cosine)"),
    "idf_overlap": ("words", "share of the shorter one's words in common, by rarity"),
    "idf_jaccard": ("words", "share of all words in common, by rarity"),
    "rarest_shared": ("words", "rarity of the rarest word in common"),
    "rarest_unshared_min": ("words", "rarity of the rarest word of one alone (lesser side)"),
    "rarest_unshared_max": ("words", "rarity of the rarest word of one alone (greater side)"),
    "soft_overlap": ("words", "words in common, misspelt ones too"),
    "length_ratio": ("words", "ratio of lengths"),
    "first_word_equal": ("words", "first words equal"),
    "character_cosine": ("characters", "letter groups in common, by rarity"),
    "ratio": ("strings", "edit similarity"),
    "difference": ("numbers", "relative difference"),
    "log_ratio": ("numbers", "logarithm of the ratio"),
    "log_days": ("dates", "logarithm of the days between"),
    "same_dimension": ("quantities", "same dimension"),
    "packs_equal": ("quantities", "same number in the pack"),
    "hash_difference": ("images", "difference of the images' hashes"),
    "colour_difference": ("images", "difference of the images' colours"),
    "embedding_cosine": ("embedding", "similarity of meaning (embedding)"),
    "main_contained_min": ("words", "name of one found in the other (lesser side)"),
    "main_contained_max": ("words", "name of one found in the other (greater side)"),
    "agreement": ("stated facts", "agree where both state them"),
    "jaccard": ("stated facts", "share in common"),
    "common": ("stated facts", "number in common"),
    "coverage": ("stated facts", "share in common of all that either states"),
    "stated_agreement": ("stated facts", "agree where both state a value, in whatever words"),
    "stated_jaccard": ("stated facts", "share of stated values in common"),
    "value_agreement": ("stated facts", "agree by value where both state them"),
    "value_jaccard": ("stated facts", "share in common by value"),
    "text": ("words", "equal, or how alike"),
}
_CODES = {
    "shared_rarity": "rarity of the rarest code in common",
    "conflict": "both have codes, none in common",
    "none_shared": "no code in common",
    "best_ratio": "likeness of the most alike codes",
    "longest_prefix": "longest common beginning of codes",
    "contained_max": "a code found in the other record (greater side)",
    "contained_min": "a code found in the other record (lesser side)",
    "unshared_max": "longest code of one alone",
    "view": "codes in common, or none",
}
_WORDING = {
    "prefix_words": "words that both begin with",
    "last_equal": "last words equal",
    "pairs_shared": "share of neighbouring words that are neighbours in both",
    "unshared_numbers": "numbers of one alone",
    "absent_words": "words found nowhere in the other",
    "absent_rarity": "rarity of the words found nowhere in the other",
    "absent_rarest": "rarity of the rarest word found nowhere in the other",
}
_SIDES = {"min": " (lesser side)", "max": " (greater side)"}
#: Features of the record whose attribute is no column.
_PLACES = {
    "record": RECORD,
    "codes": "model codes",
    "numbers": "numbers in the text",
    "years": "years in the text",
    "colours": "colours in the text",
    "editions": "editions in the text",
    "conditions": "conditions in the text (new, refurbished)",
    "accessories": "words for an accessory in the text",
    "versions": "generations, volumes and tiers in the text",
    "sizes": "sizes in the text",
    "quantities": "quantities in the text",
}
_BASE_SCORES = {
    "prior:log_odds": "opinion of the model without labels",
    "prior:against_rivals": "that opinion against the pair's rivals",
    "prior:row_gap": "that opinion: lead over the left record's best other candidate",
    "prior:column_gap": "that opinion: lead over the right record's best other candidate",
    "prior:min_gap": "that opinion: the lesser of the two leads",
}
_KNOWN_MATCHES = {
    "known:left_has_other": "the left record is labelled to match another one",
    "known:right_has_other": "the right record is labelled to match another one",
}
_GAPS = {
    "row_gap": "lead over the left record's best other candidate",
    "column_gap": "lead over the right record's best other candidate",
    "min_gap": "lesser of the leads over both records' best other candidates",
}


def describe_feature(name: str, main: str | None = None) -> FeatureName:
    """A feature, or a view of several, in words.

    Args:
        name: its name in the model.
        main: the attribute that names the record.
    """
    if name == RAW_EQUAL:
        return FeatureName(main or "text", "equality", "exactly the same text")
    if name == EQUAL_KEYS:
        return FeatureName(RECORD, "equality", "equal in all that is compared, as far as stated")
    if name == SHARED_IDENTIFIER:
        return FeatureName("identifier", "equality", "an identifier of one variant in common")
    column, group, measure = column_of(name), group_of(name), measure_of(name)
    if name == CATEGORIES:
        return FeatureName("categories", "equality", "categories that differ")
    if name in _KNOWN_MATCHES:
        return FeatureName("known matches", "labels", _KNOWN_MATCHES[name])
    if name in _BASE_SCORES:
        return FeatureName(BASE_MODEL, "opinion", _BASE_SCORES[name])
    if group == "context":
        for end, label in _GAPS.items():
            if measure.endswith(end):
                space = measure.removesuffix(end).rstrip("_").replace("_", " ")
                return FeatureName(NEIGHBOURS, "lead", f"{space}: {label}")
    if is_wording_feature(name):
        kind, _, side = measure.rpartition("_")
        kind, side = (kind, _SIDES[side]) if side in _SIDES else (measure, "")
        return FeatureName(main or "name", "wording", _WORDING[kind] + side)
    if column is not None and measure == STATED:
        return FeatureName(column, "stated facts", "stated equal, or of one group")
    if group == "codes" and measure in _CODES:
        return FeatureName(_PLACES[group], "codes", _CODES[measure])
    family, label = _MEASURES.get(measure, ("other", measure.replace("_", " ")))
    owner = column if column is not None else _PLACES.get(str(group), str(group))
    return FeatureName(owner, family, label)
