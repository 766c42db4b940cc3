"""The sessions of one run by match definition, and what looser ones take from the strictest."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from blocking.candidates import Candidates
from features.records import Records
from features.text.statistics import Statistics
from linkage.clustering.rules import Rules
from linkage.config.match_definition import MatchDefinition
from linkage.config.resolved import ResolvedConfig
from linkage.models.model_folder import FittedDefinition
from linkage.pipeline.background_masking import BackgroundMasking
from linkage.pipeline.fitted_session import fitted_options, with_fitted_features
from linkage.pipeline.resume import Stages
from linkage.runtime import StepLog
from linkage.scoring.candidate_pairs import KeepPlan, build_now
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.reused_candidates import (
    ReusedCandidates,
    leads_outside_clusters,
    reuse_candidates,
    reuse_sample,
)
from linkage.scoring.session import Session
from linkage.training.variants.strict_evidence import StrictEvidence
from linkage.variants.collapse import collapse_records
from linkage.variants.collapsed_records import CollapsedRecords
from linkage.variants.merge import can_merge, merge_collapsed

__all__ = ["SessionStore"]


class SessionStore:
    """The sessions of one catalog, each made at its first use.

    Args:
        records: the rows.
        resolved: the configuration.
        fitted: what was learned, by match definition.
        log: where steps are recorded.
        stages: candidates and models on disk, from which a killed run is resumed, if any.
        keeps_words: whether sessions keep the words of very many records, for explanations.
    """

    def __init__(
        self,
        records: Records,
        resolved: ResolvedConfig,
        fitted: Mapping[str, FittedDefinition],
        log: StepLog,
        stages: Stages | None = None,
        *,
        keeps_words: bool = False,
    ) -> None:
        self.records = records
        self.resolved = resolved
        self.fitted = fitted
        self._log = log
        self._stages = stages
        self._keeps_words = keeps_words
        self._made: dict[tuple[str, bool], Session] = {}
        self._strict: StrictEvidence | None = None
        self._masks: BackgroundMasking | None = None
        #: Collapsed records by definition: made ahead; and where it was learned from a sample.
        self._ahead: dict[str, CollapsedRecords] = {}
        self._collapsed_samples: dict[str, CollapsedRecords] = {}
        #: Candidates and clusters of the records under the strictest definition, for looser ones.
        self._passed_on: tuple[Candidates, np.ndarray] | None = None
        #: Rows of the matches among the labels, by definition that was learned from labels.
        self.labelled_matches: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def renewed(
        self,
        records: Records,
        resolved: ResolvedConfig,
        fitted: Mapping[str, FittedDefinition],
        stages: Stages | None,
    ) -> SessionStore:
        """A store for another run over the same tables, which uses this one's sessions."""
        store = SessionStore(
            records, resolved, fitted, self._log, stages, keeps_words=self._keeps_words
        )
        store._made, store._strict, store._passed_on = self._made, self._strict, self._passed_on
        store._collapsed_samples = self._collapsed_samples
        store.labelled_matches = self.labelled_matches
        return store

    def of(self, definition: MatchDefinition, context: bool = False) -> Session:
        """The session of a definition with all its rows, made at the first call.

        Args:
            definition: the match definition.
            context: whether pairs are also compared with their records' neighbours; ignored where
                the definition was fitted, whose model tells.
        """
        key = self._key(definition, context)
        if key not in self._made:
            self._made[key] = self._make(definition, context=key[1])
        return self._made[key]

    def to_learn(self, definition: MatchDefinition) -> Session:
        """The session in which a definition is learned without labels.

        Where records are very many, the session of a looser definition holds a sample of its rows:
        those of the strictest definition's sampled candidates.

        Args:
            definition: the match definition.
        """
        strict = self.strict if definition.ignores else None
        if strict is None or strict.sample is None or (definition.name, False) in self._made:
            return self.of(definition)
        collapsed = self._collapse(definition)
        if not can_merge(collapsed):
            session = self._collapsed_session(definition, collapsed)
            return self._made.setdefault((definition.name, False), session)
        self._collapsed_samples[definition.name] = collapsed
        others = strict.rows(definition.ignore)
        part, pairs = reuse_sample(collapsed, *strict.sample, others)
        # Word frequencies of all records, not of the sample.
        statistics = self.fitted[self.resolved.match[0].name].statistics.as_frozen()
        return self._collapsed_session(
            definition, part, reused=pairs, statistics=statistics, merges=True
        )

    def to_match(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition is matched.

        Where the candidates of the strictest definition were kept, the rows of a looser one are the
        clusters that it begins with.

        Args:
            definition: the match definition.
            before: clusters of stricter definitions that it begins with, labels of the records.
        """
        if self._passed_on is None or not definition.ignores or not before:
            return self.of(definition)
        present = self._made.pop(self._key(definition, False), None)
        collapsed = self._collapsed_samples.pop(definition.name, None)
        if collapsed is None and isinstance(present, CollapsedSession):
            collapsed = present.collapsed
        if collapsed is None:
            collapsed = self._collapse(definition)
        if not can_merge(collapsed):
            return present or self._collapsed_session(definition, collapsed)
        del present
        candidates, labels = self._passed_on
        merged = self._merged(collapsed, before)
        reused = None
        if leads_outside_clusters(candidates, labels):
            reused = reuse_candidates(merged, candidates)
        return self._collapsed_session(definition, merged, reused=reused)

    def as_matched(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition was matched in an earlier run, without candidates.

        Args:
            definition: the match definition.
            before: the clusters that it began with, if its records were merged; empty otherwise.
        """
        if not before:
            return self.of(definition)
        return self._collapsed_session(definition, self._merged(self._collapse(definition), before))

    def _merged(
        self, collapsed: CollapsedRecords, before: Sequence[np.ndarray]
    ) -> CollapsedRecords:
        """Collapsed records merged by the clusters that a definition begins with."""
        with self._log.step("Merge records"):
            clusters = Rules().start(self.records.n, before)
            return merge_collapsed(collapsed, clusters, self.resolved.threads)

    def release_matched(self, session: Session, labels: np.ndarray) -> None:
        """Drops a session that was matched, with these clusters; keeps what looser ones reuse."""
        of_records = session.is_joined and not session.is_collapsed
        model = self.fitted[self.resolved.match[0].name].model
        if of_records and model.is_anchored and not self.records.is_linkage:
            self._passed_on = session.candidates, labels
        self._made = {k: one for k, one in self._made.items() if one is not session}

    def drop(self, definition: MatchDefinition) -> None:
        """Drops the sessions of a definition of which looser ones reuse nothing."""
        self._made = {k: one for k, one in self._made.items() if k[0] != definition.name}

    def release_strict_evidence(self) -> None:
        """Drops the strict evidence once all definitions are learned."""
        if all(one.name in self.fitted for one in self.resolved.match):
            self._strict = None

    def forget_learning(self) -> None:
        """Drops strict evidence and kept candidates, so that definitions are learned anew."""
        self._strict, self._passed_on = None, None

    def background_masking(self) -> BackgroundMasking:
        """A context in which records of unlearned definitions are collapsed in the background.

        Sessions take their collapsed records from it as long as it is open.
        """
        self._masks = BackgroundMasking(
            {
                one.name: partial(self._collapse_kept, one, self.records.kinds)
                for one in self.resolved.match
                if one.ignores and one.name not in self.fitted
            },
            self.resolved.threads,
        )
        return self._masks

    def mask_next(self, session: Session) -> None:
        """Starts masking for the next definition, once a session that is learned has candidates."""
        if self._masks is not None and session.is_joined:
            session.blocking.find()
            self._masks.begin()

    def collapsed_ahead(self, definition: MatchDefinition) -> CollapsedRecords:
        """The collapsed records of a definition that is not learned yet, kept for its session."""
        if definition.name not in self._ahead:
            self._ahead[definition.name] = self._collapse(definition)
        return self._ahead[definition.name]

    @property
    def strict(self) -> StrictEvidence | None:
        """What looser definitions learn from the strictest one; None before it is gathered."""
        return self._strict

    def gather_strict_evidence(self, labels: np.ndarray | None = None) -> None:
        """Gathers from the strictest definition what looser ones learn from.

        Does nothing before the strictest is learned, after all are, or at a second call.

        Args:
            labels: clusters of the records, once the strictest definition has been matched.
        """
        strictest = self.resolved.match[0]
        learned = [one.name in self.fitted for one in self.resolved.match]
        if self._strict is None and learned[0] and not all(learned):
            found = [s for (name, _), s in self._made.items() if name == strictest.name]
            if found and not found[0].is_collapsed:
                looser = [one.ignore for one in self.resolved.match if one.ignore]
                model = self.fitted[strictest.name].model
                self._strict = StrictEvidence.of(found[0], model, looser, labels)

    def _key(self, definition: MatchDefinition, context: bool) -> tuple[str, bool]:
        fitted = self.fitted.get(definition.name)
        if fitted is not None:
            context = self.records.is_linkage and fitted.model.sees_neighbours
        return definition.name, context

    def _make(self, definition: MatchDefinition, *, context: bool) -> Session:
        """A session of the records, or of the collapsed records where attributes are ignored."""
        if definition.ignores:
            collapsed = self._collapse(definition)
            return self._collapsed_session(definition, collapsed, context=context)
        fitted = self.fitted.get(definition.name)
        records = self.records if fitted is None else self._compared(fitted)
        session = Session(
            records.without(definition.ignore),
            self._config(fitted),
            self._log,
            context=context,
            keeps_words=self._keeps_words,
            keep_plan=self._keep_plan(definition),
            **fitted_options(fitted),
        )
        return with_fitted_features(session, fitted)

    def _collapsed_session(
        self,
        definition: MatchDefinition,
        collapsed: CollapsedRecords,
        *,
        context: bool = False,
        reused: ReusedCandidates | None = None,
        statistics: Statistics | None = None,
        merges: bool = False,
    ) -> Session:
        """A session of collapsed records."""
        fitted = self.fitted.get(definition.name)
        # Candidates of merged records depend on the clusters of the stricter definition, which the
        # fingerprint of a stage does not cover.
        keep_plan = build_now if collapsed.merged else self._keep_plan(definition)
        options = {"statistics": statistics, **fitted_options(fitted)}
        session = CollapsedSession(
            collapsed,
            self.records,
            definition.ignore,
            self._config(fitted),
            self._log,
            merges=merges,
            context=context,
            reused=reused,
            keeps_words=self._keeps_words,
            keep_plan=keep_plan,
            **options,
        )
        return with_fitted_features(session, fitted)

    def _config(self, fitted: FittedDefinition | None) -> ResolvedConfig:
        """The configuration, with the quality at which a definition was trained."""
        return self.resolved if fitted is None else replace(self.resolved, quality=fitted.quality)

    def _keep_plan(self, definition: MatchDefinition) -> KeepPlan:
        return build_now if self._stages is None else partial(self._stages.plan, definition)

    def _compared(self, fitted: FittedDefinition) -> Records:
        """The records with the attributes that a fitted definition compares."""
        kinds = fitted.kinds
        return self.records.without(tuple(c for c in self.records.kinds if c not in kinds))

    def _collapse(self, definition: MatchDefinition) -> CollapsedRecords:
        """The collapsed records of a definition that ignores attributes."""
        fitted = self.fitted.get(definition.name)
        with self._log.step("Mask ignored values"):
            if fitted is not None:
                return self._collapse_kept(definition, self._compared(fitted).kinds)
            ahead = self._ahead.pop(definition.name, None)
            if ahead is None and self._masks is not None:
                ahead = self._masks.take(definition.name)
            if ahead is not None:
                return ahead
            return self._collapse_kept(definition, self.records.without(definition.ignore).kinds)

    def _collapse_kept(
        self, definition: MatchDefinition, compared: Container[str]
    ) -> CollapsedRecords:
        """The collapsed records of a definition that compares some attributes.

        Others that it does not ignore are left out.
        """
        left_out = [
            c for c in self.records.kinds if c not in compared and c not in definition.ignore
        ]
        return collapse_records(
            self.records.without(tuple(left_out)),
            definition.ignore,
            self.resolved.authored.catalog.source,
            concepts=definition.concepts,
            patterns=definition.ignore_text,
            variant_columns=[c for d in self.resolved.match for c in d.ignore],
            strips=self.resolved.quality != "fast",
            threads=self.resolved.threads,
        )
