"""The variation theme of groups: which ignored attributes differ inside each, and their values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.distinct import sorted_distinct
from features.kinds import Kind
from features.records import Records
from features.text.tokens import tokenise
from features.variants.variant_values import canonical_values
from features.variants.variant_words import size_spellings
from linkage.clustering.rule_values import kind_of_column
from linkage.config.match_definition import MatchDefinition

__all__ = [
    "GROUP_COLUMNS",
    "NO_THEME",
    "THEME_SIGN",
    "option_rank",
    "theme_counts",
    "theme_sentence",
    "variation",
]

GROUP_COLUMNS = ("definition", "cluster_id", "size", "entities", "theme", "values")
#: Stands between the attributes of a theme.
THEME_SIGN = " x "
#: A photograph, a price or a number of the unit differs between variants but is no theme of theirs.
NO_THEME = frozenset({Kind.IMAGE, Kind.PRICE, Kind.IDENTIFIER, Kind.DATE})
_SIZES = ("3xs", "2xs", "xs", "s", "m", "l", "xl", "2xl", "3xl", "4xl", "5xl", "6xl")
_SHOWN_THEMES = 5
_COMMA = ", "
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def variation(
    records: Records,
    definition: MatchDefinition,
    labels: np.ndarray,
    names: np.ndarray,
    *,
    stricter: np.ndarray | None = None,
    declared: Mapping[str, Kind] | None = None,
) -> pd.DataFrame:
    """The variation inside each group of a definition that ignores attributes.

    Spellings of one value count once ("Blk" is black, 0.5 l is 500 ml), and unknown values never.

    Args:
        records: the rows.
        definition: the match definition.
        labels: group of each record, int[n] from 0.
        names: name of each group.
        stricter: cluster of each record under the definition that this one begins with.
        declared: kinds that the user declares.

    Returns:
        A row for each group of two records and more, largest first: ``definition``,
        ``cluster_id``, ``size`` (records), ``entities`` (clusters of the stricter definition;
        missing where there is none), ``theme`` (the attributes that differ, such as
        "colour x size"; empty if none does) and ``values`` (JSON: attribute -> its values, for
        those that differ).
    """
    size = np.bincount(labels)
    several = np.flatnonzero(size > 1)
    themes, theme = [""], np.zeros(len(several), np.int64)
    members = []
    for column in definition.ignore:
        differing, texts = _differing(records, column, labels, size > 1)
        place = np.full(len(size), -1, np.int64)
        place[differing] = np.arange(len(differing))
        place = place[several]
        varies = place >= 0
        members.append(
            _join(f"{_COMMA}{_json(column)}: ", texts.take(pa.array(place, mask=~varies)), "")
        )
        if kind_of_column(records, column, declared or {}) not in NO_THEME:
            kinds, theme = np.unique(2 * theme + varies, return_inverse=True)
            themes = [
                _joined_theme(themes[k // 2], column if k % 2 else "") for k in kinds.tolist()
            ]
    entities = pd.array([pd.NA] * len(several), dtype="Int64")
    if stricter is not None:
        width = int(stricter.max(initial=-1)) + 1
        cells = sorted_distinct(labels.astype(np.int64) * max(width, 1) + stricter) // max(width, 1)
        entities = pd.array(np.bincount(cells, minlength=len(size))[several], dtype="Int64")
    name = names[several]
    # Largest first, then by name.
    order = pc.sort_indices(pa.array(name, pa.string())).to_numpy()
    order = order[np.argsort(-size[several[order]], kind="stable")]
    return pd.DataFrame(
        {
            "definition": np.full(len(several), definition.name, dtype=object),
            "cluster_id": name[order],
            "size": size[several[order]],
            "entities": entities[order],
            "theme": np.array(themes, dtype=object)[theme[order]],
            "values": _json_objects(members, len(several))[order],
        }
    )


def theme_counts(groups: pd.DataFrame) -> dict[str, int]:
    """Number of groups of each theme, the most frequent first, "" where nothing differs."""
    counts = groups["theme"].value_counts()
    order = sorted(counts.index, key=lambda theme: (-counts[theme], theme))
    return {theme: int(counts[theme]) for theme in order}


def theme_sentence(counts: Mapping[str, int]) -> str:
    """The most frequent themes as a sentence.

    Example:
        >>> theme_sentence({"colour x size": 812, "size": 90, "": 7})
        'groups differ in colour x size (812), size (90), nothing (7)'
    """
    shown = [f"{theme or 'nothing'} ({count:,})" for theme, count in counts.items()]
    more = len(shown) - _SHOWN_THEMES
    return "groups differ in " + ", ".join(shown[:_SHOWN_THEMES]) + (", ..." if more > 0 else "")


def _differing(
    records: Records, column: str, labels: np.ndarray, use: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """Groups in which a column has several values, ascending, and those as a JSON list for each.

    Each value is given in its usual spelling.
    """
    encoded = pc.dictionary_encode(records.values(column))
    spellings = encoded.dictionary.to_pylist()
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    if not spellings:
        return np.zeros(0, np.int64), pa.array([], pa.large_string())
    canonical = pd.factorize(pd.Index(canonical_values(spellings)))[0]
    clean = tokenise(encoded.dictionary).clean_strings().is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero((code >= 0) & use[labels])
    rows = rows[clean[code[rows]]]
    cells, count = np.unique(
        labels[rows].astype(np.int64) * len(spellings) + code[rows], return_counts=True
    )
    label, spelling = cells // len(spellings), cells % len(spellings)
    value = canonical[spelling]
    # Of the spellings of a value in a group the most frequent, then the first by alphabet.
    order = np.lexsort((_ranks(spellings)[spelling], -count, value, label))
    label, spelling, value = label[order], spelling[order], value[order]
    usual = np.ones(len(label), np.bool_)
    usual[1:] = (label[1:] != label[:-1]) | (value[1:] != value[:-1])
    label, spelling, value = label[usual], spelling[usual], value[usual]
    several = np.bincount(label, minlength=len(use))[label] > 1
    label, spelling, value = label[several], spelling[several], value[several]
    shown = np.unique(spelling)
    place = np.zeros(len(spellings), np.int64)
    place[shown] = _ranks([option_rank(spellings[k]) for k in shown.tolist()])
    order = np.lexsort((value, place[spelling], label))
    label, spelling = label[order], spelling[order]
    quoted = np.full(len(spellings), "", dtype=object)
    quoted[shown] = [_json(spellings[k]) for k in shown.tolist()]
    groups, start = np.unique(label, return_index=True)
    lists = pa.LargeListArray.from_arrays(
        pa.array(np.append(start, len(label)), pa.int64()),
        pa.array(quoted, pa.large_string()).take(pa.array(spelling)),
    )
    return groups, _join("[", pc.binary_join(lists, pa.scalar(_COMMA, lists.type.value_type)), "]")


def _json_objects(members: list[pa.Array], number: int) -> np.ndarray:
    """JSON objects of so many groups, strings, from their members; each begins with a comma."""
    if not members:
        return np.full(number, "{}", dtype=object)
    nothing = pa.scalar("", pa.large_string())
    joined = pc.binary_join_element_wise(*(pc.fill_null(one, nothing) for one in members), nothing)
    joined = pc.utf8_slice_codeunits(joined, len(_COMMA))
    return np.asarray(_join("{", joined, "}").to_numpy(zero_copy_only=False), dtype=object)


def _join(before: str, texts: pa.Array, after: str) -> pa.Array:
    """Texts with others before and after each; null stays null."""
    ends = [pa.scalar(text, pa.large_string()) for text in (before, after, "")]
    return pc.binary_join_element_wise(ends[0], texts, *ends[1:])


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _joined_theme(theme: str, column: str) -> str:
    return THEME_SIGN.join(part for part in (theme, column) if part)


def _ranks(keys: Sequence[Any]) -> np.ndarray:
    """Place of each key among the distinct ones in order."""
    place = {key: k for k, key in enumerate(sorted(set(keys)))}
    return np.fromiter((place[key] for key in keys), np.int64, len(keys))


def option_rank(text: str) -> tuple[int, float, str]:
    """Apparel sizes from small to large, then numbers, then words."""
    spellings = size_spellings(re.sub(r"[^a-z0-9]", "", text.lower()))
    for place, size in enumerate(_SIZES):
        if size in spellings:
            return 0, float(place), text
    number = _NUMBER.search(text)
    if number is not None and number.start() <= 2:
        return 1, float(number[0].replace(",", ".")), text
    return 2, 0.0, text.casefold()
