#!/usr/bin/env python3
"""Time and size of the report of a large run.

A catalog of offers is generated and deduplicated with ``quality = fast`` under two match
definitions, without labels; then its report is written. Prints seconds and megabytes, and fails
past the limits.

Usage: ``scripts/bench_report.py [--rows 100000]``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from catalog_generator.catalog import Options, make_catalog

from linkage import Config, Linker
from linkage.io.reading import from_frame

#: A report that takes longer, or is larger, is of no use to somebody who waits for it.
SECONDS, MEGABYTES = 20.0, 5.0


def main() -> int:
    """Parses arguments, makes the run, and times its report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    table = from_frame(make_catalog(Options(rows=given.rows)).table)
    config = {"quality": "fast", "match": {"exact": {}, "variant": {"ignore": ["colour", "size"]}}}
    result = Linker(Config.from_dict(config)).match(table)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        begun = time.perf_counter()
        result.report(page)
        seconds = time.perf_counter() - begun
        size = page.stat().st_size / 1e6
    print(
        f"{given.rows:,} records, {len(result.pairs):,} pairs: "
        f"report in {seconds:.1f} s, {size:.2f} MB"
    )
    return 0 if seconds <= SECONDS and size <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
