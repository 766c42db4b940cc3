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

from rendered_page import write_or_check
from scale_bench.page import render_scale

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    """Parses arguments, renders the page, and writes or compares it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if page and JSON drift")
    parser.add_argument("--json", type=Path, default=DOCS / "scale.json", metavar="FILE")
    parser.add_argument("--page", type=Path, default=DOCS / "scale.md", metavar="FILE")
    given = parser.parse_args()
    text = render_scale(json.loads(given.json.read_text(encoding="utf-8")))
    return write_or_check(
        text, given.page, given.json, check=given.check, script="scripts/make_scale.py"
    )


if __name__ == "__main__":
    sys.exit(main())
