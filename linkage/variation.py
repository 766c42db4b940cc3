"""The variation theme of groups: which ignored attributes differ inside each, and their values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from features.distinct import sorted_distinct
from features.kinds import Kind
from features.records import Records
from features.tokens import tokenise
from features.variant_values import canonical_values
from features.variant_words import size_spellings
from linkage.column_kinds import kind_of_column
from linkage.match_definition import MatchDefinition

__all__ = ["GROUP_COLUMNS", "THEME_SIGN", "theme_counts", "theme_sentence", "variation"]

GROUP_COLUMNS = ("definition", "cluster_id", "size", "entities", "theme", "values")
#: Stands between the attributes of a theme.
THEME_SIGN = " x "
#: A photograph, a price or a number of the unit differs between variants but is no theme of theirs.
_NO_THEME = frozenset({Kind.IMAGE, Kind.PRICE, Kind.IDENTIFIER, Kind.DATE})
_SIZES = ("3xs", "2xs", "xs", "s", "m", "l", "xl", "2xl", "3xl", "4xl", "5xl", "6xl")
_SHOWN_THEMES = 5
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
    """What differs inside each group of a definition that ignores attributes.

    Spellings of one value count once ("Blk" is black, 0.5 l is 500 ml), and unknown values never.

    Args:
        records: the rows.
        definition: the match definition.
        labels: group of each record, int[n] from 0.
        names: name of each record's group.
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
    first = np.full(len(size), -1, np.int64)
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    several = np.flatnonzero(size > 1)
    themes = pd.Series("", index=several, dtype=object)
    values: dict[int, dict[str, list[str]]] = {label: {} for label in several.tolist()}
    for column in definition.ignore:
        found = _differing(records, column, labels, size > 1)
        for label, shown in found.items():
            values[label][column] = shown
        if kind_of_column(records, column, declared or {}) not in _NO_THEME and found:
            index = list(found)
            themes[index] = themes[index].map(lambda text: f"{text}{THEME_SIGN}" if text else "")
            themes[index] += column
    entities = pd.array([pd.NA] * len(several), dtype="Int64")
    if stricter is not None:
        width = int(stricter.max(initial=-1)) + 1
        cells = sorted_distinct(labels.astype(np.int64) * max(width, 1) + stricter) // max(width, 1)
        entities = pd.array(np.bincount(cells, minlength=len(size))[several], dtype="Int64")
    frame = pd.DataFrame(
        {
            "definition": definition.name,
            "cluster_id": names[first[several]],
            "size": size[several],
            "entities": entities,
            "theme": themes.to_numpy(),
            "values": [json.dumps(values[k], ensure_ascii=False) for k in several.tolist()],
        }
    )
    return frame.sort_values(
        ["size", "cluster_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def theme_counts(groups: pd.DataFrame) -> dict[str, int]:
    """Number of groups of each theme, the most frequent first, "" where nothing differs."""
    counts = groups["theme"].value_counts()
    order = sorted(counts.index, key=lambda theme: (-counts[theme], theme))
    return {theme: int(counts[theme]) for theme in order}


def theme_sentence(counts: Mapping[str, int]) -> str:
    """The most frequent themes for a person.

    Example:
        >>> theme_sentence({"colour x size": 812, "size": 90, "": 7})
        'groups differ in colour x size (812), size (90), nothing (7)'
    """
    shown = [f"{theme or 'nothing'} ({count:,})" for theme, count in counts.items()]
    more = len(shown) - _SHOWN_THEMES
    return "groups differ in " + ", ".join(shown[:_SHOWN_THEMES]) + (", ..." if more > 0 else "")


def _differing(
    records: Records, column: str, labels: np.ndarray, use: np.ndarray
) -> dict[int, list[str]]:
    """Values of a column in the groups where there are several; the usual spelling of each."""
    encoded = pc.dictionary_encode(records.values(column))
    spellings = np.array(encoded.dictionary.to_pylist(), dtype=object)
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    if not len(spellings):
        return {}
    canonical = pd.factorize(pd.Index(canonical_values(spellings.tolist())))[0]
    clean = tokenise(encoded.dictionary).clean_strings().is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero((code >= 0) & use[labels])
    rows = rows[clean[code[rows]]]
    frame = pd.DataFrame(
        {"label": labels[rows], "value": canonical[code[rows]], "text": spellings[code[rows]]}
    )
    counted = frame.value_counts(sort=False).reset_index(name="count")
    counted = counted.sort_values(
        ["label", "value", "count", "text"], ascending=[True, True, False, True]
    )
    usual = counted.drop_duplicates(["label", "value"])
    usual = usual[usual.groupby("label")["value"].transform("size") > 1]
    order = {text: _rank(text) for text in usual["text"].unique()}
    found: dict[int, list[str]] = {}
    for label, text in zip(usual["label"].tolist(), usual["text"], strict=True):
        found.setdefault(label, []).append(text)
    return {label: sorted(texts, key=order.__getitem__) for label, texts in found.items()}


def _rank(text: str) -> tuple[int, float, str]:
    """Apparel sizes from small to large, then numbers, then words."""
    spellings = size_spellings(re.sub(r"[^a-z0-9]", "", text.lower()))
    for place, size in enumerate(_SIZES):
        if size in spellings:
            return 0, float(place), text
    number = _NUMBER.search(text)
    if number is not None and number.start() <= 2:
        return 1, float(number[0].replace(",", ".")), text
    return 2, 0.0, text.casefold()
