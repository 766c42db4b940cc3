#!/usr/bin/env python3
"""Renders docs/scale.md from docs/scale.json, the figures of `scripts/bench_scale`.

With ``--check`` nothing is written, and the exit code says whether the page is what the JSON says.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scale_bench.page import render_scale

from linkage.output import write_file, write_text

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    """Parses arguments, renders the page, and writes or compares it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if page and JSON drift")
    parser.add_argument("--json", type=Path, default=DOCS / "scale.json", metavar="FILE")
    parser.add_argument("--page", type=Path, default=DOCS / "scale.md", metavar="FILE")
    given = parser.parse_args()
    page = render_scale(json.loads(given.json.read_text(encoding="utf-8")))
    if not given.check:
        write_file(given.page, write_text(page), force=True)
    elif not given.page.exists() or given.page.read_text(encoding="utf-8") != page:
        print(f"error: {given.page} is not what {given.json} says.", file=sys.stderr)
        print("  Run scripts/make_scale.py and commit what it writes.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
