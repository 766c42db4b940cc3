"""Offers of four shops, grouped by hand: what golden records are made of.

Of the four shops ``gamma`` mistypes trade numbers and quotes dollars, ``beta`` writes litres, and
``delta`` is brief. ``article`` and ``style`` name the clusters of both match definitions.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.golden.source import GoldenSource

__all__ = ["KINDS", "golden_source", "offers"]

_OFFERS = Path(__file__).resolve().parents[2] / "examples" / "offers.csv"
#: What the columns hold, as a run would have it.
KINDS = {
    "updated": "date", "title": "text", "brand": "name", "color": "category", "size": "category",
    "pack": "number", "content": "number", "unit": "category", "weight": "quantity",
    "gtin": "identifier", "price": "price", "currency": "category", "stars": "number",
    "tags": "category", "warranty": "name", "description": "text",
}  # fmt: skip


def offers() -> pd.DataFrame:
    """The offers, all text; ``article`` and ``style`` name their clusters."""
    return pd.read_csv(_OFFERS, dtype=str)


def golden_source(frame: pd.DataFrame | None = None, **golden: object) -> GoldenSource:
    """The offers and their clusters as a run has them.

    Args:
        frame: as `offers`, rows in any order.
        golden: the section ``[golden]``.
    """
    frame = offers() if frame is None else frame
    run = {
        "config": {"catalog": {"id": "id", "source": "shop"}, "attributes": KINDS},
        "definitions": {"exact": {"ignore": []}, "variant": {"ignore": ["color", "size"]}},
    }
    clusters = frame[["id"]].assign(exact_id=frame["article"], variant_id=frame["style"])
    table = pa.Table.from_pandas(frame.drop(columns=["article", "style"]), preserve_index=False)
    config = Config.from_dict({"golden": golden, "catalog": {"id": "id", "source": "shop"}})
    return GoldenSource.of([table], clusters, clusters["id"].to_numpy(object), run, config)  # type: ignore[arg-type]
