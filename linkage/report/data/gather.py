"""The content of a report, gathered from the tables of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from linkage.report.data.attention import attention_lists
from linkage.report.data.classes import count_classes
from linkage.report.data.clusters import (
    cluster_data,
    cluster_sizes,
    largest_clusters,
    least_sure_clusters,
)
from linkage.report.data.contents import BlockingData, DefinitionData, ReportData, RunData
from linkage.report.data.outcome import Catalog, Outcome, catalog_of, outcomes
from linkage.report.data.pair_counts import count_by_blocker
from linkage.report.data.records import (
    CHARACTERS,
    PICTURE_BYTES,
    Pictures,
    RecordReader,
    fill_rate,
    main_column,
    shown_columns,
)
from linkage.report.data.scores import score_data
from linkage.report.data.variation import variation_data
from linkage.results.column_names import cluster_column
from linkage.results.run_account import DefinitionAccount, RunAccount
from linkage.results.run_tables import RunTables

__all__ = ["report_data"]

_LARGEST = 5
#: Clusters of two records that are least sure, and larger ones.
_UNSURE = (4, 6)
_FEATURES = 20
_DEGREES = [0, 1, 2, 5, 10, 15, 20, 25, 30, 40, 60, 100, 200, 500, 1000, 10**9]


def report_data(
    result: RunTables, characters: int = CHARACTERS, picture_bytes: int = PICTURE_BYTES
) -> ReportData:
    """Return the content of the report of a run.

    Args:
        result: What :meth:`linkage.Linker.match` returned.
        characters: Most characters of a value that is shown.
        picture_bytes: Most bytes of all pictures together.

    Returns:
        Plain data; :func:`linkage.io.output.plain_json` makes JSON of it.

    """
    catalog = catalog_of(result)
    columns = shown_columns(catalog)
    reader = RecordReader(catalog, columns, Pictures(picture_bytes), characters)
    definitions = []
    for outcome in outcomes(result, catalog):
        name = cluster_column(outcome.name, result.run["definitions"])
        definitions.append(
            _definition(outcome, catalog, result.clusters[name].to_numpy(object), reader)
        )
    return ReportData(
        _run(result.run, catalog), definitions, columns, main_column(catalog), reader.read
    )


def _definition(
    outcome: Outcome, catalog: Catalog, names: np.ndarray, reader: RecordReader
) -> DefinitionData:
    account = outcome.account
    attention = attention_lists(outcome, catalog)
    reader.add([row for one in attention for pair in one.pairs for row in (pair.left, pair.right)])
    variation = variation_data(outcome, catalog, names, reader)
    chosen = largest_clusters(outcome, _LARGEST), least_sure_clusters(outcome, *_UNSURE)
    clusters = cluster_data(outcome, np.concatenate(chosen), names)
    largest, unsure = clusters[: len(chosen[0])], clusters[len(chosen[0]) :]
    reader.add([row for cluster in [*unsure, *largest] for row in cluster.members])
    masking = account.get("masking")
    return DefinitionData(
        name=outcome.name,
        ignore=outcome.ignore,
        counts={
            "candidates": account["candidates"],
            "matches": account["matches"],
            "clusters": account["clusters"],
            "singletons": account["singletons"],
            "largest_cluster": account["largest_cluster"],
        },
        anchor=account["anchor"],
        notes=list(account["notes"]),
        one_to_one=bool(account["one_to_one"]),
        metrics=dict(account["metrics"] or {}),
        expected=_expected(account),
        scores=score_data(outcome),
        blocking=_blocking(outcome, catalog),
        importance=list(account["feature_importance"].items())[:_FEATURES],
        sizes=cluster_sizes(outcome.sizes),
        largest=largest,
        unsure=unsure,
        attention=attention,
        refused={name: n for name, n in account["refused_merges"].items() if n},
        rules=list(account.get("rules") or []),
        treatments=list(masking["treatments"]) if masking else [],
        variation=variation,
    )


def _expected(account: DefinitionAccount) -> dict[str, float]:
    expected = account.get("expected")  # runs of before lack it
    if expected is None:
        return {}
    return {"f1": expected["f1"], "precision": expected["precision"], "recall": expected["recall"]}


def _blocking(outcome: Outcome, catalog: Catalog) -> BlockingData:
    pairs, matches, degree = count_by_blocker(
        outcome.blocker,
        len(outcome.blockers),
        outcome.match,
        outcome.left,
        outcome.right,
        catalog.n,
    )
    brought: dict[str, dict[str, Any]] = {}
    for k, names in enumerate(outcome.blockers):
        parts = names.split("+")
        for name in parts:
            one = brought.setdefault(
                name, {"name": name, "pairs": 0, "alone": 0, "matches": 0, "matches_alone": 0}
            )
            one["pairs"] += int(pairs[k])
            one["matches"] += int(matches[k])
            if len(parts) == 1:
                one["alone"] += int(pairs[k])
                one["matches_alone"] += int(matches[k])
    ranked = sorted(brought.values(), key=lambda one: (-one["pairs"], one["name"]))
    return BlockingData(
        outcome.account["blocking"], ranked, count_classes(degree, _DEGREES, start=0)
    )


def _run(run: RunAccount, catalog: Catalog) -> RunData:
    steps: dict[str, list[float]] = {}
    for step in run["steps"]:
        steps.setdefault(step["name"], []).append(float(step["seconds"]))
    ignored = {name for one in run["definitions"].values() for name in one["ignore"]}
    attributes = []
    for name in catalog.table.column_names:
        role = "ignored by a definition" if name in ignored else "compared"
        if name == catalog.source:
            role = "source"
        elif name == run["config"]["catalog"]["id"]:
            role = "id"
        elif name not in catalog.kinds:
            role = "not used"
        attributes.append((name, catalog.kinds.get(name, ""), fill_rate(catalog, name), role))
    return RunData(
        left=int(run["records"]["left"]),
        right=int(run["records"]["right"]),
        notes=list(run.get("notes", [])),
        seconds=sum(sum(times) for times in steps.values()),
        peak_memory_mb=max((float(step["peak_memory_mb"]) for step in run["steps"]), default=0.0),
        steps=[(name, round(sum(times), 3), len(times)) for name, times in steps.items()],
        attributes=attributes,
        settings={**run["config"], "seed": run["seed"]},
        versions=dict(run["versions"]),
    )
