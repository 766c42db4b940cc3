"""Tests of product keys."""

import numpy as np

from linkage.variants.product_keys import pairs_of_equal_keys, product_keys


def test_unknown_values_agree_with_any_and_known_ones_must_be_equal() -> None:
    text = np.array([0, 0, 0, 0, 1])
    brand = np.array([5, -1, 5, 6, 5])
    price = np.array([1, 1, -1, 1, 1])
    key = product_keys(text, [brand, price])
    assert key[0] == key[2]
    assert len({key[0], key[3], key[4]}) == 3
    assert key[1] in (key[0], key[3])


def test_a_group_never_holds_two_known_values() -> None:
    generator = np.random.default_rng(0)
    text = generator.integers(0, 5, 300)
    columns = [generator.integers(-1, 4, 300) for _ in range(3)]
    key = product_keys(text, columns)
    for k in np.unique(key):
        assert len(np.unique(text[key == k])) == 1
        for column in columns:
            known = column[key == k]
            assert len(np.unique(known[known >= 0])) <= 1


def test_rows_without_text_and_rows_told_apart_before_keep_their_own_keys() -> None:
    assert len(set(product_keys(np.array([-1, -1]), [np.array([1, 1])]))) == 2
    assert len(set(product_keys(np.array([0, 0]), [np.array([1, 1])]))) == 2


def test_pairs_of_two_tables_lie_across_them() -> None:
    key = np.array([0, 1, 0, 0])
    left, right = pairs_of_equal_keys(key, np.array([0, 0, 1, 1]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2), (0, 3)]
    left, right = pairs_of_equal_keys(key, np.zeros(4, np.int64))
    assert len(left) == 3
