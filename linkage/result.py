"""The result of a run, as users hold it: tables, files, report and explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.errors import ModelError
from linkage.io.destination.protected import Input
from linkage.io.output import (
    write_csv,
    write_file,
    write_folder,
    write_json,
    write_parquet,
    write_text,
)
from linkage.io.source_file import file_of
from linkage.report.writing import gather_report, report_or_warning, run_report, short_summary
from linkage.results.pairs_to_label import pairs_to_label
from linkage.results.rule_counts import RULE_COLUMNS
from linkage.results.run_columns import cluster_columns, own_columns, pair_columns
from linkage.results.run_folder import catalogs_account, model_of_run
from linkage.results.run_tables import RunTables
from linkage.results.summary import run_summary

if TYPE_CHECKING:
    from linkage.explanation.explainer import Explainer
    from linkage.explanation.explanations import ClusterExplanation, PairExplanation
    from linkage.golden.golden import Golden
    from linkage.golden.plan import Rule
    from linkage.io.inputs import Table
    from linkage.report.data.contents import ReportData

__all__ = ["Result"]


@dataclass(frozen=True)
class Result(RunTables):
    """Pairs, clusters and the account of a run; :meth:`linkage.Linker.match` returns it.

    What it holds is described at `linkage.results.run_tables.RunTables`.

    Attributes:
        label_files: files of the labels that it was learned from, which no output may replace.
    """

    label_files: tuple[Path, ...] = field(default=(), repr=False, compare=False)

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

    def write(
        self,
        folder: str | Path,
        force: bool = False,
        with_columns: bool = False,
        report: bool = True,
        safe_csv: bool = False,
    ) -> Path:
        """Writes pairs.parquet, clusters.parquet, clusters.csv, run.json and report.html.

        They appear whole or not at all; but a report that fails is left out with a warning.

        The models go into the folder ``model`` inside of it, for ``linkage explain``.

        Where a definition ignores attributes, also groups.parquet and groups.csv. Where its answer
        is uncertain, also to_label.csv: the 20 pairs whose labels would help most; of several
        definitions to_label_<name>.csv.

        Args:
            folder: where they go.
            force: whether the folder of an earlier run may be replaced; files in it that are not
                results are kept.
            with_columns: whether clusters.csv also has the catalog's own columns; one that has the
                name of a column of the clusters as ``catalog_<name>``.
            report: whether the report is written.
            safe_csv: whether in files of CSV an apostrophe goes before texts that a spreadsheet
                may run as formulas; labels, pairs and truths are read without it.
        """
        clusters = cluster_columns(self)
        listed = pa.table(clusters)
        if with_columns:
            for name, column in own_columns(self).items():
                listed = listed.append_column(name, column)
        files = {
            "pairs.parquet": write_parquet(pair_columns(self)),
            "report.html": self._write_report,
            "clusters.parquet": write_parquet(clusters),
            "clusters.csv": write_csv(listed, safe=safe_csv),
            "run.json": self._write_run,
            **model_of_run(self.config, self.fitted),
        }
        if self.groups is not None:
            files["groups.parquet"] = write_parquet(self.groups)
            files["groups.csv"] = write_csv(self.groups, safe=safe_csv)
        for name, pairs in pairs_to_label(self).items():
            files[name] = write_csv(pairs, safe=safe_csv)
        if not report:
            del files["report.html"]
        return write_folder(
            folder,
            files,
            force=force,
            inputs=self._inputs,
            threads=self.run["config"]["threads"],
        )

    @property
    def _inputs(self) -> list[Input]:
        """The files that the run read, which no output may replace."""
        files = [file_of(table) for table in self.tables if table is not None]
        labels = [Input("labels", file) for file in self.label_files]
        return labels + [Input("catalog", file) for file in files if file is not None]

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
        return write_file(path, write_text(run_report(self)), force=force, inputs=self._inputs)

    def report_data(self) -> ReportData:
        """What the report says, as plain data; `linkage.io.output.plain_json` makes JSON of it."""
        return gather_report(self)

    def _repr_html_(self) -> str:
        """The key figures, for notebooks."""
        return short_summary(self.run)

    def explain(
        self, a: str | int, b: str | int | None = None
    ) -> PairExplanation | ClusterExplanation:
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
        one = str(a)
        return self._explainer.cluster(one) if b is None else self._explainer.pair(one, str(b))

    @cached_property
    def _explainer(self) -> Explainer:
        from linkage.explanation.data.run_view import RunView
        from linkage.explanation.explainer import Explainer

        if self.fitted is None or self.config is None:
            raise ModelError(
                "This result has no models, by which it could be explained.",
                hint="Take the result that Linker.match returned.",
            )
        ids = self.id_texts
        view = RunView(self.scored.frame(ids), self.clusters.assign(id=ids), self.run)
        return Explainer(view, self.config, self.fitted, self.tables)

    def golden(
        self,
        definition: str | None = None,
        rules: Mapping[str, Rule] | None = None,
        pins: Table | None = None,
    ) -> Golden:
        """Puts the records of each cluster together into one, each cell with its provenance.

        Args:
            definition: the match definition; the strictest by default.
            rules: rules by attribute, beside those of ``[golden]``: names of
                `linkage.config.golden.RULES`, or functions from the list of values that the records
                of a cluster state, and the list of these records as dicts, to a value or None.
            pins: values that a person set: ``cluster_id, attribute, value`` and, if they are known,
                ``who, why, definition``; a table or the path of one.

        Returns:
            ``table`` and ``provenance``, pyarrow tables, and what they were made by.

        Raises:
            LinkageError: a rule, a column or a pin does not fit.
        """
        from linkage.golden.golden import golden_records
        from linkage.golden.pins import read_pins
        from linkage.golden.source import GoldenSource

        source = GoldenSource.of(
            self.tables, self.clusters, self.id_texts, self.run, self.config or Config()
        )
        wanted = definition or source.definitions[0]
        return golden_records(source, wanted, rules, [] if pins is None else read_pins(pins))

    @property
    def synonyms(self) -> dict[str, dict[str, list[list[str]]]]:
        """Values learned to mean the same: definition -> attribute -> groups of clean values."""
        return {name: d["synonyms"] for name, d in self.run["definitions"].items()}

    def summary(self) -> str:
        """A few lines for a person: records, candidates, matches, clusters, how it was learned."""
        return run_summary(self.run)
