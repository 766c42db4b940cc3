"""Labels by match definition: whose labels a file or a frame holds, and what each aims at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.config.match_definition import MatchDefinition
from linkage.errors import ConfigError, LabelError, nearest_hint
from linkage.io.label_files import Labels, parse_labels
from linkage.io.reading import blank_to_null
from linkage.io.string_columns import to_string_table
from linkage.training.thresholds import ThresholdTarget

__all__ = [
    "LabelSets",
    "LabelsOrFrame",
    "as_labels",
    "label_files",
    "labels_by_definition",
    "refuse_lone_validation",
    "strictest",
    "threshold_target_of",
]

#: Labels as callers may give them for one definition.
LabelsOrFrame: TypeAlias = Labels | pd.DataFrame


def strictest(definitions: Iterable[MatchDefinition]) -> str:
    """Name of the definition that ignores fewest columns; the first of several."""
    return min(definitions, key=lambda definition: len(definition.ignore)).name


def labels_by_definition(
    given: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
    definitions: Iterable[MatchDefinition],
    what: str = "labels",
) -> dict[str, Labels]:
    """Labels of each match definition that has some.

    Args:
        given: labels of the strictest definition, or labels by name of the definition.
        definitions: the match definitions of the run.
        what: what messages call the labels.

    Raises:
        LabelError: a name is that of no definition, labels that hold their own records stand
            beside others, or a frame is of no known shape.
    """
    known = {definition.name: definition for definition in definitions}
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {strictest(known.values()): given}
    found: dict[str, Labels] = {}
    for name, labels in given.items():
        if name not in known:
            raise LabelError(
                f"{what} are given for '{name}', which is no match definition.",
                hint=nearest_hint(str(name), known, "definitions"),
            )
        own = as_labels(labels, what if len(given) == 1 else f"{what} of {name}")
        if own is not None:
            found[name] = own
    if len(found) > 1 and any(labels.training_table is not None for labels in found.values()):
        raise LabelError(
            f"{what} of several definitions are given, and some hold records of their own instead "
            "of ids of the catalog.",
            hint="Add the catalog's ids to them, or train each definition by itself.",
        )
    return found


def refuse_lone_validation(labels: Mapping[str, Labels], validation: Mapping[str, Labels]) -> None:
    """Refuse validation labels of a definition that has no labels to learn from.

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
    """Files of labels that a configuration names, and files of validation labels, by definition.

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
    """What a definition's threshold aims at: its own dial, or that of ``[training]``."""
    own = definition if (definition.precision or definition.recall) else config.training
    return ThresholdTarget(own.precision, own.recall)


@dataclass(frozen=True)
class LabelSets:
    """Labels by name of the match definition; definitions without any start themselves.

    Attributes:
        labels: what is learned from.
        validation: what calibrates scores and chooses thresholds.
    """

    labels: dict[str, Labels] = field(default_factory=dict)
    validation: dict[str, Labels] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definitions: Iterable[MatchDefinition],
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None,
    ) -> LabelSets:
        """The labels as callers may give them.

        Raises:
            LabelError: they fit no definition, or each other.
        """
        definitions = list(definitions)
        given = labels_by_definition(labels, definitions)
        checks = labels_by_definition(validation, definitions, "validation labels")
        refuse_lone_validation(given, checks)
        return cls(given, checks)

    def __bool__(self) -> bool:
        return bool(self.labels)

    @property
    def table(self) -> pa.Table | None:
        """Records that labels bring with them, to be learned from in place of the catalog's."""
        tables = (one.training_table for one in self.labels.values())
        return next((table for table in tables if table is not None), None)

    @property
    def id_column(self) -> str | None:
        """The id column of the labels."""
        return next((one.id_column for one in self.labels.values()), None)


def as_labels(labels: Labels | pd.DataFrame | None, name: str = "labels") -> Labels | None:
    """Labels from a frame of any of their shapes; others as they are."""
    if isinstance(labels, pd.DataFrame):
        return parse_labels(blank_to_null(to_string_table(labels, name)), where=name)
    return labels
