"""Contradictions of records that look alike."""

from __future__ import annotations

import numpy as np

from linkage.comparison import Comparison
from linkage.contradictions import contradictions, mistakes_likeness

UNKNOWN = np.nan


def _comparison(names: list[str], columns: list[np.ndarray]) -> Comparison:
    matrix = np.column_stack(columns).astype(np.float32)
    m = len(matrix)
    records = type("Records", (), {"n": 2 * m})()
    left = np.arange(m, dtype=np.int32)
    return Comparison(records, {}, left, left + m, matrix, names, np.zeros(m, int))


def test_what_likely_matches_seldom_differ_in_contradicts() -> None:
    likely = np.arange(200) < 100
    colour = np.where(np.arange(200) % 10 == 0, 0.0, 1.0)  # differs in a tenth of the likely ones
    colour[100:] = np.arange(100) % 2  # and in half of the others
    seller = np.zeros(200)  # always differs
    pairs = _comparison(["colour.stated_agreement", "seller.stated_agreement"], [colour, seller])
    assert contradictions(pairs, likely).tolist() == (colour == 0).tolist()


def test_codes_contradict_where_none_is_shared() -> None:
    likely = np.arange(200) < 100
    codes = np.where(likely, 0.0, 1.0)
    codes[::5] = UNKNOWN
    found = contradictions(_comparison(["codes.none_shared"], [codes]), likely)
    assert found.tolist() == (codes == 1).tolist()


def test_too_few_known_values_tell_nothing() -> None:
    likely = np.arange(200) < 100
    colour = np.full(200, UNKNOWN)
    colour[90:110] = np.where(likely[90:110], 1.0, 0.0)
    assert not contradictions(_comparison(["colour.stated_agreement"], [colour]), likely).any()


def test_facts_contradict_whatever_the_likely_ones_say() -> None:
    likely = np.arange(200) < 100
    sizes = (np.arange(200) % 2).astype(float)
    found = contradictions(_comparison(["sizes.agreement"], [sizes]), likely)
    assert found.tolist() == (sizes == 0).tolist()


def test_families_are_no_products() -> None:
    match = np.arange(300) < 200
    sizes = np.ones(300)
    sizes[:10] = 0.0
    pairs = _comparison(["sizes.agreement"], [sizes])
    assert not mistakes_likeness(pairs, match)
    sizes[:60] = 0.0
    assert mistakes_likeness(_comparison(["sizes.agreement"], [sizes]), match)
    assert not mistakes_likeness(_comparison(["title.idf_cosine"], [sizes]), match)
