"""Sessions: the records of one match definition, prepared, blocked and compared on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from blocking.candidates import Candidates
from blocking.context import context_feature_groups
from blocking.plan import BlockingPlan
from features.arrays.ordering import stable_order
from features.compare.agreements import AgreementsFeatures
from features.compare.cheap_features import feature_group_makers, make_feature_groups
from features.compare.comparer import Comparer
from features.compare.feature_groups import FeatureGroup
from features.compare.synonyms import StatementFeatures, Synonyms
from features.compare.wording import WordingFeatures
from features.embeddings.text_vectors import MINILM, STATIC
from features.prepare import PreparedRecords, prepare
from features.record_texts import record_texts
from features.records import Records
from features.text.statistics import Statistics
from linkage.config.resolved import ResolvedConfig
from linkage.models.evidence.hidden_sources import HiddenSources
from linkage.models.evidence.known_matches import KnownMatches
from linkage.models.pair_model import PairModel
from linkage.runtime import StepLog
from linkage.scoring.candidate_pairs import CandidatePairs, KeepPlan, build_now
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.content import description_hashes, equal_rows, pair_hashes
from linkage.scoring.embedding import embed_main
from linkage.scoring.pair_features import PairFeatures, is_added_feature
from linkage.scoring.record_folds import FOLDS, fold_of
from linkage.scoring.reused_candidates import ReusedCandidates
from linkage.scoring.sampling import RecordSampler, pairs_learned_from
from linkage.scoring.score_cache import ScoreCache
from linkage.scoring.shared_records import shared_records

__all__ = ["Session"]

#: Share of the memory limit that the features of the pairs to learn from may take.
_MEMORY_SHARE = 0.2


class Session:
    """The rows of a catalog under one match definition, with candidates, features and scores.

    Candidates (`blocking`), features of pairs (`features`) and scores (`scores`) are made at their
    first use. Rows are records here, and collapsed records in
    `linkage.scoring.collapsed_session.CollapsedSession`.

    Args:
        records: the rows, with only the attributes that the definition compares.
        resolved: the configuration.
        log: where steps are recorded.
        statistics: frozen statistics of a saved model; learned from the records by default.
        names: features of a saved model; those that suit the records by default.
        context: whether pairs are also compared with the neighbours of their records, which needs
            two tables.
        synonyms: of a saved model.
        reused: pairs to compare in place of what blockers would find.
        keep_plan: returns what the blockers find, from an earlier run or by running them.
        keeps_words: whether `release_words` does nothing, as explanations need the words.
    """

    def __init__(
        self,
        records: Records,
        resolved: ResolvedConfig,
        log: StepLog,
        *,
        statistics: Statistics | None = None,
        names: Sequence[str] | None = None,
        context: bool = False,
        synonyms: Synonyms | None = None,
        reused: ReusedCandidates | None = None,
        keep_plan: KeepPlan = build_now,
        keeps_words: bool = False,
    ) -> None:
        self.resolved = resolved
        self.log = log
        self.context = context
        self.keeps_words = keeps_words
        #: Values that mean the same; None before they are learned.
        self.synonyms = synonyms
        self.scores = ScoreCache()
        self._base_models: dict[Any, PairModel] = {}
        self._names = None if names is None else [n for n in names if not is_added_feature(n)]
        #: Groups of cheap features in the order of locality, once words are released.
        self._arranged: list[FeatureGroup] | None = None
        with log.step("Prepare records"):
            self.prepared: PreparedRecords = prepare(
                records,
                statistics,
                threads=resolved.threads,
                statements=resolved.authored.training.synonyms and not self.is_collapsed,
            )
            self.described = description_hashes(records)
            self.fold = fold_of(self.described, FOLDS)
            self.sampler = RecordSampler(records, self.described)
            #: Rows that match as they state the same; None where there are none.
            self.equal = None if self.is_collapsed else equal_rows(records)
        self.vectors = embed_main(self.prepared, resolved, log)
        self.blocking = CandidatePairs(
            self.prepared,
            resolved,
            log,
            vectors=self.vectors,
            collapsed=self.is_collapsed,
            reused=reused,
            keep_plan=keep_plan,
            equal_keys=self._equal_keys(),
            surplus=None if self.equal is None else self.equal.surplus(),
        )

    def _equal_keys(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Pairs of rows that are candidates whatever blockers find."""
        return None

    @property
    def is_collapsed(self) -> bool:
        """Whether the rows are collapsed records, of a definition that ignores attributes."""
        return False

    @property
    def records(self) -> Records:
        """The rows."""
        return self.prepared.records

    @property
    def plan(self) -> BlockingPlan:
        """What the blockers found, see `CandidatePairs.plan`."""
        return self.blocking.plan

    @property
    def candidates(self) -> Candidates:
        """The candidate pairs within the present budget of each record."""
        return self.blocking.found

    @property
    def is_joined(self) -> bool:
        """Whether candidates come from the rarity-driven join: one short list per record."""
        return self.blocking.is_joined

    @cached_property
    def features(self) -> PairFeatures:
        """Computes the features of pairs, those that models add included."""
        return PairFeatures(self._comparer(), self.fold, self.resolved.threads)

    @property
    def comparer(self) -> Comparer:
        """Compares pairs of rows."""
        return self.features.comparer

    def _comparer(self) -> Comparer:
        """A comparer of the rows, in their locality order where candidates come from the join."""
        in_order = self.is_joined and self.blocking.has_plan and not self.context
        main = self.prepared.main
        return Comparer(
            self.prepared,
            vectors={main: self.vectors} if main and self.vectors is not None else None,
            cheap=self.resolved.quality == "fast",
            threads=self.resolved.threads,
            names=self._names,
            extra=self._further_groups(),
            locality_order=self.blocking.locality_order if in_order else None,
            cheap_groups=self._arranged,
        )

    def _further_groups(self) -> list[FeatureGroup]:
        """Feature groups beside those of the attributes."""
        further: list[FeatureGroup] = []
        if self.context:
            further += context_feature_groups(self.prepared, self.plan.spaces)
        if self.synonyms is not None:
            further += self._statement_features(self.synonyms)
        return further

    def release_words(self) -> None:
        """Drops the words of very many records after blocking, to save memory.

        The cheap feature groups are made before, in the locality order; nothing else needs words.
        Does nothing where candidates do not come from the join, where pairs are compared with
        neighbours, or where words are to be kept.
        """
        made = "features" in vars(self)
        if made or self.keeps_words or self.context or not self.is_joined:
            return
        self.blocking.find()
        rows = stable_order(self.blocking.locality_order)
        with self.log.step("Arrange records"):
            makers = feature_group_makers(self.prepared, rows)
            self.prepared = self.prepared.without_words()
            self.blocking.release_words(self.prepared)
            self._arranged = make_feature_groups(makers, self.resolved.threads)

    @property
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        return self.features.names

    @property
    def language_model(self) -> str:
        """Name of the language model that is fine-tuned as a cross-encoder."""
        chosen = self.resolved.authored.embedding.model
        return MINILM if chosen in ("auto", STATIC) else chosen

    @cached_property
    def texts(self) -> list[str]:
        """Each record as a short text, for a language model."""
        return record_texts(self.prepared)

    @cached_property
    def copy_of_row(self) -> np.ndarray | None:
        """The row of each record's copy, see `linkage.scoring.shared_records`."""
        return shared_records(self.records)

    @property
    def n_records(self) -> int:
        """Number of records of the catalog."""
        return self.records.n

    def apart(self, left: np.ndarray, right: np.ndarray) -> np.ndarray | None:
        """Which pairs of rows are no matches whatever their score, bool[m]; None for none."""
        return None

    def starting_clusters(self, labels: np.ndarray | None, *, by_key: bool) -> np.ndarray | None:
        """Clusters of records, if any, as clusters of the rows; equal product keys if `by_key`."""
        return labels

    def rows_of_records(self, records: np.ndarray) -> np.ndarray:
        """The session's row of each record."""
        return records

    def first_records(self, rows: np.ndarray) -> np.ndarray:
        """The first record of each of the session's rows."""
        return rows

    def base_model(self, key: Any, learn: Callable[[], PairModel]) -> PairModel:
        """The base model, learned without labels at the first call and kept.

        Args:
            key: the settings that it depends on.
            learn: learns the model.
        """
        if key not in self._base_models:
            self._base_models = {key: learn()}
        return self._base_models[key]

    def add_synonyms(self, synonyms: Synonyms) -> None:
        """Adds features of the values that texts state, given which values are synonyms."""
        features = self.features  # made before the synonyms are set
        self.synonyms = synonyms
        features.add_groups(self._statement_features(synonyms))

    def _statement_features(self, synonyms: Synonyms) -> list[FeatureGroup]:
        found = [StatementFeatures(s, synonyms) for s in self.prepared.statements.values()]
        if self.resolved.quality == "fast" and found:
            return [AgreementsFeatures(found)]
        return list(found)

    def drop_added(self) -> None:
        """Removes base score, wording and known matches, so that others can be learned."""
        self.features.drop_added()

    def add_base_model(self, model: PairModel) -> None:
        """Makes the score of a model that was learned without labels a feature of every pair.

        Args:
            model: a model of this session's features, as they are without a base score.
        """
        candidates = self.candidates
        with self.log.step("Score candidates without labels"):
            self.features.add_base_model(model, candidates, self.records.n)

    def add_wording(self) -> None:
        """Adds features of the words in names, which are of use to models learned from labels."""
        if not self.comparer.cheap:
            self.features.add_wording(WordingFeatures(self.prepared))

    def add_known_matches(self, matches: KnownMatches) -> None:
        """Makes it a feature of every pair whether its records are known to match others.

        Args:
            matches: the known matches, of this or of other catalogs.
        """
        self.features.add_known_matches(matches, self.records)

    def add_sources(self, sources: HiddenSources) -> None:
        """Makes it a feature of every pair whether its records are of different sources."""
        self.features.add_sources(sources, self.records)

    def compared_pairs(self, *, groups: bool = False) -> ComparedPairs:
        """Candidates with features to learn from: all, or those of a sample of the records.

        Args:
            groups: whether a sample holds whole groups, see `ComparedPairs.sampled_rows`.
        """
        candidates = self.candidates
        kept = self.features.kept(candidates)
        if kept is not None:
            return kept
        left, right = candidates.left, candidates.right
        share = self._share()
        if share < 1.0:
            seeks_groups = groups or self.is_collapsed
            chosen, sampled = self.sampler.draw_pairs(left, right, share, groups=seeks_groups)
            part = self.compare(left[chosen], right[chosen], "Compare a sample")
            by_identifiers = candidates.only_by_identifiers[chosen]
            return replace(part, only_by_identifiers=by_identifiers, sampled_rows=sampled)
        compared = self.compare(left, right, "Compare candidates")
        reused = self.blocking.reused
        compared = replace(
            compared,
            only_by_identifiers=candidates.only_by_identifiers,
            sampled_rows=None if reused is None else reused.sampled_rows,
        )
        self.features.keep(candidates, compared)
        return compared

    def _share(self) -> float:
        """Share of the candidates to learn from, limited by memory and by the quality."""
        most = self.resolved.memory_bytes * _MEMORY_SHARE / (4 * max(len(self.names), 1))
        if self.resolved.quality == "fast" and self.blocking.reused is None:
            most = min(most, pairs_learned_from(self.records.n, groups=self.is_collapsed))
        return min(1.0, most / max(len(self.candidates), 1))

    def compare(self, left: np.ndarray, right: np.ndarray, step: str) -> ComparedPairs:
        """Features of given pairs.

        Args:
            left, right: rows.
            step: name of the step in the log of the run.
        """
        with self.log.step(step) as tell:
            matrix = self.features.matrix(left, right, tell)
        return ComparedPairs(
            self.prepared,
            self.plan.spaces if self.blocking.has_plan else {},
            left,
            right,
            matrix,
            self.names,
            self.fold[left],
            pair_hashes(self.described[left], self.described[right]),
        )
