"""Reused candidates: the pairs that a looser definition takes over from the strictest one.

Pairs that match under the strictest definition are candidates of every looser one, so its blocking
is skipped where records are very many: the pairs of records become pairs of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocking.candidates import Candidates
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["ReusedCandidates", "leads_outside_clusters", "reuse_candidates", "reuse_sample"]

#: Candidates per record outside of its cluster under the strictest definition, below which the
#: candidates are mostly records of one product and lack the variants that a looser definition looks
#: for: a quarter of the usual budget. Generated catalogs have eight.
_LEAST_ELSEWHERE = 3.5


@dataclass(frozen=True)
class ReusedCandidates:
    """Candidate pairs of a session's rows that replace those of blockers.

    Attributes:
        candidates: the pairs.
        sampled_rows: rows drawn at random, bool, shape (n,), where the rows are a sample of all,
            see `linkage.scoring.compared_pairs.ComparedPairs`; None where they are all.
    """

    candidates: Candidates
    sampled_rows: np.ndarray | None = None


def leads_outside_clusters(candidates: Candidates, labels: np.ndarray) -> bool:
    """Whether enough of the candidates are pairs of different clusters.

    Args:
        candidates: pairs of records.
        labels: cluster of each record.
    """
    across = int(np.sum(labels[candidates.left] != labels[candidates.right]))
    return across >= _LEAST_ELSEWHERE * len(labels)


def reuse_candidates(collapsed: CollapsedRecords, candidates: Candidates) -> ReusedCandidates:
    """Pairs of records as pairs of the collapsed records that they belong to.

    Args:
        collapsed: the collapsed records.
        candidates: pairs of records, each of which belongs to one of the collapsed records.
    """
    return ReusedCandidates(
        candidates.of_groups(collapsed.row_of_record, len(collapsed.first_record))
    )


def reuse_sample(
    collapsed: CollapsedRecords, candidates: Candidates, sampled: np.ndarray, others: np.ndarray
) -> tuple[CollapsedRecords, ReusedCandidates]:
    """The collapsed records of a sample of the records, and the pairs between them.

    Args:
        collapsed: all collapsed records.
        candidates: pairs of records of the sample.
        sampled: records drawn at random, bool, shape (n,); the others in `candidates` are their
            partners.
        others: further records whose collapsed records are kept.
    """
    wanted = np.zeros(len(collapsed.first_record), bool)
    for records in (candidates.left, candidates.right, others):
        wanted[collapsed.row_of_record[records]] = True
    part = collapsed.part(np.flatnonzero(wanted))
    of_sampled = part.row_of_record[sampled]
    rows = np.zeros(len(part.first_record), bool)
    rows[of_sampled[of_sampled >= 0]] = True
    return part, ReusedCandidates(reuse_candidates(part, candidates).candidates, rows)
