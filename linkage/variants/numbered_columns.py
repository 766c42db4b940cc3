"""Numbered columns: the cells of records, equal ones under one number."""

from __future__ import annotations

from collections.abc import Sequence

from features.arrays.chunked import in_order
from features.records import Records
from features.text.cells import Cells, number_cells

__all__ = ["NumberedColumns"]


class NumberedColumns:
    """The cells of some records, numbered column by column and kept.

    Args:
        records: the records.
        other: numbered cells of other records, taken over for the columns that are equal.
    """

    def __init__(self, records: Records, other: NumberedColumns | None = None) -> None:
        self._records = records
        self._numbered: dict[str, Cells] = {}
        if other is not None:
            table = other._records.table
            self._numbered = {
                name: cells
                for name, cells in other._numbered.items()
                if records.table.column(name).equals(table.column(name))
            }

    @property
    def names(self) -> list[str]:
        """The compared attributes."""
        return list(self._records.kinds)

    def cells(self, name: str) -> Cells:
        """The numbered cells of a column."""
        if name not in self._numbered:
            self._numbered[name] = number_cells(self._records.values(name))
        return self._numbered[name]

    def read(self, names: Sequence[str], threads: int) -> None:
        """Numbers the cells of some columns, several at a time."""
        for _ in in_order(self.cells, names, threads):
            pass
