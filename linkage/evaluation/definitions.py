"""The evaluation of each match definition of a run, and of their nesting."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from linkage.config.match_definition import MatchDefinition
from linkage.config.nesting import is_looser, straddling
from linkage.errors import ConfigError, InputError, nearest_hint
from linkage.evaluation.run import RunEvaluation, evaluate_run, read_results

__all__ = ["DefinitionsEvaluation", "evaluate_definitions", "parse_truths"]


@dataclass(frozen=True)
class DefinitionsEvaluation:
    """Metrics of each match definition, and the nesting of the run's clusters.

    Attributes:
        definitions: metrics by name of the definition; "" for the only one of a run.
        nesting: ``stricter``, ``looser`` and ``violations`` (clusters of the stricter that lie in
            several of the looser) of each pair of nested definitions.

    """

    definitions: Mapping[str, RunEvaluation]
    nesting: Sequence[Mapping[str, Any]]

    @property
    def violations(self) -> int:
        """Clusters that do not nest, over all pairs of definitions."""
        return sum(int(pair["violations"]) for pair in self.nesting)

    def to_dict(self) -> dict[str, Any]:
        """Return metrics and nesting as plain values; those of a run's only definition as such."""
        if list(self.definitions) == [""]:
            return self.definitions[""].to_dict()
        return {
            "definitions": {name: one.to_dict() for name, one in self.definitions.items()},
            "nesting": [dict(pair) for pair in self.nesting],
        }


def parse_truths(truths: Sequence[str], definition: str | None = None) -> dict[str, Path]:
    """Return the file of the truth of each definition.

    Args:
        truths: ``FILE``, or ``NAME=FILE`` for each of several definitions.
        definition: The definition that a file without a name is of.

    Returns:
        Files by name; "" where none is named.

    Raises:
        ConfigError: If a definition has two files, or a name is given twice over.

    """
    found: dict[str, Path] = {}
    for text in truths:
        name, sign, path = text.partition("=")
        if not sign or Path(text).exists():
            name, path = definition or "", text
        if name in found:
            what = f"the definition '{name}'" if name else "the run"
            raise ConfigError(
                f"--truth: {what} has two files, {found[name]} and {path}.",
                where="command line",
                hint="Name each one's definition: --truth exact=FILE --truth variant=FILE.",
            )
        found[name] = Path(path)
    return found


def evaluate_definitions(
    folder: str | Path,
    truths: Mapping[str, str | Path],
    *,
    id_column: str | None = None,
    encoding: str | None = None,
) -> DefinitionsEvaluation:
    """Compare the results of a run with the truth of one or more of its definitions.

    Args:
        folder: The results folder.
        truths: A CSV or Parquet file for each definition, as :func:`evaluate_run` reads it; "" for
            the only one.
        id_column: The id column of truths of clusters; ``id`` if not given.
        encoding: Of CSV truths.

    Returns:
        The metrics, in the order given, and the nesting.

    Raises:
        InputError: If the folder holds no results, or a truth cannot be read.
        LabelError: If a truth is of no known shape, or names records the run does not have.
        ConfigError: If a definition is unknown, or needed.

    """
    folder = Path(folder)
    names = _definitions(folder)
    for name in truths:
        if name and names and name not in names:
            raise ConfigError(
                f"the run has no match definition '{name}'.",
                where="command line",
                hint=nearest_hint(name, names, "definitions"),
            )
    found = {
        name: evaluate_run(
            folder, path, definition=name or None, id_column=id_column, encoding=encoding
        )
        for name, path in truths.items()
    }
    return DefinitionsEvaluation(found, _nesting(folder, list(names.values())))


def _definitions(folder: Path) -> dict[str, MatchDefinition]:
    """The match definitions of a run by name; empty where its folder does not say."""
    try:
        config = json.loads((folder / "run.json").read_text(encoding="utf-8")).get("config", {})
        match = config.get("match", {})
        return {
            name: MatchDefinition(
                name,
                tuple(part.get("ignore", ())),
                ignore_text=tuple(part.get("ignore_text", ())),
            )
            for name, part in match.items()
            if part.get("output", True)
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{folder / 'run.json'} cannot be read: {error!r}") from error


def _nesting(folder: Path, definitions: Sequence[MatchDefinition]) -> list[dict[str, Any]]:
    """Nested definitions of a run, counted afresh from its clusters."""
    if len(definitions) < 2:
        return []
    clusters = read_results(folder, "clusters.parquet")
    names = [one.name for one in definitions]
    labels = {name: pd.factorize(clusters[f"{name}_id"])[0] for name in names}
    return [
        {
            "stricter": stricter.name,
            "looser": looser.name,
            "violations": straddling(labels[stricter.name], labels[looser.name]),
        }
        for looser in definitions
        for stricter in definitions
        if is_looser(looser, stricter)
    ]
