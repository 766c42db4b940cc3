"""The sessions of a linker's tables by match definition, and what they pass on to each other."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from blocking.candidates import Candidates
from features.compare.wording import is_wording_feature
from features.records import Records
from features.text.statistics import Statistics
from linkage.clustering.rules import Rules
from linkage.config.match_definition import MatchDefinition
from linkage.config.resolved import ResolvedConfig
from linkage.models.model_folder import FittedDefinition
from linkage.pipeline.background_masking import BackgroundMasking
from linkage.pipeline.resume import Resuming
from linkage.runtime import StepLog
from linkage.scoring.reused_candidates import (
    ReusedCandidates,
    leads_outside_clusters,
    reuse_candidates,
    reuse_sample,
)
from linkage.scoring.session import Session, without
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
        resuming: keeps what takes long, so that a killed run can go on.
    """

    def __init__(
        self,
        records: Records,
        resolved: ResolvedConfig,
        fitted: Mapping[str, FittedDefinition],
        log: StepLog,
        resuming: Resuming | None = None,
    ) -> None:
        self.records = records
        self.resolved = resolved
        self.fitted = fitted
        self._log = log
        self._resuming = resuming
        self._made: dict[tuple[str, bool], Session] = {}
        self._strict: StrictEvidence | None = None
        self._masks: BackgroundMasking | None = None
        #: Records as forms, by definition, where it was learned from a sample of them.
        self._collapsed_samples: dict[str, CollapsedRecords] = {}
        #: Pairs of records and their clusters that the strictest definition passes on.
        self._passed_on: tuple[Candidates, np.ndarray] | None = None

    def of(self, definition: MatchDefinition, context: bool = False) -> Session:
        """The session of a definition, all its records in it.

        Args:
            definition: the match definition.
            context: whether pairs are compared with their records' neighbours; what was fitted says
                so itself.
        """
        key = self._key(definition, context)
        if key not in self._made:
            self._made[key] = self._make(definition, self._collapsed(definition), None, key[1])
        return self._made[key]

    def to_learn(self, definition: MatchDefinition) -> Session:
        """The session in which a definition is learned without labels.

        Where records are very many, that of a looser definition holds a sample of them: those of
        the pairs that the strictest definition passes on for it.

        Args:
            definition: the match definition.
        """
        strict = self.strict_evidence() if definition.ignore else None
        if strict is None or strict.sample is None or (definition.name, False) in self._made:
            return self.of(definition)
        collapsed = self._collapsed(definition)
        assert collapsed is not None
        if not can_merge(collapsed):
            return self._made.setdefault(
                (definition.name, False), self._make(definition, collapsed, None, False)
            )
        self._collapsed_samples[definition.name] = collapsed
        others = strict.rows(definition.ignore)
        part, pairs = reuse_sample(collapsed, *strict.sample, others)
        # As rare as words are among all records, not in a sample of them.
        statistics = self.fitted[self.resolved.match[0].name].statistics
        statistics.frozen = True
        session = self._make(definition, part, pairs, False, statistics)
        session.merges = True
        return session

    def to_answer(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition is answered.

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
        if collapsed is None:
            collapsed = self._collapsed(definition) if known is None else known.collapsed
        assert collapsed is not None
        if not can_merge(collapsed):
            return known or self._make(definition, collapsed, None, False)
        del known
        candidates, labels = self._passed_on
        merged = self._merged(collapsed, before)
        pairs = (
            reuse_candidates(merged, candidates)
            if leads_outside_clusters(candidates, labels)
            else None
        )
        return self._make(definition, merged, pairs, False)

    def as_answered(self, definition: MatchDefinition, before: Sequence[np.ndarray]) -> Session:
        """The session in which a definition was answered in an earlier run, without its pairs.

        Args:
            definition: the match definition.
            before: where records were merged then, the clusters that it began with; none otherwise.
        """
        if not before:
            return self.of(definition)
        collapsed = self._collapsed(definition)
        assert collapsed is not None
        return self._make(definition, self._merged(collapsed, before), None, False)

    def _merged(
        self, collapsed: CollapsedRecords, before: Sequence[np.ndarray]
    ) -> CollapsedRecords:
        """Forms of which each is a cluster of the definitions that one begins with."""
        with self._log.step("Merge records"):
            things = Rules().start(self.records.n, before)
            return merge_collapsed(collapsed, things, self.resolved.threads)

    def answered(self, session: Session, labels: np.ndarray) -> None:
        """Lets go of a session once its definition is answered, but for what it passes on.

        Args:
            session: the session.
            labels: clusters of the records under its definition.
        """
        of_records = session.is_joined and session.collapsed is None
        model = self.fitted[self.resolved.match[0].name].model
        if of_records and model.is_anchored and not self.records.is_linkage:
            self._passed_on = session.candidates, labels
        self._made = {k: one for k, one in self._made.items() if one is not session}

    def learned(self) -> None:
        """Lets go of what only definitions that are yet to be learned need, once none is left."""
        if all(one.name in self.fitted for one in self.resolved.match):
            self._strict = None

    def forget_learning(self) -> None:
        """Lets go of what looser definitions would learn from the strictest."""
        self._strict, self._passed_on = None, None

    def background_masking(self) -> BackgroundMasking:
        """Groups the records of definitions that are yet to be learned, while others are answered.

        Definitions take their grouping from there as long as it is open.
        """
        self._masks = BackgroundMasking(
            {
                one.name: partial(self._group, one, self.records.kinds)
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
            session.find_candidates()
            self._masks.begin()

    def strict_evidence(self, labels: np.ndarray | None = None) -> StrictEvidence | None:
        """What looser definitions that are yet to be learned may learn from the strictest one.

        Args:
            labels: clusters of the records, once the strictest definition has been answered.
        """
        strictest = self.resolved.match[0]
        learned = [one.name in self.fitted for one in self.resolved.match]
        if self._strict is None and learned[0] and not all(learned):
            found = [s for (name, _), s in self._made.items() if name == strictest.name]
            if found and found[0].collapsed is None:
                looser = [one.ignore for one in self.resolved.match if one.ignore]
                model = self.fitted[strictest.name].model
                self._strict = StrictEvidence.of(found[0], model, looser, labels)
        return self._strict

    def _key(self, definition: MatchDefinition, context: bool) -> tuple[str, bool]:
        fitted = self.fitted.get(definition.name)
        if fitted is not None:
            context = self.records.is_linkage and fitted.model.sees_neighbours
        return definition.name, context

    def _make(
        self,
        definition: MatchDefinition,
        collapsed: CollapsedRecords | None,
        reused: ReusedCandidates | None,
        context: bool,
        statistics: Statistics | None = None,
    ) -> Session:
        """A session of the records, or of the forms they are grouped into."""
        fitted = self.fitted.get(definition.name)
        resolved, part = self.resolved, without(self.records, definition.ignore)
        names = synonyms = None
        if fitted is not None:
            synonyms = fitted.synonyms
            resolved = replace(resolved, quality=fitted.quality)
            names = fitted.model.names
            part = self._compared(definition)
            statistics = fitted.statistics
            statistics.frozen = True
        session = Session(
            part if collapsed is None else collapsed.forms, resolved, self._log, statistics, names,
            context, collapsed, synonyms, reused,
        )  # fmt: skip
        if collapsed is not None:
            session.ignored, session.originals = definition.ignore, self.records
            if fitted is None:
                session.strict = self.strict_evidence()
        if fitted is not None and fitted.model.base_model is not None:
            session.add_base_model(fitted.model.base_model)
        if names is not None and any(map(is_wording_feature, names)):
            session.add_wording()
        if fitted is not None and fitted.model.known is not None:
            session.add_known(fitted.model.known)
        # What blockers find among merged records hangs on all that the stricter definition does.
        if self._resuming is not None and not (collapsed is not None and collapsed.merged):
            session.keep_plan = partial(self._resuming.plan, definition)
        return session

    def _compared(self, definition: MatchDefinition) -> Records:
        """The records with the attributes that a fitted definition compares."""
        kinds = self.fitted[definition.name].kinds
        return without(self.records, tuple(c for c in self.records.kinds if c not in kinds))

    def _collapsed(self, definition: MatchDefinition) -> CollapsedRecords | None:
        """Records as the forms of a definition; None where it ignores nothing."""
        if not definition.ignore:
            return None
        ahead = self._masks if definition.name not in self.fitted else None
        with self._log.step("Mask ignored values"):
            collapsed = None if ahead is None else ahead.take(definition.name)
            if collapsed is None:
                compared = without(self.records, definition.ignore)
                if definition.name in self.fitted:
                    compared = self._compared(definition)
                collapsed = self._group(definition, compared.kinds)
        return collapsed

    def _group(self, definition: MatchDefinition, compared: Container[str]) -> CollapsedRecords:
        """Masks the records of a definition that compares these attributes."""
        left_out = [
            c for c in self.records.kinds if c not in compared and c not in definition.ignore
        ]
        return collapse_records(
            without(self.records, tuple(left_out)),
            definition.ignore,
            self.resolved.authored.catalog.source,
            variant_columns=[c for d in self.resolved.match for c in d.ignore],
            threads=self.resolved.threads,
        )
