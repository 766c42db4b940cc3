"""The result of a run: pairs, clusters, the account of what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from blocking.candidates import Candidates
from blocking.report import BlockingReport
from features.records import Records
from features.synonyms import Synonyms
from linkage.components import cut_components
from linkage.config import Config, MatchDefinition
from linkage.environment import versions
from linkage.grouping import Grouping
from linkage.model_folder import FittedDefinition
from linkage.nesting import check_nesting, starts_of
from linkage.output import (
    write_csv,
    write_file,
    write_folder,
    write_json,
    write_parquet,
    write_text,
)
from linkage.pair_model import PairModel
from linkage.pair_table import pair_table
from linkage.partition import Clustering
from linkage.report.writing import gather_report, report_or_warning, run_report, short_summary
from linkage.resolved import ResolvedConfig
from linkage.result_names import catalog_order, full_names, smallest_members
from linkage.rule_report import RULE_COLUMNS
from linkage.run_folder import catalogs_account, model_of_run
from linkage.steps import StepRecord
from linkage.summary import run_summary
from linkage.variation import theme_counts, variation

if TYPE_CHECKING:
    from linkage.explanation.data import ClusterExplanation, PairExplanation
    from linkage.explanation.explainer import Explainer
    from linkage.report.data import ReportData

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
    rules: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    synonyms: Synonyms = field(default_factory=Synonyms)
    #: Pairs that were compared, of which those worth writing out are kept; these by default.
    compared: int | None = None


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
        groups: where a definition ignores attributes: its groups of two records and more with
            their variation themes (``definition, cluster_id, size, entities, theme, values``, see
            :func:`linkage.variation.variation`); None otherwise.
        config: the configuration as authored.
        fitted: the models by match definition, which :meth:`explain` needs.
        pair_rows: rows of ``clusters`` that the pairs are of, two arrays int32; None where the
            report is to find them by their ids.
    """

    pairs: pd.DataFrame
    clusters: pd.DataFrame
    run: dict[str, Any]
    tables: tuple[pa.Table, pa.Table | None]
    groups: pd.DataFrame | None = None
    config: Config | None = None
    fitted: Mapping[str, FittedDefinition] | None = None
    pair_rows: tuple[np.ndarray, np.ndarray] | None = field(default=None, repr=False, compare=False)

    @property
    def rules(self) -> pd.DataFrame:
        """How often each rule fired: ``definition`` and the columns of ``RULE_COLUMNS``."""
        rows = [
            {"definition": name, **rule}
            for name, account in self.run["definitions"].items()
            for rule in account["rules"]
        ]
        counts = dict.fromkeys(RULE_COLUMNS[2:], "Int64")
        return pd.DataFrame(rows, columns=["definition", *RULE_COLUMNS]).astype(counts)

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
        order = catalog_order(records, ids_in_order)
        clusters = pd.DataFrame({"id": records.ids[order]})
        if records.is_linkage:
            clusters["source"] = _SIDES[records.side[order]]
        labels = {r.definition.name: r.clustering.labels for r in results}
        accounts = {r.definition.name: _account(r, records) for r in results}
        groups = []
        ids, rank = full_names(records)
        for result in results:
            names = ids[smallest_members(rank, result.clustering.labels)]
            if result.definition.ignore:
                before = [labels[one.name] for one in starts_of(result.definition, resolved.match)]
                varying = variation(
                    records,
                    result.definition,
                    result.clustering.labels,
                    names,
                    stricter=before[0] if before else None,
                    declared=resolved.authored.attributes,
                )
                accounts[result.definition.name]["themes"] = theme_counts(varying)
                groups.append(varying)
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
            "definitions": accounts,
            "nesting": [pair.to_dict() for pair in check_nesting(resolved.match, labels)],
        }
        whole = pd.concat(groups, ignore_index=True) if groups else None
        pairs, (left, right) = pair_table(records, results)
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order))
        return cls(pairs, clusters, run, tables, whole, pair_rows=(place[left], place[right]))

    def write(
        self,
        folder: str | Path,
        force: bool = False,
        with_columns: bool = False,
        report: bool = True,
    ) -> Path:
        """Writes pairs.parquet, clusters.parquet, clusters.csv, run.json and report.html.

        They appear whole or not at all; but a report that fails is left out with a warning.

        The models go into the folder ``model`` inside of it, for ``linkage explain``.

        Where a definition ignores attributes, also groups.parquet and groups.csv.

        Args:
            folder: where they go.
            force: whether the folder of an earlier run may be replaced.
            with_columns: whether clusters.csv also has the catalog's own columns.
            report: whether the report is written.
        """
        clusters = self.clusters
        if with_columns:
            parts = [t.to_pandas() for t in self.tables if t is not None]
            own = pd.concat(parts, ignore_index=True)
            own = own.drop(columns=[c for c in own.columns if c in clusters.columns])
            clusters = pd.concat([clusters, own], axis=1)
        files = {
            "pairs.parquet": write_parquet(self.pairs, self._ids_of_pairs()),
            "clusters.parquet": write_parquet(self.clusters),
            "clusters.csv": write_csv(clusters),
            "run.json": write_json({**self.run, "catalogs": catalogs_account(self.tables)}),
            **model_of_run(self.config, self.fitted),
        }
        if self.groups is not None:
            files["groups.parquet"] = write_parquet(self.groups)
            files["groups.csv"] = write_csv(self.groups)
        if not report:
            return write_folder(folder, files, force=force)
        with ThreadPoolExecutor(1) as pool:  # while the pairs are written
            page = pool.submit(report_or_warning, self)

            def write_report(path: Path) -> None:
                text = page.result()
                if text is not None:
                    write_text(text)(path)

            return write_folder(folder, {**files, "report.html": write_report}, force=force)

    def _ids_of_pairs(self) -> dict[str, tuple[pa.Array, np.ndarray]]:
        """The ids of the pairs as rows of the clusters, where these are known."""
        if self.pair_rows is None:
            return {}
        ids = pa.array(self.clusters["id"], pa.string())
        left, right = self.pair_rows
        return {"left_id": (ids, left), "right_id": (ids, right)}

    def report(self, path: str | Path, force: bool = False) -> Path:
        """Writes a page that shows what the run found: one HTML file that needs nothing else.

        Args:
            path: the file.
            force: whether it may be replaced.
        """
        return write_file(path, write_text(run_report(self)), force=force)

    def report_data(self) -> ReportData:
        """What the report says, as plain data; `linkage.output.plain_json` makes JSON of it."""
        return gather_report(self)

    def _repr_html_(self) -> str:
        """The key figures, for notebooks."""
        return short_summary(self.run)

    def explain(self, a: str, b: str | None = None) -> PairExplanation | ClusterExplanation:
        """Explains a pair of records, or the clusters of one.

        The records are prepared again when the first pair is asked for, and kept.

        Args:
            a: id of a record; in a linkage ``left:ID`` or ``right:ID`` where both tables have it.
            b: id of another one; None for the clusters of the first.

        Returns:
            Plain data, shown as a page in notebooks; ``to_dict()`` and ``to_html()`` give it as
            JSON and as a page.

        Raises:
            LinkageError: there is no such record, or the result did not come from a linker.
        """
        return self._explainer.pair(a, b) if b is not None else self._explainer.cluster(a)

    @cached_property
    def _explainer(self) -> Explainer:
        from linkage.explanation.explainer import Explainer

        return Explainer.of_result(self)

    @property
    def synonyms(self) -> dict[str, dict[str, list[list[str]]]]:
        """Values learned to mean the same: definition -> attribute -> groups of clean values."""
        return {name: d["synonyms"] for name, d in self.run["definitions"].items()}

    def summary(self) -> str:
        """A few lines for a person: records, candidates, matches, clusters, how it was learned."""
        return run_summary(self.run)


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
        "candidates": len(c) if result.compared is None else result.compared,
        "matches": int(
            np.sum(result.clustering.labels[c.left] == result.clustering.labels[c.right])
        ),
        "clusters": int(np.sum(sizes > 1)),
        "singletons": int(np.sum(sizes == 1)),
        "largest_cluster": int(sizes.max(initial=0)),
        "threshold": result.model.threshold,
        "one_to_one": result.model.one_to_one,
        "anchor": result.model.anchor,
        "notes": [*result.model.notes, *result.notes],
        "metrics": result.model.metrics,
        "held_out": result.model.held_out.to_dict() if result.model.held_out else None,
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
        "rules": result.rules,
        "cut_components": _cut(result, records),
        "blocking": result.report.to_dict(),
        "synonyms": result.synonyms.groups,
        "masking": result.grouping.account() if result.grouping is not None else None,
    }
