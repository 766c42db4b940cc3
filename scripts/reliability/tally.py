"""What a campaign tried: how many cases of each kind, how many failed, how long they took."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable

from reliability.forks import Outcome

__all__ = ["Tally"]

#: Failed cases that are written out; more of them are counted.
_SHOWN = 50
#: A sign of life every so many cases.
_EVERY = 1000


class Tally:
    """Counts outcomes by kind.

    Args:
        kind_of: names the kind of a case by its number.
    """

    def __init__(self, kind_of: Callable[[int], str]) -> None:
        self._kind_of = kind_of
        self.tried: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self._stopped = False

    def watch(self, outcomes: Iterable[Outcome]) -> Tally:
        """Count outcomes as they come, and write out those that failed."""
        try:
            self._count(outcomes)
        except KeyboardInterrupt:  # what was tried so far counts
            self._stopped = True
        return self

    def _count(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            kind = self._kind_of(outcome.number)
            self.tried[kind] += 1
            self.seconds[kind] += outcome.seconds
            if outcome.faults:
                self.failed[kind] += 1
                if self.failed.total() <= _SHOWN:
                    said = "; ".join(outcome.faults)
                    print(f"failed: --case {outcome.number} ({kind}): {said}", flush=True)
            if self.tried.total() % _EVERY == 0:
                print(f"{self.tried.total():,} cases, {self.failed.total():,} failed", flush=True)

    def table(self, seed: int) -> str:
        """Return the counts as lines of text."""
        lines = [f"{'kind':<20}{'tried':>8}{'failed':>8}{'seconds':>10}"]
        rows = [(kind, self.tried[kind], self.failed[kind], self.seconds[kind])
                for kind in sorted(self.tried)]  # fmt: skip
        rows.append(("all", self.tried.total(), self.failed.total(), self.seconds.total()))
        lines += [f"{k:<20}{tried:>8,}{bad:>8,}{spent:>10.1f}" for k, tried, bad, spent in rows]
        return "\n".join([*lines, f"seed {seed}; a failed case is repeated with --case N"])

    def report(self, seed: int) -> int:
        """Print the counts; returns the exit code, 0 where all cases were tried and none failed."""
        print(self.table(seed))
        if self._stopped:
            print("interrupted", file=sys.stderr)
        if self.failed:
            print(f"{self.failed.total():,} cases failed", file=sys.stderr)
        return int(bool(self.failed) or not self.tried or self._stopped)
