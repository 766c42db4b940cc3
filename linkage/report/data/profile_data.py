"""The profile of a catalog as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from linkage.io.profile import ColumnProfile, profile_table
from linkage.report.data.column_data import ColumnData, describe_column
from linkage.report.data.suspicions import suspicions_of

__all__ = ["ProfileData", "profile_data"]


@dataclass(frozen=True)
class ProfileData:
    """The content of a catalog, column by column.

    Attributes:
        name: Of the catalog.
        rows: How many it has.
        columns: In column order.

    """

    name: str
    rows: int
    columns: list[ColumnData]


def profile_data(
    table: pa.Table,
    name: str = "catalog",
    profiles: list[ColumnProfile] | None = None,
    id_column: str | None = None,
) -> ProfileData:
    """Describe a catalog in depth.

    Args:
        table: As :func:`linkage.io.reading.read_table` returns it.
        name: What it is called.
        profiles: Profiles of its columns by :func:`linkage.io.profile.profile_table`; made here
            if not given.
        id_column: The column of ids; guessed if not given.

    Returns:
        Plain data; :func:`linkage.io.output.plain_json` makes JSON of it.

    """
    if profiles is None:
        profiles = profile_table(table, id_column)
    odd = suspicions_of(table, profiles)
    return ProfileData(
        name=name,
        rows=table.num_rows,
        columns=[
            describe_column(profile, table.column(profile.name), told)
            for profile, told in zip(profiles, odd, strict=True)
        ],
    )
