"""Contradictions of records that look alike."""

from __future__ import annotations

import numpy as np

from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.conflicts import (
    contradictions,
    mistakes_likeness,
    rivals,
)

UNKNOWN = np.nan


def _comparison(names: list[str], columns: list[np.ndarray]) -> ComparedPairs:
    matrix = np.column_stack(columns).astype(np.float32)
    m = len(matrix)
    records = type("Records", (), {"n": 2 * m})()
    left = np.arange(m, dtype=np.int32)
    return ComparedPairs(records, {}, left, left + m, matrix, names, np.zeros(m, int))


def test_what_likely_matches_seldom_differ_in_contradicts() -> None:
    likely = np.arange(200) < 100
    colour = np.where(np.arange(200) % 10 == 0, 0.0, 1.0)  # differs in a tenth of the likely ones
    colour[100:] = np.arange(100) % 2  # and in half of the others
    seller = np.zeros(200)  # always differs
    pairs = _comparison(["colour.stated_agreement", "seller.stated_agreement"], [colour, seller])
    assert contradictions(pairs, likely).differs.tolist() == (colour == 0).tolist()


def test_codes_contradict_where_none_is_shared() -> None:
    likely = np.arange(200) < 100
    codes = np.where(likely, 0.0, 1.0)
    codes[::5] = UNKNOWN
    found = contradictions(_comparison(["codes:none_shared"], [codes]), likely)
    assert found.differs.tolist() == (codes == 1).tolist()


def test_too_few_known_values_tell_nothing() -> None:
    likely = np.arange(200) < 100
    colour = np.full(200, UNKNOWN)
    colour[90:110] = np.where(likely[90:110], 1.0, 0.0)
    found = contradictions(_comparison(["colour.stated_agreement"], [colour]), likely)
    assert not found.differs.any()
    assert not found.known.any()


def test_facts_contradict_whatever_the_likely_ones_say() -> None:
    likely = np.arange(200) < 100
    sizes = (np.arange(200) % 2).astype(float)
    found = contradictions(_comparison(["sizes:agreement"], [sizes]), likely)
    assert found.differs.tolist() == (sizes == 0).tolist()
    assert not found.doubtful.any()


def test_what_the_likeliest_hardly_share_tells_rivals() -> None:
    likeliest = np.arange(400) < 200
    seller = np.zeros(400)
    seller[:200:20] = 1.0  # a twentieth of the likeliest are of one seller
    seller[200::2] = 1.0  # and half of the others
    title = np.where(likeliest, 1.0, 0.0)
    pairs = _comparison(["seller.equal", "title.equal"], [seller, title])
    assert rivals(pairs, likeliest).tolist() == (seller == 1).tolist()
    assert not contradictions(pairs, likeliest).differs.any()


def test_there_are_no_rivals_where_sellers_repeat_themselves() -> None:
    likeliest = np.arange(400) < 200
    seller = np.zeros(400)
    seller[::5] = 1.0
    assert not rivals(_comparison(["seller.equal"], [seller]), likeliest).any()


def test_contradictions_tell_how_many_match() -> None:
    rng = np.random.default_rng(0)
    m = 20_000
    expectation = rng.uniform(-6, 6, m)
    match = rng.random(m) < 0.9 / (1 + np.exp(2 * expectation))
    colours = np.where(match, 1.0, rng.random(m) < 0.3)
    colours[rng.random(m) < 0.4] = UNKNOWN
    found = contradictions(_comparison(["colours:agreement"], [colours]), expectation < 0)
    chance = found.chance(expectation)
    for low in (0.2, 0.4, 0.6, 0.8):
        some = ~found.differs & (chance >= low) & (chance < low + 0.2)
        assert some.sum() > 50
        assert abs(match[some].mean() - chance[some].mean()) < 0.08
    alike = expectation < -1
    unknown = np.isnan(colours)
    assert chance[alike & unknown].mean() < chance[alike & (colours == 1)].mean()


def test_facts_that_strangers_share_tell_nothing() -> None:
    expectation = np.linspace(-5, 5, 300)
    found = contradictions(_comparison(["colours:agreement"], [np.ones(300)]), expectation < 0)
    assert not found.chance(expectation).any()


def test_families_are_no_products() -> None:
    match = np.arange(300) < 200
    sizes = np.ones(300)
    sizes[:10] = 0.0
    pairs = _comparison(["sizes:agreement"], [sizes])
    assert not mistakes_likeness(pairs, match)
    sizes[:60] = 0.0
    assert mistakes_likeness(_comparison(["sizes:agreement"], [sizes]), match)
    assert not mistakes_likeness(_comparison(["title.idf_cosine"], [sizes]), match)
