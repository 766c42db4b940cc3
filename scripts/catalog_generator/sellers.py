"""Sellers: how each writes titles, which columns it fills, and what it never gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lexicon import Lexicon
from .names import Namer
from .texts import draw, order

__all__ = ["Sellers", "assign_sellers", "make_sellers"]

# Traits: possible values and their weights. One value a seller, spread evenly over the sellers.
_TRAITS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "layout": ((0, 1, 2, 3, 4, 5, 6, 7), (3, 2, 2, 2, 1, 1, 1, 1)),
    "variant_layout": ((0, 1, 2, 3, 4, 5, 6, 7), (3, 2, 2, 2, 2, 1, 1, 1)),
    "letter_case": ((0, 1, 2), (8, 1, 1)),
    "noun": ((0, 1, 2), (4, 2, 2)),
    "odd_designator": ((0.05, 0.6), (4, 1)),
    "title_colour": ((0.95, 0.75, 0.02), (7, 3, 1.6)),
    "title_size": ((0.95, 0.75, 0.02), (7, 3, 1.6)),
    "title_brand": ((0.97, 0.75, 0.15), (6, 2, 2)),
    "title_code": ((0.0, 0.5, 1.0), (5, 3, 2)),
    "title_noun": ((0.97, 0.8, 0.5), (5, 3, 2)),
    "title_gender": ((0.9, 0.4, 0.0), (4, 3, 3)),
    "title_features": ((0.0, 0.35, 0.75), (3, 4, 3)),
    "title_spec": ((0.8, 0.2), (1, 1)),
    "title_promo": ((0.0, 0.1, 0.8), (6, 2, 2)),
    "title_number": ((0.0, 1.0), (14, 1)),
    "colour_form": ((0, 1, 2, 3), (4, 2, 2, 2)),
    "column_colour_form": ((0, 1, 2, 3), (5, 2, 1, 1)),
    "size_form": ((0, 1, 2), (4, 3, 2)),
    "column_size_form": ((0, 1, 2), (3, 4, 1)),
    "column_colour": ((0.97, 0.7, 0.0), (5, 2, 4)),
    "column_size": ((0.97, 0.7, 0.0), (5, 2, 4)),
    "column_brand": ((0.99, 0.85, 0.0), (5, 3, 2)),
    "brand_form": ((0, 1, 2, 3), (6, 2, 1, 1)),
    "part_number": ((0.9, 0.55, 0.0), (3, 3, 4)),
    "part_number_form": ((0, 1, 2), (5, 3, 1)),
    "category": ((0, 1, 2, 3, 4), (3, 3, 1, 1, 1)),
    "description": ((0.0, 0.4, 0.85), (3, 4, 3)),
    "description_form": ((0, 1, 2, 3), (3, 2, 2, 1)),
    "price": ((0.98, 0.9, 0.0), (6, 3, 1)),
    "price_level": ((0.94, 1.0, 1.05), (1, 2, 1)),
    "gtin_form": ((0, 1), (8, 1)),
    "slips": ((0.4, 1.0, 2.2), (3, 4, 2)),
}
_REDRAWS = 8


@dataclass(frozen=True)
class Sellers:
    """Names, weights by department, and habits: under each name of a trait one value a seller."""

    names: list[str]
    weights: np.ndarray
    traits: dict[str, np.ndarray]


def make_sellers(lexicon: Lexicon, rows: int, rng: np.random.Generator) -> Sellers:
    """Make some twenty sellers for thousands of rows, sixty for a million.

    Two in five sell everything, the others mostly one or two departments; some are large.
    """
    departments = len(lexicon.departments)
    count = round(10 + 1.5 * rows**0.25)
    index = np.arange(count)
    weights = np.full((departments, count), 0.02)
    for department in range(departments):
        special = (index % departments == department) | (index % (departments - 1) == department)
        weights[department, special | (index % 5 < 2)] = 1.0
    popularity = 1 / (1 + order(rng.random(count))) ** 0.5
    return Sellers(
        names=Namer(lexicon.names, rng).sellers(count, lexicon.words["shops"]),
        weights=weights * popularity,
        traits={name: _spread(*trait, count, rng) for name, trait in _TRAITS.items()},
    )


def _spread(
    values: tuple[float, ...], weights: tuple[float, ...], count: int, rng: np.random.Generator
) -> np.ndarray:
    """Give every seller one of the values, in fixed proportions and random order."""
    cumulative = np.cumsum(weights) / np.sum(weights)
    level = (order(rng.random(count)) + 0.5) / count
    return np.array(values)[np.searchsorted(cumulative, level)]


def assign_sellers(
    sellers: Sellers, item: np.ndarray, department: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Choose the seller of every offer; hardly ever does one offer an item twice."""
    count = len(sellers.names)
    seller = np.zeros(len(item), dtype=np.int64)
    again = np.ones(len(item), dtype=bool)
    for _ in range(_REDRAWS):
        for index, weights in enumerate(sellers.weights):
            rows = np.flatnonzero(again & (department == index))
            seller[rows] = draw(rng, weights, len(rows))
        key = item * count + seller
        sequence = order(key)
        repeated = np.flatnonzero(np.diff(key[sequence]) == 0) + 1
        again[:] = False
        again[sequence[repeated]] = True
    return seller
