"""Columns that belong together: a value and its unit, a pack and its size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.header_words import SIZES, header_words
from features.kinds import Kind
from features.values.units import UNIT, as_token
from linkage.golden.attribute import Attribute

__all__ = ["is_unit_column", "joint_code", "read_with_units", "recognised_groups"]

_UNITS = frozenset(
    "unit units uom einheit einheiten unité unite unidad unità unita eenheid".split()
)
_SIZES = SIZES | frozenset(
    "content contents net volume amount quantity capacity inhalt menge volumen contenu contenance "
    "contenido contenuto".split()
)
_MEASURES = _SIZES | frozenset(
    "weight measure length width height depth diameter gewicht länge breite höhe poids".split()
)
_PACKS = frozenset(
    "pack packs packsize multipack pieces pcs count units stück stk stückzahl packung lot".split()
)
#: Of the distinct values of a column, what makes it one of units, or of amounts.
_MOST = 0.5


def recognised_groups(attributes: Mapping[str, Attribute]) -> list[list[str]]:
    """Columns that say one thing together, by their names and what they hold.

    A column named for units whose values are units belongs to the columns of numbers that have the
    rest of its name, or that are named for a measure; a column of packs to the only column or group
    of amounts named for a size.

    Args:
        attributes: the columns by name.
    """
    words = {name: _words(name) for name in attributes}
    units = [name for name in attributes if is_unit_column(attributes[name])]
    counted = [name for name in attributes if name not in units and _is_counted(attributes[name])]
    packs = [name for name in counted if words[name] & _PACKS]
    measured = [name for name in counted if name not in packs]
    groups = []
    for unit in units:
        rest = words[unit] - _UNITS
        bare = [name for name in measured if attributes[name].kind != Kind.QUANTITY]
        own = [n for n in bare if (rest <= words[n] if rest else words[n] & _MEASURES)]
        if own:
            groups.append([*own, unit])
    for name in measured:  # such as "330 ml", with its unit inside
        in_group = any(name in group for group in groups)
        if not in_group and words[name] & _MEASURES and attributes[name].kind == Kind.QUANTITY:
            groups.append([name])
    # What is packed has a size; its weight and its width are said beside it.
    sized = [group for group in groups if any(words[name] & _SIZES for name in group)]
    if len(packs) == 1 and len(sized) == 1:
        sized[0].insert(0, packs[0])
    return [group for group in groups if len(group) > 1]


def is_unit_column(attribute: Attribute) -> bool:
    """Whether a column is named for units, and most of its values are units."""
    if not _words(attribute.name) & _UNITS:
        return False
    values = attribute.cells.distinct().to_pylist()
    known = [as_token(value.strip().rstrip(".")) in UNIT for value in values]
    return bool(known) and float(np.mean(known)) > _MOST


def read_with_units(attributes: Sequence[Attribute]) -> list[Attribute]:
    """Columns of a group, values compared as they read with its unit: 1 and "l" as 1000 and "ml".

    The unit is compared with the first value: by itself it says nothing.
    """
    unit = next((one for one in attributes if is_unit_column(one)), None)
    values = [one for one in attributes if one is not unit and not _words(one.name) & _PACKS]
    if unit is None or not values:
        return list(attributes)
    read = {one.name: replace(one, reading=_followed(one.values, unit.values)) for one in values}
    read[unit.name] = replace(unit, reading=read[values[0].name].reading)
    return [read.get(one.name, one) for one in attributes]


def joint_code(attributes: Sequence[Attribute]) -> np.ndarray:
    """Which rows say the same in all of some columns, int64[n], -1 where a row says nothing."""
    code = attributes[0].code
    for one in attributes[1:]:
        both = (code + 1) * (int(one.code.max(initial=-1)) + 2) + one.code + 1
        code = np.where(both == 0, -1, pd.factorize(both, sort=True)[0])
    return code


def _followed(values: pa.Array, units: pa.Array) -> pa.Array:
    joined = pc.binary_join_element_wise(values, units.fill_null(""), " ")
    return pc.utf8_rtrim_whitespace(joined)


def _words(name: str) -> frozenset[str]:
    """Words of a header, without the one that joins them all."""
    words = header_words(name)
    joined = re.sub(r"[\W_]+", "", name.lower())
    return words if len(words) == 1 else words - {joined}


def _is_counted(attribute: Attribute) -> bool:
    """Whether most values of a column begin with a digit."""
    if attribute.kind in (Kind.PRICE, Kind.DATE, Kind.IMAGE, Kind.TEXT, Kind.IDENTIFIER):
        return False
    values = attribute.cells.distinct()
    return (
        bool(len(values))
        and pc.mean(pc.match_substring_regex(values, r"^\s*[0-9]")).as_py() > _MOST
    )
