"""What the columns of a catalog hold, and the configuration that follows from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind, explain_kind
from linkage.config.toml_writer import toml_key, toml_value
from linkage.io.id_column import likely_id

__all__ = ["ColumnProfile", "profile_table", "suggest_toml"]

_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 40


@dataclass(frozen=True)
class ColumnProfile:
    """The profile of one column.

    Attributes:
        name: Of the column.
        rows: How many the table has.
        filled: How many of them have a value.
        distinct: How many different values there are.
        examples: The most frequent values, or the first where all are unique; shortened.
        kind: As inferred; None for the id column.
        why: The reason for the kind, in a few words.

    """

    name: str
    rows: int
    filled: int
    distinct: int
    examples: tuple[str, ...]
    kind: Kind | None
    why: str

    @property
    def fill_rate(self) -> float:
        """Share of rows that have a value, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0


def profile_table(table: pa.Table, id_column: str | None = None) -> list[ColumnProfile]:
    """Describe every column of a table.

    Args:
        table: As :func:`linkage.io.reading.read_table` returns it.
        id_column: The column of ids; if not given, ``id`` or else the first that is unique,
            never empty and has the name of an id.

    Returns:
        One profile for each column, in column order.

    """
    if id_column is None:
        id_column = likely_id(table)
    return [
        _profile(name, table.column(name), is_id=name == id_column) for name in table.column_names
    ]


def suggest_toml(profiles: Sequence[ColumnProfile]) -> str:
    """Return a configuration to edit: the inferred kinds, with what they were inferred from.

    Args:
        profiles: As :func:`profile_table` returns them.

    Returns:
        TOML with comments; :meth:`linkage.config.authored.Config.from_toml` accepts it as it is.

    """
    lines = ["[catalog]"]
    id_column = next((profile.name for profile in profiles if profile.kind is None), None)
    if id_column is None:
        lines.append('# id = "..."  # name the column of unique ids')
    else:
        lines.append(f"id = {toml_value(id_column)}")
    lines += [
        '# source = "seller"         # the column that names a row\'s source, if there is one',
        "# distinct_sources = true   # if no source lists the same product twice",
        "",
        "# column = kind; a column left out is not compared.",
        f"# Kinds: {', '.join(kind.value for kind in Kind)}.",
        "[attributes]",
    ]
    for profile in profiles:
        if profile.kind is None:
            continue
        entry = f"{toml_key(profile.name)} = {toml_value(profile.kind.value)}"
        comment = f"{profile.fill_rate:.0%} filled, {profile.distinct:,} distinct, {profile.why}"
        if not profile.filled:
            entry = f"# {entry}"
        lines.append(f"{entry:<32} # {_one_line(comment)}")
        if profile.examples:
            lines.append(f"#   such as {'; '.join(map(_one_line, profile.examples))}")
    lines += [
        "",
        "[match.exact]              # the same sellable product",
        "",
        "# [match.variant]          # the same once some attributes are ignored",
        '# ignore = ["color", "size"]',
        "",
        "# [training]",
        '# labels = "labels.csv"',
        "# precision = 0.98         # or recall = ...; neither: best F1",
    ]
    return "\n".join(lines) + "\n"


def _profile(name: str, column: pa.ChunkedArray, *, is_id: bool) -> ColumnProfile:
    known = column.drop_null()
    counts = pc.value_counts(known)
    values, frequencies = counts.field("values"), counts.field("counts")
    # By frequency and then value, so that the order of rows does not matter.
    top = pc.select_k_unstable(
        pa.table({"value": values, "count": frequencies}),
        k=_EXAMPLES,
        sort_keys=[("count", "descending"), ("value", "ascending")],
    )
    kind, why = (None, "the id") if is_id else explain_kind(name, column)
    return ColumnProfile(
        name=name,
        rows=len(column),
        filled=len(known),
        distinct=len(values),
        examples=tuple(_short(values[position.as_py()].as_py()) for position in top),
        kind=kind,
        why=why,
    )


def _short(value: str) -> str:
    value = " ".join(value[: 4 * _EXAMPLE_CHARACTERS].split())
    return value if len(value) <= _EXAMPLE_CHARACTERS else value[: _EXAMPLE_CHARACTERS - 1] + "…"


def _one_line(text: str) -> str:
    """Return text without the control characters that a TOML comment must not hold."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
