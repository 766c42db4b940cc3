"""A crowd of duplicates planted in a catalog: other rows must not part them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["IDS", "NUMBER", "clusters_of_crowd", "plant_crowd"]

#: Duplicates: more than a record's usual number of candidates.
NUMBER = 28
IDS = [f"crowd{k:02d}" for k in range(NUMBER)]
_TITLE = "Halvorsen Quillfeather desk lamp QF-7720 brass".split()
_WORDS = ("free shipping", "new", "boxed", "top seller", "original", "2 year warranty", "")


def plant_crowd(table: pa.Table, seed: int = 0) -> pd.DataFrame:
    """The rows of a generated catalog with offers of one further product among them.

    Args:
        table: a catalog with the columns id, title, brand and price.
        seed: of what differs between the offers: a swapped pair of words, a further word, the
            price, whether the brand is given.
    """
    random = np.random.default_rng(seed)
    rows = []
    for id_ in IDS:
        words = list(_TITLE)
        at = int(random.integers(len(words) - 1))
        words[at], words[at + 1] = words[at + 1], words[at]
        words.append(str(random.choice(_WORDS)))
        rows.append(
            {
                "id": id_,
                "title": " ".join(words).strip(),
                "brand": "Halvorsen" if random.random() < 0.7 else None,
                "price": f"{89 + random.integers(0, 6)}.90",
            }
        )
    whole = pd.concat([table.to_pandas(), pd.DataFrame(rows)], ignore_index=True)
    return whole.sample(frac=1, random_state=seed, ignore_index=True)


def clusters_of_crowd(clusters: pd.DataFrame) -> list[int]:
    """How many of the planted offers each cluster has that has any, most first."""
    named = clusters.set_index("id")["cluster_id"]
    return named.loc[IDS].value_counts().tolist()
