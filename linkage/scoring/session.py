"""A session: one catalog under one match definition, prepared, blocked and compared on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from blocking.candidates import Candidates
from blocking.completion import completing_pairs
from blocking.context import context_feature_groups
from blocking.locality import locality_order
from blocking.plan import BlockingPlan, build_plan, record_budgets
from features.arrays.ordering import stable_order
from features.compare.agreements import AgreementsFeatures
from features.compare.cheap_features import feature_group_makers, make_feature_groups
from features.compare.comparer import Comparer
from features.compare.feature_groups import FeatureGroup
from features.compare.synonyms import StatementFeatures, Synonyms
from features.compare.wording import WordingFeatures, is_wording_feature
from features.embeddings.text_vectors import MINILM, STATIC
from features.prepare import PreparedRecords, prepare
from features.record_texts import record_texts
from features.records import Records
from features.text.statistics import Statistics
from linkage.config.resolved import ResolvedConfig
from linkage.models.known_matches import (
    KnownMatches,
    KnownPartners,
    fingerprints,
    is_known_match_feature,
)
from linkage.models.pair_model import PairModel
from linkage.runtime import StepLog
from linkage.scoring.base_score import BaseScore, base_model_columns
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.embedding import embed_main
from linkage.scoring.pair_features import PairFeatures
from linkage.scoring.reused_candidates import ReusedCandidates
from linkage.scoring.sampling import RecordSampler, pairs_learned_from
from linkage.scoring.shared_records import shared_records
from linkage.training.boosting import fold_of, import_ahead
from linkage.training.unsupervised.start import FOLDS
from linkage.variants.collapsed_records import CollapsedFeatures, CollapsedRecords

if TYPE_CHECKING:
    from linkage.training.variants.strict_evidence import StrictEvidence

__all__ = ["Session", "without"]

Made = TypeVar("Made")
KeepPlan: TypeAlias = Callable[[PreparedRecords, Callable[[], BlockingPlan]], BlockingPlan]

#: Pairs a record of the smaller table, where the user sets no number.
CANDIDATES = 20
#: ... of quality fast: one ranking by all that pairs share needs less depth than four rankings.
FAST_CANDIDATES = 14
#: Records up to which quality fast blocks as the others do: there its cost does not count yet.
_JOINED_FROM = 20_000
#: A record whose cluster is as large as this share of its budget may have more partners outside of
#: it.
_FILLED = 0.5
_WIDENED = 3
#: Share of the memory limit that the features of the pairs to learn from may take.
_MEMORY_SHARE = 0.2


class Session:
    """What is known of a catalog under one match definition.

    Args:
        records: the rows, with only the attributes that the definition compares.
        resolved: the configuration.
        log: where steps are recorded.
        statistics: frozen statistics of a saved model; learned from the records by default.
        names: features of a saved model; those that suit the records by default.
        context: whether pairs are also compared with the neighbours of their records, which needs
            two tables.
        grouping: where the definition ignores attributes, what its records are forms of.
        synonyms: of a saved model.
        inherited: pairs to compare in place of what blockers would find.
    """

    def __init__(
        self,
        records: Records,
        resolved: ResolvedConfig,
        log: StepLog,
        statistics: Statistics | None = None,
        names: list[str] | None = None,
        context: bool = False,
        collapsed: CollapsedRecords | None = None,
        synonyms: Synonyms | None = None,
        reused: ReusedCandidates | None = None,
    ) -> None:
        self.resolved = resolved
        self.collapsed = collapsed
        self.reused = reused
        self.log = log
        self.context = context
        self._plan: BlockingPlan | None = None
        self._candidates: Candidates | None = None
        self._budget: np.ndarray | None = None
        self._compared: tuple[Candidates, ComparedPairs] | None = None
        #: Rows of the matches among the labels that were learned from, if any.
        self.known_matches: tuple[np.ndarray, np.ndarray] | None = None
        #: What a start without labels depended on, and the model: labels are learned beside it.
        self.started: tuple[Any, PairModel] | None = None
        self._texts: list[str] | None = None
        #: Under a definition that ignores attributes: these, the records with all their attributes,
        #: and what the strictest definition shows while this one is learned, if it ignores none.
        self.ignored: tuple[str, ...] = ()
        self.originals: Records | None = None
        self.strict: StrictEvidence | None = None
        #: Values that mean the same; None before they are learned.
        self.synonyms = synonyms
        #: Whether records that a stricter definition takes as one thing are merged before the
        #: definition is answered.
        self.merges = False
        #: What was scored last: the model, the pairs, and their scores.
        self.scored: tuple[Any, Candidates, np.ndarray] | None = None
        #: What a user should know of how candidates were found.
        self.notes: list[str] = []
        #: Gives what the blockers found, from an earlier run or by running them.
        self.keep_plan: KeepPlan = lambda records, build: build()
        with log.step("Prepare records"):
            self.prepared: PreparedRecords = prepare(
                records,
                statistics,
                threads=resolved.threads,
                statements=resolved.authored.training.synonyms and collapsed is None,
            )
            self.fold = fold_of(records.ids, FOLDS)
            self.sampler = RecordSampler(records)
        if reused is not None:
            self._plan = BlockingPlan(self.prepared, {}, [], [], [])
            self._candidates = reused.candidates
        self.vectors = embed_main(self.prepared, resolved, log)
        self._names = None if names is None else [n for n in names if not _is_added(n)]
        #: Whether what only blockers need of the records is kept once pairs are compared.
        self.keeps_words = False

    @cached_property
    def comparer(self) -> Comparer:
        """Compares pairs of rows.

        After a join of very many records the comparer holds what it compares in the locality order
        alone, and the words of the prepared records are freed.
        """
        reordered = self.is_joined and self._plan is not None and not self.context
        main = self.prepared.main
        extra: list[FeatureGroup] = []
        if self.context:
            extra += context_feature_groups(self.prepared, self.plan.spaces)
        if self.collapsed is not None:
            extra.append(CollapsedFeatures(self.collapsed))
        if self.synonyms is not None:
            extra += self._statement_features(self.synonyms)
        groups = self._reordered_groups() if reordered and not self.keeps_words else None
        return Comparer(
            self.prepared,
            vectors={main: self.vectors} if main and self.vectors is not None else None,
            cheap=self.resolved.quality == "fast",
            threads=self.resolved.threads,
            names=self._names,
            extra=extra,
            locality_order=self.locality_order if reordered else None,
            cheap_groups=groups,
        )

    def _reordered_groups(self) -> list[FeatureGroup]:
        """Cheap feature groups in the locality order; frees the words that they are made of."""
        rows = stable_order(self.locality_order)
        with self.log.step("Arrange records"):
            makers = feature_group_makers(self.prepared, rows)
            self.prepared = self.plan.records = self.prepared.without_words()
            return make_feature_groups(makers, self.resolved.threads)

    @cached_property
    def features(self) -> PairFeatures:
        """Features of pairs, with what models add to them."""
        return PairFeatures(self.comparer, self.fold, self.resolved.threads)

    @property
    def records(self) -> Records:
        """The rows."""
        return self.prepared.records

    @property
    def plan(self) -> BlockingPlan:
        """What the blockers found; they run at the first use."""
        if self._plan is None:
            with self.log.step("Find candidates"):
                self._plan = self.keep_plan(self.prepared, self._build_plan)
        return self._plan

    def _build_plan(self) -> BlockingPlan:
        if self.is_joined:
            import_ahead()
        return build_plan(
            self.prepared,
            vectors=self.vectors,
            joined=self.is_joined,
            threads=self.resolved.threads,
            progress=lambda name, share: self.log.tell("Find candidates", share),
        )

    @property
    def has_plan(self) -> bool:
        """Whether the blockers have run."""
        return self._plan is not None

    @property
    def candidates(self) -> Candidates:
        """The candidate pairs within the present budget of each record."""
        if self._candidates is None:
            plan = self.plan
            if self._budget is None:
                chosen = self.resolved.authored.blocking.candidates
                usual = FAST_CANDIDATES if self.is_joined else CANDIDATES
                number = usual if isinstance(chosen, str) else chosen
                self._budget = record_budgets(self.prepared, number)
            self._candidates = plan.candidates(self._budget)
        return self._candidates

    def find_candidates(self) -> None:
        """Runs the blockers, if they have not been run."""
        _ = self.candidates

    def widen(self, labels: np.ndarray) -> bool:
        """Gives more candidates to records whose clusters fill much of their present ones.

        Args:
            labels: cluster of each record under the present candidates.

        Returns:
            Whether there are new candidates. Never where the user set their number.
        """
        if self.resolved.authored.blocking.candidates != "auto" or not self.plan.spaces:
            return False
        if self.is_joined:  # their groups are completed instead
            return False
        before = len(self.candidates)
        assert self._budget is not None
        deepest = max(space.k for space in self.plan.spaces.values())
        size = np.bincount(labels)[labels]
        filled = size >= np.maximum(_FILLED * self._budget, 2)
        wider = np.where(filled, np.minimum(self._budget * _WIDENED, deepest), self._budget)
        if np.array_equal(wider, self._budget):
            return False
        self._budget = wider
        self._candidates = None
        return len(self.candidates) > before

    @property
    def may_embed(self) -> bool:
        """Whether embeddings may propose pairs beside the join if that turns out to pay."""
        chosen = self.resolved.authored
        automatic = chosen.embedding.model == "auto" and chosen.blocking.candidates == "auto"
        fresh = self.collapsed is None and self.vectors is None
        return self.is_joined and automatic and fresh and self.prepared.main is not None

    def add_pairs(self, left: np.ndarray, right: np.ndarray, name: str) -> None:
        """Adds candidate pairs.

        Args:
            left, right: their rows, the lower first; none of them is a candidate.
            name: what proposed them.
        """
        self._candidates = self.candidates.with_pairs(name, left, right, self.records.n)

    def settle(self) -> None:
        """Lets go of what only learning needs, once it is known which pairs are compared."""
        if self.is_joined and self._candidates is not None and not self.keeps_words:
            self.plan.spaces.clear()

    def complete(self, probability: np.ndarray, threshold: float) -> bool:
        """Adds pairs of records that have matched partners in common, where lists are short.

        Args:
            probability: scores of the present candidates.
            threshold: score at which a match begins.

        Returns:
            Whether there are new candidates. Never where the user set their number.
        """
        if not self.is_joined or self.resolved.authored.blocking.candidates != "auto":
            return False
        known = self.candidates
        with self.log.step("Complete groups"):
            left, right = completing_pairs(
                known.left,
                known.right,
                np.where(probability >= threshold, probability, 0.0),
                self.records.n,
                self.records.side if self.records.is_linkage else None,
                order=stable_order(self.locality_order),
                threads=self.resolved.threads,
            )
        self.add_pairs(left, right, "common partner")
        return len(left) > 0

    @cached_property
    def locality_order(self) -> np.ndarray:
        """Position of each record in the order of `blocking.locality`, int32, shape (n,)."""
        with self.log.step("Arrange records"):
            return locality_order(self.prepared.words)

    @property
    def is_joined(self) -> bool:
        """Whether candidates come from the rarity-driven join: one short list a record."""
        if self.reused is not None:
            return True
        return self.resolved.quality == "fast" and self.records.n > _JOINED_FROM

    @property
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        return self.features.names

    @property
    def language_model(self) -> str:
        """The model that is fine-tuned to read pairs: the one configured, if it can be."""
        chosen = self.resolved.authored.embedding.model
        return MINILM if chosen in ("auto", STATIC) else chosen

    @property
    def texts(self) -> list[str]:
        """Each record as a short text, for a language model."""
        if self._texts is None:
            self._texts = record_texts(self.prepared)
        return self._texts

    def add_synonyms(self, synonyms: Synonyms) -> None:
        """Compares what records state of their attributes, given which values mean the same."""
        comparer = self.comparer
        self.synonyms = synonyms
        for group in self._statement_features(synonyms):
            comparer.add(group)
            if self._compared is not None:
                candidates, known = self._compared
                kept = known.select([name for name in known.names if name not in group.names])
                columns = group.compare(known.left, known.right)
                changed = kept.extended(columns, group.names).select(self.comparer.names)
                self._compared = candidates, changed

    def _statement_features(self, synonyms: Synonyms) -> list[FeatureGroup]:
        found = [StatementFeatures(s, synonyms) for s in self.prepared.statements.values()]
        if self.resolved.quality == "fast" and found:
            return [AgreementsFeatures(found)]
        return list(found)

    def drop_added(self) -> None:
        """Forgets the prior, wording and the known matches, so that others can be learned."""
        added = self.features
        if any(one is not None for one in (added.base_score, added.wording, added.known)):
            added.base_score = added.wording = added.known = None
            self._keep(lambda known: known.select(self.names))

    def add_base_model(self, model: PairModel) -> None:
        """Makes the opinion of a model that was started without labels a feature of every pair.

        Args:
            model: a model of this session's features, as they are without a prior.
        """
        candidates = self.candidates
        columns = base_model_columns(model, self.comparer.names)
        log_odds = np.empty(len(candidates))

        def score(start: int, matrix: np.ndarray, fold: np.ndarray) -> np.ndarray:
            return model.log_odds(matrix[:, columns], fold, self.features.threads_inside)

        with self.log.step("Score candidates without labels"):
            for start, scores in self.map(np.arange(len(candidates)), score):
                log_odds[start : start + len(scores)] = scores
        self.features.base_score = BaseScore(
            model,
            self.comparer.names,
            candidates.left,
            candidates.right,
            log_odds,
            self.records.n,
        )
        self._keep(self._with_prior)

    def add_wording(self) -> None:
        """Compares names word by word, too, which only labels can make use of."""
        if self.comparer.cheap:
            return
        group = self.features.wording = WordingFeatures(self.prepared)
        self._keep(lambda kept: kept.extended(group.compare(kept.left, kept.right), group.names))

    def add_known(self, matches: KnownMatches) -> None:
        """Makes it a feature of every pair whether its records are known to match others.

        Args:
            matches: the known matches, of this or of other catalogs.
        """
        partners = self.features.known = KnownPartners(matches, fingerprints(self.records))
        self._keep(
            lambda kept: kept.extended(partners.flags(kept.left, kept.right), partners.names)
        )

    def _with_prior(self, kept: ComparedPairs) -> ComparedPairs:
        base_model = self.features.base_score
        assert base_model is not None
        threads = self.resolved.threads
        matrix = base_model.extend(kept.left, kept.right, kept.matrix, kept.fold, threads)
        return kept.extended(matrix[:, kept.matrix.shape[1] :], base_model.names)

    def _keep(self, change: Callable[[ComparedPairs], ComparedPairs]) -> None:
        """Changes the features of the candidates that have been compared, if there are any."""
        if self._compared is not None:
            self._compared = self._compared[0], change(self._compared[1])

    def compared_pairs(self, *, groups: bool = False) -> ComparedPairs:
        """Candidates to learn from, with features: all, or those of a sample of the records.

        Args:
            groups: whether the sample is to hold whole groups, see `ComparedPairs.drawn`.
        """
        candidates = self.candidates
        if self._compared is not None and self._compared[0] is candidates:
            return self._compared[1]
        left, right = candidates.left, candidates.right
        share = self._share()
        if share < 1.0:
            seeks_groups = groups or self.collapsed is not None
            chosen, drawn = self.sampler.draw_pairs(left, right, share, groups=seeks_groups)
            part = self.compare(left[chosen], right[chosen], "Compare a sample")
            numbered = candidates.only_by("identifier:")[chosen]
            return replace(part, numbered=numbered, drawn=drawn)
        compared = self.compare(left, right, "Compare candidates")
        drawn = None if self.reused is None else self.reused.drawn
        compared = replace(compared, numbered=candidates.only_by("identifier:"), drawn=drawn)
        self._compared = candidates, compared
        return compared

    @cached_property
    def copy_of_row(self) -> np.ndarray | None:
        """The row of each record in the other table, see `linkage.scoring.shared_records`."""
        return shared_records(self.records)

    def sample_for_groups(self) -> tuple[Candidates, np.ndarray] | None:
        """Candidates from which looser definitions learn, and the rows that were drawn, bool[n].

        None where they learn from all.
        """
        found = self.candidates
        share = pairs_learned_from(self.records.n, groups=True) / max(len(found), 1)
        if not self.is_joined or share >= 1 or self.records.is_linkage:
            return None
        chosen, drawn = self.sampler.draw_pairs(found.left, found.right, share, groups=True)
        assert drawn is not None
        return found.part(chosen), drawn

    def _share(self) -> float:
        """Share of the candidates to learn from: all, unless their features take too much room."""
        room = self.resolved.memory_bytes * _MEMORY_SHARE / (4 * max(len(self.names), 1))
        if self.resolved.quality == "fast" and self.reused is None:
            groups = self.collapsed is not None
            room = min(room, pairs_learned_from(self.records.n, groups=groups))
        return min(1.0, room / max(len(self.candidates), 1))

    def map(
        self, chosen: np.ndarray, work: Callable[[int, np.ndarray, np.ndarray], Made]
    ) -> Iterator[tuple[int, Made]]:
        """Yields ``(first, work(first, features, folds))`` of candidates, chunk by chunk.

        Args:
            chosen: positions of candidates; ``first`` counts among them.
            work: see `PairFeatures.map`.
        """
        candidates = self.candidates
        left, right = candidates.left[chosen], candidates.right[chosen]
        if self._compared is None or self._compared[0] is not candidates:
            return self.features.map(left, right, work)
        matrix = self._compared[1].matrix
        return self.features.map(left, right, work, lambda part: matrix[chosen[part]])

    def compare(self, left: np.ndarray, right: np.ndarray, step: str) -> ComparedPairs:
        """Features of given pairs."""
        with self.log.step(step) as tell:
            matrix = self.features.matrix(left, right, tell)
        return ComparedPairs(
            self.prepared,
            self.plan.spaces if self._plan is not None else {},
            left,
            right,
            matrix,
            self.names,
            self.fold[left],
        )

    def own_pairs(self, *, drawn: bool = False) -> np.ndarray:
        """Features of forms of several records compared with themselves.

        Args:
            drawn: whether only as large a share is wanted as :meth:`compared` has of the
                candidates.
        """
        assert self.collapsed is not None
        wanted = self.collapsed.sizes > 1
        if drawn:
            wanted &= self.sampler.draw(self._share())
        several = np.flatnonzero(wanted)
        return self.compare(several, several, "Compare forms").matrix

    def starting_clusters(self, labels: np.ndarray | None) -> np.ndarray | None:
        """Clusters of records under a stricter definition, as clusters of the session's rows."""
        if labels is None or self.collapsed is None:
            return labels
        return self.collapsed.starting_forms(labels)


def _is_added(feature: str) -> bool:
    return (
        feature.startswith("prior.")
        or is_wording_feature(feature)
        or is_known_match_feature(feature)
    )


def without(records: Records, ignored: tuple[str, ...]) -> Records:
    """The same rows, compared on all attributes but the ignored ones."""
    kinds = {name: kind for name, kind in records.kinds.items() if name not in ignored}
    return replace(records, kinds=kinds)
