"""Variation within groups of variants: the attributes, their values, and the frequent themes."""

from __future__ import annotations

from collections import Counter

import numpy as np

from features.arrays.distinct import sorted_distinct
from features.arrays.ordering import stable_order
from linkage.report.data.contents import VariationData, VariationGroup
from linkage.report.data.outcome import Catalog, Outcome
from linkage.report.data.records import RecordReader, value_codes
from linkage.report.data.text import shorten
from linkage.results.variation import NO_THEME

__all__ = ["variation_data"]

_THEMES = 8
_GROUPS = 8
_SHOWN_VALUES = 24
_CELLS = 12


def variation_data(
    outcome: Outcome, catalog: Catalog, names: np.ndarray, reader: RecordReader
) -> VariationData | None:
    """Return the variation of a definition that ignores attributes, else None.

    Args:
        outcome: What the definition came to.
        catalog: The rows.
        names: Name of each row's group.
        reader: Reads a record of each group shown.

    """
    ignored = [
        name
        for name in outcome.ignore
        if name in catalog.table.column_names and catalog.kinds.get(name) not in NO_THEME
    ]
    if not ignored or not catalog.n:
        return None
    values = {name: value_codes(catalog, name) for name in ignored}
    sizes = outcome.sizes
    theme = np.zeros(len(sizes), np.int64)
    for k, (code, distinct) in enumerate(values.values()):
        stated = code >= 0
        width = len(distinct) + 1
        pairs = sorted_distinct(outcome.label[stated] * width + code[stated])
        varies = np.bincount(pairs // width, minlength=len(sizes)) > 1
        theme |= varies.astype(np.int64) << k
    several = sizes > 1
    kinds, at = np.unique(theme[several], return_inverse=True)
    groups = np.bincount(at, minlength=len(kinds))
    records = np.bincount(at, weights=sizes[several], minlength=len(kinds)).astype(int)
    order = np.argsort(-groups, kind="stable")[:_THEMES]
    chosen = _examples(outcome, theme, [int(kinds[k]) for k in order])
    return VariationData(
        themes=[
            (_theme_names(ignored, int(kinds[k])), int(groups[k]), int(records[k])) for k in order
        ],
        groups=[
            _group(outcome, label, _theme_names(ignored, int(theme[label])), values, names, reader)
            for label in chosen
        ],
    )


def _examples(outcome: Outcome, theme: np.ndarray, kinds: list[int]) -> list[int]:
    """Return labels of large groups, themes by turns, those where nothing varies left out."""
    sizes = outcome.sizes
    ranked = stable_order(sizes, falling=True)[: int(np.sum(sizes > 1))]
    by_theme = {kind: ranked[theme[ranked] == kind][:_GROUPS].tolist() for kind in kinds if kind}
    found: list[int] = []
    for turn in range(_GROUPS):
        found += [labels[turn] for labels in by_theme.values() if turn < len(labels)]
    return found[:_GROUPS]


def _group(
    outcome: Outcome,
    label: int,
    theme: tuple[str, ...],
    values: dict[str, tuple[np.ndarray, list[str]]],
    names: np.ndarray,
    reader: RecordReader,
) -> VariationGroup:
    rows = np.flatnonzero(outcome.label == label)
    reader.add(rows[:1])
    first = reader.read[int(rows[0])]
    shown = {}
    for name in theme:
        code, distinct = values[name]
        counts = Counter(code[rows][code[rows] >= 0].tolist())
        shown[name] = [
            (shorten(distinct[value], 40), number)
            for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ][:_SHOWN_VALUES]
    cells: list[tuple[str, str, int]] = []
    if len(theme) == 2 and all(len(shown[name]) <= _CELLS for name in theme):
        (one, ones), (two, twos) = (values[name] for name in theme)
        both = (one[rows] >= 0) & (two[rows] >= 0)
        counted = Counter(zip(one[rows][both].tolist(), two[rows][both].tolist(), strict=True))
        cells = [
            (shorten(ones[a], 40), shorten(twos[b], 40), number)
            for (a, b), number in sorted(counted.items())
        ]
    kinds = reader.catalog.kinds
    texts = [v for n, v in first.values.items() if v and kinds.get(n) in ("text", "name")]
    return VariationGroup(
        name=str(names[rows[0]]),
        title=shorten(texts[0] if texts else first.id, 110),
        size=len(rows),
        theme=theme,
        values=shown,
        cells=cells,
        image=first.image,
    )


def _theme_names(ignored: list[str], theme: int) -> tuple[str, ...]:
    return tuple(name for k, name in enumerate(ignored) if theme >> k & 1)
