"""What the commands of the command line do, once their arguments are parsed."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from linkage.errors import ConfigError, LabelError
from linkage.kernel_cache import compiling_ahead
from linkage.options import RunOptions
from linkage.output import check_file, check_folder, write_csv, write_file, write_parquet
from linkage.reading import read_plain_table, read_table
from linkage.terminal import StepDisplay

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from linkage.config import Config
    from linkage.labels import Labels
    from linkage.run_evaluation import RunEvaluation

__all__ = ["run_evaluate", "run_group", "run_match", "run_profile", "run_score", "run_train"]

_MODEL_MARKER = "model.json"


def run_profile(
    catalog: Path,
    output: Path | None,
    *,
    html: Path | None = None,
    as_json: bool = False,
    id_column: str | None,
    encoding: str | None,
    force: bool,
) -> None:
    """Print what each column of a catalog holds; write a configuration to edit, and a page."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from linkage.output import plain_json, write_text
    from linkage.profile import profile_table, suggest_toml
    from linkage.report.profile_data import profile_data
    from linkage.report.profile_page import profile_page

    for file in (output, html):
        if file is not None:
            check_file(file, force=force)
    if id_column is None:
        table = read_plain_table(catalog, encoding=encoding)
    else:
        table = read_table(catalog, id_column=id_column, encoding=encoding)
    profiles = profile_table(table, id_column)
    if html is not None or as_json:
        data = profile_data(table, catalog.name, profiles)
        if html is not None:
            write_file(html, write_text(profile_page(data)), force=force)
    if output is not None:
        write_file(output, write_text(suggest_toml(profiles)), force=force)
    if as_json:
        typer.echo(json.dumps(plain_json(data), indent=2, ensure_ascii=False))
        return
    shown = Table(title=f"{catalog.name}: {table.num_rows:,} rows", title_justify="left")
    for heading in ("column", "filled", "distinct", "kind", "because", "examples"):
        right = heading in ("filled", "distinct")
        shown.add_column(heading, justify="right" if right else "left", overflow="fold")
    for column in profiles:
        shown.add_row(
            Text(column.name),
            f"{column.fill_rate:.0%}",
            f"{column.distinct:,}",
            Text(column.kind.value if column.kind else "(id)"),
            Text(column.why),
            Text("; ".join(column.examples)),
        )
    # Wide enough for all columns where nobody looks at a terminal.
    Console(width=None if sys.stdout.isatty() else 160).print(shown)
    if all(column.kind is not None for column in profiles):
        typer.echo("No column looks like an id: name one with --id, or number the rows.")
    if output is not None:
        typer.echo(f"configuration to edit: {output}")
    if html is not None:
        typer.echo(f"page: {html}")


def run_match(left: Path, right: Path | None, output: Path, options: RunOptions) -> None:
    """Find the matches of one table or between two, and write them."""
    with compiling_ahead(options.threads):
        _match(left, right, output, options, only_variant=False)


def run_group(catalog: Path, output: Path, options: RunOptions) -> None:
    """Find the groups of variants of one table, and write them."""
    if not options.ignore and options.model is None:
        config = options.to_config()
        looser = {name: one for name, one in config.match.items() if one.ignore}
        if not looser:
            raise ConfigError(
                "nothing is ignored, so that there are no variants to group.",
                where="command line",
                hint="Give --ignore COLUMN, such as --ignore color --ignore size, or a [match.NAME]"
                " with ignore in the configuration.",
            )
    with compiling_ahead(options.threads):
        _match(catalog, None, output, options, only_variant=True)


def run_train(left: Path | None, right: Path | None, model: Path, options: RunOptions) -> None:
    """Train a model and save it."""
    from linkage.linker import Linker

    _set_up_messages(options)
    check_folder(model, force=options.force, marker=_MODEL_MARKER)
    config = options.to_config()
    with _display(options) as display:
        display("read")
        left_table, right_table = _read_tables(left, right, config)
        labels, validation = _read_labels(config)
        if left_table is None and all(own.training_table is None for own in labels.values()):
            raise ConfigError(
                "no catalog is given, and no labels that hold their own records.",
                where="command line",
                hint="linkage train CATALOG --labels FILE --model DIR; without CATALOG the labels "
                "are groups (labeling_set_id, label) with attributes and no ids.",
            )
        linker = Linker(config, progress=display).fit(left_table, right_table, labels, validation)
        display("write")
        linker.save(model, force=options.force)
    _say(options, f"model: {model}")


def run_score(
    left: Path, right: Path | None, pairs: Path, output: Path, options: RunOptions
) -> None:
    """Score exactly the pairs of a file, and write them in its order."""
    from linkage.labels import check_pair_ids, read_pairs
    from linkage.linker import Linker

    _set_up_messages(options)
    check_file(output, force=options.force)
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise ConfigError(
            f"--output must end in .csv or .parquet, got {output.name!r}.", where="command line"
        )
    with _display(options) as display:
        display("read")
        linker = Linker.load(_model_folder(options))
        config = _over_model(linker, options, display)
        wanted = read_pairs(pairs, encoding=config.catalog.encoding)
        left_table, right_table = _read_tables(left, right, config)
        assert left_table is not None
        id_column = config.catalog.id or "id"
        check_pair_ids(
            wanted,
            left_table.column(id_column).to_numpy(),
            None if right_table is None else right_table.column(id_column).to_numpy(),
            where=str(pairs),
        )
        scored = linker.score(left_table, right_table, wanted[["left_id", "right_id"]])
        complete = _in_order(wanted, scored, pairs)
        display("write")
        writer = write_csv if output.suffix.lower() == ".csv" else write_parquet
        write_file(output, writer(complete), force=options.force)
    _say(options, f"{len(complete):,} pairs, {int(complete['match'].sum()):,} matches: {output}")
    if "label" in complete.columns and not options.quiet:
        from linkage.run_evaluation import evaluate_scored

        _print_evaluation(evaluate_scored(complete))


def run_evaluate(
    folder: Path,
    truths: list[str],
    definition: str | None,
    *,
    id_column: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Print how well the results of a run agree with the truth of its definitions."""
    from linkage.definition_evaluation import evaluate_definitions, parse_truths
    from linkage.output import plain_json

    found = evaluate_definitions(
        folder, parse_truths(truths, definition), id_column=id_column, encoding=encoding
    )
    if as_json:
        typer.echo(json.dumps(plain_json(found.to_dict()), indent=2, allow_nan=False))
        return
    for name, evaluation in found.definitions.items():
        _print_evaluation(evaluation, name)
    if found.nesting:
        pairs = ", ".join(f"{pair['stricter']} in {pair['looser']}" for pair in found.nesting)
        typer.echo(f"nesting violations: {found.violations:,} ({pairs})")


def _match(
    left: Path, right: Path | None, output: Path, options: RunOptions, *, only_variant: bool
) -> None:
    from linkage.linker import Linker
    from linkage.resuming import Resuming, stages_beside

    _set_up_messages(options)
    options.refuse_with_model()
    check_folder(output, force=options.force)
    stages = Resuming(stages_beside(output), resume=options.resume)
    with _display(options) as display, stages as resuming:
        display("read")
        if options.model is not None:
            linker = Linker.load(_model_folder(options))
            config = _over_model(linker, options, display)
        else:
            config = options.to_config(only_variant=only_variant)
            linker = Linker(config, progress=display, resuming=resuming)
        left_table, right_table = _read_tables(left, right, config)
        labels, validation = _read_labels(config) if options.model is None else ({}, {})
        result = linker.match(left_table, right_table, labels or None, validation or None)
        display("write")
        result.write(
            output,
            force=options.force,
            with_columns=options.with_columns,
            report=not options.no_report,
        )
    report = output / "report.html"
    shown = f"\nreport: {report}" if report.is_file() else ""
    _say(options, f"{result.summary()}\nresults: {output}{shown}")


def _read_tables(
    left: Path | None, right: Path | None, config: Config
) -> tuple[pa.Table | None, pa.Table | None]:
    """Read the tables, and refuse at once a configuration that names columns they lack."""
    catalog = config.catalog
    tables = [
        None if path is None else read_table(path, id_column=catalog.id, encoding=catalog.encoding)
        for path in (left, right)
    ]
    columns = [name for table in tables if table is not None for name in table.column_names]
    if columns:
        config.check_columns(columns)
    return tables[0], tables[1]


def _read_labels(config: Config) -> tuple[dict[str, Labels], dict[str, Labels]]:
    """Read the labels to learn from and those to choose thresholds by, by match definition."""
    from linkage.definition_labels import label_files
    from linkage.labels import read_labels

    catalog = config.catalog
    labels, validation = (
        {
            name: read_labels(file, id_column=catalog.id, encoding=catalog.encoding)
            for name, file in files.items()
        }
        for files in label_files(config)
    )
    return labels, validation


def _model_folder(options: RunOptions) -> Path:
    from linkage.errors import ModelError

    assert options.model is not None
    if not options.model.is_dir():
        what = "is a file, not a folder" if options.model.exists() else "does not exist"
        raise ModelError(
            f"the model {options.model} {what}.",
            hint="Give the folder that linkage train --model DIR wrote.",
        )
    return options.model


def _over_model(linker: Any, options: RunOptions, display: StepDisplay) -> Config:
    """Let options overrule what a model's configuration says of the run, not of the model."""
    linker.config = options.over(linker.config)
    linker.progress = display
    config: Config = linker.config
    return config


def _in_order(wanted: pd.DataFrame, scored: pd.DataFrame, pairs: Path) -> pd.DataFrame:
    """Return the scores in the order of the pairs wanted; refuse if one has none."""
    keys = ["left_id", "right_id"]
    complete = wanted[keys].merge(scored, on=keys, how="left", validate="one_to_one")
    unscored = int(complete["score"].isna().sum())
    if unscored or len(scored) != len(wanted):
        raise LabelError(
            f"{pairs}: {unscored:,} of {len(wanted):,} pairs got no score.",
            hint="This should not happen; please report it.",
        )
    for name in wanted.columns:
        if name not in complete.columns:
            complete[name] = wanted[name].to_numpy()
    return complete


def _print_evaluation(evaluation: RunEvaluation, name: str = "") -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{name}. {evaluation.protocol}" if name else evaluation.protocol
    shown = Table(title=title, title_justify="left", show_header=False)
    shown.add_column()
    shown.add_column(justify="right")
    for metric, value in evaluation.rows:
        shown.add_row(metric, f"{value:,}" if isinstance(value, int) else f"{value:.4f}")
    Console().print(shown)


def _set_up_messages(options: RunOptions) -> None:
    """Let the library's log and warnings reach standard error as far as they are wanted."""
    level = logging.DEBUG if options.debug else logging.INFO if options.verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name in ("linkage", "blocking", "features"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.ERROR if options.quiet else level)
    if not options.debug:
        # Warnings of libraries are for their callers; ours are for the user.
        warnings.simplefilter("ignore")
        if not options.quiet:
            for name in ("linkage", "blocking", "features"):
                warnings.filterwarnings("default", module=rf"{name}\.")
        warnings.showwarning = _show_warning


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"warning: {message}", err=True)


def _display(options: RunOptions) -> StepDisplay:
    return StepDisplay(quiet=options.quiet, verbose=options.verbose)


def _say(options: RunOptions, text: str) -> None:
    if not options.quiet:
        typer.echo(text)
