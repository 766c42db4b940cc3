"""Folders of classifiers in open formats: JSON, safetensors, LightGBM's own text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.kinds import Kind
from features.text.statistics import Statistics
from linkage.classify.fitted import FittedClassifier
from linkage.classify.linear_model import LinearModel
from linkage.classify.ranker import Ranker
from linkage.classify.target import Target
from linkage.classify.term_space import TermSpace
from linkage.classify.text_views import TermView, VectorView, View
from linkage.classify.value_statistics import ValueCounts
from linkage.config.authored import Config
from linkage.errors import ConfigError, ModelError
from linkage.io.destination.folder_kinds import CLASSIFIER
from linkage.io.output import Writer, write_folder, write_json, write_text
from linkage.io.saved.json_fields import FieldError, Fields, parse_json
from linkage.io.saved.saved_files import (
    DamagedFileError,
    SavedFiles,
    hash_files,
    naming_file,
    sealed,
)
from linkage.models.booster_text import SavedBooster
from linkage.models.model_folder import OF_THE_FILE

__all__ = ["read_classifier", "write_classifier"]

#: Version of the format, raised when older versions of this library cannot read it.
_FORMAT = 1
_ARRAYS = "arrays.safetensors"
_MOST = 1 << 53
_MOST_BOOSTERS = 100


def write_classifier(
    folder: str | Path, config: Config, model: FittedClassifier, version: str, *, force: bool
) -> Path:
    """Write a classifier, whole or not at all.

    Raises:
        OutputError: If the folder may not or cannot be written.

    """
    plain = config.to_dict()
    for name in OF_THE_FILE:
        plain.get("catalog", {}).pop(name, None)
    state: dict[str, Any] = {
        "format": _FORMAT,
        "version": version,
        "config": plain,
        "target": {"name": model.target.name, "classes": list(model.target.classes)},
        "kinds": {name: kind.value for name, kind in model.kinds.items()},
        "quality": model.quality,
        "views": [
            {
                "name": view.name,
                "attributes": list(view.space.names) if isinstance(view, TermView) else None,
                "documents": view.statistics.documents if isinstance(view, VectorView) else None,
            }
            for view in model.views
        ],
        "blend": model.blend.tolist(),
        "weights": model.weights.tolist(),
        "features": list(model.ranker.features),
        "boosters": len(model.ranker.boosters),
        "held_out": model.held_out,
    }
    files: dict[str, Writer] = {_ARRAYS: _arrays_writer(_arrays(model))}
    for number, booster in enumerate(model.ranker.boosters):
        files[_booster_name(number)] = write_text(booster.model_to_string())
    inner = list(files)

    def write_marker(path: Path) -> None:
        hashes = hash_files([path.parent / name for name in inner], path.parent)
        write_json(sealed(state, hashes))(path)

    files[CLASSIFIER.marker] = write_marker
    return write_folder(folder, files, force=force, kind=CLASSIFIER)


def read_classifier(folder: str | Path) -> tuple[Config, FittedClassifier]:
    """Return the configuration and the classifier of a folder, all of it checked.

    Raises:
        ModelError: If it is no classifier, is damaged, or was written by a newer library.

    """
    folder, marker = Path(folder), CLASSIFIER.marker
    if not os.path.isfile(folder / marker):
        raise ModelError(
            f"{folder} is no saved classifier: it has no {marker}.",
            hint="Name a folder that `linkage classify train ... -o MODEL` wrote.",
        )
    try:
        with naming_file(marker):
            return _read(folder, Fields(parse_json((folder / marker).read_bytes())))
    except DamagedFileError as error:
        raise ModelError(
            f"The classifier in {folder} cannot be read: {error}.",
            hint="The folder is damaged or incomplete; train it anew.",
        ) from error


def _read(folder: Path, fields: Fields) -> tuple[Config, FittedClassifier]:
    written = fields.count("format", 0, _MOST)
    if written != _FORMAT:
        raise ModelError(
            f"The classifier in {folder} has format {written} (written by version "
            f"{fields.text('version')}); this version reads format {_FORMAT}.",
            hint="Train it anew with this version, or install the version that wrote it.",
        )
    try:
        config = Config.from_dict(fields.part("config").plain(), where="config")
    except ConfigError as error:
        raise FieldError(error.message) from error
    files = SavedFiles(folder, CLASSIFIER.marker, fields)
    with files.reading(_ARRAYS) as raw:
        from safetensors.numpy import load

        files.require_unaltered()
        arrays = _Arrays(load(raw))
    own = fields.part("target")
    target = Target(own.text("name"), tuple(own.texts("classes")))
    classes = len(target.classes)
    kinds = fields.part("kinds")
    for name in kinds.names():
        if kinds.text(name) not in list(Kind):
            raise kinds.fault(name, f"one of {', '.join(Kind)}")
    of_attribute = {name: Kind(kinds.text(name)) for name in kinds.names()}
    boosters = []
    for number in range(fields.count("boosters", 1, _MOST_BOOSTERS)):
        with files.reading(_booster_name(number)) as raw:
            boosters.append(SavedBooster(raw.decode("utf-8")))
    files.require_unaltered()
    features = tuple(fields.texts("features"))
    for booster in boosters:
        if booster.num_feature() != len(features):
            raise FieldError(f"features: {len(features)}, a booster has {booster.num_feature()}")
    with naming_file(_ARRAYS):
        views = tuple(_view(one, of_attribute, arrays) for one in fields.parts("views"))
        linear = {view.name: _linear(view, arrays, classes) for view in views}
        counts = {name: _counts(f"counts {name}", arrays, classes) for name in of_attribute}
    held_out = fields.part("held_out")
    return config, FittedClassifier(
        target=target,
        kinds=of_attribute,
        quality=fields.text("quality"),
        views=views,
        linear=linear,
        counts=counts,
        blend=np.array(fields.numbers("blend", len(views))),
        ranker=Ranker(features, tuple(boosters)),
        weights=np.array(fields.numbers("weights", len(views) + 1)),
        held_out={name: held_out.number(name) for name in held_out.names()},
    )


def _arrays(model: FittedClassifier) -> dict[str, np.ndarray]:
    """All arrays of a model by the names that its file has them under."""
    found: dict[str, np.ndarray] = {}
    for view in model.views:
        linear = model.linear[view.name]
        found[f"{view.name} weights"] = linear.weights.astype(np.float16)
        found[f"{view.name} bias"] = linear.bias
        if isinstance(view, TermView):
            for key in ("keys", "idf", "attribute"):
                found[f"{view.name} {key}"] = getattr(view.space, key)
            found |= {f"bins {name}": edges for name, edges in view.bins.items()}
        else:
            for space, keys in view.statistics.keys.items():
                found[f"rarity keys {space}"] = keys
                found[f"rarity frequencies {space}"] = view.statistics.frequencies[space]
    for name, counts in model.counts.items():
        for key in ("values", "rows", "cells", "counts", "share"):
            found[f"counts {name} {key}"] = getattr(counts, key)
    return {name: np.ascontiguousarray(array) for name, array in found.items()}


class _Arrays:
    """Arrays of a file, each checked for its type and shape when it is asked for."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays

    def names(self, prefix: str) -> list[str]:
        """What follows a prefix in the names that have it."""
        return [n.removeprefix(prefix) for n in self._arrays if n.startswith(prefix)]

    def get(self, name: str, kind: Any, *shape: int) -> np.ndarray:
        """An array; a length below 0 may be any."""
        found = self._arrays.get(name)
        if found is None:
            raise FieldError(f"{name}: it is missing")
        fits = len(found.shape) == len(shape) and all(
            want in (have, -1) for have, want in zip(found.shape, shape, strict=True)
        )
        if found.dtype != kind or not fits:
            raise FieldError(f"{name}: it must be {np.dtype(kind)} of shape {shape}")
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            raise FieldError(f"{name}: not all numbers are finite")
        return found

    def ascending(self, name: str, kind: Any) -> np.ndarray:
        """An array whose elements ascend."""
        found = self.get(name, kind, -1)
        if (found[1:] <= found[:-1]).any():
            raise FieldError(f"{name}: its elements do not ascend")
        return found


def _view(fields: Fields, kinds: Mapping[str, Kind], arrays: _Arrays) -> View:
    name = fields.text("name")
    if fields.get("attributes") is None:
        documents = fields.part("documents")
        statistics = Statistics(frozen=True)
        for space in documents.names():
            statistics.documents[space] = documents.count(space, 0, _MOST)
            keys = arrays.ascending(f"rarity keys {space}", np.uint64)
            statistics.keys[space] = keys
            statistics.frequencies[space] = arrays.get(
                f"rarity frequencies {space}", np.int64, len(keys)
            )
        return VectorView(name, statistics)
    names = tuple(fields.texts("attributes"))
    if not set(names) <= set(kinds):
        raise fields.fault("attributes", f"some of {', '.join(kinds)}")
    keys = arrays.ascending(f"{name} keys", np.uint64)
    owner = arrays.get(f"{name} attribute", np.int32, len(keys))
    if len(owner) and not 0 <= owner.min() <= owner.max() < len(names):
        raise FieldError(f"{name} attribute: not all are positions of attributes")
    terms = TermSpace(keys, arrays.get(f"{name} idf", np.float32, len(keys)), owner, names)
    bins = {key: arrays.ascending(f"bins {key}", np.float64) for key in arrays.names("bins ")}
    return TermView(name, terms, bins)


def _linear(view: View, arrays: _Arrays, classes: int) -> LinearModel:
    terms = len(view.space) if isinstance(view, TermView) else -1
    weights = arrays.get(f"{view.name} weights", np.float16, terms, classes)
    bias = arrays.get(f"{view.name} bias", np.float32, classes)
    return LinearModel(weights.astype(np.float32), bias)


def _counts(name: str, arrays: _Arrays, classes: int) -> ValueCounts:
    values = arrays.ascending(f"{name} values", np.uint64)
    cells = arrays.ascending(f"{name} cells", np.int64)
    return ValueCounts(
        values,
        arrays.get(f"{name} rows", np.int64, len(values)),
        cells,
        arrays.get(f"{name} counts", np.int64, len(cells)),
        arrays.get(f"{name} share", np.float64, classes),
    )


def _arrays_writer(arrays: Mapping[str, np.ndarray]) -> Writer:
    def write(path: Path) -> None:
        from safetensors.numpy import save_file

        save_file(dict(arrays), path)

    return write


def _booster_name(number: int) -> str:
    return f"booster_{number}.txt"
