"""Views of pairs: learning, bounds, plain state."""

from __future__ import annotations

import numpy as np

from linkage.models.grouped_fellegi_sunter import CATEGORIES, GroupedFellegiSunter
from linkage.variants.collapsed_records import RAW_EQUAL, SHARED_IDENTIFIER

NAMES = [
    "title.equal", "title.idf_cosine", "title.character_cosine", "title.soft_overlap",
    "title.first_word_equal", "type.equal", "type.soft_overlap", "group.equal",
    "group.soft_overlap", "price.difference", RAW_EQUAL, SHARED_IDENTIFIER,
]  # fmt: skip


def pairs(n: int = 4000, share: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features of pairs, a share of which are matches; two categories that always agree."""
    rng = np.random.default_rng(seed)
    match = rng.random(n) < share
    likeness = np.clip(np.where(match, rng.normal(0.8, 0.1, n), rng.normal(0.4, 0.15, n)), 0, 0.99)
    equal = match & (rng.random(n) < 0.6)
    kind = np.where(match, rng.random(n) < 0.97, rng.random(n) < 0.5)
    price = np.where(match, rng.random(n) * 0.1, rng.random(n))
    columns = [
        equal, *(np.where(equal, 1, likeness + rng.normal(0, 0.01, n)) for _ in range(3)), match,
        kind, kind, kind, kind, price, equal, np.where(equal & (rng.random(n) < 0.3), 1, np.nan),
    ]  # fmt: skip
    return np.column_stack(columns).astype(np.float32), match


def fitted(bound: float | None = None) -> tuple[GroupedFellegiSunter, np.ndarray, np.ndarray]:
    matrix, match = pairs()
    seed = np.where(matrix[:, 0] == 1, 0.9, 0.001)
    views = GroupedFellegiSunter(NAMES, "title")
    views.fit(matrix, seed, np.ones(len(matrix)), np.zeros(len(matrix), bool), bound)
    return views, matrix, match


def test_it_finds_matches_beyond_the_initial_ones() -> None:
    views, matrix, match = fitted()
    found = views.log_odds(matrix) > 0
    unequal = matrix[:, 0] == 0
    assert match[found].mean() > 0.9
    assert found[match & unequal].mean() > 0.6


def test_a_bound_on_unequal_texts_holds() -> None:
    views, matrix, _ = fitted(0.02)
    probability = 1 / (1 + np.exp(-views.log_odds(matrix)))
    equal = matrix[:, NAMES.index(RAW_EQUAL)] == 1
    assert views.shift_ > 0
    assert probability[~equal].sum() <= 0.03 * probability[equal].sum()
    free, _, _ = fitted()
    assert free.shift_ == 0


def test_contributions_add_up_and_state_is_plain() -> None:
    views, matrix, _ = fitted(0.02)
    total = views.contributions(matrix).total()
    np.testing.assert_allclose(total, views.log_odds(matrix), atol=1e-9)
    again = GroupedFellegiSunter.from_dict(views.to_dict())
    np.testing.assert_array_equal(again.log_odds(matrix), views.log_odds(matrix))


def test_categories_are_one_view() -> None:
    views, _, _ = fitted()
    assert set(views.category_weights_) == {"type", "group"}
    assert CATEGORIES in views.edges_
    assert "type" not in views.edges_


def test_fixed_pairs_keep_their_probability_and_unshared_identifiers_have_weight_0() -> None:
    matrix, match = pairs()
    fixed = np.zeros(len(matrix), bool)
    fixed[match] = True
    seed = np.where(match, 0.99, 0.001)
    views = GroupedFellegiSunter(NAMES, "title").fit(matrix, seed, np.ones(len(matrix)), fixed)
    assert (views.log_odds(matrix) > 0)[match].mean() > 0.9
    assert views.weights_[SHARED_IDENTIFIER][1] == 0
    assert views.weights_[SHARED_IDENTIFIER][2] > 0
