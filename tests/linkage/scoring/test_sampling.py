"""Samples of records and of the pairs between them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from features.records import Records
from linkage.scoring.content import content_hashes
from linkage.scoring.sampling import RecordSampler, least_keys, pairs_around, pairs_learned_from


def sampler_of(titles: list[str], n_left: int | None = None) -> RecordSampler:
    side = np.arange(len(titles)) >= (len(titles) if n_left is None else n_left)
    ids = np.array([str(k) for k in range(len(titles))], object)
    table = pa.table({"title": titles})
    records = Records(ids, table, side.astype(np.int8), {"title": Kind.TEXT})
    return RecordSampler(records, content_hashes(records))


def pairs(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.sort(np.random.default_rng(1).integers(0, n, (2, m)), axis=0)
    return left.astype(np.int32), right.astype(np.int32)


def test_the_same_records_are_drawn_in_any_order() -> None:
    titles = [f"offer {k}" for k in range(5_000)]
    drawn = sampler_of(titles).draw(0.3)
    assert drawn.mean() == pytest.approx(0.3, abs=0.03)
    assert sampler_of(titles[::-1]).draw(0.3)[::-1].tolist() == drawn.tolist(), "whatever the ids"
    fewer = sampler_of(titles).draw(0.1)
    assert 0 < fewer.sum() < drawn.sum()
    assert drawn[fewer].all()


def test_pairs_between_drawn_records() -> None:
    sampler = sampler_of([str(k) for k in range(2_000)])
    left, right = pairs(2_000, 20_000)
    chosen, drawn = sampler.draw_pairs(left, right, 0.25, groups=False)
    assert drawn is None
    rows = sampler.draw(0.5)
    assert chosen.tolist() == (rows[left] & rows[right]).tolist()
    assert chosen.mean() == pytest.approx(0.25, abs=0.03)


def test_records_of_groups_come_with_all_their_partners() -> None:
    sampler = sampler_of([str(k) for k in range(2_000)])
    left, right = pairs(2_000, 3_000)
    chosen, drawn = sampler.draw_pairs(left, right, 0.25, groups=True)
    assert drawn is not None
    assert 0 < chosen.mean() <= 0.25
    assert chosen[drawn[left] | drawn[right]].all()


def test_records_of_a_linkage_come_with_all_their_candidates() -> None:
    sampler = sampler_of([str(k) for k in range(400)], n_left=200)
    left, right = np.repeat(np.arange(200), 5), 200 + np.arange(1_000) % 200
    chosen, drawn = sampler.draw_pairs(left, right, 0.25, groups=True)
    assert drawn is None
    assert set(chosen.reshape(200, 5).sum(axis=1).tolist()) == {0, 5}


def test_only_groups_are_learned_from_more_pairs_as_records_grow() -> None:
    assert pairs_learned_from(10_000, groups=True) == pairs_learned_from(10_000, groups=False)
    assert pairs_learned_from(10**6, groups=False) == pairs_learned_from(10_000, groups=False)
    growth = pairs_learned_from(400_000, groups=True) / pairs_learned_from(100_000, groups=True)
    assert growth == pytest.approx(2)


def test_pairs_around_a_sample() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.random(60) < 0.1
    left, right = np.sort(rng.integers(0, 60, (2, 300)).astype(np.int32), axis=0)
    around = set(np.flatnonzero(drawn).tolist())
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if drawn[a] or drawn[b]:
            around |= {a, b}
    expected = [
        a in around and b in around for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert 0 < sum(expected) < 300
    assert pairs_around(drawn, left, right).tolist() == expected


def test_a_sample_of_pairs_changes_by_as_many_as_are_added() -> None:
    keys = np.random.default_rng(0).integers(0, 1 << 63, 1000).astype(np.uint64)
    before = keys[least_keys(keys, 100)]
    assert len(before) == 100
    assert np.all(np.diff(least_keys(keys, 100)) > 0), "in the order of the pairs"
    more = np.insert(keys, 17, np.arange(5, dtype=np.uint64))  # the least of all
    after = more[least_keys(more, 100)]
    assert len(np.intersect1d(before, after)) == 95
    assert least_keys(keys[:50], 100).tolist() == list(range(50))
