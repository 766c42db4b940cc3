"""The sessions of one run by match definition, and what they pass on to each other."""

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
    """The sessions of one catalog; each is made when it is first asked for.

    Args:
        records: the rows.
        resolved: the configuration.
        fitted: what was learned, by match definition.
        log: where steps are recorded.
        stages: what takes long is read from there or kept there, so that a killed run can go on.
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
        #: Collapsed records by definition, where it was learned from a sample of them.
        self._collapsed_samples: dict[str, CollapsedRecords] = {}
        #: Pairs of records and their clusters that the strictest definition passes on.
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
        """A store of the same sessions for another run over the same tables."""
        store = SessionStore(
            records, resolved, fitted, self._log, stages, keeps_words=self._keeps_words
        )
        store._made, store._strict, store._passed_on = self._made, self._strict, self._passed_on
        store._collapsed_samples = self._collapsed_samples
        store.labelled_matches = self.labelled_matches
        return store

    def of(self, definition: MatchDefinition, context: bool = False) -> Session:
        """The session of a definition, with all its rows.

        Args:
            definition: the match definition.
            context: whether pairs are compared with their records' neighbours; what was fitted says
                so itself.
        """
        key = self._key(definition, context)
        if key not in self._made:
            self._made[key] = self._make(definition, context=key[1])
        return self._made[key]

    def to_learn(self, definition: MatchDefinition) -> Session:
        """The session in which a definition is learned without labels.

        Where records are very many, that of a looser definition holds a sample of its rows: those
        of the pairs that the strictest definition passes on for it.

        Args:
            definition: the match definition.
        """
        strict = self.strict if definition.ignore else None
        if strict is None or strict.sample is None or (definition.name, False) in self._made:
            return self.of(definition)
        collapsed = self._collapse(definition)
        if not can_merge(collapsed):
            session = self._collapsed_session(definition, collapsed)
            return self._made.setdefault((definition.name, False), session)
        self._collapsed_samples[definition.name] = collapsed
        others = strict.rows(definition.ignore)
        part, pairs = reuse_sample(collapsed, *strict.sample, others)
        # As rare as words are among all records, not in a sample of them.
        statistics = self.fitted[self.resolved.match[0].name].statistics.as_frozen()
        return self._collapsed_session(
            definition, part, reused=pairs, statistics=statistics, merges=True
        )

    def to_match(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition is matched.

        Where the strictest definition passed pairs on, the rows of a looser one are the clusters
        that it begins with.

        Args:
            definition: the match definition.
            before: clusters of stricter definitions that it begins with, labels of the records.
        """
        if self._passed_on is None or not definition.ignore or not before:
            return self.of(definition)
        known = self._made.pop(self._key(definition, False), None)
        collapsed = self._collapsed_samples.pop(definition.name, None)
        if collapsed is None and isinstance(known, CollapsedSession):
            collapsed = known.collapsed
        if collapsed is None:
            collapsed = self._collapse(definition)
        if not can_merge(collapsed):
            return known or self._collapsed_session(definition, collapsed)
        del known
        candidates, labels = self._passed_on
        merged = self._merged(collapsed, before)
        reused = None
        if leads_outside_clusters(candidates, labels):
            reused = reuse_candidates(merged, candidates)
        return self._collapsed_session(definition, merged, reused=reused)

    def as_matched(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition was matched in an earlier run, without its pairs.

        Args:
            definition: the match definition.
            before: where records were merged then, the clusters that it began with; none otherwise.
        """
        if not before:
            return self.of(definition)
        return self._collapsed_session(definition, self._merged(self._collapse(definition), before))

    def _merged(
        self, collapsed: CollapsedRecords, before: Sequence[np.ndarray]
    ) -> CollapsedRecords:
        """Collapsed records of which each is a cluster of the definitions that one begins with."""
        with self._log.step("Merge records"):
            clusters = Rules().start(self.records.n, before)
            return merge_collapsed(collapsed, clusters, self.resolved.threads)

    def release_matched(self, session: Session, labels: np.ndarray) -> None:
        """Lets go of a session once its definition is matched, but for what it passes on.

        Args:
            session: the session.
            labels: clusters of the records under its definition.
        """
        of_records = session.is_joined and not session.is_collapsed
        model = self.fitted[self.resolved.match[0].name].model
        if of_records and model.is_anchored and not self.records.is_linkage:
            self._passed_on = session.candidates, labels
        self._made = {k: one for k, one in self._made.items() if one is not session}

    def release_strict_evidence(self) -> None:
        """Lets go of what only definitions that are yet to be learned need, once none is left."""
        if all(one.name in self.fitted for one in self.resolved.match):
            self._strict = None

    def forget_learning(self) -> None:
        """Lets go of what looser definitions would learn from the strictest."""
        self._strict, self._passed_on = None, None

    def background_masking(self) -> BackgroundMasking:
        """Collapses the records of definitions yet to be learned, while others are matched.

        Definitions take their collapsed records from there as long as it is open.
        """
        self._masks = BackgroundMasking(
            {
                one.name: partial(self._collapse_kept, one, self.records.kinds)
                for one in self.resolved.match
                if one.ignore and one.name not in self.fitted
            },
            self.resolved.threads,
        )
        return self._masks

    def mask_next(self, session: Session) -> None:
        """Begins masking the records of the next definition, see :meth:`background_masking`.

        Args:
            session: that of a definition that is being learned; its candidates are found first.
        """
        if self._masks is not None and session.is_joined:
            session.blocking.find()
            self._masks.begin()

    @property
    def strict(self) -> StrictEvidence | None:
        """What looser definitions learn from the strictest one, once it has been gathered."""
        return self._strict

    def gather_strict_evidence(self, labels: np.ndarray | None = None) -> None:
        """Gathers what looser definitions that are yet to be learned may learn from the strictest.

        Does nothing before that is learned, where nothing is left to be learned, or where it has
        been gathered.

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
        if definition.ignore:
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
        # What blockers find among merged records hangs on all that the stricter definition does.
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
            ahead = None if self._masks is None else self._masks.take(definition.name)
            if ahead is not None:
                return ahead
            return self._collapse_kept(definition, self.records.without(definition.ignore).kinds)

    def _collapse_kept(
        self, definition: MatchDefinition, compared: Container[str]
    ) -> CollapsedRecords:
        """Masks and collapses the records of a definition that compares these attributes."""
        left_out = [
            c for c in self.records.kinds if c not in compared and c not in definition.ignore
        ]
        return collapse_records(
            self.records.without(tuple(left_out)),
            definition.ignore,
            self.resolved.authored.catalog.source,
            variant_columns=[c for d in self.resolved.match for c in d.ignore],
            threads=self.resolved.threads,
        )
