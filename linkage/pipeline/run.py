"""A run over one or two tables: learning and matching, one definition after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from blocking.report import RecallFloorError, blocking_report, check_recall_floor
from features.compare.synonyms import Synonyms
from features.kinds import Kind
from features.records import Records
from linkage.clustering.rules import Rules
from linkage.config.authored import Config
from linkage.config.match_definition import MatchDefinition, Rule
from linkage.config.memory_limit import check_memory, is_tight
from linkage.config.nesting import starts_of
from linkage.config.resolved import resolve_config
from linkage.errors import BlockingError, ModelError
from linkage.io.reading import build_records
from linkage.io.tables.column_names import name_as_left
from linkage.io.tables.informative_columns import columns_note
from linkage.io.tables.table_metadata import distinct_column, with_note
from linkage.models.model_folder import FittedDefinition
from linkage.models.pair_model import PairModel
from linkage.models.training_account import TrainingSource
from linkage.pipeline.canonical_records import canonical_records
from linkage.pipeline.decisions import Decisions, decided_pairs
from linkage.pipeline.definition_run import match_definition_run
from linkage.pipeline.resume import Resuming
from linkage.pipeline.session_store import SessionStore
from linkage.pipeline.spill import SpilledResult, spilled
from linkage.results.definition_result import DefinitionResult
from linkage.runtime import StepLog, available_threads, release_memory
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.session import Session
from linkage.training.label_sets import LabelSets, strictest, threshold_target_of
from linkage.training.pair_labels import PairLabels, resolve_labels, with_decided
from linkage.training.train import learn_from_labels, learn_without_labels
from linkage.training.variants.from_labels import learn_variants_from_labels

__all__ = ["Run"]


class Run:
    """Learns and matches the definitions of a configuration over one or two tables.

    Args:
        config: the configuration.
        left: the table, or the left one of two; strings, as `linkage.io.reading` returns them.
        right: the table that it is linked with, if any.
        log: where steps are recorded.
        fitted: what was learned, by match definition; definitions that are learned are added.
        id_column: the column of ids.
        resuming: stores candidates and models on disk, so that a killed run can be resumed.
        keeps_words: whether sessions keep the words of very many records, for explanations.
        earlier: a run over the same tables, whose records and sessions are used again.
        decisions: what persons decided of pairs, see `linkage.io.decision_tables`.

    Raises:
        LinkageError: tables, configuration and models do not fit together.
    """

    def __init__(
        self,
        config: Config,
        left: pa.Table,
        right: pa.Table | None,
        log: StepLog,
        fitted: dict[str, FittedDefinition],
        *,
        id_column: str = "id",
        resuming: Resuming | None = None,
        keeps_words: bool = False,
        earlier: Run | None = None,
        decisions: pd.DataFrame | None = None,
    ) -> None:
        self.config = config
        self.fitted = fitted
        self._log = log
        self._id_column = id_column
        if earlier is not None and earlier.config == config:
            left, right = earlier.tables
        elif right is not None:
            with log.step("Match columns"):
                right = name_as_left(left, right, config, id_column)
        self.tables: tuple[pa.Table, pa.Table | None] = (left, right)
        kinds = self._kinds()
        if earlier is not None and earlier._has_read(id_column, kinds):
            self.records: Records = earlier.records
        else:
            with log.step("Read records"):
                found = build_records(
                    *self.tables,
                    id_column=id_column,
                    kinds=kinds,
                    source_column=config.catalog.source,
                    images=config.catalog.images,
                    threads=config.threads or available_threads(),
                )
                # Models tell sides apart: tables stand as those that they learned from.
                learned = {definition.is_swapped for definition in fitted.values()}
                self.records = canonical_records(
                    found,
                    chosen=kinds is not None,
                    id_column=id_column,
                    swapped=learned.pop() if learned else None,
                )
                if found.left_out:
                    note = columns_note(len(found.kinds), found.left_out)
                    self.tables = (with_note(self.tables[0], note), self.tables[1])
        self.resolved = resolve_config(config, self.records)
        check_memory(self.records, self.resolved)
        self.decisions = Decisions()
        if decisions is not None and len(decisions):
            first = strictest(config.match.values())
            self.decisions = decided_pairs(decisions, self.records, self.resolved.match, first)
        self._stages = None if resuming is None else resuming.stages(self.records, self.resolved)
        if earlier is None:
            self.sessions = SessionStore(
                self.records, self.resolved, fitted, log, self._stages, keeps_words=keeps_words
            )
        else:
            self.sessions = earlier.sessions.renewed(
                self.records, self.resolved, fitted, self._stages
            )

    def learn(self, definition: MatchDefinition, label_sets: LabelSets) -> None:
        """Adds the model of a definition to `fitted`, learned from its labels if it has some.

        Args:
            definition: the match definition.
            label_sets: labels by match definition.
        """
        # What was learned from labels is not kept: its fingerprint would have to cover them.
        stages = None if label_sets else self._stages
        kept = None if stages is None else stages.fitted(definition)
        if kept is not None:
            self.fitted[definition.name] = kept
            return
        sessions = self.sessions
        if definition.ignores:
            sessions.gather_strict_evidence()
        labels = label_sets.labels.get(definition.name)
        target = threshold_target_of(self.config, definition)
        if labels is None:
            session = sessions.to_learn(definition)
            sessions.mask_next(session)
            # Definitions that ignore something begin themselves in another way.
            lists_once = None if definition.ignores else self._lists_variants_once
            model = learn_without_labels(
                session, self.config, target, sessions.strict, lists_once=lists_once
            )
        else:
            # Features of a record's neighbours help where labels weigh them. Learning without
            # labels takes its matches from neighbours, and a variant has many equal ones.
            context = self.config.training.context and not definition.ignores
            session = sessions.of(definition, self.records.is_linkage and context)
            checks = label_sets.validation.get(definition.name)
            pairs = resolve_labels(labels, self.records)
            decided = self.decisions.pairs.get(definition.name)
            if decided is not None and label_sets.table is None:
                pairs = with_decided(pairs, decided.same, decided.different)
            checked = None if checks is None else resolve_labels(checks, self.records)
            self._check_recall(session, pairs)
            if isinstance(session, CollapsedSession):
                model = learn_variants_from_labels(
                    session, pairs, self.config, checked, target=target, strict=sessions.strict
                )
            else:
                model = learn_from_labels(
                    session, pairs, self.config, checked, target=target,
                    with_base_model=self.config.training.context and label_sets.table is None,
                )  # fmt: skip
                sessions.labelled_matches[definition.name] = pairs.matches
        self.fitted[definition.name] = FittedDefinition(
            kinds=_compared(session, self.records),
            model=model,
            statistics=session.prepared.statistics,
            quality=self.resolved.quality,
            synonyms=session.synonyms or Synonyms(),
            is_swapped=self.records.is_swapped,
        )
        session.blocking.release_neighbour_lists()
        sessions.release_strict_evidence()
        if stages is not None:
            stages.keep_fitted(definition, self.fitted[definition.name], self.config)

    def match(self, label_sets: LabelSets) -> list[DefinitionResult]:
        """The results of all definitions: scored pairs and clusters, the strictest first.

        Definitions without a model are learned here, each just before it is matched, which takes
        less memory than learning all of them first.

        Args:
            label_sets: labels by match definition.
        """
        results: list[DefinitionResult | SpilledResult] = []
        tight = is_tight(self.records, self.resolved)
        clusters: dict[str, np.ndarray] = {}
        sessions, definitions = self.sessions, self.resolved.match
        with sessions.background_masking() as masks:
            for definition in definitions:
                if definition.name not in self.fitted:
                    # Also where a model was trained for the strictest definition only.
                    self.learn(definition, label_sets)
                model = self.fitted[definition.name].model
                if _tells_nothing(definition, model):
                    sessions.drop(definition)
                    continue
                stricter = starts_of(definition, definitions)
                before = [clusters[one.name] for one in stricter if one.name in clusters]
                session = sessions.to_match(definition, before)
                masks.begin()
                if not (session.is_joined and model.is_anchored):
                    sessions.gather_strict_evidence()  # before groups are completed
                session.blocking.release_neighbour_lists()
                result = match_definition_run(
                    definition,
                    session,
                    model,
                    self.rules(definition),
                    before,
                    self.config.limits.max_cluster_size,
                    sessions.labelled_matches.pop(definition.name, None),
                )
                labels = clusters[definition.name] = result.clustering.labels
                results.append(spilled(result) if tight else result)
                sessions.gather_strict_evidence(labels)
                sessions.release_matched(session, labels)
                del session
                release_memory()
        return [one.read() if isinstance(one, SpilledResult) else one for one in results]

    def rules(self, definition: MatchDefinition) -> Rules:
        """The rules that hold under a definition: declared ones, and that of a shop's export."""
        distinct = distinct_column(self.tables[0])
        if distinct and not definition.ignores and not self.records.is_linkage:
            rule = Rule(distinct, "equal")
            definition = replace(definition, cannot=(*definition.cannot, rule))
        return Rules.of(
            definition,
            self.resolved.match,
            self.records,
            kinds=self.config.attributes,
            sources=None if definition.ignores else self._distinct_sources(),
            largest=self.config.limits.max_cluster_size,
            decided=self.decisions.pairs.get(definition.name),
        )

    def sessions_of_run(
        self, merged: Mapping[str, Sequence[pd.Series]]
    ) -> dict[str, tuple[Session, Rules]]:
        """The session and rules of each definition written, as in an earlier run that has ended.

        Args:
            merged: by name of a definition that was matched with records merged, the clusters that
                it began with: each a cluster's id by the record's id.
        """
        opened = {}
        for one in self.resolved.written:
            began = merged.get(one.name, ())
            before = [pd.factorize(clusters.reindex(self.records.ids))[0] for clusters in began]
            opened[one.name] = self.sessions.as_matched(one, before), self.rules(one)
        return opened

    def _lists_variants_once(self) -> bool:
        """Whether looser definitions show that one table lists each variant of a product once.

        Of tables with a column of sources they show nothing: each source may list it once.
        """
        if self.records.is_linkage or self.resolved.source_column is not None:
            return False
        looser = [one for one in self.resolved.match if one.ignore and one.name not in self.fitted]
        return any(self.sessions.collapsed_ahead(one).lists_variants_once for one in looser)

    def _has_read(self, id_column: str, kinds: dict[str, Kind] | None) -> bool:
        """Whether its records were read with this id column and these kinds of columns."""
        return self._id_column == id_column and kinds in (None, self.records.kinds)

    def _kinds(self) -> dict[str, Kind] | None:
        """Kinds of the attributes to compare: those of the models, or those configured."""
        if not self.fitted:
            return dict(self.config.attributes) or None
        wanted = {c: k for d in self.fitted.values() for c, k in d.kinds.items()}
        present = {c for table in self.tables if table is not None for c in table.column_names}
        needed = dict.fromkeys(c for d in self.fitted.values() for c in d.columns)
        missing = [column for column in needed if column not in present]
        if missing:
            raise ModelError(
                "The model was trained for other attributes: "
                f"the table lacks {', '.join(missing)}. "
                f"The model compares {', '.join(wanted)}.",
                hint="Rename the table's columns, or train a model for this table.",
            )
        return wanted

    def _distinct_sources(self) -> np.ndarray | None:
        """Source of each record, where the configuration says that none lists a product twice."""
        catalog = self.config.catalog
        if not catalog.distinct_sources or catalog.source is None:
            return None
        column = self.records.table.column(catalog.source).to_pandas()
        codes: np.ndarray = pd.factorize(column)[0]
        return codes

    def _check_recall(self, session: Session, pairs: PairLabels) -> None:
        """Raises BlockingError where candidates hold too few of the labelled matches."""
        floor = self.config.blocking.recall_floor
        if floor is None:
            return
        left, right = pairs.matches
        if isinstance(session, CollapsedSession):
            left, right = session.collapsed.pairs_of_rows(left, right)
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


def _tells_nothing(definition: MatchDefinition, model: PairModel) -> bool:
    """Whether a definition is answered for looser ones alone, and could tell them nothing."""
    ruled = definition.must or definition.cannot
    return not definition.output and not ruled and model.training.source is TrainingSource.NOTHING


def _compared(session: Session, records: Records) -> dict[str, Kind]:
    """Kinds of the attributes that a session compares, unit identifiers among them."""
    shared = session.collapsed.unit_identifiers if isinstance(session, CollapsedSession) else ()
    kept = {*session.records.kinds, *shared}
    return {name: kind for name, kind in records.kinds.items() if name in kept}
