"""The result of a run: pairs, clusters, the account of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from blocking.candidates import Candidates
from blocking.report import BlockingReport
from features.records import Records
from linkage.components import cut_components
from linkage.config import MatchDefinition
from linkage.environment import versions
from linkage.grouping import Grouping
from linkage.output import write_csv, write_folder, write_json, write_parquet
from linkage.pair_model import PairModel
from linkage.pair_table import pair_table
from linkage.partition import Clustering
from linkage.resolved import ResolvedConfig
from linkage.steps import StepRecord

__all__ = ["DefinitionResult", "Result"]

_SIDES = np.array(["left", "right"], dtype=object)
#: Clusters that run.json names as least sure.
_NAMED_CLUSTERS = 20
#: Records of a component of matches that is named where clustering cut it.
_LARGE_COMPONENT = 500


@dataclass(frozen=True)
class DefinitionResult:
    """What one match definition came to, in rows rather than ids."""

    definition: MatchDefinition
    model: PairModel
    candidates: Candidates
    probability: np.ndarray
    clustering: Clustering
    report: BlockingReport
    grouping: Grouping | None = None


@dataclass(frozen=True)
class Result:
    """Pairs, clusters and the account of a run.

    Attributes:
        pairs: ``left_id, right_id, score, match, blockers``; with several match definitions
            ``<name>_score`` and ``<name>_match`` for each.
        clusters: ``id`` (for a linkage also ``source``), then ``cluster_id, confidence``, or
            ``<name>_id`` and ``<name>_confidence``; rows in the order of the catalog.
        run: configuration, versions, counts, seconds and memory per step, blocking report,
            training.
        tables: the catalog's own tables, for ``with_columns``.
    """

    pairs: pd.DataFrame
    clusters: pd.DataFrame
    run: dict[str, Any]
    tables: tuple[pa.Table, pa.Table | None]

    @classmethod
    def assemble(
        cls,
        records: Records,
        ids_in_order: Sequence[np.ndarray],
        results: list[DefinitionResult],
        resolved: ResolvedConfig,
        steps: list[StepRecord],
        tables: tuple[pa.Table, pa.Table | None],
    ) -> Result:
        """Puts ids in place of rows and gathers the account."""
        single = len(results) == 1
        order = _catalog_order(records, ids_in_order)
        clusters = pd.DataFrame({"id": records.ids[order]})
        if records.is_linkage:
            clusters["source"] = _SIDES[records.side[order]]
        for result in results:
            names = _cluster_names(records, result.clustering.labels)
            prefix = "cluster" if single else result.definition.name
            clusters[f"{prefix}_id"] = names[order]
            column = "confidence" if single else f"{result.definition.name}_confidence"
            clusters[column] = result.clustering.confidence[order].round(6)
        run = {
            "records": {"left": records.n_left, "right": records.n - records.n_left},
            "config": resolved.to_dict(),
            "seed": resolved.authored.seed,
            "versions": versions(),
            "steps": [asdict(step) for step in steps],
            "definitions": {r.definition.name: _account(r, records) for r in results},
        }
        near = resolved.quality == "fast"
        return cls(pair_table(records, results, near=near), clusters, run, tables)

    def write(self, folder: str | Path, force: bool = False, with_columns: bool = False) -> Path:
        """Writes pairs.parquet, clusters.parquet, clusters.csv and run.json, whole or not at all.

        Args:
            folder: where they go.
            force: whether the folder of an earlier run may be replaced.
            with_columns: whether clusters.csv also has the catalog's own columns.
        """
        clusters = self.clusters
        if with_columns:
            parts = [t.to_pandas() for t in self.tables if t is not None]
            own = pd.concat(parts, ignore_index=True)
            own = own.drop(columns=[c for c in own.columns if c in clusters.columns])
            clusters = pd.concat([clusters, own], axis=1)
        return write_folder(
            folder,
            {
                "pairs.parquet": write_parquet(self.pairs),
                "clusters.parquet": write_parquet(self.clusters),
                "clusters.csv": write_csv(clusters),
                "run.json": write_json(self.run),
            },
            force=force,
        )

    def summary(self) -> str:
        """A few lines for a person: records, candidates, matches, clusters, how it was learned."""
        counts = self.run["records"]
        rows = f"{counts['left']:,} records"
        if counts["right"]:
            rows = f"{counts['left']:,} and {counts['right']:,} records"
        lines = [f"{rows} in {sum(s['seconds'] for s in self.run['steps']):.1f} s"]
        for name, account in self.run["definitions"].items():
            head = "" if len(self.run["definitions"]) == 1 else f"{name}: "
            lines.append(
                f"{head}{account['candidates']:,} candidate pairs, {account['matches']:,} matches, "
                f"{account['clusters']:,} clusters of two or more records, "
                f"{account['singletons']:,} records alone"
            )
            lines.append(f"learned from {account['anchor']}")
            masking = account.get("masking") or {"treatments": []}
            lines += [treatment["reason"] for treatment in masking["treatments"]]
            if account["metrics"]:
                m = account["metrics"]
                lines.append(
                    f"held-out labels: F1 {m['f1']:.3f}, precision {m['precision']:.3f}, "
                    f"recall {m['recall']:.3f}"
                )
            lines += [f"note: {note}" for note in account["notes"]]
        return "\n".join(lines)


def _cluster_names(records: Records, labels: np.ndarray) -> np.ndarray:
    """Names clusters by their smallest member's id (in a linkage with its source before it)."""
    ids = records.ids
    if records.is_linkage:
        ids = _SIDES[records.side] + ":" + ids
    order = pc.sort_indices(pa.array(ids, pa.string())).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    first = np.full(int(labels.max(initial=-1)) + 1, len(order), np.int64)
    np.minimum.at(first, labels, rank)
    named: np.ndarray = ids[order[first]]
    return named[labels]


def _catalog_order(records: Records, ids_in_order: Sequence[np.ndarray]) -> np.ndarray:
    n_left = records.n_left
    order = pd.Index(records.ids[:n_left]).get_indexer(ids_in_order[0])
    if len(ids_in_order) > 1:
        right = pd.Index(records.ids[n_left:]).get_indexer(ids_in_order[1]) + n_left
        order = np.concatenate([order, right])
    return order


def _cut(result: DefinitionResult, records: Records) -> list[dict[str, Any]]:
    """Components of matches too large for a cluster, with the record that held each together."""
    found = cut_components(
        result.clustering.labels,
        result.candidates.left,
        result.candidates.right,
        result.probability >= result.model.threshold,
        larger_than=_LARGE_COMPONENT,
    )
    return [asdict(one) | {"hub": records.ids[one.hub]} for one in found]


def _account(result: DefinitionResult, records: Records) -> dict[str, Any]:
    sizes = np.bincount(result.clustering.labels) if records.n else np.zeros(0, int)
    weakest = result.clustering.weakest
    least = np.argsort(weakest.score, kind="stable")[:_NAMED_CLUSTERS]
    c = result.candidates
    return {
        "ignore": list(result.definition.ignore),
        "attributes": {
            n: k.value for n, k in records.kinds.items() if n not in result.definition.ignore
        },
        "candidates": len(c),
        "matches": int(
            np.sum(result.clustering.labels[c.left] == result.clustering.labels[c.right])
        ),
        "clusters": int(np.sum(sizes > 1)),
        "singletons": int(np.sum(sizes == 1)),
        "largest_cluster": int(sizes.max(initial=0)),
        "threshold": result.model.threshold,
        "one_to_one": result.model.one_to_one,
        "anchor": result.model.anchor,
        "notes": result.model.notes,
        "metrics": result.model.metrics,
        "feature_importance": dict(list(result.model.importance().items())[:50]),
        "weakest_edges": [
            {
                "left_id": records.ids[weakest.left[k]],
                "right_id": records.ids[weakest.right[k]],
                "score": float(weakest.score[k]),
            }
            for k in least
        ],
        "refused_merges": result.clustering.cuts.counts,
        "cut_components": _cut(result, records),
        "blocking": result.report.to_dict(),
        "masking": result.grouping.account() if result.grouping is not None else None,
    }
