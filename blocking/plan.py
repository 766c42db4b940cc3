"""The blocking plan: results of all blockers, from which candidates of any budget are chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from blocking.candidates import Candidates, listed_pairs, ranked_pairs, union
from blocking.embedding import search_nearest
from blocking.key_blocks import BlockNote
from blocking.keys import key_blockers
from blocking.neighbourhood import SortedNeighbourhoodBlocker
from blocking.neighbours import Neighbours, sparse_neighbours, sparse_spaces
from blocking.rarity_join import rarity_join
from features.prepare import PreparedRecords

__all__ = ["BlockingPlan", "build_plan", "record_budgets"]

#: Name of the space of the rarity-driven join.
JOINED = "rare terms"
#: Spaces whose lists propose pairs; the words of the main attribute repeat those of the record.
_PROPOSING = ("words", "characters", "main characters", "embedding", JOINED)
#: Neighbours listed for each record. Candidates may be widened to as many; the last ones are
#: examples of non-matches.
_DEPTH = 60
_DEPTH_LARGE = 30
_LARGE = 30_000
_DEPTH_JOINED = 24


@dataclass
class BlockingPlan:
    """The results of the blockers of a catalog.

    Attributes:
        n: number of records.
        spaces: neighbour lists by name of the space.
        keyed: pairs of the blockers without ranks, ``(name, left, right)``.
        certain: pairs that are candidates whatever the budget: equal near-unique identifiers.
        largest_blocks: the largest key blocks with the name of their blocker.
        notes: messages for users on how blockers ran.
    """

    n: int
    spaces: dict[str, Neighbours]
    keyed: list[tuple[str, np.ndarray, np.ndarray]]
    certain: list[tuple[str, np.ndarray, np.ndarray]]
    largest_blocks: list[tuple[str, BlockNote]]
    notes: list[str] = field(default_factory=list)

    def candidates(self, budget: np.ndarray) -> Candidates:
        """Candidate pairs within a budget of neighbours of each record.

        Args:
            budget: neighbours to keep of each record, int, shape (n,).
        """
        proposing = [self.spaces[name] for name in _PROPOSING if name in self.spaces]
        if len(proposing) == 1 and not self.keyed:
            pairs = listed_pairs(proposing[0].index, budget)
            parts = [(proposing[0].name, *pairs)]
        else:
            parts = ranked_pairs(proposing, budget, self.keyed) if proposing or self.keyed else []
        found = union([*parts, *self.certain], self.n)
        return replace(found, identifier_blockers=tuple(name for name, _, _ in self.certain))

    def among(self, rows: np.ndarray, n: int) -> BlockingPlan:
        """The same plan where its records are some of more; the others have no candidates.

        Args:
            rows: where each of its records is among the others, ascending.
            n: number of records with the others.
        """
        spaces = {}
        for key, space in self.spaces.items():
            index = np.full((n, space.k), -1, space.index.dtype)
            index[rows] = np.where(space.index < 0, -1, rows[space.index])
            similarity = np.zeros((n, space.k), space.similarity.dtype)
            similarity[rows] = space.similarity
            spaces[key] = Neighbours(space.name, index, similarity)
        keyed, certain = (
            [(name, rows[left], rows[right]) for name, left, right in pairs]
            for pairs in (self.keyed, self.certain)
        )
        return replace(self, n=n, spaces=spaces, keyed=keyed, certain=certain)

    def without_spaces(self) -> BlockingPlan:
        """The same plan without its neighbour lists, which take the most memory."""
        return replace(self, spaces={})


def build_plan(
    records: PreparedRecords,
    *,
    vectors: np.ndarray | None = None,
    joined: bool = False,
    threads: int = 1,
    progress: Callable[[str, float | None], None] | None = None,
) -> BlockingPlan:
    """Runs every blocker that suits the catalog.

    Args:
        records: prepared records.
        vectors: embeddings of the records, if they are to propose pairs.
        joined: whether the rarity join, whose time grows linearly with the number of records,
            replaces nearest neighbours in sparse spaces and all key blocking but by identifiers.
        threads: threads to use; the result does not depend on it.
        progress: called with a step's name and the share done, if known.
    """

    def tell(step: str) -> None:
        if progress is not None:
            progress(step, None)

    side = records.records.side
    depth = _DEPTH if records.n <= _LARGE else _DEPTH_LARGE
    plan = BlockingPlan(records.n, {}, [], [], [])
    if joined:
        tell("Join by rare terms")
        plan.spaces[JOINED] = rarity_join(records, _DEPTH_JOINED, threads=threads, name=JOINED)
    for name, sets in {} if joined else sparse_spaces(records).items():
        tell(f"Neighbours by {name}")
        if sets.ids.size:
            plan.spaces[name] = sparse_neighbours(name, sets, side, depth, threads=threads)
    if vectors is not None:
        tell("Neighbours by embedding")
        found = search_nearest(vectors, side, min(depth, 20), threads=threads)
        plan.spaces["embedding"] = Neighbours("embedding", found.index, found.similarity)
    tell("Key blocks")
    for blocker in key_blockers(records):
        if joined and not blocker.of_identifiers:
            continue
        left, right = blocker.pairs(records)
        target = plan.certain if blocker.of_identifiers else plan.keyed
        target.append((blocker.name, left, right))
        plan.largest_blocks += [(blocker.name, note) for note in blocker.largest_blocks]
    if joined:
        return plan
    neighbourhood = SortedNeighbourhoodBlocker()
    left, right = neighbourhood.pairs(records)
    if neighbourhood.skipped is None:
        plan.keyed.append((neighbourhood.name, left, right))
    else:
        plan.notes.append(f"Sorted neighbourhood did not run: {neighbourhood.skipped}.")
    return plan


def record_budgets(records: PreparedRecords, pairs_a_record: int) -> np.ndarray:
    """Budget of each record for a mean number of pairs a record of the smaller table.

    In a linkage a pair may come from the list of either record, so each table gets half of the
    pairs; those of the larger table are divided among its records, at least one each.

    Args:
        records: prepared records.
        pairs_a_record: pairs wanted a record.
    """
    side = records.records.side
    n_left = records.records.n_left
    n_right = records.n - n_left
    if n_right == 0:
        return np.full(records.n, pairs_a_record, np.int64)
    smaller = min(n_left, n_right)
    half = pairs_a_record / 2
    left, right = (max(1, round(half * smaller / max(size, 1))) for size in (n_left, n_right))
    return np.where(side == 0, left, right).astype(np.int64)
