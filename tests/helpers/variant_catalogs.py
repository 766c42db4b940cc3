"""Small catalogs of variants with known groups, for the tests of grouping."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST = "Oslo Trek Yoga Peak Lake Dune Mira Nora Vega Luna Stella Kira Tara Alma Rosa Bella".split()
THINGS = "hoodie jacket tank shirt short polo skirt dress parka vest".split()
ENGLISH = ["Red", "Navy", "Black", "Green", "White"]
GERMAN = ["Rot", "Dunkelblau", "Schwarz", "Hellgrün", "Weiß"]
SIZES = ["S", "M", "L", "XL"]


def variant_catalog(
    *, disciplined: bool, colours: list[str] = ENGLISH, products: int = 60, seed: int = 3
) -> tuple[pd.DataFrame, pd.Series]:
    """Products in some colours and sizes, shuffled, and the product of each id.

    Args:
        disciplined: whether all variants have the same title; otherwise it mentions the variant.
        colours: the colours' names.
        products: number of products.
        seed: of the choice of variants and of the order.
    """
    rng = np.random.default_rng(seed)
    names = [f"{a} {b} {t}" for t in THINGS for a in FIRST for b in ("", "Pro") if a]
    rows = []
    for number, name in enumerate(rng.choice(names, products, replace=False)):
        name = " ".join(name.split())
        chosen = rng.choice(len(colours), rng.integers(2, len(colours)), replace=False)
        price = round(float(rng.lognormal(3.5, 0.4)), 2)
        for colour in chosen:
            for size in SIZES[: int(rng.integers(2, 5))]:
                title = name if disciplined else f"{name} - {colours[colour]}, {size}"
                rows.append((number, title, name.split()[-1], colours[colour], size, str(price)))
    table = pd.DataFrame(rows, columns=["product", "title", "type", "colour", "size", "price"])
    table = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
    table.insert(0, "id", [f"v{k}" for k in range(len(table))])
    truth = table.set_index("id")["product"]
    return table.drop(columns="product"), truth
