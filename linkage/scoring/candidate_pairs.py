"""The candidate pairs of a session: found by blockers, and extended for large clusters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

import numpy as np

from blocking.candidates import Candidates
from blocking.completion import completing_pairs
from blocking.locality import locality_order
from blocking.plan import BlockingPlan, build_plan, record_budgets
from features.arrays.ordering import stable_order
from features.prepare import PreparedRecords, prepare
from linkage.config.resolved import ResolvedConfig
from linkage.models.booster_ensemble import import_ahead
from linkage.runtime import StepLog
from linkage.scoring.reused_candidates import ReusedCandidates

__all__ = ["CandidatePairs", "KeepPlan", "build_now"]

#: Returns what the blockers find among records: read from an earlier run, or made by the callable.
KeepPlan: TypeAlias = Callable[[PreparedRecords, Callable[[], BlockingPlan]], BlockingPlan]

#: Candidates per record of the smaller table, where the user sets no number.
CANDIDATES = 20
#: The same after the join: its one ranking by all shared terms needs less depth than four rankings.
FAST_CANDIDATES = 14
#: Records up to which quality fast blocks as the other qualities do, as its cost is small there.
_JOINED_FROM = 20_000
#: Size of a cluster, as a share of a record's budget, from which the record may have partners that
#: are not among its candidates.
_FILLED = 0.5
#: Factor by which the budget of such a record grows.
_WIDENED = 3


def build_now(records: PreparedRecords, build: Callable[[], BlockingPlan]) -> BlockingPlan:
    """What the blockers find, which run now: the `KeepPlan` of a run that stores no stages."""
    return build()


class CandidatePairs:
    """Holds the candidate pairs of a session's rows.

    Args:
        prepared: the prepared rows.
        resolved: the configuration.
        log: where steps are recorded.
        vectors: embeddings of the rows, float32[n, d], where the quality has them.
        collapsed: whether the rows are collapsed records.
        reused: pairs to take in place of what blockers would find.
        keep_plan: returns what the blockers find, from an earlier run or by running them.
        equal_keys: pairs of rows of one product key, which are candidates whatever blockers find.
        surplus: rows that blockers do not see, as they have others that are equal, bool[n].
    """

    def __init__(
        self,
        prepared: PreparedRecords,
        resolved: ResolvedConfig,
        log: StepLog,
        *,
        vectors: np.ndarray | None = None,
        collapsed: bool = False,
        reused: ReusedCandidates | None = None,
        keep_plan: KeepPlan = build_now,
        equal_keys: tuple[np.ndarray, np.ndarray] | None = None,
        surplus: np.ndarray | None = None,
    ) -> None:
        self.reused = reused
        self._always: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        if equal_keys is not None:
            self._always["product key"] = equal_keys
        self._surplus = surplus if surplus is not None and surplus.any() else None
        self._prepared = prepared
        self._resolved = resolved
        self._log = log
        self._vectors = vectors
        self._collapsed = collapsed
        self._keep_plan = keep_plan
        self._budget: np.ndarray | None = None
        self._plan: BlockingPlan | None = None
        self._found: Candidates | None = None
        if reused is not None:
            self._plan = BlockingPlan(prepared.n, {}, [], [], [])
            self._found = reused.candidates

    @property
    def is_joined(self) -> bool:
        """Whether candidates come from the rarity-driven join: one short list per record."""
        if self.reused is not None:
            return True
        return self._resolved.quality == "fast" and self._prepared.n > _JOINED_FROM

    @property
    def has_plan(self) -> bool:
        """Whether the blockers have run, or are not needed."""
        return self._plan is not None

    @property
    def plan(self) -> BlockingPlan:
        """What the blockers found; they run at the first use."""
        if self._plan is None:
            with self._log.step("Find candidates"):
                self._plan = self._keep_plan(self._prepared, self._build_plan)
        return self._plan

    def _build_plan(self) -> BlockingPlan:
        if self.is_joined:
            import_ahead()
        prepared, vectors, rows = self._prepared, self._vectors, None
        if self._surplus is not None:
            rows = np.flatnonzero(~self._surplus)
            prepared = prepare(
                prepared.records.part(rows),
                prepared.statistics.as_frozen(),
                threads=self._resolved.threads,
            )
            vectors = None if vectors is None else vectors[rows]
        plan = build_plan(
            prepared,
            vectors=vectors,
            joined=self.is_joined,
            threads=self._resolved.threads,
            progress=lambda name, share: self._log.tell("Find candidates", share),
        )
        return plan if rows is None else plan.among(rows, self._prepared.n)

    @property
    def found(self) -> Candidates:
        """The candidate pairs within the present budget of each record."""
        return self.find() if self._found is None else self._found

    def find(self) -> Candidates:
        """Runs the blockers, if they have not been run, and returns the candidate pairs."""
        if self._found is None:
            self._found = self.plan.candidates(self._budgets())
            for name, pairs in self._always.items():
                self._add_missing(*pairs, name)
        return self._found

    def _budgets(self) -> np.ndarray:
        """Number of candidates that each record may have, int[n]."""
        if self._budget is None:
            chosen = self._resolved.authored.blocking.candidates
            usual = FAST_CANDIDATES if self.is_joined else CANDIDATES
            number = usual if isinstance(chosen, str) else chosen
            self._budget = record_budgets(self._prepared, number)
        return self._budget

    @property
    def embeddable_column(self) -> str | None:
        """The column whose embeddings may propose pairs beside the join, if a sample shows a gain.

        None where the configuration decides otherwise, or where the rows are collapsed records.
        """
        chosen = self._resolved.authored
        automatic = chosen.embedding.model == "auto" and chosen.blocking.candidates == "auto"
        plain = not self._collapsed and self._vectors is None
        return self._prepared.main if self.is_joined and automatic and plain else None

    @cached_property
    def locality_order(self) -> np.ndarray:
        """Position of each record in an order that keeps similar ones close in memory, int32[n]."""
        with self._log.step("Arrange records"):
            return locality_order(self._prepared.words)

    def widen(self, labels: np.ndarray) -> bool:
        """Gives more candidates to records whose clusters fill much of their budget.

        Args:
            labels: cluster of each record under the present candidates.

        Returns:
            Whether there are new candidates. None are added where the user set their number, or
            after the join, whose clusters are completed instead (`complete`).
        """
        chosen = self._resolved.authored.blocking.candidates
        if chosen != "auto" or not self.plan.spaces or self.is_joined:
            return False
        before, budget = len(self.found), self._budgets()
        deepest = max(space.k for space in self.plan.spaces.values())
        size = np.bincount(labels)[labels]
        filled = size >= np.maximum(_FILLED * budget, 2)
        wider = np.where(filled, np.minimum(budget * _WIDENED, deepest), budget)
        if np.array_equal(wider, budget):
            return False
        self._budget, self._found = wider, None
        return len(self.found) > before

    def complete(self, probability: np.ndarray, threshold: float) -> bool:
        """Adds pairs of records that have matched partners in common, after the join.

        Args:
            probability: scores of the present candidates.
            threshold: score from which a pair is a match.

        Returns:
            Whether there are new candidates. None are added where the user set their number.
        """
        if not self.is_joined or self._resolved.authored.blocking.candidates != "auto":
            return False
        found, records = self.found, self._prepared.records
        with self._log.step("Complete groups"):
            left, right = completing_pairs(
                found.left,
                found.right,
                np.where(probability >= threshold, probability, 0.0),
                records.n,
                records.side if records.is_linkage else None,
                order=stable_order(self.locality_order),
                threads=self._resolved.threads,
            )
        self.add(left, right, "common partner")
        return len(left) > 0

    def add_always(self, left: np.ndarray, right: np.ndarray, name: str) -> None:
        """Makes pairs candidates whatever blockers find, with any budget; see `add`."""
        self._always[name] = left, right
        if self._found is not None:
            self._add_missing(left, right, name)

    def _add_missing(self, left: np.ndarray, right: np.ndarray, name: str) -> None:
        """Adds those of some pairs that are no candidates yet."""
        n = self._prepared.n
        present = self.found.left.astype(np.int64) * n + self.found.right
        new = ~np.isin(left * n + right, present)
        self.add(left[new], right[new], name)

    def add(self, left: np.ndarray, right: np.ndarray, name: str) -> None:
        """Adds candidate pairs.

        Args:
            left, right: their rows, the lower first; none of them is a candidate yet.
            name: name of the blocker that proposed them.
        """
        self._found = self.found.with_pairs(name, left, right, self._prepared.n)

    def release_neighbour_lists(self) -> None:
        """Drops the neighbour lists, which only learning needs, after the join of very many."""
        if self.is_joined and self._found is not None:
            self._plan = self.plan.without_spaces()

    def release_words(self, prepared: PreparedRecords) -> None:
        """Replaces the rows by the same rows without words, to save memory.

        Args:
            prepared: the same rows without their words.
        """
        self._prepared = prepared
