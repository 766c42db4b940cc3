"""Inheritance: the candidate pairs that a looser definition takes over from the strictest one.

Who is alike under the strictest definition is alike without what a looser one ignores. So where
records are very many, the strictest definition's pairs are brought to the looser one's rows in
place of being found once more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocking.candidates import Candidates
from linkage.variants.collapsed_records import Grouping

__all__ = ["Inherited", "inherit", "inherit_sample", "lead_elsewhere"]

#: Pairs a record that lead out of its cluster under the strictest definition, below which the lists
#: are taken up by records of one thing and show too little of its likes: a quarter of the usual
#: budget. Generated catalogs have eight.
_LEAST_ELSEWHERE = 3.5


@dataclass(frozen=True)
class Inherited:
    """Pairs of rows of a session, in place of what blockers would find.

    Attributes:
        candidates: the pairs.
        drawn: rows that were drawn by chance, bool, shape (n,), where the rows are a sample of the
            forms, see `linkage.scoring.compared_pairs.Comparison.drawn`; None where they are all.
    """

    candidates: Candidates
    drawn: np.ndarray | None = None


def lead_elsewhere(candidates: Candidates, labels: np.ndarray) -> bool:
    """Whether enough of the pairs lead from one cluster to another.

    Args:
        candidates: pairs of records.
        labels: cluster of each record.
    """
    across = int(np.sum(labels[candidates.left] != labels[candidates.right]))
    return across >= _LEAST_ELSEWHERE * len(labels)


def inherit(grouping: Grouping, candidates: Candidates) -> Inherited:
    """Brings pairs of records to forms.

    Args:
        grouping: the forms.
        candidates: pairs of records that are all of these forms.
    """
    return Inherited(candidates.of_groups(grouping.form, len(grouping.first)))


def inherit_sample(
    grouping: Grouping, candidates: Candidates, drawn: np.ndarray, others: np.ndarray
) -> tuple[Grouping, Inherited]:
    """Brings pairs of a sample of the records to their forms, and leaves the other forms out.

    Args:
        grouping: the forms.
        candidates: pairs of records of the sample.
        drawn: records that were drawn by chance, bool, shape (n,); the others of the sample are
            their partners.
        others: further records whose forms are wanted.
    """
    wanted = np.zeros(len(grouping.first), bool)
    for records in (candidates.left, candidates.right, others):
        wanted[grouping.form[records]] = True
    part = grouping.part(np.flatnonzero(wanted))
    of_drawn = part.form[drawn]
    rows = np.zeros(len(part.first), bool)
    rows[of_drawn[of_drawn >= 0]] = True
    return part, Inherited(inherit(part, candidates).candidates, rows)
