"""Steps are timed and told."""

from __future__ import annotations

import time

from linkage.runtime import StepLog


def test_a_step_is_told_and_timed() -> None:
    told: list[tuple[str, float | None]] = []
    log = StepLog(lambda name, share: told.append((name, share)))
    with log.step("read") as tell:
        time.sleep(0.02)
        tell(0.5)
    assert told == [("read", None), ("read", 0.5), ("read", 1.0)]
    (step,) = log.steps
    assert step.name == "read"
    assert 0.02 <= step.seconds < 5
    assert 10 < step.peak_memory_mb < 1e6


def test_nobody_needs_to_watch() -> None:
    log = StepLog()
    with log.step("read") as tell:
        tell(1.0)
    assert [step.name for step in log.steps] == ["read"]
