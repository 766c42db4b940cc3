"""Make a catalog with its truth, and write it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .columns import make_columns, make_gtins
from .lexicon import load_lexicon
from .offers import make_offers
from .sellers import assign_sellers, make_sellers
from .texts import draw, join, order, pick, random_ids
from .titles import make_titles
from .universe import Universe, make_universe

__all__ = ["Catalog", "Options", "make_catalog", "write_catalog"]

# Probabilities that an item has 1, 2, ... offers: 2.2 on average.
OFFERS_EACH = (0.45, 0.25, 0.13, 0.07, 0.045, 0.03, 0.015, 0.01)
# Names of the columns in each layout.
COLUMNS = {
    "id": "id",
    "seller": "haendler",
    "title": "titel",
    "description": "beschreibung",
    "brand": "marke",
    "category": "warengruppe",
    "colour": "farbe",
    "size": "groesse",
    "price": "preis",
    "gtin": "ean",
    "mpn": "herstellernummer",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What catalog to make.

    Attributes:
        rows: Number of offers, at least 1.
        seed: Seed; the same options give the same bytes.
        identifiers: Whether there are columns of GTINs and manufacturers' part numbers.
        missing_gtin: Share of offers without a GTIN, most of them of sellers that never give one.
        wrong_gtin: Share of the GTINs that are another item's or mistyped.
        layout: ``en`` or ``de``: names of the columns, words, and the way of writing numbers.
    """

    rows: int = 3000
    seed: int = 7
    identifiers: bool = True
    missing_gtin: float = 0.35
    wrong_gtin: float = 0.03
    layout: str = "en"

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if self.rows < 1:
            raise ValueError(f"rows must be at least 1, got {self.rows}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        for name in ("missing_gtin", "wrong_gtin"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1, got {getattr(self, name)}")
        if self.layout not in ("en", "de"):
            raise ValueError(f"layout must be en or de, got {self.layout!r}")


@dataclass(frozen=True)
class Catalog:
    """A catalog and its truth; all have the same rows in the same order.

    Attributes:
        table: The offers, all columns text.
        truth: ``id, entity_id`` of the exact entities: one product in one colour and size.
        truth_variant: ``id, entity_id`` of the products, whatever their colour and size.
        decidable: Whether a row tells, or has a right GTIN for, what sets it apart from siblings.
    """

    table: pa.Table
    truth: pa.Table
    truth_variant: pa.Table
    decidable: np.ndarray


def make_catalog(options: Options) -> Catalog:
    """Make a catalog; the same options always give the same one."""
    rng = np.random.default_rng([options.seed, options.rows])
    universe, item = _stock(options, rng)
    lexicon, product = universe.lexicon, universe.items.product[item]
    department = np.array([kind.department for kind in lexicon.kinds])
    sellers = make_sellers(lexicon, options.rows, rng)
    seller = assign_sellers(sellers, item, department[universe.products.kind[product]], rng)
    offers = make_offers(universe, sellers, item, seller, rng)
    columns = {
        "seller": pick(sellers.names, seller),
        "title": make_titles(universe, offers, rng),
        **make_columns(universe, offers, options.layout, rng),
    }
    columns["mpn"] = columns.pop("part_number")
    gtin = make_gtins(universe, offers, options.missing_gtin, options.wrong_gtin, rng)
    columns["gtin"] = gtin.written

    shuffled = order(rng.random(options.rows))
    columns = {name: column.take(pa.array(shuffled)) for name, column in columns.items()}
    columns["id"] = random_ids(rng, options.rows, "o")
    kept = [name for name in COLUMNS if options.identifiers or name not in ("gtin", "mpn")]
    names = [COLUMNS[name] if options.layout == "de" else name for name in kept]
    return Catalog(
        table=pa.table([columns[name] for name in kept], names=names),
        truth=_truth(columns["id"], item[shuffled], "e", rng),
        truth_variant=_truth(columns["id"], product[shuffled], "v", rng),
        decidable=(offers.told | (gtin.right & options.identifiers))[shuffled],
    )


def _stock(options: Options, rng: np.random.Generator) -> tuple[Universe, np.ndarray]:
    """Make enough products, and return the item of every offer."""
    lexicon = load_lexicon(options.layout)
    size = 12 + options.rows // 5
    while True:
        universe = make_universe(lexicon, size, rng)
        offers = 1 + draw(rng, OFFERS_EACH, len(universe.items.product))
        if offers.sum() >= options.rows:
            return universe, np.repeat(np.arange(len(offers)), offers)[: options.rows]
        size *= 2


def _truth(ids: pa.Array, group: np.ndarray, prefix: str, rng: np.random.Generator) -> pa.Table:
    """Return the truth of a grouping under random names."""
    names = random_ids(rng, int(group.max()) + 1, prefix)
    return pa.table({"id": ids, "entity_id": names.take(pa.array(group))})


def write_catalog(catalog: Catalog, folder: Path, file_format: str = "csv") -> list[Path]:
    """Write a catalog and its truth into a folder, which is made if need be.

    Args:
        catalog: What to write.
        folder: Where to.
        file_format: ``csv`` or ``parquet``, for the catalog; the truth is always CSV.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"catalog.{file_format}", folder / "truth.csv", folder / "truth_variant.csv"]
    if file_format == "parquet":
        pq.write_table(catalog.table, files[0])
    else:
        _write_csv(catalog.table, files[0])
    _write_csv(catalog.truth, files[1])
    _write_csv(catalog.truth_variant, files[2])
    return files


def _write_csv(table: pa.Table, file: Path) -> None:
    """Write RFC 4180 with as few quotes as possible; a missing value is an empty field."""
    columns = [_quoted(column.combine_chunks()) for column in table.columns]
    lines = pc.binary_join_element_wise(*columns, ",", null_handling="replace")
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(table.column_names) + "\n")
        for first in range(0, len(lines), 1 << 16):
            out.write("\n".join(lines[first : first + (1 << 16)].to_pylist()) + "\n")


def _quoted(texts: pa.Array) -> pa.Array:
    """Quote the fields that hold a comma, a quote or a line end."""
    quoted = join('"', pc.replace_substring(texts, '"', '""'), '"', skip=False)
    return pc.if_else(pc.match_substring_regex(texts, '[,"\r\n]'), quoted, texts)
