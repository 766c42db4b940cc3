"""Tests of collisions of ignored values."""

import numpy as np

from linkage.variants.collisions import NO_COLLISIONS, Collisions, collisions


def catalog(products: int, variants: int, options: int, seed: int = 0) -> tuple:
    """Part (product), and combination, of each record; a product has each combination once."""
    generator = np.random.default_rng(seed)
    part = np.repeat(np.arange(products), variants)
    combination = np.concatenate(
        [generator.permutation(options)[:variants] for _ in range(products)]
    )
    return part, combination


def test_joined_products_collide_as_often_as_random_ones() -> None:
    part, combination = catalog(200, 5, 8)
    found = collisions(part, part // 2, combination)
    assert 0.8 < found.share_wrong() <= 1.0


def test_parts_of_one_product_do_not_collide() -> None:
    product, combination = catalog(200, 6, 12)
    part = product * 2 + np.arange(len(product)) % 2
    found = collisions(part, product, combination)
    assert found.observed == 0
    assert found.share_wrong() == 0.0


def test_values_that_never_repeat_tell_nothing() -> None:
    part = np.arange(100)
    assert np.isnan(collisions(part, part // 2, np.arange(100)).share_wrong())


def test_what_is_usual_within_a_product_tells_nothing() -> None:
    within = Collisions(observed=30.0, expected=40.0, possible=400.0)
    assert np.isnan(Collisions(10.0, 12.0, 100.0).share_wrong(within))


def test_nothing_joined_has_no_collisions() -> None:
    assert collisions(np.arange(5), np.arange(5), np.zeros(5, np.int64)) == NO_COLLISIONS
