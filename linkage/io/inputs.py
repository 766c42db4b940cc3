"""Tables as callers give them: data frames, Arrow tables and streams, paths of files."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.errors import InputError
from linkage.io.id_column import DEFAULT_ID
from linkage.io.missing_values import blank_to_null
from linkage.io.pair_ids import id_positions
from linkage.io.reading import from_frame, read_table
from linkage.io.source_file import has_checked_ids
from linkage.io.string_columns import is_text, to_string_table

__all__ = ["ArrowStream", "Catalog", "Table", "given_ids", "plain_table", "read_catalog", "tabular"]


class ArrowStream(Protocol):
    """Anything with the stream of the Arrow PyCapsule interface: of Polars, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


#: A table as callers may give it.
Table: TypeAlias = pd.DataFrame | pa.Table | ArrowStream | str | Path

#: Methods by which older data frames and relations give an Arrow table or stream.
_TO_ARROW = ("to_arrow", "arrow")


@dataclass(frozen=True)
class Catalog:
    """A table as the engine reads it.

    Attributes:
        table: Strings, the ids checked.
        id_column: Of the ids.
        ids: The ids as they were given, n of any type; None where they were text.

    """

    table: pa.Table
    id_column: str
    ids: pd.Series | None = None

    @classmethod
    def of(cls, given: Table, config: Config, id_column: str | None) -> Catalog:
        """Read a table that a caller gives.

        Args:
            given: The table.
            config: Names what is compared and, for a path, how the file is read.
            id_column: The column of ids; None where it is to be found or made.

        Raises:
            InputError: If it is no table, or as of `linkage.io.reading.read_table`.

        """
        if isinstance(given, str | os.PathLike):
            return cls(read_catalog(given, config, id_column), id_column or DEFAULT_ID)
        frame = tabular(given)
        if isinstance(frame, pa.Table) and has_checked_ids(frame, id_column or DEFAULT_ID):
            return cls(frame, id_column or DEFAULT_ID)
        name = "the data frame" if isinstance(frame, pd.DataFrame) else "the table"
        table = from_frame(frame, id_column=id_column, name=name, compared=config.attributes)
        id_column = id_column or DEFAULT_ID
        return cls(table, id_column, _ids_as_given(frame, table, id_column))

    def as_given(self, texts: np.ndarray) -> np.ndarray:
        """Return ids of the table as they were given.

        Args:
            texts: Ids as text, an object array of m.

        """
        if self.ids is None:
            return texts
        found: np.ndarray = self.ids.to_numpy()[id_positions(texts, self.texts)]
        return found

    @property
    def texts(self) -> np.ndarray:
        """The ids as text, an object array of n."""
        ids: np.ndarray = self.table.column(self.id_column).to_numpy().astype(object)
        return ids


def given_ids(catalogs: Sequence[Catalog]) -> pd.Series | None:
    """Return the ids of the rows of all tables as they were given; None where all are text."""
    if all(catalog.ids is None for catalog in catalogs):
        return None
    own = [pd.Series(catalog.texts) if catalog.ids is None else catalog.ids for catalog in catalogs]
    return pd.concat(own, ignore_index=True)


def read_catalog(path: str | os.PathLike[str], config: Config, id_column: str | None) -> pa.Table:
    """Read the file of a catalog as a configuration has it; see `linkage.io.reading.read_table`."""
    catalog = config.catalog
    return read_table(
        Path(path),
        id_column=id_column,
        encoding=catalog.encoding,
        delimiter=catalog.delimiter,
        skip_rows=catalog.skip_rows,
        compared=config.attributes,
        allowed=config.limits.memory_bytes,
    )


def tabular(given: Any, what: str = "a table") -> pd.DataFrame | pa.Table:
    """Return a pandas or Arrow table of any object that can be one; streams are read to their end.

    Args:
        given: The object.
        what: What messages call what was expected.

    Raises:
        InputError: If it is none.

    """
    if isinstance(given, pd.DataFrame | pa.Table):
        return given
    try:
        if hasattr(given, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(given).read_all()
        if isinstance(given, pa.RecordBatch):
            return pa.Table.from_batches([given])
        for name in _TO_ARROW:
            if callable(method := getattr(given, name, None)):
                return tabular(method(), what)
    except (pa.ArrowException, TypeError) as error:
        raise _no_table(given, what, f" ({str(error).splitlines()[0]})") from error
    raise _no_table(given, what)


def plain_table(given: Any, what: str, id_columns: Collection[str]) -> pa.Table:
    """Return any object that can be a table as strings; missing values are null.

    Args:
        given: The object.
        what: What messages call it.
        id_columns: Columns in which null words are ids.

    """
    return blank_to_null(to_string_table(tabular(given, what), what), id_columns)


def _ids_as_given(
    frame: pd.DataFrame | pa.Table, table: pa.Table, id_column: str
) -> pd.Series | None:
    """Return the ids of a table as a frame gave them; None where they are text, or were made."""
    ids = table.column(id_column)
    given_names = frame.column_names if isinstance(frame, pa.Table) else list(frame.columns)
    # Where no column was named the ids are a copy of the one that holds them.
    names = (name for name in (id_column, *table.column_names) if name in given_names)
    name = next((name for name in names if table.column(name).equals(ids)), None)
    if name is None:
        return None
    if isinstance(frame, pa.Table):
        if is_text(frame.column(name).type):
            return None
        given: pd.Series = frame.column(name).to_pandas()
    else:
        given = frame[name].reset_index(drop=True)
        if pd.api.types.infer_dtype(given) == "string":
            return None
    if len(given) > table.num_rows:  # Rows of a shop's export that are no offers are left out.
        texts = pd.Index(to_string_table(given.to_frame(name), name).column(name).to_numpy())
        own = given.set_axis(texts)[~texts.duplicated()]
        given = own.loc[ids.to_numpy()].reset_index(drop=True)
    return given


def _no_table(given: Any, what: str, reason: str = "") -> InputError:
    kind = f"{type(given).__module__}.{type(given).__qualname__}".removeprefix("builtins.")
    lazy = "Collect it first: .collect(). " if hasattr(given, "collect") else ""
    return InputError(
        f"{what} cannot be an object of type {kind}{reason}.",
        hint=f"{lazy}Give a pandas data frame, a pyarrow table, anything with the Arrow stream "
        "interface (__arrow_c_stream__: Polars, DuckDB, a RecordBatchReader), or the path of a "
        "file. Of a list of rows pandas.DataFrame(rows) makes one.",
    )
