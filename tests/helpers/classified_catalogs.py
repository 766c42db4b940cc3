"""A readable catalog whose rows have a class, for tests of classification."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["CLASSES", "classified_catalog"]

#: What titles of each class say, and about what they cost.
CLASSES = {
    "Kitchen > Drinking > Mug": (("mug", "cup", "beaker"), 8),
    "Kitchen > Cooking > Pan": (("pan", "skillet", "wok"), 40),
    "Garden > Tools > Spade": (("spade", "shovel"), 25),
    "Garden > Plants > Seeds": (("seeds", "bulbs"), 3),
}
_WORDS = ("blue", "classic", "large", "steel", "light", "pro", "garden", "kitchen")
_BRANDS = ("Alpha", "Borea", "Cetus", "Dorado")


def classified_catalog(rows: int = 200, seed: int = 0) -> pd.DataFrame:
    """Return offers with a title, a brand, a price, a code, a date and their ``product_type``.

    A brand makes mostly one type, prices differ by type, and a tenth of the cells are missing.
    """
    random = np.random.default_rng(seed)
    labels = list(CLASSES)
    code = random.integers(0, len(labels), rows)
    titles, prices = [], []
    for one in code:
        nouns, price = CLASSES[labels[one]]
        words = [*random.choice(_WORDS, 2, replace=False), random.choice(nouns)]
        titles.append(" ".join(words))
        prices.append(f"{price * random.uniform(0.8, 1.25):.2f}")
    own = random.random(rows) < 0.8
    brand = np.where(own, np.array(_BRANDS)[code], random.choice(_BRANDS, rows))
    days = np.datetime64("2025-01-01") + random.integers(0, 300, rows)
    frame = pd.DataFrame(
        {
            "id": [f"r{number}" for number in range(rows)],
            "title": titles,
            "brand": brand,
            "price": prices,
            "sku": [f"{labels[one][:2].upper()}{random.integers(10**6):06d}" for one in code],
            "added": days.astype(str),
            "product_type": np.array(labels)[code],
        },
        dtype=object,
    )
    for name in ("title", "brand", "price", "sku"):
        frame.loc[random.random(rows) < 0.1, name] = None
    return frame
