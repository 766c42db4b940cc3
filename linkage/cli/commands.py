"""The commands that match, train and score, once their arguments are parsed."""

from __future__ import annotations

import contextlib
import logging
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from linkage.cli.progress import StepDisplay
from linkage.cli.run_inputs import named_inputs, refuse_other_suffix, run_inputs
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import MessageFormatter, say
from linkage.errors import ConfigError, LabelError, ModelError
from linkage.io.destination.claims import claim_files, claim_folder
from linkage.io.destination.folder_kinds import MODEL
from linkage.io.destination.protected import refuse_folder_over_inputs
from linkage.io.inputs import read_catalog
from linkage.io.output import write_file, write_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from linkage.config.authored import Config
    from linkage.io.label_files import Labels

__all__ = ["run_group", "run_match", "run_score", "run_train", "set_up_messages"]


def run_match(left: Path, right: Path | None, output: Path, options: RunOptions) -> None:
    """Find the matches of one table or between two, and write them."""
    _match(left, right, output, options, only_groups=False)


def run_group(catalog: Path, output: Path, options: RunOptions) -> None:
    """Find the groups of variants of one table, and write them."""
    _match(catalog, None, output, options, only_groups=True)


def run_train(left: Path | None, right: Path | None, model: Path, options: RunOptions) -> None:
    """Train a model and save it."""
    from linkage.linker import Linker

    set_up_messages(options)
    config = options.to_config()
    with (
        options.naming_the_file(),
        claim_folder(
            model,
            force=options.force,
            kind=MODEL,
            inputs=run_inputs(left, right, options, config),
        ),
        _display(options) as display,
    ):
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
    _say(options, f"{_rows_read(left_table, right_table)}model: {model}")


def run_score(
    left: Path,
    right: Path | None,
    pairs: Path,
    model: Path,
    output: Path,
    options: RunOptions,
) -> None:
    """Score exactly the pairs of a file, and write them in its order."""
    from linkage.io.label_files import read_pairs
    from linkage.io.pair_ids import check_pair_ids
    from linkage.linker import Linker

    set_up_messages(options)
    refuse_other_suffix(output)
    inputs = named_inputs(catalog=left, right_catalog=right, pairs=pairs, model=model)
    with (
        claim_files(output, force=options.force, inputs=inputs),
        _display(options) as display,
    ):
        display("read")
        linker = Linker.load(_model_folder(model))
        config = _over_model(linker, options, display)
        wanted = read_pairs(pairs, encoding=config.catalog.encoding)
        left_table, right_table = _read_tables(left, right, config)
        id_column = config.catalog.id or "id"
        check_pair_ids(
            wanted,
            left_table.column(id_column).to_numpy(),
            None
            if right_table is None
            else right_table.column(config.catalog.right_id or id_column).to_numpy(),
            where=str(pairs),
        )
        scored = linker.score(left_table, right_table, wanted[["left_id", "right_id"]])
        complete = _in_order(wanted, scored, pairs)
        display("write")
        writer = write_table(complete, output, safe=options.safe_csv)
        write_file(output, writer, force=options.force)
    read = _rows_read(left_table, right_table)
    _say(
        options,
        f"{read}{len(complete):,} pairs, {int(complete['match'].sum()):,} matches: {output}",
    )
    if "label" in complete.columns and not options.quiet:
        from linkage.cli.evaluate import print_evaluation
        from linkage.evaluation.run import evaluate_scored

        print_evaluation(evaluate_scored(complete))


def _match(
    left: Path, right: Path | None, output: Path, options: RunOptions, *, only_groups: bool
) -> None:
    from linkage.linker import Linker, resumable_linker
    from linkage.pipeline.resume import Resuming, stages_beside
    from linkage.state.catalog_state import CatalogState

    set_up_messages(options)
    options.refuse_with_model()
    config = options.to_config(only_groups=only_groups) if options.model is None else None
    with options.naming_the_file():
        inputs = run_inputs(left, right, options, config)
    stages = stages_beside(output)
    refuse_folder_over_inputs(stages, inputs)
    state = None if options.state is None else CatalogState.at(options.state)
    with (
        options.naming_the_file(),
        claim_folder(output, force=options.force, inputs=inputs),
        contextlib.nullcontext() if state is None else state.claimed(),
        _display(options) as display,
        Resuming(stages, resume=options.resume) as resuming,
    ):
        display("read")
        if options.model is not None:
            linker = Linker.load(_model_folder(options.model))
            config = _over_model(linker, options, display, only_groups=only_groups)
        else:
            assert config is not None
            linker = resumable_linker(config, display, resuming)
        left_table, right_table = _read_tables(left, right, config)
        labels, validation = _read_labels(config) if options.model is None else ({}, {})
        result = linker.match(
            left_table, right_table, labels or None, validation or None, state=options.state
        )
        display("write")
        resuming.writes(
            partial(
                result.write,
                output,
                force=options.force,
                with_columns=options.with_columns,
                report=not options.no_report,
                safe_csv=options.safe_csv,
            )
        )
    report = output / "report.html"
    shown = f"\nreport: {report}" if report.is_file() else ""
    _say(options, f"{result.summary()}\nresults: {output}{shown}")


@overload
def _read_tables(
    left: Path, right: Path | None, config: Config
) -> tuple[pa.Table, pa.Table | None]: ...


@overload
def _read_tables(
    left: Path | None, right: Path | None, config: Config
) -> tuple[pa.Table | None, pa.Table | None]: ...


def _read_tables(
    left: Path | None, right: Path | None, config: Config
) -> tuple[pa.Table | None, pa.Table | None]:
    """Read the tables, and refuse at once a configuration that names columns they lack."""
    tables = [
        None if path is None else read_catalog(path, config, id_column)
        for path, id_column in zip((left, right), config.catalog.ids, strict=True)
    ]
    columns = [name for table in tables if table is not None for name in table.column_names]
    if columns:
        config.check_columns(columns)
    return tables[0], tables[1]


def _rows_read(*tables: pa.Table | None) -> str:
    """Return a line of how many rows were read; empty if there was no table."""
    counts = [f"{table.num_rows:,}" for table in tables if table is not None]
    return f"{' and '.join(counts)} records\n" if counts else ""


def _read_labels(config: Config) -> tuple[dict[str, Labels], dict[str, Labels]]:
    """Read the labels to learn from and those to choose thresholds by, by match definition."""
    from linkage.io.label_files import read_labels
    from linkage.training.label_sets import label_files

    catalog = config.catalog
    labels, validation = (
        {
            name: read_labels(file, id_column=catalog.id, encoding=catalog.encoding)
            for name, file in files.items()
        }
        for files in label_files(config)
    )
    return labels, validation


def _model_folder(model: Path) -> Path:
    """Return a model's folder; refuse one that does not exist."""
    if not model.is_dir():
        what = "is a file, not a folder" if model.exists() else "does not exist"
        raise ModelError(
            f"the model {model} {what}.",
            hint="Give the folder that linkage train --model DIR wrote.",
        )
    return model


def _over_model(
    linker: Any, options: RunOptions, display: StepDisplay, *, only_groups: bool = False
) -> Config:
    """Return a model's configuration, overruled by options that concern the run alone."""
    linker.config = options.over(linker.config, only_groups=only_groups)
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


def set_up_messages(options: RunOptions) -> None:
    """Send log messages and warnings to standard error, at the level that options ask for."""
    level = logging.DEBUG if options.debug else logging.INFO if options.verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(MessageFormatter("%(message)s"))
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
    say(f"warning: {message}", err=True)


def _display(options: RunOptions) -> StepDisplay:
    return StepDisplay(quiet=options.quiet, verbose=options.verbose)


def _say(options: RunOptions, text: str) -> None:
    if not options.quiet:
        say(text)
