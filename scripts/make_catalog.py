#!/usr/bin/env python3
"""Make a catalog of product offers with known truth.

Writes ``catalog.csv`` or ``catalog.parquet``, ``truth.csv`` (the same sellable product) and
``truth_variant.csv`` (the same product whatever its colour and size) into a folder.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from catalog_generator import Options, make_catalog, write_catalog


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, make the catalog, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000, help="number of offers (3000)")
    parser.add_argument("--seed", type=int, default=7, help="seed (7)")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--no-identifiers", action="store_true", help="no columns gtin and mpn")
    parser.add_argument("--wrong-gtin", type=float, default=0.03, help="share of GTINs (0.03)")
    parser.add_argument("--missing-gtin", type=float, default=0.35, help="share of rows (0.35)")
    parser.add_argument("--layout", choices=("en", "de"), default="en", help="language (en)")
    given = parser.parse_args(arguments)
    try:
        options = Options(
            rows=given.rows,
            seed=given.seed,
            identifiers=not given.no_identifiers,
            missing_gtin=given.missing_gtin,
            wrong_gtin=given.wrong_gtin,
            layout=given.layout,
        )
    except ValueError as error:
        parser.error(str(error))
    for file in write_catalog(make_catalog(options), given.out, given.format):
        print(file)


if __name__ == "__main__":
    main()
