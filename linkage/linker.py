"""The linker: fit, match, score, save and load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError, ModelError
from linkage.io.decision_tables import decision_table
from linkage.io.id_column import DEFAULT_ID
from linkage.io.inputs import Catalog, Table, given_ids, plain_table
from linkage.io.label_files import PAIR_IDS, check_pairs
from linkage.io.pair_ids import rows_of_pairs
from linkage.models.bounded_logit import bounded_logit
from linkage.models.model_folder import FittedDefinition, read_model, write_model
from linkage.pipeline.resume import Resuming
from linkage.pipeline.run import Run
from linkage.result import Result
from linkage.results.run_assembly import assemble_run
from linkage.runtime import ProgressFunction, StepLog
from linkage.scoring.score import score_pairs
from linkage.state.catalog_state import CatalogState
from linkage.state.decisions import decisions_of_state
from linkage.state.linker_updates import update
from linkage.state.recording import record_run
from linkage.training.active_learning import choose_pairs
from linkage.training.label_sets import LabelSets, LabelsOrFrame, files_of_labels, without_targets
from linkage.version import __version__

__all__ = ["Linker", "resumable_linker"]


class Linker:
    """Finds the rows of one table, or of two, that are the same product.

    Tables are pandas data frames, pyarrow tables, anything with the Arrow stream interface
    (``__arrow_c_stream__``: Polars, DuckDB, a ``RecordBatchReader``) or paths of files. Columns may
    be of any types; ids come back as they were given. They are in the column ``config.catalog.id``,
    or ``id``.

    Args:
        config: what to compare and how; everything is inferred by default.
        progress: called with a step's name and the share of it done (None: not known).

    Attributes:
        config: the configuration.
        fitted_: what was learned, by match definition; empty before fitting.

    Example:
        >>> result = Linker().match(pd.read_csv("offers.csv", dtype=str))  # doctest: +SKIP
        >>> result.clusters  # doctest: +SKIP
    """

    def __init__(
        self, config: Config | None = None, progress: ProgressFunction | None = None
    ) -> None:
        self.config = config or Config()
        self.progress = progress
        self.fitted_: dict[str, FittedDefinition] = {}
        self._resuming: Resuming | None = None
        self._label_files: tuple[Path, ...] = ()
        self._log = StepLog(progress)
        self._given: tuple[Table | None, Table | None] = (None, None)
        self._catalogs: list[Catalog] = []
        self._run: Run | None = None

    def fit(
        self,
        left: Table | None,
        right: Table | None = None,
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
    ) -> Linker:
        """Learns what a match is, from labels or, without them, from the tables themselves.

        Labels are of the strictest match definition, or of those that they are given for by name;
        definitions without labels are learned without.

        Args:
            left: the table, or the left one of two. None where the labels bring records of their
                own.
            right: the table to link with.
            labels: labels as `linkage.io.label_files.read_labels` returns them, or a table or path
                of any of the shapes that it reads, such as ``left_id, right_id, label`` or
                ``id, cluster_id``; or such labels by name of the match definition.
            validation: labels that are not learned from: they calibrate the scores and choose the
                threshold. Without them the held-out folds of the labels do. By name as well.

        Returns:
            The linker itself.

        Raises:
            LinkageError: the tables, labels and configuration do not fit together.
        """
        label_sets = LabelSets.of(
            self.config.match.values(), labels, validation, self.config.catalog
        )
        if label_sets.table is not None:
            left, right = label_sets.table, None
        if left is None:
            fault = "training: there is nothing to learn from: give a catalog or labels."
            raise ConfigError([fault])
        self.fitted_ = {}
        self._label_files = files_of_labels(labels, validation)
        run = self._begin(left, right, label_sets.id_column)
        run.sessions.forget_learning()
        for definition in run.resolved.match:
            if definition.name in label_sets.labels or label_sets.table is None:
                run.learn(definition, label_sets)
        return self

    def match(
        self,
        left: Table,
        right: Table | None = None,
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
        decisions: Table | None = None,
        state: str | Path | None = None,
    ) -> Result:
        """Scores the candidate pairs of the tables and clusters their rows.

        A linker that was not fitted learns from the tables first, and from labels if some are
        given: each definition is learned and matched before the next, which takes less memory than
        :meth:`fit` followed by :meth:`match`.

        Args:
            left: the table to deduplicate, or the left one of two to link.
            right: the table to link with.
            labels, validation: as for :meth:`fit`; what was learned before is forgotten.
            decisions: pairs that a person decided, which hold whatever their scores (see
                ``docs/state.md``): ``left_id, right_id, answer`` (``same`` or ``different``), and
                ``definition`` where they are not of the strictest one.
            state: file of the catalog's state: its decisions hold, the run is recorded in it, and
                the clusters have the ids that they have there. It is made if it is new.

        Raises:
            LinkageError: something does not fit together; decisions contradict each other.

        Returns:
            Pairs, clusters and the account of the run.
        """
        if state is not None:
            if decisions is not None:
                fault = "decisions go into the state: linkage decide STATE --import FILE."
                raise ConfigError([fault])
            of_catalog = CatalogState.at(state)
            with of_catalog.claimed():
                held = decisions_of_state(of_catalog)
                return record_run(of_catalog, self.match(left, right, labels, validation, held))
        label_sets = LabelSets.of(
            self.config.match.values(), labels, validation, self.config.catalog
        )
        if label_sets.table is not None:
            self.fit(None, None, labels, validation)
        elif label_sets:
            self.fitted_ = {}
            self._label_files = files_of_labels(labels, validation)
        table = None if decisions is None else decision_table(decisions)
        run = self._begin(left, right, None, table)
        if label_sets and label_sets.table is None:
            run.sessions.forget_learning()
        results = run.match(label_sets)
        self._run = None  # what its sessions hold is not needed to put the result together
        records, resolved, tables, decided = run.records, run.resolved, run.tables, run.decisions
        del run
        whole = assemble_run(
            Result,
            records,
            results,
            resolved,
            self._log.steps,
            tables,
            dict(self.fitted_),
            given_ids(self._catalogs),
            decided.notes,
            decided.table,
        )
        self._given, self._catalogs = (None, None), []
        self._log = StepLog(self.progress)
        return replace(whole, label_files=self._label_files)

    update = classmethod(update)

    def score(self, left: Table, right: Table | None, pairs: Table) -> pd.DataFrame:
        """Scores exactly the given pairs with the strictest definition's model.

        Args:
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            pairs: columns ``left_id, right_id``.

        Returns:
            ``left_id, right_id, score, match`` in the order given, ids as the tables have them. The
            score of a pair does not depend on the other given pairs; but where records have one
            partner and ``training.context`` is on, it depends on the other candidates of its
            records.
        """
        if not self.fitted_:
            self.fit(left, right)
        run = self._begin(left, right, None)
        definition = run.resolved.written[0]
        session, model = run.sessions.of(definition), self.fitted_[definition.name].model
        wanted = _pairs(pairs)
        records = rows_of_pairs(wanted, run.records)
        a, b = (session.rows_of_records(side) for side in records)
        scores = score_pairs(session, model, np.minimum(a, b), np.maximum(a, b))
        probability = run.rules(definition).overrule(*records, scores)
        return pd.DataFrame(
            {
                **self._ids_as_given(*(wanted[name].to_numpy(object) for name in PAIR_IDS)),
                "score": probability,
                "match": probability >= model.threshold,
            }
        )

    def suggest(
        self,
        number: int,
        left: Table,
        right: Table | None = None,
        among: Table | None = None,
    ) -> pd.DataFrame:
        """Suggests pairs whose labels would improve the strictest definition's model most.

        Active learning: give the labelled pairs to :meth:`fit`, and ask again.

        Args:
            number: how many pairs to suggest.
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            among: pairs (``left_id, right_id``) to choose from, such as those not labelled yet; the
                candidates of the tables by default.

        Returns:
            ``left_id, right_id, score, weight``, most certain match first; fewer than asked for
            where there are no more. The weight is the number of pairs that a pair stands for, at
            least 1. Keep it beside the labels: a threshold target and held-out figures rest on it.
        """
        if not self.fitted_:
            plain = without_targets(self.config)
            if plain != self.config:  # which may be out of reach before there are labels
                return Linker(plain, self.progress).suggest(number, left, right, among)
            self.fit(left, right)
        run = self._begin(left, right, None)
        definition = run.resolved.written[0]
        session, model = run.sessions.of(definition), self.fitted_[definition.name].model
        if among is None:
            a, b = session.candidates.left, session.candidates.right
        else:
            wanted = rows_of_pairs(_pairs(among), run.records)
            rows = [session.rows_of_records(side) for side in wanted]
            a, b = np.minimum(*rows), np.maximum(*rows)
        rules, records = run.rules(definition), (session.first_records(a), session.first_records(b))
        # Pairs that a rule decides are of no use as labels.
        ruled = rules.demands(*records) | rules.forbids(*records)
        a, b = a[~ruled], b[~ruled]
        probability = score_pairs(session, model, a, b)
        log_odds = bounded_logit(probability, 1e-9)
        cut = logit(model.threshold)
        chosen, weight = choose_pairs(log_odds - cut, number, self.config.seed)
        ends = run.records.as_given(a[chosen], b[chosen])
        return pd.DataFrame(
            {
                **self._ids_as_given(*(session.records.ids[rows] for rows in ends)),
                "score": probability[chosen],
                "weight": weight,
            }
        )

    def save(self, folder: str | Path, force: bool = False) -> Path:
        """Writes the fitted linker into a folder of open formats, completely or not at all."""
        if not self.fitted_:
            raise ModelError(
                "There is nothing to save: the linker has not been fitted.", hint="Call fit first."
            )
        return write_model(folder, self.config, self.fitted_, __version__, force=force)

    @classmethod
    def load(cls, folder: str | Path) -> Linker:
        """Reads a linker that :meth:`save` wrote."""
        config, fitted = read_model(folder)
        linker = cls(config)
        linker.fitted_ = fitted
        return linker

    def _begin(
        self,
        left: Table,
        right: Table | None,
        training_id: str | None,
        decisions: pd.DataFrame | None = None,
    ) -> Run:
        """A run over the tables, which uses the sessions of an earlier one over the same tables."""
        if left is None:
            raise InputError(
                "There is no table: None was given.", hint="Give a data frame or path."
            )
        self._log.progress = self.progress
        earlier = self._run
        id_column = self.config.catalog.id or training_id or DEFAULT_ID
        if not self._catalogs or self._given[0] is not left or self._given[1] is not right:
            named = self.config.catalog.id if id_column == DEFAULT_ID else id_column
            given = [(left, named), (right, self.config.catalog.right_id or named)]
            self._catalogs = [
                Catalog.of(table, self.config, name) for table, name in given if table is not None
            ]
            earlier, self._given = None, (left, right)
        tables = [catalog.table for catalog in self._catalogs]
        self._run = Run(
            self.config,
            tables[0],
            tables[1] if len(tables) > 1 else None,
            self._log,
            self.fitted_,
            id_column=id_column,
            resuming=self._resuming,
            earlier=earlier,
            decisions=decisions,
        )
        return self._run

    def _ids_as_given(self, left: np.ndarray, right: np.ndarray) -> dict[str, np.ndarray]:
        """Columns of ids of pairs, as they were given in the catalogs."""
        sides = self._catalogs[0], self._catalogs[-1]
        return {
            name: catalog.as_given(texts)
            for name, catalog, texts in zip(PAIR_IDS, sides, (left, right), strict=True)
        }


def _pairs(given: Table) -> pd.DataFrame:
    """Pairs of ids as text."""
    table = plain_table(given, "pairs", PAIR_IDS)
    check_pairs(table, "pairs")
    frame: pd.DataFrame = table.to_pandas()
    return frame


def resumable_linker(config: Config, progress: ProgressFunction, resuming: Resuming) -> Linker:
    """A linker that stores candidates and models on disk, so that a killed run can be resumed."""
    linker = Linker(config, progress)
    linker._resuming = resuming
    return linker
