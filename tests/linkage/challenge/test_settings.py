"""Settings of a challenge: what is refused, and what makes results comparable."""

from __future__ import annotations

import json

import pytest

from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.errors import ConfigError


def test_they_go_to_another_process_and_back() -> None:
    settings = ChallengeSettings("fast", 2, "valid", True, (Protocol.PAIR_SPLIT,), 1)
    assert ChallengeSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_threads_make_no_difference_to_what_can_be_compared() -> None:
    one, two = ChallengeSettings(threads=1).identity(), ChallengeSettings(threads=2).identity()
    assert one == two
    for other in ({"quality": "fast"}, {"seeds": 1}, {"split": "valid"}, {"as_stored": True}):
        assert ChallengeSettings(**other).identity() != one  # type: ignore[arg-type]
    assert json.loads(json.dumps(one)) == one, "it is compared with what was read from a file"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seeds": 0}, "--seeds must be 1 or more, got 0"),
        ({"split": "train"}, "--split must be one of test, valid, got 'train'"),
        ({"quality": "quick"}, "quality must be one of"),
        ({"threads": -1}, "threads must be"),
    ],
)
def test_faults(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ChallengeSettings(**values)  # type: ignore[arg-type]
