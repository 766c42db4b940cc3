"""A session: one catalog under one match definition, prepared, blocked and compared on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from blocking.candidates import Candidates
from blocking.context import context_blocks
from blocking.plan import BlockingPlan, build_plan, record_budgets
from features.compare import Comparer
from features.embeddings import MINILM, STATIC, Embedder, EmbeddingError
from features.identifiers import parse_identifiers
from features.kinds import Kind
from features.pair_text import record_texts
from features.prepare import PreparedRecords, prepare
from features.records import Records
from features.statistics import Statistics
from linkage.boosters import fold_of
from linkage.comparison import Comparison
from linkage.errors import ConfigError
from linkage.grouping import Grouping, GroupingBlock
from linkage.known_matches import KnownMatches, KnownPartners, fingerprints, is_of_known_matches
from linkage.pair_model import PairModel
from linkage.prior import Prior, prior_columns
from linkage.resolved import ResolvedConfig
from linkage.selfstart import FOLDS
from linkage.steps import StepLog

__all__ = ["Session", "trade_numbers", "without"]

#: Pairs a record of the smaller table, where the user sets no number.
CANDIDATES = 20
#: ... of quality fast: one ranking by all that pairs share needs less depth than four rankings.
FAST_CANDIDATES = 14
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
    """

    def __init__(
        self,
        records: Records,
        resolved: ResolvedConfig,
        log: StepLog,
        statistics: Statistics | None = None,
        names: list[str] | None = None,
        context: bool = False,
        grouping: Grouping | None = None,
    ) -> None:
        self.resolved = resolved
        self.grouping = grouping
        self.log = log
        self.context = context
        self._plan: BlockingPlan | None = None
        self._candidates: Candidates | None = None
        self._budget: np.ndarray | None = None
        self._compared: tuple[Candidates, Comparison] | None = None
        self._prior: Prior | None = None
        self._known: KnownPartners | None = None
        self._texts: list[str] | None = None
        #: What was scored last: the model, the keys (left * n + right) of the pairs, ascending, and
        #: their scores.
        self.scored: tuple[Any, np.ndarray, np.ndarray] | None = None
        with log.step("Prepare records"):
            self.prepared: PreparedRecords = prepare(records, statistics, threads=resolved.threads)
            self.fold = fold_of(records.ids, FOLDS)
        self.vectors = self._embed(records)
        main = self.prepared.main
        self.comparer = Comparer(
            self.prepared,
            vectors={main: self.vectors} if main and self.vectors is not None else None,
            strings=resolved.quality != "fast",
            threads=resolved.threads,
            chunk=50_000,
            names=None if names is None else [n for n in names if not _is_added(n)],
            extra=[
                *(context_blocks(self.prepared, self.plan.spaces) if context else ()),
                *([GroupingBlock(grouping)] if grouping is not None else ()),
            ],
        )

    @property
    def records(self) -> Records:
        """The rows."""
        return self.prepared.records

    @property
    def plan(self) -> BlockingPlan:
        """What the blockers found; they run at the first use."""
        if self._plan is None:
            with self.log.step("Find candidates"):
                self._plan = build_plan(
                    self.prepared,
                    vectors=self.vectors,
                    joined=self.resolved.quality == "fast",
                    threads=self.resolved.threads,
                    progress=lambda name, share: self.log.tell("Find candidates", share),
                )
        return self._plan

    @property
    def candidates(self) -> Candidates:
        """The candidate pairs within the present budget of each record."""
        if self._candidates is None:
            plan = self.plan
            if self._budget is None:
                chosen = self.resolved.authored.blocking.candidates
                usual = FAST_CANDIDATES if self.resolved.quality == "fast" else CANDIDATES
                number = usual if isinstance(chosen, str) else chosen
                self._budget = record_budgets(self.prepared, number)
            self._candidates = plan.candidates(self._budget)
        return self._candidates

    def widen(self, labels: np.ndarray) -> bool:
        """Gives more candidates to records whose clusters fill much of their present ones.

        Args:
            labels: cluster of each record under the present candidates.

        Returns:
            Whether there are new candidates. Never where the user set their number.
        """
        if self.resolved.authored.blocking.candidates != "auto" or not self.plan.spaces:
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
    def names(self) -> list[str]:
        """Names of the features of a pair."""
        prior = [] if self._prior is None else self._prior.names
        known = () if self._known is None else self._known.names
        return [*self.comparer.names, *prior, *known]

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

    def drop_added(self) -> None:
        """Forgets the prior and the known matches, so that others can be learned."""
        if self._prior is not None or self._known is not None:
            self._prior = self._known = None
            self._compared = None

    def add_prior(self, model: PairModel) -> None:
        """Makes the opinion of a model that was started without labels a feature of every pair.

        Args:
            model: a model of this session's features, as they are without a prior.
        """
        candidates = self.candidates
        columns = prior_columns(model, self.comparer.names)
        log_odds = np.empty(len(candidates))
        with self.log.step("Score candidates without labels"):
            for start, matrix, fold in self.chunks(np.arange(len(candidates))):
                part = slice(start, start + len(matrix))
                log_odds[part] = model.log_odds(matrix[:, columns], fold, self.resolved.threads)
        self._prior = Prior(
            model,
            self.comparer.names,
            candidates.left,
            candidates.right,
            log_odds,
            self.records.n,
        )
        self._compared = None

    def add_known(self, matches: KnownMatches) -> None:
        """Makes it a feature of every pair whether its records are known to match others.

        Args:
            matches: the known matches, of this or of other catalogs.
        """
        self._known = KnownPartners(matches, fingerprints(self.records))
        self._compared = None

    def comparison(self) -> Comparison:
        """Candidates to learn from, with features: all, or those of a sample of the records."""
        candidates = self.candidates
        if self._compared is not None and self._compared[0] is candidates:
            return self._compared[1]
        room = self.resolved.memory_bytes * _MEMORY_SHARE / (4 * max(len(self.names), 1))
        left, right = candidates.left, candidates.right
        share = min(1.0, room / max(len(left), 1))
        if share < 1.0:
            # Records are drawn, not pairs, so that what is drawn hangs together as the whole does.
            both = self.records.n_left == self.records.n
            part = share**0.5 if both else share
            drawn = fold_of(self.records.ids, 1 << 20) < part * (1 << 20)
            chosen = drawn[left] & (drawn[right] if both else True)
            return self.compare(left[chosen], right[chosen], "Compare candidates")
        self._compared = candidates, self.compare(left, right, "Compare candidates")
        return self._compared[1]

    def chunks(self, chosen: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yields ``(first of the chosen, features, folds)`` chunk by chunk.

        Args:
            chosen: positions of candidates.
        """
        left, right = self.candidates.left[chosen], self.candidates.right[chosen]
        if self._compared is not None and self._compared[0] is self.candidates:
            matrix = self._compared[1].matrix
            for start in range(0, len(chosen), self.comparer.chunk):
                part = chosen[start : start + self.comparer.chunk]
                yield start, matrix[part], self.fold[left[start : start + len(part)]]
            return
        for start, part in self._features(left, right):
            yield start, part, self.fold[left[start : start + len(part)]]

    def _features(self, left: np.ndarray, right: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Yields ``(first pair, feature matrix)`` chunk by chunk."""
        for start, matrix in self.comparer.stream(left, right):
            a, b = left[start : start + len(matrix)], right[start : start + len(matrix)]
            if self._prior is not None:
                threads = self.resolved.threads
                matrix = self._prior.extend(a, b, matrix, self.fold[a], threads)
            if self._known is not None:
                matrix = np.column_stack([matrix, self._known.flags(a, b)])
            yield start, matrix

    def compare(self, left: np.ndarray, right: np.ndarray, step: str) -> Comparison:
        """Features of given pairs."""
        with self.log.step(step) as tell:
            matrix = np.empty((len(left), len(self.names)), np.float32)
            for start, part in self._features(left, right):
                matrix[start : start + len(part)] = part
                tell((start + len(part)) / len(left))
        return Comparison(
            self.prepared,
            self.plan.spaces if self._plan is not None else {},
            left,
            right,
            matrix,
            self.names,
            self.fold[left],
        )

    def own_pairs(self) -> np.ndarray:
        """Features of forms of several records compared with themselves."""
        assert self.grouping is not None
        several = np.flatnonzero(self.grouping.sizes > 1)
        return self.compare(several, several, "Compare forms").matrix

    def starting_clusters(self, labels: np.ndarray | None) -> np.ndarray | None:
        """Clusters of records under a stricter definition, as clusters of the session's rows."""
        if labels is None or self.grouping is None:
            return labels
        return self.grouping.starting_forms(labels)

    def _embed(self, records: Records) -> np.ndarray | None:
        main = self.prepared.main
        model = _embedding_model(self.resolved)
        if model is None or main is None:
            return None
        with self.log.step("Embed texts") as tell:
            embedder = Embedder(model, threads=self.resolved.threads)
            try:
                return embedder.embed(
                    records.table.column(main).to_pylist(),
                    statistics=self.prepared.statistics,
                    progress=tell,
                )
            except EmbeddingError as error:
                raise ConfigError([f"embedding.model: {error}"]) from error


def _is_added(feature: str) -> bool:
    return feature.startswith("prior.") or is_of_known_matches(feature)


def _embedding_model(resolved: ResolvedConfig) -> str | None:
    """The embedding model of a quality: none for fast, static for balanced, MiniLM for best."""
    chosen = resolved.authored.embedding.model
    if chosen != "auto":
        return chosen
    return {"fast": None, "balanced": STATIC, "best": MINILM}[resolved.quality]


def without(records: Records, ignored: tuple[str, ...]) -> Records:
    """The same rows, compared on all attributes but the ignored ones."""
    kinds = {name: kind for name, kind in records.kinds.items() if name not in ignored}
    return replace(records, kinds=kinds)


def trade_numbers(records: Records) -> tuple[str, ...]:
    """Columns of trade numbers.

    They name one colour and size, so a looser definition must not compare them.
    """
    found = []
    for name, kind in records.kinds.items():
        if kind == Kind.IDENTIFIER:
            identifiers = parse_identifiers(records.table.column(name).combine_chunks())
            if len(identifiers.is_gtin) and float(np.mean(identifiers.is_gtin)) > 0.5:
                found.append(name)
    return tuple(found)
