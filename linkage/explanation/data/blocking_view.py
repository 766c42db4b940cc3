"""The blockers that proposed a pair, or why none did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blocking.keys import key_blockers
from blocking.plan import record_budgets
from linkage.explanation.data.findings import BlockingExplanation, BlockKey, ListRank
from linkage.scoring.candidate_pairs import CANDIDATES
from linkage.scoring.session import Session

__all__ = ["explain_blocking"]

#: Keys listed that one record has alone.
_MOST_OWN_KEYS = 12
#: Records up to which the neighbour lists of a proposed pair are looked up too: seconds of work.
_FEW_RECORDS = 20_000


def explain_blocking(
    session: Session,
    left: int,
    right: int,
    *,
    blockers: Sequence[str] | None,
    candidates: tuple[int, int],
) -> BlockingExplanation:
    """The keys and neighbour lists by which two records find each other.

    Args:
        session: the records.
        left, right: rows of the pair.
        blockers: blockers that proposed it in the run; None where none did.
        candidates: candidates that either record had in the run.
    """
    keys = _keys(session, left, right)
    ranks: list[ListRank] = []
    budgets: tuple[int | None, int | None] = (None, None)
    if left != right and (
        blockers is None or session.blocking.has_plan or session.records.n <= _FEW_RECORDS
    ):
        ranks = _ranks(session, left, right)
        chosen = session.resolved.authored.blocking.candidates
        budget = record_budgets(session.prepared, CANDIDATES if isinstance(chosen, str) else chosen)
        budgets = int(budget[left]), int(budget[right])
    return BlockingExplanation(
        proposed=blockers is not None,
        blockers=list(blockers or []),
        reason=_reason(blockers, keys, ranks, budgets),
        keys=keys,
        ranks=ranks,
        left_budget=budgets[0],
        right_budget=budgets[1],
        left_candidates=candidates[0],
        right_candidates=candidates[1],
    )


def _keys(session: Session, left: int, right: int) -> list[BlockKey]:
    """Keys of both rows, shared ones first."""
    shared: list[BlockKey] = []
    own: list[BlockKey] = []
    for blocker in key_blockers(session.prepared):
        entries = blocker.entries(session.prepared)
        of_left = np.unique(entries.keys[entries.rows == left])
        of_right = np.unique(entries.keys[entries.rows == right])
        either = np.union1d(of_left, of_right)
        if not len(either):
            continue
        sizes = np.bincount(entries.keys, minlength=int(either.max()) + 1)
        for key in either:
            in_left, in_right = key in of_left, key in of_right
            holders = "both" if in_left and in_right else "left" if in_left else "right"
            found = BlockKey(blocker.name, entries.label(int(key)), int(sizes[key]), holders)
            (shared if holders == "both" else own).append(found)
    shown = [
        key
        for holder in ("left", "right")
        for key in [k for k in own if k.holders == holder][:_MOST_OWN_KEYS]
    ]
    return shared + shown


def _ranks(session: Session, left: int, right: int) -> list[ListRank]:
    out = []
    for name, space in session.plan.spaces.items():
        out.append(
            ListRank(
                name, _place(space.index[left], right), _place(space.index[right], left), space.k
            )
        )
    return out


def _place(neighbours: np.ndarray, row: int) -> int | None:
    at = np.flatnonzero(neighbours == row)
    return int(at[0]) + 1 if len(at) else None


def _reason(
    blockers: Sequence[str] | None,
    keys: list[BlockKey],
    ranks: list[ListRank],
    budgets: tuple[int | None, int | None],
) -> str:
    if blockers is not None:
        return f"Proposed by {', '.join(blockers)}."
    shared = [key for key in keys if key.holders == "both"]
    listed = [rank for rank in ranks if rank.left_rank or rank.right_rank]
    if not shared and not listed:
        return (
            "Nobody proposed the pair: the records have no key in common, and neither is in a list "
            "of the other's nearest neighbours."
        )
    places = ", ".join(
        f"{min(p for p in (rank.left_rank, rank.right_rank) if p)} in {rank.space}"
        for rank in listed
    )
    told = []
    if shared:
        told.append(f"they have {len(shared)} key{'s' if len(shared) > 1 else ''} in common")
    if listed:
        told.append(f"their best places in each other's lists are {places}")
    kept = sorted({b for b in budgets if b is not None})
    budget = " and ".join(str(b) for b in kept)
    return (
        f"Nobody proposed the pair: {' and '.join(told)}, but other records came first for the "
        f"{budget} neighbours that are kept of each. Raise blocking.candidates to compare more."
    )
