"""Model folders: a fitted linker in open formats (JSON, native booster files, Parquet)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from features.compare.synonyms import Synonyms
from features.kinds import Kind
from features.text.statistics import Statistics
from linkage.config.authored import Config
from linkage.errors import ConfigError, ModelError
from linkage.io.destination.folder_kinds import MODEL
from linkage.io.output import Writer, write_folder, write_json
from linkage.io.saved.json_fields import FieldError, Fields, parse_json
from linkage.io.saved.saved_files import (
    DamagedFileError,
    SavedFiles,
    hash_files,
    naming_file,
    sealed,
)
from linkage.models.pair_model import PairModel
from linkage.models.pair_model_files import read_pair_model, write_pair_model

__all__ = [
    "MODEL_MARKER",
    "OF_THE_FILE",
    "FittedDefinition",
    "model_files",
    "read_model",
    "write_model",
]

#: The file that marks a folder as a saved model.
MODEL_MARKER = MODEL.marker
#: Keys of ``catalog`` that belong to the catalog's file, and so are no part of a model.
OF_THE_FILE = ("images", "delimiter", "skip_rows")
#: Version of the format, raised when older versions of this library cannot read it.
FORMAT = 3
_STATISTICS = "statistics.parquet"
#: Columns of the file of statistics, and their types.
_COLUMNS = [("space", "string"), ("key", "uint64"), ("frequency", "int64")]
#: Rows that a byte of that file may hold; sequences of numbers, which zstd packs best, need more.
_MOST_ROWS_A_BYTE = 64
#: Qualities that a definition can have been trained at.
_QUALITIES = ("fast", "balanced", "best")
#: More rows than any table has.
_MOST = 1 << 53


@dataclass
class FittedDefinition:
    """The pair model of one match definition, with all that its features depend on.

    Attributes:
        kinds: kind of each compared attribute.
        model: the pair model.
        statistics: word frequencies that its features are weighted by.
        quality: the quality at which it was trained, which decides its features.
        synonyms: groups of values that mean the same.
        is_swapped: whether the table that the caller calls right was the first of two; see
            `features.records.Records`.
    """

    kinds: dict[str, Kind]
    model: PairModel
    statistics: Statistics
    quality: str
    synonyms: Synonyms = field(default_factory=Synonyms)
    is_swapped: bool = False

    @property
    def columns(self) -> list[str]:
        """Columns of a table that it needs."""
        sources = self.model.scorer.sources
        return list(dict.fromkeys([*self.kinds, *(() if sources is None else sources.columns)]))


def write_model(
    folder: str | Path,
    config: Config,
    fitted: Mapping[str, FittedDefinition],
    version: str,
    *,
    force: bool = False,
) -> Path:
    """Writes a model folder, completely or not at all; returns its path.

    Raises:
        OutputError: the folder exists or cannot be written.
    """
    files = model_files(config, fitted, version)
    return write_folder(folder, files, force=force, kind=MODEL)


def model_files(
    config: Config, fitted: Mapping[str, FittedDefinition], version: str
) -> dict[str, Writer]:
    """The files of a model folder by name, each with the function that writes it, in this order.

    The last one holds the hashes of the others.
    """
    plain = config.to_dict()
    for name in OF_THE_FILE:
        plain.get("catalog", {}).pop(name, None)
    state: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "config": plain,
        "definitions": {
            name: {
                "kinds": {column: kind.value for column, kind in definition.kinds.items()},
                "quality": definition.quality,
                "documents": definition.statistics.documents,
                "mentioned": definition.statistics.mentioned,
                "synonyms": definition.synonyms.groups,
                "is_swapped": definition.is_swapped,
            }
            for name, definition in fitted.items()
        },
    }
    files: dict[str, Writer] = {
        f"match_{name}": _definition_writer(definition) for name, definition in fitted.items()
    }
    inner = list(files)

    def write_marker(path: Path) -> None:
        hashes = hash_files([path.parent / name for name in inner], path.parent)
        write_json(sealed(state, hashes))(path)

    files[MODEL_MARKER] = write_marker
    return files


def read_model(folder: str | Path) -> tuple[Config, dict[str, FittedDefinition]]:
    """The configuration and fitted definitions of a model folder.

    All that is read is checked: that it can be what was written, and that it is, by hashes.

    Raises:
        ModelError: it is no model, is damaged, or was written by a newer library.
    """
    folder = Path(folder)
    if not os.path.isfile(folder / MODEL_MARKER):  # which takes a path of any length
        raise ModelError(
            f"{folder} is no saved model: it has no {MODEL_MARKER}.",
            hint="Name a folder that `linkage train ... --model DIR` wrote.",
        )
    try:
        with naming_file(MODEL_MARKER):
            return _read(folder, Fields(parse_json((folder / MODEL_MARKER).read_bytes())))
    except DamagedFileError as error:
        raise ModelError(
            f"The model in {folder} cannot be read: {error}.",
            hint="The folder is damaged or incomplete; train the model anew.",
        ) from error


def _read(folder: Path, fields: Fields) -> tuple[Config, dict[str, FittedDefinition]]:
    written = fields.count("format", 0, _MOST)
    if written != FORMAT:
        raise ModelError(
            f"The model in {folder} has format {written} (written by version "
            f"{fields.text('version')}); this version reads format {FORMAT}.",
            hint="Train it anew with this version, or install the version that wrote it.",
        )
    try:
        config = Config.from_dict(fields.part("config").plain(), where="config")
    except ConfigError as error:
        raise FieldError(error.message) from error
    definitions = fields.part("definitions")
    files = SavedFiles(folder, MODEL_MARKER, fields)
    fitted = {}
    for name in definitions.names():
        if name not in config.match:
            raise FieldError(f"{definitions.path(name)}: config.match has no such definition")
        fitted[name] = _definition(definitions.part(name), files, f"match_{name}")
    files.require_unaltered()
    return config, fitted


def _definition(fields: Fields, files: SavedFiles, folder: str) -> FittedDefinition:
    kinds, documents, mentioned, synonyms = (
        fields.part(key) for key in ("kinds", "documents", "mentioned", "synonyms")
    )
    known = [kind.value for kind in Kind]
    for column in kinds.names():
        if kinds.text(column) not in known:
            raise kinds.fault(column, f"one of {', '.join(known)}")
    if fields.text("quality") not in _QUALITIES:
        raise fields.fault("quality", f"one of {', '.join(_QUALITIES)}")
    counts = {space: documents.count(space, 0, _MOST) for space in documents.names()}
    mentions = {
        attribute: {column: by.texts(column) for column in by.names()}
        for attribute in mentioned.names()
        for by in [mentioned.part(attribute)]
    }
    return FittedDefinition(
        kinds={column: Kind(kinds.text(column)) for column in kinds.names()},
        model=read_pair_model(files, folder),
        statistics=_read_statistics(files, f"{folder}/{_STATISTICS}", counts, mentions),
        quality=fields.text("quality"),
        synonyms=Synonyms({name: synonyms.text_lists(name) for name in synonyms.names()}),
        is_swapped=fields.flag("is_swapped"),
    )


def _definition_writer(definition: FittedDefinition) -> Writer:
    def write(path: Path) -> None:
        path.mkdir()
        write_pair_model(definition.model, path)
        _write_statistics(path / _STATISTICS, definition.statistics)

    return write


def _write_statistics(path: Path, statistics: Statistics) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    spaces = sorted(statistics.keys)
    sizes = [len(statistics.keys[space]) for space in spaces]
    empty = np.zeros(0, np.uint64)
    keys, frequencies = (
        np.concatenate([parts[s] for s in spaces] or [empty])
        for parts in (statistics.keys, statistics.frequencies)
    )
    space = np.repeat(np.array(spaces, object), sizes)
    table = pa.table(
        [space, keys.astype(np.uint64), frequencies.astype(np.int64)], schema=pa.schema(_COLUMNS)
    )
    pq.write_table(table, path, compression="zstd", use_dictionary=["space"])


def _read_statistics(
    files: SavedFiles,
    name: str,
    documents: dict[str, int],
    mentioned: dict[str, dict[str, list[str]]],
) -> Statistics:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.reading(name) as raw:
        files.require_unaltered()  # before Arrow parses it
        file = pq.ParquetFile(pa.BufferReader(raw))
        if file.schema_arrow.remove_metadata() != pa.schema(_COLUMNS):
            raise FieldError(f"its columns are not {', '.join(name for name, _ in _COLUMNS)}")
        # Each row has another key, so that Parquet cannot write many of them in a byte.
        if file.metadata.num_rows > _MOST_ROWS_A_BYTE * len(raw):
            raise FieldError(f"{file.metadata.num_rows:,} rows in {len(raw):,} bytes")
        table = file.read()
        if any(column.null_count for column in table.columns):
            raise FieldError("cells are missing")
        space = np.asarray(table.column("space").to_pylist(), dtype=object)
        key, frequency = table.column("key").to_numpy(), table.column("frequency").to_numpy()
        names, start = np.unique(space, return_index=True)
        bounds = [*np.sort(start), len(space)]
        ordered = names[np.argsort(start)]
        parts = {name: slice(bounds[k], bounds[k + 1]) for k, name in enumerate(ordered)}
        for space_name, part in parts.items():
            if (key[part][1:] <= key[part][:-1]).any():
                raise FieldError(f"key: keys of the space {space_name!r} do not ascend")
        if (frequency < 1).any():
            raise FieldError("frequency: not all are at least 1")
    return Statistics(
        frozen=True,
        documents=documents,
        mentioned=mentioned,
        keys={name: key[part] for name, part in parts.items()},
        frequencies={name: frequency[part] for name, part in parts.items()},
    )
