"""Hand-written pairs of titles: what each extracted attribute says of them.

Agree, differ or unknown; unknown wherever a side does not state the attribute.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from features.compare.comparer import Comparer
from features.kinds import Kind
from features.prepare import prepare
from features.records import Records

AGREE, DIFFER, UNKNOWN = "agree", "differ", "unknown"
#: Attribute -> the feature that tells of it.
FEATURE = {
    "colour": "colours:agreement",
    "size": "sizes:agreement",
    "quantity": "quantities:agreement",
    "code": "codes:best_ratio",
    "number": "numbers:agreement",
    "edition": "editions:agreement",
}

PAIRS = [
    # apparel
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt, red, X-Large", "colour", AGREE),
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt, red, X-Large", "size", AGREE),
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt, navy, M", "colour", DIFFER),
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt, navy, M", "size", DIFFER),
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt", "colour", UNKNOWN),
    ("Crewneck T-Shirt Red XL", "Crewneck T-Shirt", "size", UNKNOWN),
    ("Hoodie Grey 2XL", "Hoodie Gray XXL", "colour", AGREE),
    ("Hoodie Grey 2XL", "Hoodie Gray XXL", "size", AGREE),
    ("Hoodie 2X-Large", "Hoodie XXL", "size", AGREE),
    ("Hoodie Extra Small", "Hoodie XS", "size", AGREE),
    ("Hoodie Extra Large", "Hoodie Large", "size", DIFFER),
    ("Hoodie Blk", "Hoodie Black", "colour", AGREE),
    ("Hoodie Wht", "Hoodie Black", "colour", DIFFER),
    ("Polo Navy", "Polo Blue", "colour", AGREE),
    ("Polo Burgundy", "Polo Green", "colour", DIFFER),
    ("Jacket Women's", "Jacket Ladies", "edition", AGREE),
    ("Jacket Women's", "Jacket Men's", "edition", DIFFER),
    ("Jacket Kids", "Jacket", "edition", UNKNOWN),
    ("Redmond Shirt", "Red Shirt", "colour", UNKNOWN),
    # shoes
    ("Runner 3 Trainers White EU 42", "Runner 3 Trainers White 42", "colour", AGREE),
    ("Runner 3 Trainers EU 42", "Runner 3 Trainers 42", "number", AGREE),
    ("Runner Trainers EU 42", "Runner Trainers EU 43", "number", DIFFER),
    ("Runner Trainers EU 42", "Runner Trainers", "number", UNKNOWN),
    ("Boots Brown", "Boots Tan", "colour", AGREE),
    ("Boots Brown", "Boots Black", "colour", DIFFER),
    # electronics
    ("Galaxy S21 128GB Black", "Galaxy S21 128 GB", "quantity", AGREE),
    ("Galaxy S21 64GB", "Galaxy S21 128GB", "quantity", DIFFER),
    ("Galaxy S21 64GB", "Galaxy S21", "quantity", UNKNOWN),
    ("Galaxy A12", "Galaxy A12s", "number", DIFFER),
    ("Galaxy A12", "Galaxy A12", "number", AGREE),
    ("Galaxy A12", "Galaxy", "number", UNKNOWN),
    ("SSD 1TB", "SSD 1000 GB", "quantity", AGREE),
    ("SSD 1TB", "SSD 2 TB", "quantity", DIFFER),
    ("Camera DSC-W55", "Camera DSCW55", "code", AGREE),
    ("Camera DSC-W55", "Sony DSC-W120", "code", DIFFER),
    ("Camera DSC-W55", "Camera", "code", UNKNOWN),
    ("Headset ft884", "Headset FT-884", "code", AGREE),
    ("Power adapter 65W", "Power adapter 65 watt", "quantity", AGREE),
    ("Power adapter 65W", "Power adapter 90 W", "quantity", DIFFER),
    ("Office Student Edition", "Office Academic", "edition", AGREE),
    ("Office Professional", "Office Home", "edition", DIFFER),
    ("Phone 13 Pro", "Phone 13 Professional", "edition", AGREE),
    ("Phone 13 Pro", "Phone 13", "edition", UNKNOWN),
    ("Camera 4GB kit", "Camera 16 megapixel kit", "quantity", UNKNOWN),
    # groceries with packs
    ("Cola 6 x 330 ml", "Cola 330 ml", "quantity", DIFFER),
    ("Cola 6 x 330 ml", "Cola 6x330ml", "quantity", AGREE),
    ("Cola 6 x 330 ml", "Cola 1.98 L", "quantity", AGREE),
    ("Cola 0.5 L", "Cola 500 ml", "quantity", AGREE),
    ("Cola 0,5 l", "Cola 50 cl", "quantity", AGREE),
    ("Cola 0.5 L", "Cola 1 L", "quantity", DIFFER),
    ("Coffee 500 g (pack of 4)", "Coffee 500 g", "quantity", DIFFER),
    ("Coffee 500 g (pack of 4)", "Coffee 4 x 500 g", "quantity", AGREE),
    ("Coffee 1 kg", "Coffee 1000 g", "quantity", AGREE),
    ("Coffee 250 g", "Coffee 0.25 kg", "quantity", AGREE),
    ("Coffee 250 g", "Coffee", "quantity", UNKNOWN),
    ("Tea 50 bags", "Tea 50 bags 100 g", "quantity", AGREE),
    ("Soap 16.9 oz", "Soap 479 g", "quantity", AGREE),
    ("Juice 12x1000ml", "Juice 12 x 1 L", "quantity", AGREE),
    # furniture
    ("Rug 170 x 120 cm", "Rug 170x120cm", "quantity", AGREE),
    ("Rug 170 x 120 cm", "Rug 200 x 140 cm", "quantity", DIFFER),
    ("Table Walnut", "Table Oak", "colour", UNKNOWN),
    ("Table White 120cm", "Table White 47 in", "colour", AGREE),
    ("Shelf 80 cm", "Shelf 800 mm", "quantity", AGREE),
    ("Shelf 80 cm", "Shelf 120 cm", "quantity", DIFFER),
    ("Sofa Grey", "Sofa", "colour", UNKNOWN),
    # cosmetics
    ("Foundation Ivory 30ml", "Foundation Pearl 30 ml", "colour", AGREE),
    ("Foundation Ivory 30ml", "Foundation Sand 30 ml", "colour", DIFFER),
    ("Foundation Ivory 30ml", "Foundation Sand 30 ml", "quantity", AGREE),
    ("Lipstick Crimson", "Lipstick Ruby", "colour", AGREE),
    ("Lipstick Plum", "Lipstick Coral", "colour", DIFFER),
    ("Cream 50 ml", "Cream 5 cl", "quantity", AGREE),
    ("Cream 50 ml", "Cream 75 ml", "quantity", DIFFER),
    ("Sun milk SPF 30", "Sun milk SPF 50", "number", DIFFER),
]


@cache
def verdicts() -> list[str]:
    """What the feature of each pair says, all compared in one table."""
    titles = [title for one, two, _, _ in PAIRS for title in (one, two)]
    table = pa.table({"title": pa.array(titles)})
    ids = np.array([str(k) for k in range(len(titles))], object)
    kinds = {"title": Kind.TEXT}
    prepared = prepare(Records(ids, table, np.zeros(len(titles), np.int8), kinds))
    comparer = Comparer(prepared)
    left = np.arange(0, len(titles), 2)
    matrix = comparer.compare(left, left + 1)
    found = []
    for row, (_, _, attribute, _) in zip(matrix, PAIRS, strict=True):
        value = row[comparer.names.index(FEATURE[attribute])]
        found.append(UNKNOWN if np.isnan(value) else AGREE if value == 1 else DIFFER)
    return found


def test_there_are_enough_pairs_of_every_sort() -> None:
    assert len(PAIRS) >= 60
    assert {p[2] for p in PAIRS} == set(FEATURE)
    assert {p[3] for p in PAIRS} == {AGREE, DIFFER, UNKNOWN}


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=lambda k: " ~ ".join(PAIRS[k][:3]))
def test_extracted_attributes(number: int) -> None:
    assert verdicts()[number] == PAIRS[number][3]
