#!/usr/bin/env python3
"""Measures the candidate pairs of a catalog, and draws labels from them; runs in its own process.

Usage: ``candidates.py CATALOG_FOLDER OUT.json --labels LABELS.csv --number 2000 --quality auto``
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from linkage import Config, read_table
from linkage.config.resolved import resolve_config
from linkage.io.reading import build_records
from linkage.runtime import StepLog
from linkage.scoring.session import Session
from scale_bench.judging import entities, true_pairs


def main() -> None:
    """Parses the command line, and writes the figures and the labels."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--quality", required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    records = build_records(read_table(given.folder / "catalog.csv"))
    resolved = resolve_config(Config(quality=given.quality), records)
    found = Session(records, resolved, StepLog()).candidates
    entity = entities(given.folder, "exact", records.ids)
    same = entity[found.left] == entity[found.right]
    figures = {
        "pairs": len(found),
        "per_record": round(len(found) / records.n, 2),
        "recall": round(int(same.sum()) / max(true_pairs(entity), 1), 4),
    }
    given.out.write_text(json.dumps(figures), encoding="utf-8")
    drawn = np.random.default_rng(given.seed).choice(
        len(found), min(given.number, len(found)), replace=False
    )
    labels = pd.DataFrame(
        {
            "left_id": records.ids[found.left[drawn]],
            "right_id": records.ids[found.right[drawn]],
            "label": same[drawn].astype(int),
        }
    )
    labels.to_csv(given.labels, index=False)


if __name__ == "__main__":
    main()
