"""Resuming: the candidates and models of a run are kept on disk, for a run after a killed one.

Blocking and learning take most of a run's time, so that both are stored when they are finished,
each under the fingerprint of the records and settings that it depends on. After a change of a
setting only the stages that depend on it run again.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from blocking.neighbours import sparse_spaces
from blocking.plan import BlockingPlan
from features.prepare import PreparedRecords
from linkage.errors import LinkageError, OutputError
from linkage.io.saved.json_fields import FieldError
from linkage.models.model_folder import FittedDefinition, read_model, write_model
from linkage.pipeline.checkpoints import (
    Checkpoints,
    fingerprint_of_records,
    fingerprint_of_values,
)
from linkage.pipeline.kept_plan import read_plan, write_plan
from linkage.version import __version__

if TYPE_CHECKING:
    from features.records import Records
    from linkage.config.authored import Config
    from linkage.config.match_definition import MatchDefinition
    from linkage.config.resolved import ResolvedConfig

__all__ = ["Resuming", "Stages", "stages_beside"]

#: Settings that no stage depends on.
_IRRELEVANT = {"threads"}
#: Settings that blocking does not depend on.
_AFTER_BLOCKING = {"training", "limits", "linkage", "seed"}


def stages_beside(output: Path) -> Path:
    """Folder of the stages of a run whose results go into the given folder."""
    output = output.resolve()
    return output.parent / f".{output.name}.stages"


class Resuming:
    """Keeps the stages of a run in a folder until the run is done.

    Args:
        folder: the folder of the stages.
        resume: whether the stages of an earlier run are used, and kept for the next; otherwise
            they are removed at the beginning, and at the end unless the run was interrupted.
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        self._store = Checkpoints(folder, spare=not resume)
        self._keep = resume
        if resume:
            self._store.tidy()
        else:
            self._store.remove()

    def stages(self, records: Records, resolved: ResolvedConfig) -> Stages:
        """The stages of a run over given records."""
        columns = records.table.column_names
        return Stages(self._store, fingerprint_of_records(records), columns, resolved)

    def writes(self, write: Callable[[], object]) -> None:
        """Writes results; once more without the stages that no other run uses, on a full disk.

        Args:
            write: writes them.

        Raises:
            OutputError: see ``write``.
        """
        try:
            write()
        except OutputError as error:
            cause = error.__cause__
            full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
            if self._keep or not full or not self._store.folder.is_dir():
                raise
            self._store.remove()
            write()

    def __enter__(self) -> Resuming:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Removes the stages of a run that was not interrupted, unless the next may use them."""
        if not self._keep and (kind is None or issubclass(kind, LinkageError)):
            self._store.remove()


class Stages:
    """The candidates and models of a run on disk, read where an earlier run stored them.

    Args:
        store: the stored stages.
        records: fingerprint of the catalog.
        columns: its columns.
        resolved: the configuration.
    """

    def __init__(
        self, store: Checkpoints, records: str, columns: list[str], resolved: ResolvedConfig
    ) -> None:
        self._store = store
        self._records = records
        self._columns = columns
        self._resolved = resolved

    def plan(
        self,
        definition: MatchDefinition,
        records: PreparedRecords,
        make: Callable[[], BlockingPlan],
    ) -> BlockingPlan:
        """What the blockers find under a definition: read from disk, or made and stored.

        Args:
            definition: the match definition.
            records: the prepared records.
            make: runs the blockers.
        """
        stage = f"blocking-{definition.name}"
        fingerprint = self._fingerprint(definition, _AFTER_BLOCKING)
        found: BlockingPlan | None = self._store.read(
            stage, fingerprint, lambda folder: read_plan(folder, records.records)
        )
        if found is not None:
            if "characters" in found.spaces:
                sparse_spaces(records)  # counts the terms, whose frequencies a saved model keeps
            return found
        plan = make()
        self._store.store(stage, fingerprint, lambda folder: write_plan(folder, plan))
        return plan

    def fitted(self, definition: MatchDefinition) -> FittedDefinition | None:
        """What an earlier run learned without labels for a definition, if it is stored."""

        def read(folder: Path) -> FittedDefinition:
            kept = read_model(folder / "model")[1][definition.name]
            if not set(kept.columns) <= set(self._columns):
                raise FieldError("model.json: it compares columns that the tables lack")
            return kept

        return self._store.read(
            f"learning-{definition.name}", self._fingerprint(definition, set()), read
        )

    def keep_fitted(
        self, definition: MatchDefinition, fitted: FittedDefinition, config: Config
    ) -> None:
        """Stores what was learned without labels for a definition."""

        def write(folder: Path) -> None:
            write_model(folder / "model", config, {definition.name: fitted}, __version__)

        self._store.store(
            f"learning-{definition.name}", self._fingerprint(definition, set()), write
        )

    def _fingerprint(self, definition: MatchDefinition, without: set[str]) -> str:
        """Fingerprint of what a stage depends on: version, records, definition and settings."""
        plain = self._resolved.to_dict()
        settings = {k: v for k, v in plain.items() if k not in without | _IRRELEVANT}
        limits = {**settings.get("limits", {})}
        limits.pop("max_cluster_size", None)
        settings["limits"] = limits
        return fingerprint_of_values(__version__, self._records, definition.name, settings)
