"""The model of exact matches: records match whose stated values are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from catalogs import session_of

from linkage.training.unsupervised.exact_match import start_from_exact_matches

ROWS = {
    "base": ("red shoe", "9.99", "Acme"),
    "same": ("Red  Shoe", "9.99", "acme"),
    "gap": ("red shoe", "", "Acme"),
    "other price": ("red shoe", "12.99", "Acme"),
    "other brand": ("red shoe", "9.99", "Zeta"),
    "other title": ("blue hat", "9.99", "Acme"),
    "no title": ("", "9.99", "Acme"),
}


@pytest.mark.parametrize("other", [name for name in ROWS if name != "base"])
def test_records_match_whose_stated_values_are_equal(other: str) -> None:
    table = pd.DataFrame(list(ROWS.values()), columns=["title", "price", "brand"])
    session = session_of(table.assign(id=list(ROWS)))
    ids = session.records.ids.tolist()
    rows = np.array([sorted([ids.index("base"), ids.index(other)])], np.int32)
    compared = session.compare(rows[:, 0], rows[:, 1], "Compare")
    model = start_from_exact_matches(compared, "Why.")
    match = model.probability(compared.matrix, compared.fold) >= model.threshold
    assert match.tolist() == [other in ("same", "gap")]
    assert model.training.notes == ("Why. Give labels, or a larger table.",)
