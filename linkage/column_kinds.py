"""The kind of any column of the catalog, compared or not."""

from __future__ import annotations

from collections.abc import Mapping

from features.kinds import Kind, infer_kind
from features.records import Records

__all__ = ["kind_of_column"]


def kind_of_column(records: Records, column: str, declared: Mapping[str, Kind]) -> Kind:
    """The kind that the user declares for a column, or that it is compared as, or seems to be.

    Args:
        records: the rows.
        column: one of their columns.
        declared: kinds that the user declares.
    """
    kind = declared.get(column) or records.kinds.get(column)
    return infer_kind(column, records.values(column)) if kind is None else kind
