"""Label sets: labels and validation labels by match definition, and threshold targets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from linkage.config.authored import CatalogConfig, Config
from linkage.config.match_definition import MatchDefinition
from linkage.errors import ConfigError, LabelError, nearest_hint
from linkage.io.id_column import DEFAULT_ID
from linkage.io.inputs import Table, plain_table
from linkage.io.label_files import Labels, label_ids, parse_labels, read_labels
from linkage.training.cuts.thresholds import ThresholdTarget

__all__ = [
    "LabelSets",
    "LabelsOrFrame",
    "as_labels",
    "files_of_labels",
    "label_files",
    "labels_by_definition",
    "refuse_lone_validation",
    "strictest",
    "threshold_target_of",
    "without_targets",
]

#: Labels as callers may give them for one definition.
LabelsOrFrame: TypeAlias = Labels | Table


def strictest(definitions: Iterable[MatchDefinition]) -> str:
    """Return the name of the definition written that ignores least; the first of several."""
    written = [definition for definition in definitions if definition.output]
    return min(written, key=lambda definition: len(definition.ignores)).name


def labels_by_definition(
    given: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
    definitions: Iterable[MatchDefinition],
    what: str = "labels",
    catalog: CatalogConfig | None = None,
) -> dict[str, Labels]:
    """Return the labels of each match definition that has some.

    Args:
        given: labels of the strictest definition, or labels by name of the definition.
        definitions: the match definitions of the run.
        what: name of the labels in messages.
        catalog: names the column of ids, and the encoding of files.

    Raises:
        LabelError: a name is that of no definition, labels that hold their own records are given
            with others, or a frame is of no known shape.
    """
    by_name = {definition.name: definition for definition in definitions}
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {strictest(by_name.values()): given}
    found: dict[str, Labels] = {}
    for name, labels in given.items():
        if name not in by_name:
            raise LabelError(
                f"{what} are given for '{name}', which is no match definition.",
                hint=nearest_hint(str(name), by_name, "definitions"),
            )
        where = what if len(given) == 1 else f"{what} of {name}"
        if labels is not None:
            found[name] = as_labels(labels, where, catalog or CatalogConfig())
    if len(found) > 1 and any(labels.training_table is not None for labels in found.values()):
        raise LabelError(
            f"{what} of several definitions are given, and some hold records of their own instead "
            "of ids of the catalog.",
            hint="Add the catalog's ids to them, or train each definition by itself.",
        )
    return found


def files_of_labels(
    *given: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
) -> tuple[Path, ...]:
    """Return the files among labels as callers give them."""
    parts = [part.values() if isinstance(part, Mapping) else (part,) for part in given]
    return tuple(Path(one) for part in parts for one in part if isinstance(one, str | os.PathLike))


def refuse_lone_validation(labels: Mapping[str, Labels], validation: Mapping[str, Labels]) -> None:
    """Raise an error where a definition has validation labels, but no labels to learn from.

    Raises:
        LabelError: with the definition's name.
    """
    for name in validation:
        if name not in labels:
            raise LabelError(
                f"there are validation labels of '{name}', and no labels to learn from.",
                hint="Give them as labels: held-out parts of labels choose the threshold, too.",
            )


def label_files(config: Config) -> tuple[dict[str, str], dict[str, str]]:
    """Return files of labels and files of validation labels of a configuration, by definition.

    Raises:
        ConfigError: two files are named for the strictest definition.
    """
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    first = strictest(config.match.values())
    for files, key in zip(found, ("labels", "validation"), strict=True):
        for definition in config.match.values():
            file = getattr(definition, key)
            if file is not None:
                files[definition.name] = file
        plain = getattr(config.training, key)
        if plain is not None and first in files:
            raise ConfigError(
                [
                    f"training.{key} and match.{first}.{key} are both of the definition {first}; "
                    "keep one of them."
                ]
            )
        if plain is not None:
            files[first] = plain
    return found


def threshold_target_of(config: Config, definition: MatchDefinition) -> ThresholdTarget:
    """Return the threshold target of a definition: its own, or that of ``[training]``.

    The latter is not of what is answered inside: it was asked of the results.
    """
    own = definition.precision or definition.recall or not definition.output
    given = definition if own else config.training
    return ThresholdTarget(given.precision, given.recall)


def without_targets(config: Config) -> Config:
    """Return a configuration whose thresholds all aim at best F1."""
    match = {name: replace(one, precision=None, recall=None) for name, one in config.match.items()}
    training = replace(config.training, precision=None, recall=None)
    return replace(config, match=match, training=training)


@dataclass(frozen=True)
class LabelSets:
    """Labels by name of the match definition; definitions without any learn without labels.

    Attributes:
        labels: labels to learn from.
        validation: labels to calibrate scores and to choose thresholds by.
    """

    labels: dict[str, Labels] = field(default_factory=dict)
    validation: dict[str, Labels] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definitions: Iterable[MatchDefinition],
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
        catalog: CatalogConfig | None = None,
    ) -> LabelSets:
        """Return the label sets of labels as callers may give them.

        Args:
            definitions: the match definitions of the run.
            labels, validation: as of `labels_by_definition`.
            catalog: names the column of ids, and the encoding of files.

        Raises:
            LabelError: they do not fit the definitions, or each other.
        """
        definitions = list(definitions)
        found = labels_by_definition(labels, definitions, catalog=catalog)
        found_validation = labels_by_definition(
            validation, definitions, "validation labels", catalog
        )
        refuse_lone_validation(found, found_validation)
        return cls(found, found_validation)

    def __bool__(self) -> bool:
        return bool(self.labels)

    @property
    def table(self) -> pa.Table | None:
        """Records that labels hold themselves, to learn from in place of the catalog's."""
        tables = (one.training_table for one in self.labels.values())
        return next((table for table in tables if table is not None), None)

    @property
    def id_column(self) -> str | None:
        """The id column of the labels."""
        return next((one.id_column for one in self.labels.values()), None)


def as_labels(labels: LabelsOrFrame, where: str, catalog: CatalogConfig) -> Labels:
    """Return labels parsed from a table or file of any of their shapes; parsed ones unchanged.

    Args:
        labels: the labels.
        where: what messages call a table.
        catalog: names the column of ids, and the encoding of files.
    """
    if isinstance(labels, Labels):
        return labels
    if isinstance(labels, str | os.PathLike):
        return read_labels(Path(labels), id_column=catalog.id, encoding=catalog.encoding)
    id_column = catalog.id or DEFAULT_ID
    table = plain_table(labels, where, label_ids(id_column))
    return parse_labels(table, id_column=id_column, where=where)
