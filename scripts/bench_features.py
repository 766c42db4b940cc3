#!/usr/bin/env python3
"""Prints how many pairs a second a core each feature group compares, and its share of the time.

Pairs are candidates of the blocking plan; times are CPU seconds of one thread, so that a busy
machine distorts them little. Compilation and preparation of the records are left out. The default
set is that of quality ``balanced``: strings, static embeddings and, between two tables, context.

Usage: ``scripts/bench_features.py [--pairs 100000] [--rows 20000] [--catalogs NAME ...]``
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmark_data import data_folder
from catalog_generator import Options, make_catalog

from blocking.context import context_feature_groups
from blocking.plan import build_plan, record_budgets
from features.compare.comparer import Comparer
from features.compare.feature_groups import FeatureGroup
from features.embeddings.text_vectors import STATIC, Embedder
from features.feature_names import measure_of, owner_of
from features.prepare import PreparedRecords, prepare
from features.records import Records
from linkage import read_table
from linkage.io.reading import build_records, from_frame

#: Tables of product titles, and of long descriptions; only the first is made, not read.
TITLES = ("generated", "amazon-google", "walmart-amazon")
DESCRIPTIONS = ("abt-buy", "wdc-products")
#: Pairs a second a core that the whole set must reach on either.
TARGETS = {"titles": 50_000, "descriptions": 10_000}
_CANDIDATES = 20
_MOST_CANDIDATES = 200
_CHUNK = 50_000


@dataclass(frozen=True)
class Timing:
    """CPU seconds that one group took for so many pairs."""

    group: str
    features: int
    seconds: float
    pairs: int

    @property
    def speed(self) -> float:
        """Pairs a second."""
        return self.pairs / max(self.seconds, 1e-9)


def read_records(name: str, rows: int) -> Records:
    """Records of a catalog: generated, or a linkage task of the benchmark data."""
    if name == "generated":
        return build_records(from_frame(make_catalog(Options(rows=rows)).table))
    folder = data_folder() / name
    return build_records(read_table(folder / "left.csv"), read_table(folder / "right.csv"))


def balanced_comparer(records: PreparedRecords, pairs: int) -> tuple[Comparer, np.ndarray]:
    """The comparer of quality ``balanced``, and candidate pairs, shape (2, pairs)."""
    main = records.main
    vectors: dict[str, np.ndarray] = {}
    if main is not None:
        texts = records.records.table.column(main).to_pylist()
        vectors[main] = Embedder(STATIC).embed(texts)
    plan = build_plan(records, vectors=vectors.get(main) if main else None)
    linkage = records.records.is_linkage
    comparer = Comparer(
        records,
        vectors=vectors,
        extra=context_feature_groups(records, plan.spaces) if linkage else (),
        chunk=_CHUNK,
    )
    # More candidates a record where the tables are too small for the pairs wanted.
    budget = _CANDIDATES
    while True:
        candidates = plan.candidates(record_budgets(records, budget))
        if len(candidates) >= pairs or budget >= _MOST_CANDIDATES:
            break
        budget *= 2
    drawn = np.random.default_rng(0).permutation(len(candidates))[:pairs]
    drawn.sort()
    return comparer, np.stack([candidates.left[drawn], candidates.right[drawn]])


def time_groups(comparer: Comparer, pairs: np.ndarray) -> Iterator[Timing]:
    """CPU seconds of each group."""
    left, right = np.ascontiguousarray(pairs, np.int32)
    for group in comparer.groups:
        seconds = time_group(group, left, right)
        yield Timing(name_of(group), len(group.names), seconds, len(left))


def time_group(group: FeatureGroup, left: np.ndarray, right: np.ndarray) -> float:
    """CPU seconds of one thread that a group takes for some pairs, the least of two rounds."""
    group.compare(left[:100], right[:100])
    rounds = []
    for _ in range(2):
        begun = time.process_time()
        for start in range(0, len(left), _CHUNK):
            group.compare(left[start : start + _CHUNK], right[start : start + _CHUNK])
        rounds.append(time.process_time() - begun)
    return min(rounds)


def name_of(group: FeatureGroup) -> str:
    """Kind of a group and the column or facts that it compares."""
    stem, measure = owner_of(group.names[0])[0], measure_of(group.names[0])
    detail = group.names[0] if stem == "context" or measure.startswith("value_") else stem
    return f"{type(group).__name__.removesuffix('Features')} {detail}"


def main() -> int:
    """Parses arguments and times the catalogs; fails where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=100_000, help="pairs compared (100000)")
    parser.add_argument("--rows", type=int, default=20_000, help="rows generated (20000)")
    parser.add_argument("--catalogs", nargs="*", help="those named only")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    found, missed = [], []
    for kind, names in (("titles", TITLES), ("descriptions", DESCRIPTIONS)):
        for name in names:
            if arguments.catalogs and name not in arguments.catalogs:
                continue
            if name != "generated" and not (data_folder() / name).is_dir():
                print(f"{name}: skipped, no such task in {data_folder()}")
                continue
            records = prepare(read_records(name, arguments.rows))
            comparer, pairs = balanced_comparer(records, arguments.pairs)
            timings = list(time_groups(comparer, pairs))
            total = sum(t.seconds for t in timings)
            speed = pairs.shape[1] / total
            words = np.diff(records.words.indptr).mean()
            print(
                f"\n{name} ({kind}): {records.n:,} records of {words:.0f} words, "
                f"{pairs.shape[1]:,} pairs, {len(comparer.names)} features: "
                f"{speed:,.0f} pairs a second a core"
            )
            for timing in sorted(timings, key=lambda t: -t.seconds):
                print(f"  {timing.group:<40}{timing.seconds / total:>7.1%}{timing.speed:>14,.0f}")
                row = {"catalog": name, "kind": kind, "group": timing.group}
                found.append(row | {"seconds": timing.seconds, "pairs": timing.pairs})
            if speed < TARGETS[kind]:
                missed.append(f"{name}: {speed:,.0f} pairs a second, below {TARGETS[kind]:,}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for line in missed:
        print(f"target missed: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
