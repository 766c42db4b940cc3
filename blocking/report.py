"""The blocking report: reduction ratio and pairs completeness, in all and of each blocker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blocking.candidates import Candidates
from blocking.key_blocks import BlockNote
from features.arrays.distinct import sorted_distinct
from features.prepare import PreparedRecords
from features.records import Records

__all__ = [
    "BlockerShare",
    "BlockingReport",
    "RecallFloorError",
    "blocking_report",
    "check_recall_floor",
]

#: Largest blocks listed over all blockers.
LISTED_BLOCKS = 10


@dataclass(frozen=True)
class BlockerShare:
    """The pairs of one blocker.

    Attributes:
        name: the blocker.
        pairs: distinct pairs that it proposed.
        alone: pairs that only it proposed.
        true_pairs: known matches among its pairs, None where none are known.
        true_alone: known matches that only it proposed.
        completeness: share of the known matches that it proposed.
    """

    name: str
    pairs: int
    alone: int
    true_pairs: int | None = None
    true_alone: int | None = None
    completeness: float | None = None


@dataclass(frozen=True)
class BlockingReport:
    """Measures of a set of candidate pairs (Christen, 2012).

    Attributes:
        records: number of records.
        smaller: records of the smaller table in a linkage, of the table otherwise.
        pairs: candidate pairs.
        possible: pairs without blocking.
        reduction_ratio: share of the possible pairs that need no comparing.
        per_record: pairs a record of the smaller table (pairs over records; in one table each pair
            counts once).
        mean: candidates of a record, on average over all records.
        p99: 99th percentile of that.
        most: largest number of candidates of a record.
        smaller_mean: as ``mean``, over the records of the smaller table.
        smaller_p99: as ``p99``, over the smaller table.
        smaller_most: as ``most``, over the smaller table.
        true_pairs: known matches, None where none are known.
        found_pairs: known matches among the candidates.
        completeness: pairs completeness (blocking recall), the share of the two.
        blockers: the pairs of each blocker.
        largest_blocks: largest key blocks by name, those that were cut first, as (blocker, block).
    """

    records: int
    smaller: int
    pairs: int
    possible: int
    reduction_ratio: float
    per_record: float
    mean: float
    p99: float
    most: int
    smaller_mean: float
    smaller_p99: float
    smaller_most: int
    true_pairs: int | None
    found_pairs: int | None
    completeness: float | None
    blockers: tuple[BlockerShare, ...]
    largest_blocks: tuple[tuple[str, BlockNote], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        plain = asdict(self)
        plain["blockers"] = [asdict(share) for share in self.blockers]
        plain["largest_blocks"] = [
            {"blocker": name, **asdict(note)} for name, note in self.largest_blocks
        ]
        return plain


class RecallFloorError(Exception):
    """The candidate pairs miss more known matches than the user allows.

    Attributes:
        report: the blocking report.
        floor: the share of known matches asked for.
    """

    def __init__(self, report: BlockingReport, floor: float) -> None:
        super().__init__(_floor_message(report, floor))
        self.report = report
        self.floor = floor


def blocking_report(
    candidates: Candidates,
    records: PreparedRecords | Records,
    truth_pairs: tuple[np.ndarray, np.ndarray] | None = None,
    largest_blocks: Iterable[tuple[str, BlockNote]] = (),
) -> BlockingReport:
    """The blocking report of candidate pairs.

    Args:
        candidates: distinct pairs.
        records: the rows they are of.
        truth_pairs: rows of the known matches, in either order; None where none are known.
        largest_blocks: large blocks with the name of their blocker (``KeyBlocker.largest_blocks``).
    """
    rows = records.records if isinstance(records, PreparedRecords) else records
    n, n_left = rows.n, rows.n_left
    smaller = slice(0, n)
    possible = n * (n - 1) // 2
    if rows.is_linkage:
        smaller = slice(0, n_left) if n_left <= n - n_left else slice(n_left, n)
        possible = n_left * (n - n_left)
    degree = np.bincount(candidates.left, minlength=n) + np.bincount(candidates.right, minlength=n)
    size = smaller.stop - smaller.start
    truth, is_true = None, None
    if truth_pairs is not None:
        truth, is_true = _match(candidates, n, truth_pairs)
    found = None if is_true is None else int(is_true.sum())
    return BlockingReport(
        records=n,
        smaller=size,
        pairs=len(candidates),
        possible=possible,
        reduction_ratio=1.0 - len(candidates) / possible if possible else 0.0,
        per_record=len(candidates) / size if size else 0.0,
        **_spread("", degree),
        **_spread("smaller_", degree[smaller]),
        true_pairs=truth,
        found_pairs=found,
        completeness=_share(found, truth),
        blockers=_shares(candidates, truth, is_true),
        largest_blocks=_largest(largest_blocks),
    )


def check_recall_floor(report: BlockingReport, floor: float) -> None:
    """Raises an error if the candidate pairs miss too many known matches.

    Args:
        report: a report made with known matches; without any no error is raised.
        floor: share of the known matches that must be among the candidates, in [0, 1].

    Raises:
        RecallFloorError: completeness is below the floor.
    """
    if not 0 <= floor <= 1:
        raise ValueError(f"recall_floor must be in [0, 1], not {floor}")
    if report.completeness is not None and report.completeness < floor:
        raise RecallFloorError(report, floor)


def _match(
    candidates: Candidates, n: int, truth_pairs: tuple[np.ndarray, np.ndarray]
) -> tuple[int, np.ndarray]:
    """Number of distinct known matches, and whether each candidate is one."""
    a, b = (np.asarray(part, np.int64) for part in truth_pairs)
    keys = sorted_distinct(np.minimum(a, b)[a != b] * n + np.maximum(a, b)[a != b])
    if not len(keys):
        return 0, np.zeros(len(candidates), bool)
    own = candidates.left.astype(np.int64) * n + candidates.right
    at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
    return len(keys), keys[at] == own


def _shares(
    candidates: Candidates, truth: int | None, is_true: np.ndarray | None
) -> tuple[BlockerShare, ...]:
    shares = []
    for number, name in enumerate(candidates.names):
        bit = np.uint32(1 << number)
        proposed = (candidates.blockers & bit) != 0
        alone = candidates.blockers == bit
        if is_true is None:
            shares.append(BlockerShare(name, int(proposed.sum()), int(alone.sum())))
            continue
        hits = int((proposed & is_true).sum())
        shares.append(
            BlockerShare(
                name,
                int(proposed.sum()),
                int(alone.sum()),
                hits,
                int((alone & is_true).sum()),
                _share(hits, truth),
            )
        )
    return tuple(shares)


def _largest(blocks: Iterable[tuple[str, BlockNote]]) -> tuple[tuple[str, BlockNote], ...]:
    def order(item: tuple[str, BlockNote]) -> tuple:
        return (item[1].treatment != "cut", -item[1].pairs, item[0], item[1].name)

    listed = sorted(blocks, key=order)
    cut = sum(note.treatment == "cut" for _, note in listed)
    return tuple(listed[: max(LISTED_BLOCKS, cut)])


def _spread(prefix: str, degree: np.ndarray) -> dict[str, Any]:
    if not len(degree):
        return {f"{prefix}mean": 0.0, f"{prefix}p99": 0.0, f"{prefix}most": 0}
    return {
        f"{prefix}mean": float(degree.mean()),
        f"{prefix}p99": float(np.percentile(degree, 99)),
        f"{prefix}most": int(degree.max()),
    }


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole


def _floor_message(report: BlockingReport, floor: float) -> str:
    found, truth = report.found_pairs or 0, report.true_pairs or 0
    brought = ", ".join(
        f"{share.name} {share.completeness:.1%}"
        for share in report.blockers
        if share.completeness is not None
    )
    share = report.completeness or 0.0
    return (
        f"Blocking finds {found:,} of {truth:,} known matches ({share:.2%}), below the "
        f"recall_floor of {floor:.2%}, with {report.per_record:.1f} pairs a record. "
        f"By blocker: {brought or 'none'}. "
        "Remedy: raise [blocking] candidates, declare further key or text columns, check that the "
        f"known matches belong to these tables, or lower recall_floor to {share:.4f} or less."
    )
