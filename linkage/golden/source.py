"""What golden records are made of: the catalog of a run, and its clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import infer_kind, parse_kind
from features.values.dates import parse_dates
from linkage.config.authored import Config
from linkage.config.golden import GoldenConfig
from linkage.errors import ConfigError, InputError, nearest_hint
from linkage.golden.attribute import Attribute, one_array
from linkage.golden.members import Members
from linkage.golden.ordering import Context
from linkage.results.column_names import cluster_column
from linkage.results.run_account import RunAccount

__all__ = ["GoldenSource"]


@dataclass(frozen=True)
class GoldenSource:
    """The records of a run and what is known of them.

    Attributes:
        records: the columns of the catalog but for ids, strings; rows in the order of their names.
        clusters: as `linkage.results.run_tables.RunTables.clusters`, the same rows.
        run: the account of the run, for its definitions and kinds.
        golden: the section ``[golden]``.
    """

    records: pa.Table
    clusters: pd.DataFrame
    run: RunAccount
    golden: GoldenConfig

    @classmethod
    def of(
        cls,
        tables: Sequence[pa.Table | None],
        clusters: pd.DataFrame,
        ids: np.ndarray,
        run: RunAccount,
        config: Config,
    ) -> GoldenSource:
        """The records and clusters of a run.

        Args:
            tables: of the catalog.
            clusters: a row for each record, in the order of the tables.
            ids: the records' ids as text, object[n].
            run: the account of the run.
            config: names the columns of ids, and has the section ``[golden]``.

        Raises:
            InputError: the clusters are of other records.
        """
        given = [table for table in tables if table is not None]
        column = run["config"].get("catalog", {}).get("id", "id")
        names = [column if column in t.column_names else config.catalog.right_id for t in given]
        own = [table.column(name) for table, name in zip(given, names, strict=True)]
        chunks = [chunk for one in own for chunk in one.cast(pa.string()).chunks]
        if not one_array(pa.chunked_array(chunks, pa.string())).equals(pa.array(ids, pa.string())):
            raise InputError("The clusters are not those of the records of this catalog.")
        parts = [table.drop_columns([name]) for table, name in zip(given, names, strict=True)]
        records = pa.concat_tables(parts, promote_options="permissive")
        clusters = clusters.assign(id=ids)
        # In the order of their names, so that nothing can depend on the order of the rows.
        order = pc.sort_indices(_record_names(clusters))
        return cls(
            records.take(order).replace_schema_metadata(None),
            clusters.iloc[order.to_numpy()],
            run,
            config.golden,
        )

    @property
    def definitions(self) -> list[str]:
        """Names of the match definitions, strictest first."""
        return list(self.run["definitions"])

    def ignored(self, definition: str) -> list[str]:
        """The columns that a match definition ignores."""
        return [n for n in self.run["definitions"][definition]["ignore"] if n in self.attributes]

    def is_looser(self, definition: str) -> bool:
        """Whether a match definition ignores anything."""
        account = self.run["definitions"][definition]
        return bool(account["ignore"] or account.get("ignore_text"))

    def check_definition(self, definition: str) -> None:
        """Refuse a name that is none of the run's match definitions."""
        if definition not in self.definitions:
            raise ConfigError(
                f"the run has no match definition '{definition}'.",
                where="command line",
                hint=nearest_hint(definition, self.definitions, "definitions"),
            )

    def members(self, definition: str) -> Members:
        """The clusters of a match definition."""
        column = self.clusters[cluster_column(definition, self.definitions)]
        clusters = pa.array(column.astype(str), pa.string())
        return Members.of(clusters, _record_names(self.clusters))

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The columns but for ids and sources, of the kind of the run, or as it is inferred."""
        known = self.run["config"].get("attributes", {})
        source = self.run["config"].get("catalog", {}).get("source")
        found = {}
        for name in self.records.column_names:
            values = one_array(self.records.column(name))
            if name != source and values.null_count < len(values):
                kind = parse_kind(known[name]) if name in known else infer_kind(name, values)
                found[name] = Attribute(name, kind, values)
        return found

    def context(self, members: Members) -> Context:
        """What rules read beside an attribute."""
        stated = [one.stated for one in self.attributes.values()]
        complete = np.zeros(len(members.label), np.int64)
        for one in stated:
            complete += one
        newest = None
        if self.golden.date is not None:
            if self.golden.date not in self.records.column_names:
                raise ConfigError(
                    f"golden.date: the catalog has no column '{self.golden.date}'. "
                    + nearest_hint(self.golden.date, self.records.column_names, "columns")
                )
            days = parse_dates(one_array(self.records.column(self.golden.date)))
            newest = np.where(np.isnan(days), -np.inf, days)
        return Context(members, complete, newest, self._trust())

    def _trust(self) -> np.ndarray | None:
        """Minus the place of each record's source among the trusted ones."""
        wanted = self.golden.sources
        if wanted is None:
            return None
        column = self.run["config"].get("catalog", {}).get("source")
        if column is None and "source" not in self.clusters:
            raise ConfigError("golden.sources needs catalog.source, the column of sources.")
        if column is None:
            values = pa.array(self.clusters["source"], pa.string())
        else:
            values = one_array(self.records.column(column))
        present = pc.unique(values).drop_null().to_pylist()
        unknown = [name for name in wanted if name not in present]
        if unknown:
            raise ConfigError(
                f"golden.sources: no record is of source '{unknown[0]}'. "
                + nearest_hint(unknown[0], present, "sources")
            )
        place = pc.index_in(values, pa.array(wanted, values.type))
        return np.asarray(-pc.fill_null(place, len(wanted)).to_numpy().astype(np.int64))


def _record_names(clusters: pd.DataFrame) -> pa.Array:
    """Names of records: ids, of two linked tables with the table before them."""
    ids = pa.array(clusters["id"], pa.string())
    if "source" not in clusters:
        return ids
    return pc.binary_join_element_wise(pa.array(clusters["source"], pa.string()), ids, ":")
