#!/usr/bin/env python3
"""Runs the engine without labels on tasks that ignore attributes, and prints what it reaches.

Protocol ``groups``: one table, the task's ``ignore`` list (from its ``task.json``), no other
configuration, no labels; pairwise and B-cubed F1 against ``clusters.csv``. Beside it stands the
best that byte equality of one column reaches. Where the task knows a second level
(``clusters_same_colour.csv``: only the size is ignored), both levels come from one run.

With ``--labels 0.2`` a share of the groups is given as labels (``id, cluster_id``), and figures are
of the records of the other groups alone: without labels, and with them, mean of ``--draws`` draws.

Usage: ``scripts/bench_groups.py [--tasks luma-variants ...] [--without description] [--json FILE]``
or, for a catalog of ``scripts/make_catalog.py``, ``scripts/bench_groups.py --catalog FOLDER``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage import Config, Linker, MatchDefinition, Result, evaluate_clusters, read_table

TASKS = (
    "venia-variants-images", "luma-variants", "shop-feeds-small", "hm-described", "hm-variants",
)  # fmt: skip


def data_folder() -> Path:
    """Folder of the benchmark data: ``LINKAGE_DATA``, by default beside the repository."""
    default = Path(__file__).resolve().parent.parent / "../shared/data"
    return Path(os.environ.get("LINKAGE_DATA", default))


def run_task(folder: Path, without: list[str], quality: str) -> list[dict[str, Any]]:
    """All levels of a task.

    Args:
        folder: the task's folder.
        without: columns to leave out.
        quality: quality of the run.
    """
    ignore = json.loads((folder / "task.json").read_text(encoding="utf-8"))["ignore"]
    truths = {"variant": folder / "clusters.csv"}
    definitions = {"variant": MatchDefinition("variant", tuple(ignore))}
    if (folder / "clusters_same_colour.csv").is_file():
        truths["colour"] = folder / "clusters_same_colour.csv"
        definitions["colour"] = MatchDefinition("colour", ("size",))
    return run_levels(folder.name, folder / "records.csv", definitions, truths, without, quality)


def run_catalog(folder: Path, quality: str) -> list[dict[str, Any]]:
    """The exact and the variant level of a generated catalog."""
    file = next(folder.glob("catalog.*"))
    definitions = {
        "exact": MatchDefinition("exact"),
        "variant": MatchDefinition("variant", ("colour", "size")),
    }
    truths = {"exact": folder / "truth.csv", "variant": folder / "truth_variant.csv"}
    return run_levels(folder.name, file, definitions, truths, [], quality)


def run_levels(
    name: str,
    file: Path,
    definitions: dict[str, MatchDefinition],
    truths: dict[str, Path],
    without: list[str],
    quality: str,
) -> list[dict[str, Any]]:
    """One run with all definitions, and the figures of each."""
    table = read_table(file)
    table = table.drop_columns([c for c in without if c in table.column_names])
    begun = time.perf_counter()
    result = Linker(Config(match=definitions, quality=quality)).match(table)
    seconds = time.perf_counter() - begun
    prefix = {d: "cluster" if len(definitions) == 1 else d for d in definitions}
    rows = []
    for level, truth_file in truths.items():
        truth = pd.read_csv(truth_file, dtype=str).set_index("id").iloc[:, 0]
        wanted = pd.factorize(truth.reindex(result.clusters["id"]))[0]
        metrics = evaluate_clusters(pd.factorize(result.clusters[f"{prefix[level]}_id"])[0], wanted)
        column, equality = best_equality(table, truth)
        rows.append(
            {
                "task": name, "level": level, "f1": metrics.pairwise.f1,
                "precision": metrics.pairwise.precision, "recall": metrics.pairwise.recall,
                "b_cubed_f1": metrics.bcubed_f1, "equality": equality, "equality_column": column,
                "violations": violations(result, [prefix[d] for d in definitions]),
                "seconds": seconds, "anchor": result.run["definitions"][level]["anchor"],
                "notes": result.run["definitions"][level]["notes"],
            }
        )  # fmt: skip
    return rows


def run_labelled(folder: Path, share: float, draws: int, quality: str) -> list[dict[str, Any]]:
    """A task with the labels of some groups, measured on the others, beside no labels.

    Args:
        folder: the task's folder.
        share: share of the groups that are labelled.
        draws: how often they are drawn.
        quality: quality of the runs.
    """
    ignore = json.loads((folder / "task.json").read_text(encoding="utf-8"))["ignore"]
    config = Config(match={"variant": {"ignore": ignore}}, quality=quality)
    table = read_table(folder / "records.csv")
    truth = pd.read_csv(folder / "clusters.csv", dtype=str).set_index("id").iloc[:, 0]
    plain = Linker(config).match(table).clusters.set_index("id")["cluster_id"]
    groups = np.sort(truth.unique())
    rows = []
    for draw in range(draws):
        drawn = np.random.default_rng(draw).choice(groups, round(share * len(groups)), False)
        known = truth[truth.isin(drawn)].rename("cluster_id").reset_index()
        result = Linker(config).fit(table, labels=known).match(table)
        judged = truth[~truth.isin(drawn)]
        found = result.clusters.set_index("id")["cluster_id"]
        without, with_labels = (
            evaluate_clusters(pd.factorize(ids[judged.index])[0], pd.factorize(judged)[0])
            for ids in (plain, found)
        )
        account = result.run["definitions"]["variant"]
        rows.append(
            {
                "task": folder.name, "draw": draw, "labelled_records": len(known),
                "f1_without": without.pairwise.f1, "f1": with_labels.pairwise.f1,
                "b_cubed_f1_without": without.bcubed_f1, "b_cubed_f1": with_labels.bcubed_f1,
                "anchor": account["anchor"], "notes": account["notes"],
            }
        )  # fmt: skip
    return rows


def print_labelled(rows: list[dict[str, Any]], verbose: bool) -> None:
    """One line a draw, and the mean."""
    names = ("f1_without", "f1", "b_cubed_f1_without", "b_cubed_f1")
    mean = {name: float(np.mean([row[name] for row in rows])) for name in names}
    for row in [*rows, {"task": rows[0]["task"], "draw": "mean", **mean}]:
        print(
            f"{row['task']:<24}draw {row['draw']!s:<6}F1 {row['f1_without']:.4f} without labels, "
            f"{row['f1']:.4f} with  B3 {row['b_cubed_f1_without']:.4f}, {row['b_cubed_f1']:.4f}",
            flush=True,
        )
        if verbose and "anchor" in row:
            print("   ", row["anchor"], *row["notes"], sep="\n    ", flush=True)


def best_equality(table: pa.Table, truth: pd.Series) -> tuple[str, float]:
    """The column whose byte equality alone has the best pairwise F1; unknown cells stand alone."""
    ids = pd.Series(table.column("id").to_pylist(), dtype=str)
    wanted = pd.factorize(truth.reindex(ids))[0]
    best = ("", 0.0)
    for column in table.column_names:
        if column != "id":
            values = pd.Series(table.column(column).to_pylist(), dtype=object)
            codes = pd.factorize(values.where(values.notna(), ids.radd("\0")))[0]
            f1 = evaluate_clusters(codes, wanted).pairwise.f1
            best = max(best, (column, f1), key=lambda found: found[1])
    return best


def violations(result: Result, prefixes: list[str]) -> int:
    """Clusters of a level that do not lie wholly inside one cluster of the next."""
    columns = [f"{prefix}_id" for prefix in prefixes]
    columns.sort(key=lambda column: -result.clusters[column].nunique())
    return sum(
        int((result.clusters.groupby(strict)[loose].nunique() > 1).sum())
        for strict, loose in pairwise(columns)
    )


def print_rows(rows: list[dict[str, Any]], verbose: bool) -> None:
    """One line a figure."""
    for row in rows:
        print(
            f"{row['task']:<24}{row['level']:<9}F1 {row['f1']:.4f}  P {row['precision']:.4f}  "
            f"R {row['recall']:.4f}  B3 {row['b_cubed_f1']:.4f}  "
            f"equality {row['equality']:.4f} ({row['equality_column']})  "
            f"violations {row['violations']}  {row['seconds']:6.1f} s",
            flush=True,
        )
        if verbose:
            print("   ", row["anchor"], *row["notes"], sep="\n    ", flush=True)


def main() -> int:
    """Parses arguments and runs the tasks."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="*", default=TASKS, help="task folders")
    parser.add_argument("--without", nargs="*", default=[], help="columns to leave out")
    parser.add_argument("--catalog", type=Path, help="folder of a generated catalog instead")
    parser.add_argument("--labels", type=float, metavar="SHARE", help="of the groups, as labels")
    parser.add_argument("--draws", type=int, default=3, help="draws of labels")
    parser.add_argument("--quality", default="auto")
    parser.add_argument("--verbose", action="store_true", help="also how it was learned")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    rows = []
    if arguments.labels:
        for task in arguments.tasks:
            folder = data_folder() / task
            found = run_labelled(folder, arguments.labels, arguments.draws, arguments.quality)
            rows += found
            print_labelled(found, arguments.verbose)
    elif arguments.catalog:
        rows = run_catalog(arguments.catalog, arguments.quality)
        print_rows(rows, arguments.verbose)
    else:
        for task in arguments.tasks:
            found = run_task(data_folder() / task, arguments.without, arguments.quality)
            rows += found
            print_rows(found, arguments.verbose)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
