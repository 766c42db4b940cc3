"""Names of features, in two namespaces that cannot meet.

A feature of a column is named ``column.measure``; one of the engine's own ``group:measure``, such
as ``record:idf_cosine``. A measure holds neither a dot nor a colon, and a group holds no dot. So a
name with a dot is that of a column, whatever the column is called (``prior``, ``record``,
``a.b:c``), and a name without one is the engine's.
"""

from __future__ import annotations

__all__ = [
    "column_feature",
    "column_of",
    "column_prefix",
    "engine_feature",
    "engine_prefix",
    "group_of",
    "measure_of",
    "owner_of",
]


def column_feature(column: str, measure: str) -> str:
    """The name of a feature that compares the values of a column."""
    return column_prefix(column) + measure


def engine_feature(group: str, measure: str) -> str:
    """The name of a feature of the engine's own, which belongs to no single column."""
    return engine_prefix(group) + measure


def column_prefix(column: str) -> str:
    """What the features of a column begin with, up to the measure."""
    return f"{column}."


def engine_prefix(group: str) -> str:
    """What the features of one of the engine's groups begin with, up to the measure."""
    return f"{group}:"


def column_of(feature: str) -> str | None:
    """The column that a feature compares; None for a feature of the engine's own."""
    column, dot, _ = feature.rpartition(".")
    return column if dot else None


def group_of(feature: str) -> str | None:
    """The group of a feature of the engine's own; None for a feature of a column."""
    return None if "." in feature else feature.partition(":")[0]


def measure_of(feature: str) -> str:
    """What a feature measures, whoever it belongs to."""
    return feature.rpartition("." if "." in feature else ":")[2]


def owner_of(feature: str) -> tuple[str, bool]:
    """The column or group that a feature belongs to, and whether it is a group of the engine's."""
    column = column_of(feature)
    return (feature.partition(":")[0], True) if column is None else (column, False)
