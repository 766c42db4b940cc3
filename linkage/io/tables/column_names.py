"""Columns of the right table under the names that the left table has for the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pyarrow as pa

from linkage.config.authored import CatalogConfig, Config
from linkage.config.toml_writer import toml_value
from linkage.errors import ConfigError, InputError, nearest_hint
from linkage.io.id_column import DEFAULT_ID, check_id_column
from linkage.io.tables.column_matching import match_by_content
from linkage.io.tables.table_metadata import new_names, with_new_names, with_note

__all__ = ["name_as_left"]


def name_as_left(
    left: pa.Table, right: pa.Table, config: Config, id_column: str | None = None
) -> pa.Table:
    """Return the right table, its columns named as those of the left that hold the same.

    These are the columns of ``catalog.right_id`` and ``catalog.right``; then, of the columns that
    only one table has, those whose names differ in case, accents and punctuation only, and those
    whose contents agree. Columns that the configuration names keep their names.

    Args:
        left, right: Strings, null where missing, with their ids.
        config: The configuration.
        id_column: The left table's column of ids; that of the configuration, or ``id``, if None.

    Returns:
        The right table with notes of what was found; itself if its columns were named before.

    Raises:
        ConfigError: If ``catalog.right`` does not fit the tables.
        InputError: If no column to compare is in both tables.

    """
    if new_names(right) is not None:
        return right
    catalog = config.catalog
    id_column = id_column or catalog.id or DEFAULT_ID
    right = with_new_names(right, _declared(left, right, catalog, id_column))
    named = {name for _, name in config.named_columns()}

    def alone() -> tuple[list[str], list[str]]:
        """Columns with values that only the left, and only the right table has."""
        used = {id_column, catalog.source}
        return (
            _beside(left, right, used, id_column),
            _beside(right, left, used | named, id_column),
        )

    for how in ("name", "content"):
        ours, theirs = alone()
        if how == "name":
            names = _same_letters(ours, theirs)
        else:
            shared = _shared(left, right, {id_column})
            found = match_by_content(left, right, ours, theirs, shared, id_column=id_column)
            names = {match.right: match.left for match in found}
        if names:
            listed = ", ".join(f"{old} = {new}" for old, new in names.items())
            right = with_note(
                with_new_names(right, names), f"columns matched by {how}: {listed} (right = left)."
            )
    ours, theirs = alone()
    rest = f"only the left table has {', '.join(ours)}; only the right one {', '.join(theirs)}"
    example = f"[catalog] right = {toml_value({theirs[0]: ours[0]})}" if ours and theirs else ""
    compared = set(_shared(left, right, {id_column, catalog.source}))
    if config.attributes:
        compared &= set(config.attributes)
    if not compared:
        raise InputError(
            f"No column to compare is in both tables: {rest}.",
            hint="Name those that hold the same in the configuration, right = left, such as "
            f"{example}."
            if example
            else "Give tables that have columns in common.",
        )
    if example:
        right = with_note(
            right, f"{rest}; where two of them hold the same, say so: {example}, right = left."
        )
    return right


def _declared(
    left: pa.Table, right: pa.Table, catalog: CatalogConfig, id_column: str
) -> dict[str, str]:
    """Return new names of the right table's columns that the configuration gives."""
    given = dict(catalog.right or {})
    faults = []
    for old, new in given.items():
        for name, table, side in ((old, right, "right"), (new, left, "left")):
            if name not in table.column_names:
                hint = nearest_hint(name, table.column_names, "columns")
                faults.append(f"catalog.right: the {side} table has no column '{name}'. {hint}")
        if new in right.column_names and new not in given:
            faults.append(
                f"catalog.right: {old} = {new}, but the right table has a column '{new}', too. "
                "Rename one of them in the file."
            )
    if faults:
        raise ConfigError(faults)
    right_id = catalog.right_id or id_column
    if right_id != id_column:
        check_id_column(right, right_id, "the right table")
        given[right_id] = id_column
        if id_column in right.column_names:
            given[id_column] = f"{id_column} (right)"
    return given


def _beside(table: pa.Table, other: pa.Table, used: set[str | None], id_column: str) -> list[str]:
    """Return columns with values that another table lacks, without copies of ids and those used."""
    return [
        name
        for name in table.column_names
        if name not in used
        and name not in other.column_names
        and table.column(name).null_count < table.num_rows
        and table.column(name) != table.column(id_column)
    ]


def _shared(left: pa.Table, right: pa.Table, used: set[str | None]) -> list[str]:
    return [n for n in left.column_names if n in right.column_names and n not in used]


def _same_letters(ours: list[str], theirs: list[str]) -> dict[str, str]:
    """Return right = left of names with the same letters and digits, each once in its table."""
    counts = [Counter(map(_letters, names)) for names in (ours, theirs)]
    left = {_letters(name): name for name in ours if counts[0][_letters(name)] == 1}
    return {
        name: left[_letters(name)]
        for name in theirs
        if _letters(name) in left and counts[1][_letters(name)] == 1
    }


def _letters(name: str) -> str:
    """Return the letters and digits of a name without case and accents; the name if it has none."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+|[\u0300-\u036f]", "", plain) or name
