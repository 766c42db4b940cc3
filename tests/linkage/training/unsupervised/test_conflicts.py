"""Conflicts of candidate pairs, and the probability of a match that they imply."""

from __future__ import annotations

import numpy as np
from prepared import pair_keys

from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.unsupervised.conflicts import (
    conflict_too_often,
    conflicting_agreements,
    find_conflicts,
)

UNKNOWN = np.nan


def _compared_pairs(names: list[str], columns: list[np.ndarray]) -> ComparedPairs:
    matrix = np.column_stack(columns).astype(np.float32)
    m = len(matrix)
    records = type("Records", (), {"n": 2 * m})()
    left = np.arange(m, dtype=np.int32)
    return ComparedPairs(records, {}, left, left + m, matrix, names, np.zeros(m, int), pair_keys(m))


def test_differences_that_are_rare_in_likely_matches_are_conflicts() -> None:
    likely = np.arange(200) < 100
    colour = np.where(np.arange(200) % 10 == 0, 0.0, 1.0)  # differs in a tenth of the likely ones
    colour[100:] = np.arange(100) % 2  # and in half of the others
    seller = np.zeros(200)  # always differs
    pairs = _compared_pairs(
        ["colour.stated_agreement", "seller.stated_agreement"], [colour, seller]
    )
    assert find_conflicts(pairs, likely).conflicting.tolist() == (colour == 0).tolist()


def test_codes_conflict_where_none_is_shared() -> None:
    likely = np.arange(200) < 100
    codes = np.where(likely, 0.0, 1.0)
    codes[::5] = UNKNOWN
    found = find_conflicts(_compared_pairs(["codes:none_shared"], [codes]), likely)
    assert found.conflicting.tolist() == (codes == 1).tolist()


def test_too_few_known_values_give_no_conflicts() -> None:
    likely = np.arange(200) < 100
    colour = np.full(200, UNKNOWN)
    colour[90:110] = np.where(likely[90:110], 1.0, 0.0)
    found = find_conflicts(_compared_pairs(["colour.stated_agreement"], [colour]), likely)
    assert not found.conflicting.any()
    assert not found.known.any()


def test_facts_conflict_whatever_the_likely_matches_show() -> None:
    likely = np.arange(200) < 100
    sizes = (np.arange(200) % 2).astype(float)
    found = find_conflicts(_compared_pairs(["sizes:agreement"], [sizes]), likely)
    assert found.conflicting.tolist() == (sizes == 0).tolist()
    assert not found.doubtful.any()


def test_agreements_that_are_rare_in_the_likeliest_matches_are_conflicts() -> None:
    likeliest = np.arange(400) < 200
    seller = np.zeros(400)
    seller[:200:20] = 1.0  # a twentieth of the likeliest are of one seller
    seller[200::2] = 1.0  # and half of the others
    title = np.where(likeliest, 1.0, 0.0)
    pairs = _compared_pairs(["seller.equal", "title.equal"], [seller, title])
    assert conflicting_agreements(pairs, likeliest).tolist() == (seller == 1).tolist()
    assert not find_conflicts(pairs, likeliest).conflicting.any()


def test_agreement_is_no_conflict_where_sellers_list_products_repeatedly() -> None:
    likeliest = np.arange(400) < 200
    seller = np.zeros(400)
    seller[::5] = 1.0
    assert not conflicting_agreements(_compared_pairs(["seller.equal"], [seller]), likeliest).any()


def test_match_probability_is_calibrated_by_the_share_of_conflicts() -> None:
    rng = np.random.default_rng(0)
    m = 20_000
    log_e_value = rng.uniform(-6, 6, m)
    match = rng.random(m) < 0.9 / (1 + np.exp(2 * log_e_value))
    colours = np.where(match, 1.0, rng.random(m) < 0.3)
    colours[rng.random(m) < 0.4] = UNKNOWN
    found = find_conflicts(_compared_pairs(["colours:agreement"], [colours]), log_e_value < 0)
    probability = found.match_probability(log_e_value)
    for low in (0.2, 0.4, 0.6, 0.8):
        some = ~found.conflicting & (probability >= low) & (probability < low + 0.2)
        assert some.sum() > 50
        assert abs(match[some].mean() - probability[some].mean()) < 0.08
    similar = log_e_value < -1
    unknown = np.isnan(colours)
    assert probability[similar & unknown].mean() < probability[similar & (colours == 1)].mean()


def test_facts_without_conflicts_in_non_matches_are_no_evidence() -> None:
    log_e_value = np.linspace(-5, 5, 300)
    found = find_conflicts(_compared_pairs(["colours:agreement"], [np.ones(300)]), log_e_value < 0)
    assert not found.match_probability(log_e_value).any()


def test_matches_of_product_lines_conflict_too_often() -> None:
    match = np.arange(300) < 200
    sizes = np.ones(300)
    sizes[:10] = 0.0
    pairs = _compared_pairs(["sizes:agreement"], [sizes])
    assert not conflict_too_often(pairs, match)
    sizes[:60] = 0.0
    assert conflict_too_often(_compared_pairs(["sizes:agreement"], [sizes]), match)
    assert not conflict_too_often(_compared_pairs(["title.idf_cosine"], [sizes]), match)
