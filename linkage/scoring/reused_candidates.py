"""Inheritance: the candidate pairs that a looser definition takes over from the strictest one.

Who is alike under the strictest definition is alike without what a looser one ignores. So where
records are very many, the strictest definition's pairs are brought to the looser one's rows in
place of being found once more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocking.candidates import Candidates
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["ReusedCandidates", "leads_outside_clusters", "reuse_candidates", "reuse_sample"]

#: Pairs a record that lead out of its cluster under the strictest definition, below which the lists
#: are taken up by records of one thing and show too little of its likes: a quarter of the usual
#: budget. Generated catalogs have eight.
_LEAST_ELSEWHERE = 3.5


@dataclass(frozen=True)
class ReusedCandidates:
    """Pairs of rows of a session, in place of what blockers would find.

    Attributes:
        candidates: the pairs.
        drawn: rows that were drawn by chance, bool, shape (n,), where the rows are a sample of the
            forms, see `linkage.scoring.compared_pairs.ComparedPairs.drawn`; None where they are
            all.
    """

    candidates: Candidates
    drawn: np.ndarray | None = None


def leads_outside_clusters(candidates: Candidates, labels: np.ndarray) -> bool:
    """Whether enough of the pairs lead from one cluster to another.

    Args:
        candidates: pairs of records.
        labels: cluster of each record.
    """
    across = int(np.sum(labels[candidates.left] != labels[candidates.right]))
    return across >= _LEAST_ELSEWHERE * len(labels)


def reuse_candidates(collapsed: CollapsedRecords, candidates: Candidates) -> ReusedCandidates:
    """Brings pairs of records to forms.

    Args:
        grouping: the forms.
        candidates: pairs of records that are all of these forms.
    """
    return ReusedCandidates(candidates.of_groups(collapsed.row_of_record, len(collapsed.first)))


def reuse_sample(
    collapsed: CollapsedRecords, candidates: Candidates, drawn: np.ndarray, others: np.ndarray
) -> tuple[CollapsedRecords, ReusedCandidates]:
    """Brings pairs of a sample of the records to their forms, and leaves the other forms out.

    Args:
        grouping: the forms.
        candidates: pairs of records of the sample.
        drawn: records that were drawn by chance, bool, shape (n,); the others of the sample are
            their partners.
        others: further records whose forms are wanted.
    """
    wanted = np.zeros(len(collapsed.first), bool)
    for records in (candidates.left, candidates.right, others):
        wanted[collapsed.row_of_record[records]] = True
    part = collapsed.part(np.flatnonzero(wanted))
    of_drawn = part.row_of_record[drawn]
    rows = np.zeros(len(part.first), bool)
    rows[of_drawn[of_drawn >= 0]] = True
    return part, ReusedCandidates(reuse_candidates(part, candidates).candidates, rows)
