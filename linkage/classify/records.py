"""Records of a catalog for classification: without the target, in an order of their own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.config.authored import Config
from linkage.errors import ConfigError, ModelError
from linkage.io.inputs import Catalog
from linkage.io.reading import build_records
from linkage.runtime import available_threads
from linkage.scoring.content import content_hashes

__all__ = ["in_content_order", "known_records", "training_records"]


def training_records(catalog: Catalog, target: str, config: Config) -> Records:
    """Return the records to learn from: every column but the ids and the target.

    Args:
        catalog: The catalog.
        target: The column that is to be predicted.
        config: Names the attributes, or leaves them to be inferred.

    Raises:
        ConfigError: If the configuration names columns that the catalog lacks.
        InputError: If no column is left.

    """
    config.check_columns(catalog.table.column_names)
    if catalog.id_column == target:
        raise ConfigError(
            f"target: '{target}' is the column of ids.", hint="Name another one with --id."
        )
    kinds = {name: kind for name, kind in config.attributes.items() if name != target}
    return _built(catalog, catalog.table.drop_columns([target]), config, kinds or None)


def known_records(catalog: Catalog, kinds: Mapping[str, Kind], config: Config) -> Records:
    """Return records with the attributes that a model reads, in the order of the catalog.

    Columns that the catalog lacks are missing in all rows, with a warning.

    Raises:
        ModelError: If the catalog has none of the columns.

    """
    table = catalog.table
    absent = [name for name in kinds if name not in table.column_names]
    if len(absent) == len(kinds):
        raise ModelError(
            f"The catalog has none of the columns that the model reads: {', '.join(kinds)}.",
            hint=f"Its columns are {', '.join(table.column_names)}.",
        )
    if absent:
        warnings.warn(
            f"the catalog lacks columns that the model reads: {', '.join(absent)}; they are taken "
            "as missing in all rows.",
            stacklevel=2,
        )
    for name in absent:
        table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    records = _built(catalog, table, config, dict(kinds))
    position = {text: row for row, text in enumerate(records.ids.tolist())}
    return _taken(records, np.array([position[text] for text in catalog.texts], np.int64))


def in_content_order(records: Records, label: np.ndarray) -> tuple[Records, np.ndarray]:
    """Return records in an order that depends on their content alone, and their labels.

    What is learned is then the same however the rows of the file are ordered and numbered.
    """
    order = np.lexsort([label, content_hashes(records)])
    return _taken(records, order), label[order]


def _built(
    catalog: Catalog, table: pa.Table, config: Config, kinds: dict[str, Kind] | None
) -> Records:
    return build_records(
        table,
        id_column=catalog.id_column,
        kinds=kinds,
        images=config.catalog.images,
        threads=config.threads or available_threads(),
    )


def _taken(records: Records, rows: np.ndarray) -> Records:
    names = list(records.kinds)
    columns = [records.values(name).take(pa.array(rows)) for name in names]
    table = pa.table(columns, names=names)
    return replace(records, ids=records.ids[rows], table=table, side=records.side[rows])
