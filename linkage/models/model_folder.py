"""Model folders: a fitted linker in open formats (JSON, native booster files, Parquet)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from features.compare.synonyms import Synonyms
from features.kinds import Kind
from features.text.statistics import Statistics
from linkage.config.authored import Config
from linkage.errors import ModelError
from linkage.io.destination.folder_kinds import MODEL
from linkage.io.output import Writer, write_folder, write_json
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
FORMAT = 2


@dataclass
class FittedDefinition:
    """The pair model of one match definition, with all that its features depend on.

    Attributes:
        kinds: kind of each compared attribute.
        model: the pair model.
        statistics: word frequencies that its features are weighted by.
        quality: the quality at which it was trained, which decides its features.
        synonyms: groups of values that mean the same.
    """

    kinds: dict[str, Kind]
    model: PairModel
    statistics: Statistics
    quality: str
    synonyms: Synonyms = field(default_factory=Synonyms)


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
    """The files of a model folder by name, each with the function that writes it."""
    plain = config.to_dict()
    for name in OF_THE_FILE:
        plain.get("catalog", {}).pop(name, None)
    state = {
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
            }
            for name, definition in fitted.items()
        },
    }
    files: dict[str, Writer] = {MODEL_MARKER: write_json(state)}
    for name, definition in fitted.items():
        files[f"match_{name}"] = _definition_writer(definition)
    return files


def read_model(folder: str | Path) -> tuple[Config, dict[str, FittedDefinition]]:
    """The configuration and fitted definitions of a model folder.

    Raises:
        ModelError: it is no model, is damaged, or was written by a newer library.
    """
    folder = Path(folder)
    marker = folder / MODEL_MARKER
    if not marker.is_file():
        raise ModelError(
            f"{folder} is no saved model: it has no {MODEL_MARKER}.",
            hint="Name a folder that `linkage train ... --model DIR` wrote.",
        )
    try:
        state = json.loads(marker.read_text(encoding="utf-8"))
        if state["format"] != FORMAT:
            raise ModelError(
                f"The model in {folder} has format {state['format']} (written by version "
                f"{state['version']}); this version reads format {FORMAT}.",
                hint="Train it anew with this version, or install the version that wrote it.",
            )
        config = Config.from_dict(state["config"], where=str(marker))
        fitted = {}
        for name, plain in state["definitions"].items():
            inner = folder / f"match_{name}"
            fitted[name] = FittedDefinition(
                kinds={column: Kind(kind) for column, kind in plain["kinds"].items()},
                model=read_pair_model(inner),
                statistics=_read_statistics(
                    inner / "statistics.parquet", plain["documents"], plain.get("mentioned", {})
                ),
                quality=plain["quality"],
                synonyms=Synonyms.from_dict(plain.get("synonyms", {})),
            )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"The model in {folder} cannot be read: {type(error).__name__}: {error}.",
            hint="The folder is damaged or incomplete; train the model anew.",
        ) from error
    return config, fitted


def _definition_writer(definition: FittedDefinition) -> Writer:
    def write(path: Path) -> None:
        path.mkdir()
        write_pair_model(definition.model, path)
        _write_statistics(path / "statistics.parquet", definition.statistics)

    return write


def _write_statistics(path: Path, statistics: Statistics) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    spaces = sorted(statistics.keys)
    sizes = [len(statistics.keys[space]) for space in spaces]
    empty = np.zeros(0, np.uint64)
    table = pa.table(
        {
            "space": pa.array(np.repeat(np.array(spaces, object), sizes), pa.string()),
            "key": pa.array(np.concatenate([statistics.keys[s] for s in spaces] or [empty])),
            "frequency": pa.array(
                np.concatenate([statistics.frequencies[s] for s in spaces] or [empty]).astype(
                    np.int64
                )
            ),
        }
    )
    pq.write_table(table, path, compression="zstd", use_dictionary=["space"])


def _read_statistics(
    path: Path, documents: dict[str, int], mentioned: dict[str, dict[str, list[str]]]
) -> Statistics:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    space = np.asarray(table.column("space").to_pylist(), dtype=object)
    key, frequency = table.column("key").to_numpy(), table.column("frequency").to_numpy()
    names, start = np.unique(space, return_index=True)
    bounds = [*np.sort(start), len(space)]
    ordered = names[np.argsort(start)]
    parts = {name: slice(bounds[k], bounds[k + 1]) for k, name in enumerate(ordered)}
    return Statistics(
        frozen=True,
        documents=documents,
        mentioned=mentioned,
        keys={name: key[part].astype(np.uint64) for name, part in parts.items()},
        frequencies={name: frequency[part] for name, part in parts.items()},
    )
