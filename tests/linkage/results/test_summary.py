"""Treatments of texts in a few lines."""

from __future__ import annotations

from features.variants.masking_policy import MaskingPolicy
from linkage.results.summary import policy_lines


def treatments(count: int) -> list[dict]:
    return [
        MaskingPolicy(f"s{k}", "title", k == 0, 0.3, 0.5, 10, masked=0 if k == 0 else 7).to_dict()
        for k in range(count)
    ]


def test_few_sources_are_told_one_by_one() -> None:
    few = treatments(3)
    assert policy_lines(few) == [one["reason"] for one in few]
    assert policy_lines([]) == []


def test_many_sources_are_counted() -> None:
    (line,) = policy_lines(treatments(5))
    assert line.startswith("title: left as it is in 1 sources")
    assert line.endswith("28 mentions of ignored values masked in 4 others")
