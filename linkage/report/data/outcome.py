"""The results of a run by row: its catalog, and the pairs and clusters of each definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.values.identifiers import parse_identifiers
from linkage.io.source_file import image_folders
from linkage.results.column_names import cluster_column, column_prefix
from linkage.results.run_account import DefinitionAccount, what_is_ignored
from linkage.results.run_tables import RunTables

__all__ = ["Catalog", "Outcome", "catalog_of", "outcomes"]


@dataclass(frozen=True)
class Catalog:
    """The rows of a run, those of the right table after those of the left.

    Attributes:
        ids: Object array of n ids.
        n_left: Rows of the one or left table.
        table: Their columns as strings.
        kinds: Kind of each compared attribute, in column order.
        source: The column of sources, if there is one.
        folders: Folder of each table that paths of images start from.

    """

    ids: np.ndarray
    n_left: int
    table: pa.Table
    kinds: dict[str, str]
    source: str | None
    folders: tuple[Path | None, ...]
    _codes: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.ids)

    @property
    def is_linkage(self) -> bool:
        """Whether the rows are of two tables."""
        return self.n_left < self.n

    def values(self, column: str) -> pa.Array:
        """Return a column as one string array, null where missing."""
        return self.table.column(column).combine_chunks()

    def codes(self, column: str) -> np.ndarray:
        """Return the code of each row's identifier in a column, -1 where it has none."""
        if column not in self._codes:
            self._codes[column] = parse_identifiers(self.values(column)).code
        return self._codes[column]

    def of_kind(self, kind: str) -> list[str]:
        """Return the attributes of a kind."""
        return [name for name, given in self.kinds.items() if given == kind]


@dataclass(frozen=True)
class Outcome:
    """The results of one match definition.

    Attributes:
        name: Of the definition.
        ignore: The columns it ignores.
        left, right: int[m], rows of each scored pair.
        score: float64[m], probability of a match.
        match: bool[m], whether both are in one final cluster.
        blocker: int[m], position of each pair's blockers in ``blockers``.
        blockers: Names of the blockers of a pair, joined by ``+``.
        label: int64[n], cluster of each row.
        confidence: float64[n], of the row's cluster.
        account: The account of the definition in ``run.json``.

    """

    name: str
    ignore: tuple[str, ...]
    left: np.ndarray
    right: np.ndarray
    score: np.ndarray
    match: np.ndarray
    blocker: np.ndarray
    blockers: tuple[str, ...]
    label: np.ndarray
    confidence: np.ndarray
    account: DefinitionAccount

    @property
    def threshold(self) -> float:
        """The probability at which a match begins."""
        return float(self.account["threshold"])

    @cached_property
    def sizes(self) -> np.ndarray:
        """Rows of each cluster."""
        return np.bincount(self.label)


def catalog_of(result: RunTables) -> Catalog:
    """Return the rows of a result."""
    config = result.run["config"]
    tables = [table for table in result.tables if table is not None]
    columns = [name for table in tables for name in table.column_names]
    parts = [_strings(table, list(dict.fromkeys(columns))) for table in tables]
    chosen = config.get("catalog", {}).get("images")
    return Catalog(
        ids=result.id_texts,
        n_left=tables[0].num_rows,
        table=pa.concat_tables(parts),
        kinds={n: k for n, k in config["attributes"].items() if n in columns},
        source=config.get("catalog", {}).get("source"),
        folders=image_folders(tables, chosen),
        _codes=dict(result.identifiers),
    )


def outcomes(result: RunTables, catalog: Catalog) -> Iterator[Outcome]:
    """Yield the results of each match definition, strictest first."""
    scored, clusters = result.scored, result.clusters
    definitions = result.run["definitions"]
    for name, account in definitions.items():
        prefix = column_prefix(name, definitions)
        score = np.asarray(scored.columns[f"{prefix}score"])
        match = np.asarray(scored.columns[f"{prefix}match"])
        named = pd.Categorical(scored.columns[f"{prefix}blockers"])
        at = np.flatnonzero(~np.isnan(score))
        cluster = cluster_column(name, definitions)
        yield Outcome(
            name=name,
            ignore=what_is_ignored(account),
            left=scored.left[at],
            right=scored.right[at],
            score=score[at],
            match=match[at],
            blocker=named.codes[at],
            blockers=tuple(str(names) for names in named.categories),
            label=pd.factorize(result.namesakes.get(name, clusters[cluster]))[0],
            confidence=clusters[f"{prefix}confidence"].to_numpy(float),
            account=account,
        )


def _strings(table: pa.Table, names: list[str]) -> pa.Table:
    """Return a table of these columns as text, null where it lacks one."""
    own = dict(zip(table.column_names, table.columns, strict=True))
    nothing = pa.chunked_array([pa.nulls(table.num_rows, pa.large_string())])
    texts = [own[name].cast(pa.large_string()) if name in own else nothing for name in names]
    return pa.table(texts, names=names)
