"""The result of a run: pairs, clusters, the account of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.records import Records
from linkage.config.authored import Config
from linkage.config.nesting import check_nesting
from linkage.config.resolved import ResolvedConfig
from linkage.io.output import (
    write_csv,
    write_file,
    write_folder,
    write_json,
    write_parquet,
    write_text,
)
from linkage.io.parquet_writer import Texts
from linkage.models.model_folder import FittedDefinition
from linkage.report.writing import gather_report, report_or_warning, run_report, short_summary
from linkage.results.cluster_table import cluster_table, groups_of
from linkage.results.definition_result import DefinitionResult, account_of
from linkage.results.names import catalog_order, first_members
from linkage.results.pair_table import PairTable, pair_table
from linkage.results.rule_counts import RULE_COLUMNS
from linkage.results.run_folder import catalogs_account, model_of_run
from linkage.results.summary import run_summary
from linkage.results.variation import theme_counts
from linkage.runtime import StepRecord, versions

if TYPE_CHECKING:
    from linkage.explanation.data import ClusterExplanation, PairExplanation
    from linkage.explanation.explainer import Explainer
    from linkage.report.data import ReportData

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """Pairs, clusters and the account of a run.

    Attributes:
        scored: the pairs, by rows of ``clusters``.
        clusters: ``id`` (for a linkage also ``source``), then ``cluster_id, confidence``, or
            ``<name>_id`` and ``<name>_confidence``; rows in the order of the catalog.
        run: configuration, versions, counts, seconds and memory per step, blocking report,
            training.
        tables: the catalog's own tables, for ``with_columns``.
        groups: where a definition ignores attributes: its groups of two records and more with
            their variation themes (``definition, cluster_id, size, entities, theme, values``, see
            :func:`linkage.results.variation.variation`); None otherwise.
        config: the configuration as authored.
        fitted: the models by match definition, which :meth:`explain` needs.
        namesakes: by match definition the row of ``clusters`` by whose record each row's cluster is
            named, int32[n]; where that is known.
        identifiers: by column of identifiers the number of each row's, -1 unknown; where that is
            known.
    """

    scored: PairTable
    clusters: pd.DataFrame
    run: dict[str, Any]
    tables: tuple[pa.Table, pa.Table | None]
    groups: pd.DataFrame | None = None
    config: Config | None = None
    fitted: Mapping[str, FittedDefinition] | None = None
    namesakes: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    identifiers: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """``left_id, right_id, score, match, blockers``.

        With several match definitions ``<name>_score``, ``<name>_match`` and ``<name>_blockers``
        for each.
        """
        # Millions of ids are made only where someone asks for them: nothing of a run does.
        return self.scored.frame(self.clusters["id"].to_numpy(object))

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
        results: list[DefinitionResult],
        resolved: ResolvedConfig,
        steps: list[StepRecord],
        tables: tuple[pa.Table, pa.Table | None],
    ) -> Result:
        """Puts ids in place of rows and gathers the account."""
        labels = {r.definition.name: r.clustering.labels for r in results}
        ids = [table.column(resolved.id_column) for table in tables if table is not None]
        with ThreadPoolExecutor(resolved.threads) as pool:
            paired = pool.submit(pair_table, results)
            ordered = pool.submit(catalog_order, records, ids)
            found = pool.map(partial(first_members, records), labels.values())
            told = pool.map(partial(account_of, records=records), results)
            first = dict(zip(labels, found, strict=True))
            accounts = dict(zip(labels, told, strict=True))
            groups = groups_of(records, results, first, resolved)
            order, scored = ordered.result(), paired.result()
        for name, varying in groups.items():
            accounts[name]["themes"] = theme_counts(varying)
        run = {
            "records": {"left": records.n_left, "right": records.n - records.n_left},
            "config": resolved.to_dict(),
            "seed": resolved.authored.seed,
            "versions": versions(),
            "steps": [asdict(step) for step in steps],
            "definitions": accounts,
            "nesting": [pair.to_dict() for pair in check_nesting(resolved.match, labels)],
        }
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return cls(
            scored.at(place),
            cluster_table(records, results, first, order),
            run,
            tables,
            pd.concat(groups.values(), ignore_index=True) if groups else None,
            namesakes={name: place[rows[labels[name]]][order] for name, rows in first.items()},
            identifiers={
                column: codes[order] for r in results for column, codes in r.identifiers.items()
            },
        )

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
        clusters = self._cluster_columns()
        listed = pa.table(clusters)
        if with_columns:
            own = pa.concat_tables(
                [t for t in self.tables if t is not None], promote_options="default"
            )
            for name in own.column_names:
                if name not in clusters:
                    listed = listed.append_column(name, own.column(name))
        files = {
            "pairs.parquet": write_parquet(self._pair_columns()),
            "report.html": self._write_report,
            "clusters.parquet": write_parquet(clusters),
            "clusters.csv": write_csv(listed),
            "run.json": self._write_run,
            **model_of_run(self.config, self.fitted),
        }
        if self.groups is not None:
            files["groups.parquet"] = write_parquet(self.groups)
            files["groups.csv"] = write_csv(self.groups)
        if not report:
            del files["report.html"]
        return write_folder(folder, files, force=force, threads=self.run["config"]["threads"])

    def _pair_columns(self) -> dict[str, Any]:
        """The columns of the pairs, ids as rows of the clusters."""
        ids = pa.array(self.clusters["id"], pa.string())
        left, right = Texts(ids, self.scored.left), Texts(ids, self.scored.right)
        return {"left_id": left, "right_id": right, **self.scored.columns}

    def _cluster_columns(self) -> dict[str, pa.Array]:
        """The columns of the clusters as arrays, names taken from the ids where they are known."""
        names = pa.array(self.clusters["id"], pa.string())
        columns = {"id": names}
        if "source" in self.clusters:
            columns["source"] = pa.array(self.clusters["source"], pa.string())
            names = pc.binary_join_element_wise(columns["source"], names, ":")
        known = {
            f"{'cluster' if len(self.run['definitions']) == 1 else name}_id": rows
            for name, rows in self.namesakes.items()
        }
        for name, column in self.clusters.items():
            name = str(name)
            if name in known:
                columns[name] = Texts(names, known[name]).array()
            elif name not in columns:
                columns[name] = pa.Array.from_pandas(column)
        return columns

    def _write_report(self, path: Path) -> None:
        text = report_or_warning(self)
        if text is not None:
            write_text(text)(path)

    def _write_run(self, path: Path) -> None:
        write_json({**self.run, "catalogs": catalogs_account(self.tables)})(path)

    def report(self, path: str | Path, force: bool = False) -> Path:
        """Writes a page that shows what the run found: one HTML file that needs nothing else.

        Args:
            path: the file.
            force: whether it may be replaced.
        """
        return write_file(path, write_text(run_report(self)), force=force)

    def report_data(self) -> ReportData:
        """What the report says, as plain data; `linkage.io.output.plain_json` makes JSON of it."""
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
