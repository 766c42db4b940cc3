"""The linker: fit, match, score, save and load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logit

from blocking.report import RecallFloorError, blocking_report, check_recall_floor
from features.compare.synonyms import Synonyms
from features.kinds import Kind
from features.records import Records
from linkage.clustering.rules import Rules
from linkage.config.authored import Config, MatchDefinition
from linkage.config.memory_limit import check_memory, is_tight
from linkage.config.nesting import starts_of
from linkage.config.resolved import ResolvedConfig, available_threads, resolve_config
from linkage.errors import BlockingError, ConfigError, ModelError
from linkage.io.inputs import Table, as_table
from linkage.io.label_files import rows_of_pairs
from linkage.io.reading import build_records
from linkage.models.model_folder import FittedDefinition, read_model, write_model
from linkage.pipeline.definition_run import match_definition_run
from linkage.pipeline.resume import Resuming
from linkage.pipeline.session_store import SessionStore
from linkage.pipeline.spill import SpilledResult
from linkage.result import Result
from linkage.results.definition_result import DefinitionResult
from linkage.results.run_assembly import assemble_run
from linkage.runtime import ProgressFunction, StepLog, release_memory
from linkage.scoring.score import score_pairs
from linkage.scoring.session import Session
from linkage.training.active_learning import choose_pairs
from linkage.training.label_sets import LabelSets, LabelsOrFrame, threshold_target_of
from linkage.training.pair_labels import resolve_labels
from linkage.training.train import learn_from_labels, learn_without_labels
from linkage.training.variants.from_labels import learn_variants_from_labels

if TYPE_CHECKING:
    from linkage.training.pair_labels import PairLabels

__all__ = ["Linker"]


class Linker:
    """Finds which rows of one table, or of two, are the same thing.

    Args:
        config: what to compare and how; everything is inferred by default.
        progress: called with a step's name and the share of it done (None: not known).
        resuming: keeps what takes long, so that a killed run can go on.

    Attributes:
        config: the configuration.
        fitted_: what was learned, by match definition; empty before fitting.

    Example:
        >>> result = Linker().match(pd.read_csv("offers.csv", dtype=str))  # doctest: +SKIP
        >>> result.clusters  # doctest: +SKIP
    """

    def __init__(
        self,
        config: Config | None = None,
        progress: ProgressFunction | None = None,
        resuming: Resuming | None = None,
    ) -> None:
        self.config = config or Config()
        self.progress = progress
        self.resuming = resuming
        self.fitted_: dict[str, FittedDefinition] = {}
        self._log = StepLog(progress)
        self._tables: tuple[Table | None, Table | None] = (None, None)
        self._id_column = ""
        self._sessions: SessionStore | None = None

    def fit(
        self,
        left: Table | None,
        right: Table | None = None,
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
    ) -> Linker:
        """Learns what a match is, from labels or, without them, from the tables themselves.

        Labels are of the strictest match definition, or of those that they are given for by name;
        definitions without labels start themselves.

        Args:
            left: the table, or the left one of two. None where the labels bring records of their
                own.
            right: the table to link with.
            labels: labels as `linkage.io.label_files.read_labels` returns them, or a frame of any
                of the shapes that it reads, such as ``left_id, right_id, label`` or
                ``id, cluster_id``; or such labels by name of the match definition.
            validation: labels that are not learned from: they calibrate the scores and choose the
                threshold. Without them the held-out folds of the labels do. By name as well.

        Returns:
            The linker itself.

        Raises:
            LinkageError: the tables, labels and configuration do not fit together.
        """
        label_sets = LabelSets.of(self.config.match.values(), labels, validation)
        if label_sets.table is not None:
            left, right = label_sets.table, None
        if left is None:
            raise ConfigError(
                ["training: there is nothing to learn from: give a catalog or labels."]
            )
        self.fitted_ = {}
        sessions = self._begin(left, right, label_sets.id_column)
        sessions.forget_learning()
        for definition in sessions.resolved.match:
            if definition.name in label_sets.labels or label_sets.table is None:
                self._learn(definition, sessions, label_sets)
        return self

    def match(
        self,
        left: Table,
        right: Table | None = None,
        labels: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
        validation: LabelsOrFrame | Mapping[str, LabelsOrFrame] | None = None,
    ) -> Result:
        """Scores the candidate pairs of the tables and clusters their rows.

        A linker that was not fitted learns from the tables first, and from labels if some are
        given: definition by definition, each done with before the next, which takes less memory
        than :meth:`fit` and then this.

        Args:
            left: the table to deduplicate, or the left one of two to link.
            right: the table to link with.
            labels, validation: as for :meth:`fit`; what was learned before is forgotten.

        Returns:
            Pairs, clusters and the account of the run.
        """
        label_sets = LabelSets.of(self.config.match.values(), labels, validation)
        if label_sets.table is not None:
            self.fit(None, None, labels, validation)
        elif label_sets:
            self.fitted_ = {}
        sessions = self._begin(left, right, None)
        if label_sets and label_sets.table is None:
            sessions.forget_learning()
        resolved, records = sessions.resolved, sessions.records
        results: list[DefinitionResult | SpilledResult] = []
        tight = is_tight(records, resolved)
        clusters: dict[str, np.ndarray] = {}
        with sessions.background_masking() as masks:
            for definition in resolved.match:
                if definition.name not in self.fitted_:
                    # Also where a model was trained for the strictest definition only.
                    self._learn(definition, sessions, label_sets)
                before = [clusters[one.name] for one in starts_of(definition, resolved.match)]
                session = sessions.to_answer(definition, before)
                masks.begin()
                model = self.fitted_[definition.name].model
                if not (session.is_joined and model.is_anchored):
                    sessions.strict_evidence()  # before groups are completed
                session.settle()
                result = match_definition_run(
                    definition,
                    session,
                    model,
                    self._rules(definition, records, resolved),
                    before,
                    self.config.limits.max_cluster_size,
                )
                clusters[definition.name] = result.clustering.labels
                results.append(SpilledResult(result) if tight else result)
                sessions.strict_evidence(result.clustering.labels)
                sessions.answered(session, result.clustering.labels)
                del session
                release_memory()
        self._sessions = None
        del sessions
        found = [one.read() if isinstance(one, SpilledResult) else one for one in results]
        tables = as_table(left), None if right is None else as_table(right)
        whole = assemble_run(
            Result, records, found, resolved, self._log.steps, tables, dict(self.fitted_)
        )
        self._log = StepLog(self.progress)
        return whole

    def score(self, left: Table, right: Table | None, pairs: pd.DataFrame) -> pd.DataFrame:
        """Scores exactly the given pairs with the strictest definition's model.

        Args:
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            pairs: columns ``left_id, right_id``.

        Returns:
            ``left_id, right_id, score, match`` in the order given. No pair is judged by the others
            given with it; but where records have one partner and ``training.context`` is on, each
            is judged beside the other candidates that the tables hold for its records.
        """
        if not self.fitted_:
            self.fit(left, right)
        sessions = self._begin(left, right, None)
        resolved, records = sessions.resolved, sessions.records
        definition = resolved.match[0]
        session = sessions.of(definition)
        a, b = rows = rows_of_pairs(pairs, records)
        if session.collapsed is not None:
            a, b = session.collapsed.form[a], session.collapsed.form[b]
        model = self.fitted_[definition.name].model
        low, high = np.minimum(a, b), np.maximum(a, b)
        rules = self._rules(definition, records, resolved)
        probability = rules.overrule(*rows, score_pairs(session, model, low, high))
        return pd.DataFrame(
            {
                "left_id": pairs["left_id"].astype(str).to_numpy(),
                "right_id": pairs["right_id"].astype(str).to_numpy(),
                "score": probability,
                "match": probability >= model.threshold,
            }
        )

    def suggest(
        self,
        number: int,
        left: Table,
        right: Table | None = None,
        among: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Suggests pairs whose labels would teach the strictest definition's model most.

        Give the labelled pairs to :meth:`fit`, and ask again.

        Args:
            number: how many pairs to suggest.
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            among: pairs (``left_id, right_id``) to choose from, such as those not labelled yet; the
                candidates of the tables by default.

        Returns:
            ``left_id, right_id, score``, most certain match first; fewer than asked for where there
            are no more.
        """
        if not self.fitted_:
            self.fit(left, right)
        sessions = self._begin(left, right, None)
        resolved, records = sessions.resolved, sessions.records
        session = sessions.of(resolved.match[0])
        model = self.fitted_[resolved.match[0].name].model
        if among is None:
            a, b = session.candidates.left, session.candidates.right
        else:
            rows = rows_of_pairs(among, records)
            if session.collapsed is not None:
                rows = session.collapsed.form[rows[0]], session.collapsed.form[rows[1]]
            a, b = np.minimum(*rows), np.maximum(*rows)
        first = np.arange(records.n) if session.collapsed is None else session.collapsed.first
        rules = self._rules(resolved.match[0], records, resolved)
        # What a rule decides teaches nothing.
        ruled = rules.demands(first[a], first[b]) | rules.forbids(first[a], first[b])
        a, b = a[~ruled], b[~ruled]
        probability = score_pairs(session, model, a, b)
        clipped = np.clip(probability, 1e-9, 1 - 1e-9)
        chosen = choose_pairs(logit(clipped) - logit(model.threshold), number)
        return pd.DataFrame(
            {
                "left_id": session.records.ids[a[chosen]],
                "right_id": session.records.ids[b[chosen]],
                "score": probability[chosen],
            }
        )

    def open(
        self,
        left: Table,
        right: Table | None = None,
        merged: Mapping[str, Sequence[pd.Series]] | None = None,
    ) -> tuple[Records, dict[str, tuple[Session, Rules]]]:
        """The records of tables; by match definition what is known of them, and the rules.

        Args:
            left: the table, or the left one of two.
            right: the table that it is linked with.
            merged: by name of a definition that a run answered with records merged, the clusters
                that it began with: each a cluster's id by id of the record.
        """
        sessions = self._begin(left, right, None)
        resolved, records = sessions.resolved, sessions.records
        opened = {}
        for one in resolved.match:
            began = (merged or {}).get(one.name, ())
            before = [pd.factorize(clusters.reindex(records.ids))[0] for clusters in began]
            session = sessions.as_answered(one, before)
            session.keeps_words = True
            opened[one.name] = session, self._rules(one, records, resolved)
        return records, opened

    def save(self, folder: str | Path, force: bool = False) -> Path:
        """Writes the fitted linker into a folder of open formats, whole or not at all."""
        from linkage.version import __version__

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

    def _begin(self, left: Table, right: Table | None, training_id: str | None) -> SessionStore:
        """The sessions of the tables, with the configuration settled for them."""
        self._log.progress = self.progress
        if self._tables[0] is not left or self._tables[1] is not right:
            self._sessions, self._tables = None, (left, right)
        id_column = self.config.catalog.id or training_id or "id"
        kinds = self._kinds(left, right)
        known = self._sessions
        if known is not None and self._id_column == id_column and kinds in (
            None, known.records.kinds,
        ):  # fmt: skip
            records = known.records
        else:
            with self._log.step("Read records"):
                records = build_records(
                    as_table(left),
                    None if right is None else as_table(right),
                    id_column=id_column,
                    kinds=kinds,
                    source_column=self.config.catalog.source,
                    images=self.config.catalog.images,
                    threads=self.config.threads or available_threads(),
                )
        self._id_column = id_column
        resolved = resolve_config(self.config, records)
        check_memory(records, resolved)
        if self.resuming is not None:
            self.resuming.begin(records, resolved)
        if known is None:
            known = SessionStore(records, resolved, self.fitted_, self._log, self.resuming)
            self._sessions = known
        known.records, known.resolved, known.fitted = records, resolved, self.fitted_
        return known

    def _kinds(self, left: Table, right: Table | None) -> dict[str, Kind] | None:
        if not self.fitted_:
            return dict(self.config.attributes) or None
        wanted = {c: k for d in self.fitted_.values() for c, k in d.kinds.items()}
        present = set(as_table(left).column_names)
        if right is not None:
            present |= set(as_table(right).column_names)
        missing = [column for column in wanted if column not in present]
        if missing:
            raise ModelError(
                "The model was trained for other attributes: "
                f"the table lacks {', '.join(missing)}. "
                f"The model compares {', '.join(wanted)}.",
                hint="Rename the table's columns, or train a model for this table.",
            )
        return wanted

    def _learn(
        self, definition: MatchDefinition, sessions: SessionStore, label_sets: LabelSets
    ) -> None:
        """Learns a definition, from its labels if it has some."""
        records, resolved = sessions.records, sessions.resolved
        mine, dial = (
            label_sets.labels.get(definition.name),
            threshold_target_of(self.config, definition),
        )
        resuming = None if label_sets else self.resuming
        kept = None if resuming is None else resuming.fitted(definition)
        if kept is not None:
            self.fitted_[definition.name] = kept
            return
        if mine is None:
            session = sessions.to_learn(definition)
            sessions.mask_next(session)
            model = learn_without_labels(session, self.config, dial)
        else:
            # Gaps to a record's other neighbours tell much where labels teach how to read them;
            # learning without labels rests on neighbours already, and a variant has many of them.
            context = records.is_linkage and self.config.training.context and not definition.ignore
            session = sessions.of(definition, context)
            checks = label_sets.validation.get(definition.name)
            pairs, checked = (
                None if one is None else resolve_labels(one, records) for one in (mine, checks)
            )
            assert pairs is not None
            self._check_recall(session, pairs)
            learn = learn_from_labels if session.collapsed is None else learn_variants_from_labels
            model = learn(
                session, pairs, self.config, checked, dial=dial,
                with_prior=self.config.training.context and label_sets.table is None,
            )  # fmt: skip
        self.fitted_[definition.name] = FittedDefinition(
            kinds=_compared(session, records),
            model=model,
            statistics=session.prepared.statistics,
            quality=resolved.quality,
            synonyms=session.synonyms or Synonyms(),
        )
        session.settle()
        session.strict = None
        sessions.learned()
        if resuming is not None:
            resuming.keep_fitted(definition, self.fitted_[definition.name], self.config)

    def _rules(
        self, definition: MatchDefinition, records: Records, resolved: ResolvedConfig
    ) -> Rules:
        """The rules that hold under a definition."""
        return Rules.of(
            definition,
            resolved.match,
            records,
            kinds=self.config.attributes,
            sources=None if definition.ignore else self._distinct_sources(records),
            largest=self.config.limits.max_cluster_size,
        )

    def _distinct_sources(self, records: Records) -> np.ndarray | None:
        """Source of each record, if the user says that no source lists a product twice."""
        catalog = self.config.catalog
        if not catalog.distinct_sources or catalog.source is None:
            return None
        column = records.table.column(catalog.source).to_pandas()
        codes: np.ndarray = pd.factorize(column)[0]
        return codes

    def _check_recall(self, session: Session, pairs: PairLabels) -> None:
        floor = self.config.blocking.recall_floor
        if floor is None:
            return
        matches = pairs.label == 1
        left, right = pairs.left[matches], pairs.right[matches]
        if session.collapsed is not None:
            left, right = session.collapsed.pairs_of_forms(left, right)
        report = blocking_report(
            session.candidates,
            session.prepared,
            (left, right),
            session.plan.largest_blocks,
        )
        try:
            check_recall_floor(report, floor)
        except RecallFloorError as error:
            raise BlockingError(str(error)) from error


def _compared(session: Session, records: Records) -> dict[str, Kind]:
    """Attributes that a session compares, unit identifiers of its forms among them."""
    units = () if session.collapsed is None else session.collapsed.shared
    kept = {*session.records.kinds, *units}
    return {name: kind for name, kind in records.kinds.items() if name in kept}
