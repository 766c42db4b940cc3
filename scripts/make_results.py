#!/usr/bin/env python3
"""Renders docs/results.md from docs/results.json, a leaderboard of `linkage challenge`.

With ``--board`` the leaderboard in ``docs/results.json`` is first replaced by another one, and the
further tables (``extra``) that it has are kept. With ``--check`` nothing is written, and the exit
code says whether the page is what the JSON says.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rendered_page import write_or_check

from linkage.challenge.leaderboard_page import render_results
from linkage.io.output import write_file, write_json

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    """Parses arguments, renders the page, and writes or compares it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if page and JSON drift")
    parser.add_argument("--board", type=Path, metavar="FILE", help="leaderboard.json to publish")
    parser.add_argument("--json", type=Path, default=DOCS / "results.json", metavar="FILE")
    parser.add_argument("--page", type=Path, default=DOCS / "results.md", metavar="FILE")
    given = parser.parse_args()
    if given.board is not None:
        board = json.loads(given.board.read_text(encoding="utf-8"))
        if given.json.exists():
            kept = json.loads(given.json.read_text(encoding="utf-8"))
            board = {**board, "extra": kept.get("extra", [])}
        write_file(given.json, write_json(board), force=True)
    text = render_results(json.loads(given.json.read_text(encoding="utf-8")))
    return write_or_check(
        text, given.page, given.json, check=given.check, script="scripts/make_results.py"
    )


if __name__ == "__main__":
    sys.exit(main())
