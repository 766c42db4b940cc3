"""A crowd of duplicates planted in a catalog: other rows must not part them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["IDS", "NUMBER", "clusters_of_crowd", "plant_crowd"]

#: Duplicates: more than a record's usual number of candidates.
NUMBER = 28
IDS = [f"crowd{k:02d}" for k in range(NUMBER)]
_TITLE = "Halvorsen Quillfeather desk lamp QF-7720 brass"
_WORDS = ("free shipping", "new", "boxed", "top seller", "original", "2 year warranty", "")


def plant_crowd(table: pa.Table, seed: int = 0) -> pd.DataFrame:
    """The rows of a generated catalog with offers of one further product among them.

    Args:
        table: a catalog with the columns id, title, brand, colour, price, gtin and mpn.
        seed: of what differs between the offers: a further word in the title, the price, and
            which of them lack the trade number.
    """
    random = np.random.default_rng(seed)
    rows = []
    for id_ in IDS:
        rows.append(
            {
                "id": id_,
                "title": f"{_TITLE} {random.choice(_WORDS)}".strip(),
                "brand": "Halvorsen",
                "colour": "brass",
                "price": f"{89 + random.integers(0, 3)}.90",
                "gtin": "4006381333931" if random.random() < 0.7 else None,
                "mpn": "QF-7720",
            }
        )
    whole = pd.concat([table.to_pandas(), pd.DataFrame(rows)], ignore_index=True)
    return whole.sample(frac=1, random_state=seed, ignore_index=True)


def clusters_of_crowd(clusters: pd.DataFrame) -> list[int]:
    """How many of the planted offers each cluster has that has any, most first."""
    named = clusters.set_index("id")["cluster_id"]
    return named.loc[IDS].value_counts().tolist()
