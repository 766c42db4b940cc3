"""Known matches: hashes of records, flags of pairs, evidence weighed by held-out scores, saving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import oracles
import pandas as pd
import pytest

from features.kinds import Kind
from features.records import Records
from linkage import Config, Linker
from linkage.models.evidence.known_matches import KnownMatches, KnownPartners, record_hashes

PRINTS = np.arange(10, 20, dtype=np.uint64)


def known(*pairs: tuple[int, int]) -> KnownPartners:
    left, right = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    return KnownPartners(KnownMatches(PRINTS[left], PRINTS[right]), PRINTS)


def test_a_pair_is_flagged_by_matches_with_others_only() -> None:
    partners = known((0, 5), (1, 6), (1, 7))
    left, right = np.array([0, 0, 2, 1, 3]), np.array([5, 6, 5, 7, 8])
    np.testing.assert_array_equal(
        partners.flags(left, right), [[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]
    )


def test_a_label_given_twice_is_one_match() -> None:
    np.testing.assert_array_equal(
        known((0, 5), (0, 5)).flags(np.array([0]), np.array([5])), [[0, 0]]
    )


def test_matches_of_other_records_set_no_flags() -> None:
    partners = KnownPartners(KnownMatches(PRINTS[:2] + 50, PRINTS[2:4]), PRINTS)
    assert not partners.flags(np.array([0, 1]), np.array([2, 3])).any()
    nothing = KnownPartners(KnownMatches(PRINTS[:0], PRINTS[:0]), PRINTS)
    assert not nothing.flags(np.array([0, 1]), np.array([2, 3])).any()


def records(*cells: str | None, left: int) -> Records:
    side = [0] * left + [1] * (len(cells) - left)
    return oracles.make_records({"title": list(cells)}, {"title": Kind.TEXT}, side)


def test_record_hashes_cover_id_table_and_cells() -> None:
    hashes = record_hashes(records("tv", "tv", None, "radio", left=2))
    assert len(set(hashes.tolist())) == 4
    np.testing.assert_array_equal(hashes, record_hashes(records("tv", "tv", None, "radio", left=2)))
    changed = record_hashes(records("tv", "TV", None, "radio", left=2))
    np.testing.assert_array_equal(hashes == changed, [True, False, True, True])
    np.testing.assert_array_equal(
        hashes == record_hashes(records("tv", "tv", None, "radio", left=3)),
        [True, True, False, True],
    )


def test_evidence_fits_the_held_out_pairs() -> None:
    rng = np.random.default_rng(0)
    flags = (rng.random((2000, 2)) < 0.4).astype(np.float32)
    score = rng.normal(0, 2, 2000)
    truth = 1 / (1 + np.exp(-(score - 3 * flags[:, 0])))
    label = (rng.random(2000) < truth).astype(int)
    weighed, with_it = KnownMatches(PRINTS[:1], PRINTS[1:2]).weighed(score, flags, label)
    left, right = weighed.evidence
    assert left == pytest.approx(-3, abs=0.6)
    assert right == pytest.approx(0, abs=0.4)
    np.testing.assert_allclose(with_it, score + flags @ np.array([left, right]))
    again = KnownMatches.from_dict(weighed.to_dict())
    assert again.evidence == weighed.evidence
    np.testing.assert_array_equal(again.left, weighed.left)


def test_evidence_is_never_for_a_pair() -> None:
    flags = np.array([[1, 0], [0, 0]] * 50, np.float32)
    weighed, _ = KnownMatches(PRINTS[:1], PRINTS[1:2]).weighed(np.zeros(100), flags, flags[:, 0])
    assert weighed.evidence == (0.0, 0.0)


def two_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Products of two shops, one of which lists each twice: only labels tell which is meant."""
    rng = np.random.default_rng(0)
    words = np.array("red blue steel oak glass maxi mini pro home go city air".split())
    left, right = [], []
    for k in range(120):
        name = " ".join(rng.choice(words, 4)) + f" k{k % 40}"
        left.append((f"l{k}", name))
        right.append((f"r{k}", name))
        right.append((f"s{k}", name))
    return (
        pd.DataFrame(left, columns=["id", "title"]),
        pd.DataFrame(right, columns=["id", "title"]),
    )


def test_a_linker_uses_known_matches_of_the_very_tables(tmp_path: Path) -> None:
    left, right = two_tables()
    labels = pd.DataFrame(
        [(f"l{k}", f"{side}{k}", int(side == "r")) for k in range(0, 120, 2) for side in "rs"],
        columns=["left_id", "right_id", "label"],
    )
    linker = Linker(Config(threads=1)).fit(left, right, labels)
    model = linker.fitted_["exact"].model
    assert model.scorer.known is not None
    assert len(model.scorer.known.left) == 60
    left_first = model.scorer.known.evidence[int(linker.fitted_["exact"].is_swapped)]
    assert left_first < -1, "a left record that has its partner takes no other"
    pairs = pd.DataFrame({"left_id": ["l0", "l1"], "right_id": ["s0", "s1"]})
    first = linker.score(left, right, pairs)
    assert first["score"][0] < first["score"][1], "l0 has its partner, of l1 nothing is known"
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model").score(left, right, pairs)
    np.testing.assert_allclose(first["score"], again["score"], rtol=1e-6)
    without = Linker(Config(threads=1, training={"context": False})).fit(left, right, labels)
    assert without.fitted_["exact"].model.scorer.known is None
