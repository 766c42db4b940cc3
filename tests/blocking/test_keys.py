"""Key blocks against plain Python, and what becomes of blocks that are too large."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepared import pair_set, prepared

from blocking.key_blocks import Entries, Refiner, block_pairs
from blocking.keys import (
    KeyBlocker,
    code_keys,
    equal_text_keys,
    identifier_keys,
    key_blockers,
    rare_word_keys,
    word_pair_keys,
)

WORDS = ["red", "blue", "pen", "ink", "box", "lamp", "dscw55", "kx1200", "soft", "case"]
titles = st.lists(
    st.one_of(st.none(), st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)),
    min_size=2,
    max_size=25,
)


def oracle(keys: list[set], n_left: int | None, partners: int = 10**9) -> set[tuple[int, int]]:
    """Pairs that share a key whose block gives no row more than ``partners`` partners."""
    blocks = defaultdict(list)
    for row, own in enumerate(keys):
        for key in own:
            blocks[key].append(row)
    found = set()
    for rows in blocks.values():
        if n_left is None:
            load = len(rows) - 1
        else:
            left = sum(row < n_left for row in rows)
            load = max(left, len(rows) - left)
        if load <= partners:
            found |= {(a, b) for a, b in combinations(rows, 2) if n_left is None or a < n_left <= b}
    return found


def words_of(values: list[str | None]) -> list[set[str]]:
    return [set((value or "").split()) for value in values]


def sided(values: list, linked: bool) -> int | None:
    return len(values) // 2 if linked else None


@settings(max_examples=40)
@given(titles, st.booleans())
def test_codes_and_equal_texts_are_the_oracle(values, linked):
    n_left = sided(values, linked)
    records = prepared({"title": values}, n_left)
    codes = [{w for w in words if w in ("dscw55", "kx1200")} for words in words_of(values)]
    assert pair_set(code_keys(100).pairs(records)) == oracle(codes, n_left)
    texts = [{value} if value else set() for value in values]
    assert pair_set(equal_text_keys("title", 100).pairs(records)) == oracle(texts, n_left)


@settings(max_examples=40)
@given(titles, st.booleans(), st.integers(1, 4))
def test_rare_words_are_the_oracle(values, linked, partners):
    n_left = sided(values, linked)
    records = prepared({"title": values}, n_left)
    expected = oracle(words_of(values), n_left, partners)
    assert pair_set(rare_word_keys(partners).pairs(records)) == expected


@settings(max_examples=40)
@given(titles, st.booleans())
def test_word_pairs_are_the_oracle(values, linked):
    """With room for all words every two shared words make a key."""
    n_left = sided(values, linked)
    records = prepared({"title": values}, n_left)
    keys = [set(combinations(sorted(words), 2)) for words in words_of(values)]
    expected = oracle(keys, n_left)
    assert pair_set(word_pair_keys(words=6, partners=100).pairs(records)) == expected


def test_word_pairs_are_of_the_rarest_words():
    values = ["alpha beta red pen"] * 2 + ["red pen"] * 5 + ["red ink"]
    records = prepared({"title": values})
    assert pair_set(word_pair_keys(words=2, partners=5).pairs(records)) >= {(0, 1)}
    # "red pen" is no key of the first two rows, which have rarer words.
    assert not any(a < 2 <= b for a, b in pair_set(word_pair_keys(words=2).pairs(records)))


def test_identifiers_are_compared_in_canonical_form():
    numbers = ["4006381333931", "4006381333931", "04006381333931", None, "9781234567897", "x"]
    records = prepared({"title": ["a b"] * 6, "gtin": numbers}, 2)
    blocker = identifier_keys("gtin")
    assert blocker.name == "identifier:gtin"
    assert pair_set(blocker.pairs(records)) == {(0, 2), (1, 2)}
    with pytest.raises(ValueError, match="'title' is no identifier"):
        identifier_keys("title").pairs(records)


def test_the_blockers_of_a_catalog():
    n = 60
    columns = {
        "title": [f"{WORDS[k % 10]} {WORDS[k % 7]} number{k}" for k in range(n)],
        "gtin": [f"A{k // 2}" for k in range(n)],
    }
    names = [blocker.name for blocker in key_blockers(prepared(columns))]
    assert names == [
        "identifier:gtin", "codes", "equal title", "rare words", "rare word pairs",
    ]  # fmt: skip
    # An identifier shared by too many rows is no key; one shared by none has nothing to say.
    for numbers in (["A1"] * 30 + ["A2"] * 30, [f"A{k}" for k in range(n)]):
        names = [b.name for b in key_blockers(prepared({**columns, "gtin": numbers}))]
        assert "identifier:gtin" not in names


def test_catalogs_with_little_in_them():
    for columns in ({"price": ["1", "2"]}, {"title": [None, None]}, {"title": ["a"]}):
        records = prepared(columns)
        for blocker in key_blockers(records):
            left, right = blocker.pairs(records)
            assert len(left) == len(right) == 0


def test_long_descriptions_give_no_word_pairs():
    words = [f"word{k}" for k in range(40)]
    records = prepared({"title": ["red pen box", "red pen lamp"], "category": ["a", "b"]})
    assert "rare word pairs" in [b.name for b in key_blockers(records)]
    described = prepared({"title": [" ".join(words), " ".join(words[::-1])]})
    assert "rare word pairs of title" in [b.name for b in key_blockers(described)]


# ---- blocks that are too large


def assert_bounded(left: np.ndarray, right: np.ndarray, most: int) -> None:
    degree = Counter(left.tolist()) + Counter(right.tolist())
    assert max(degree.values()) <= most


def test_an_oversize_block_is_parted_by_words_then_price_then_category():
    n = 240
    rng = np.random.default_rng(0)
    group = rng.integers(0, 40, n)
    records = prepared(
        {
            "title": [
                f"zz1234 item {'abcdefghij'[g % 10] * 4} {'klmnop'[g % 6] * 4}" for g in group
            ],
            "price": [f"{2.0 ** (g % 5):.2f}" for g in group],
            "category": [f"kind {g % 4}" for g in group],
        }
    )
    blocker = code_keys(partners=12)
    left, right = blocker.pairs(records)
    assert (left < right).all()
    found = pair_set((left, right))
    same = {(a, b) for a, b in combinations(range(n), 2) if group[a] == group[b]}
    assert len(found & same) / len(same) > 0.95
    assert len(found) < n * 60
    first = next(note for note in blocker.largest_blocks if note.treatment == "re-keyed")
    assert first.name.startswith('code "zz1234"')
    assert first.rows == n
    assert first.pairs == n * (n - 1) // 2


@pytest.mark.parametrize("linked", [False, True])
def test_what_cannot_be_parted_is_cut_and_named(linked):
    n = 200
    records = prepared({"title": ["same pen zz1234"] * n}, n // 2 if linked else None)
    blocker = equal_text_keys("title", partners=10)
    left, right = blocker.pairs(records)
    assert len(left) > 0
    assert_bounded(left, right, 10)
    if linked:
        assert (left < n // 2).all()
        assert (right >= n // 2).all()
    else:
        assert set(left.tolist()) | set(right.tolist()) == set(range(n))
    note = blocker.largest_blocks[0]
    assert note.treatment == "cut"
    assert note.name == 'title "same pen zz1234"'
    assert note.rows == n
    assert note.kept == len(left) < note.pairs


def test_a_cut_block_pairs_neighbours_in_order_of_text():
    shared = [f"zz1234 {k:03d}xa" for k in range(100)]
    order = np.random.default_rng(1).permutation(100)
    records = prepared({"title": [shared[k] for k in order]})
    left, right = code_keys(partners=4).pairs(records)
    distance = np.abs(order[left] - order[right])
    assert set(distance.tolist()) == {1, 2}


def test_names_tell_how_a_block_was_parted():
    titles = [f"zz1234 {'red' if k % 2 else 'blue'} pen" for k in range(80)]
    records = prepared({"title": titles, "price": ["10.00"] * 80})
    blocker = code_keys(partners=6)
    blocker.pairs(records)
    cut = [note for note in blocker.largest_blocks if note.treatment == "cut"]
    assert {note.name for note in cut} == {
        'code "zz1234" + word "red"', 'code "zz1234" + word "blue"',
    }  # fmt: skip
    assert all(note.rows == 40 for note in cut)


def test_a_row_without_the_further_attribute_stays_with_its_like():
    entries = Entries(np.zeros(8, np.int32), np.arange(8, dtype=np.int32), lambda key: "k")
    terms = np.array([[0], [0], [0], [1], [1], [-1], [-1], [-1]], np.int32)
    refiner = Refiner("size", terms, lambda term: f"size {term}")
    left, right, notes = block_pairs(entries, 8, 8, 3, lambda: [refiner], lambda: np.arange(8))
    expected = {(0, 1), (0, 2), (1, 2), (3, 4), (5, 6), (5, 7), (6, 7)}
    assert pair_set((left, right)) == expected
    assert [(note.name, note.treatment) for note in notes] == [("k", "re-keyed")]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=60),
    st.integers(1, 5),
    st.booleans(),
)
def test_pairs_are_always_in_order_across_the_sides_and_bounded(rows, partners, linked):
    n = len(rows)
    n_left = n // 2 if linked else n
    entries = Entries(
        np.array([key for key, _ in rows], np.int32), np.arange(n, dtype=np.int32), str
    )
    refiner = Refiner("x", np.array([[term] for _, term in rows], np.int32), str)
    left, right, _ = block_pairs(
        entries, n, n_left, partners, lambda: [refiner], lambda: np.arange(n)[::-1]
    )
    assert (left < right).all()
    if n_left < n:
        assert (left < n_left).all()
        assert (right >= n_left).all()
    assert all(rows[a][0] == rows[b][0] for a, b in zip(left, right, strict=True))
    if len(left):
        # A row is in one block a level here, and in no more than two levels.
        assert_bounded(left, right, max(2, partners))


def test_partners_out_of_range():
    with pytest.raises(ValueError, match="partners"):
        KeyBlocker("x", lambda records: None, 0)


def test_blockers_are_fast_enough_for_large_tables():
    """Linear in rows: a quadratic step would take minutes here."""
    n = 60_000
    rng = np.random.default_rng(0)
    columns = {
        "title": [
            f"brand{a} zz1234 item {b} {c}"
            for a, b, c in zip(
                rng.integers(0, 20, n),
                rng.integers(0, 9000, n),
                rng.integers(0, 300, n),
                strict=True,
            )
        ]
    }
    records = prepared(columns)
    for blocker in key_blockers(records):
        left, _ = blocker.pairs(records)
        assert len(left) < 60 * n
