"""The command line. What the commands do is in :mod:`linkage.commands`, loaded when one runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from linkage import __version__
from linkage.cli_options import (
    CatalogArgument,
    ColumnsOption,
    ConfigOption,
    DebugOption,
    EncodingOption,
    ForceOption,
    HtmlOption,
    IdOption,
    IgnoreOption,
    JsonOption,
    LabelsOption,
    LeftArgument,
    ModelFolder,
    ModelOption,
    OptionalLeft,
    OptionalRight,
    OutFolder,
    PrecisionOption,
    ProtocolsOption,
    QualityOption,
    QuietOption,
    RecallOption,
    ReportOption,
    ResumeOption,
    RightArgument,
    SeedOption,
    SeedsOption,
    SplitOption,
    StoredOption,
    SuiteArgument,
    TasksArgument,
    TasksOption,
    ThreadsOption,
    ValidationOption,
    VerboseOption,
)
from linkage.environment import share_memory
from linkage.errors import LinkageError
from linkage.options import RunOptions
from linkage.tree_library import leave_out_scikit_learn

__all__ = ["app", "main"]

app = typer.Typer(
    name="linkage",
    help="Match product catalogs: find the offers that are one product, in one or two tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"linkage {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it, exit."),
    ] = False,
) -> None:
    """Match product catalogs: find the offers that are one product, in one or two tables."""


@app.command()
def profile(
    catalog: CatalogArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a configuration to edit."),
    ] = None,
    html: HtmlOption = None,
    as_json: JsonOption = False,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    force: ForceOption = False,
    debug: DebugOption = False,
) -> None:
    """Show what each column holds; write a configuration to edit."""
    from linkage.commands import run_profile

    run_profile(
        catalog, output, html=html, as_json=as_json,
        id_column=id_column, encoding=encoding, force=force,
    )  # fmt: skip


@app.command()
def dedupe(
    context: typer.Context,
    catalog: CatalogArgument,
    output: OutFolder,
    config: ConfigOption = None,
    labels: LabelsOption = None,
    validation: ValidationOption = None,
    model: ModelOption = None,
    ignore: IgnoreOption = None,
    precision: PrecisionOption = None,
    recall: RecallOption = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    quality: QualityOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    with_columns: ColumnsOption = False,
    no_report: ReportOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Find the offers of one catalog that are one product."""
    from linkage.commands import run_match

    run_match(catalog, None, output, RunOptions.from_values(context.params))


@app.command()
def link(
    context: typer.Context,
    left: LeftArgument,
    right: RightArgument,
    output: OutFolder,
    config: ConfigOption = None,
    labels: LabelsOption = None,
    validation: ValidationOption = None,
    model: ModelOption = None,
    ignore: IgnoreOption = None,
    precision: PrecisionOption = None,
    recall: RecallOption = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    quality: QualityOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    with_columns: ColumnsOption = False,
    no_report: ReportOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Find the offers of two catalogs that are one product."""
    from linkage.commands import run_match

    run_match(left, right, output, RunOptions.from_values(context.params))


@app.command()
def group(
    context: typer.Context,
    catalog: CatalogArgument,
    output: OutFolder,
    ignore: IgnoreOption = None,
    config: ConfigOption = None,
    labels: LabelsOption = None,
    validation: ValidationOption = None,
    model: ModelOption = None,
    precision: PrecisionOption = None,
    recall: RecallOption = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    quality: QualityOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    with_columns: ColumnsOption = False,
    no_report: ReportOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Group the variants of a catalog: what matches once the --ignore columns are ignored."""
    from linkage.commands import run_group

    run_group(catalog, output, RunOptions.from_values(context.params))


@app.command()
def train(
    context: typer.Context,
    model: ModelFolder,
    left: OptionalLeft = None,
    right: OptionalRight = None,
    labels: LabelsOption = None,
    validation: ValidationOption = None,
    config: ConfigOption = None,
    ignore: IgnoreOption = None,
    precision: PrecisionOption = None,
    recall: RecallOption = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    quality: QualityOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Train a model and save it."""
    from linkage.commands import run_train

    run_train(left, right, model, RunOptions.from_values(context.params))


@app.command()
def score(
    context: typer.Context,
    left: LeftArgument,
    pairs: Annotated[Path, typer.Option(metavar="FILE", help="left_id, right_id of the pairs.")],
    model: ModelFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="CSV or Parquet file to write.")
    ],
    right: OptionalRight = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Score exactly the pairs of a file."""
    from linkage.commands import run_score

    run_score(left, right, pairs, output, RunOptions.from_values(context.params))


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="Results folder of a run.")],
    truth: Annotated[
        list[str],
        typer.Option(
            metavar="[NAME=]FILE",
            help="Clusters (id, entity_id), all matches (left_id, right_id), or a split of "
            "labelled pairs (left_id, right_id, label). With several match definitions NAME=FILE "
            "for each.",
        ),
    ],
    definition: Annotated[
        str | None,
        typer.Option(
            "--definition", "--match", metavar="NAME", help="Of a --truth without a name."
        ),
    ] = None,
    id_column: IdOption = None,
    encoding: EncodingOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Compare the results of a run with the truth."""
    from linkage.commands import run_evaluate

    run_evaluate(folder, truth, definition, id_column=id_column, encoding=encoding, as_json=as_json)


@app.command()
def explain(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="Results folder of a run.")],
    first: Annotated[
        str, typer.Argument(metavar="ID", help="A record (in a linkage also left:ID, right:ID).")
    ],
    second: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Another one; without it the first one's clusters."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page that opens by itself.")
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write plain data.")] = None,
    catalog: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Where the catalog is now; the left table first."),
    ] = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Show why two records match or not, or what is in a record's cluster."""
    from linkage.explanation.command import run_explain

    run_explain(
        folder,
        first,
        second,
        catalogs=catalog or [],
        html=html,
        json=json,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )


@app.command()
def challenge(
    suite: SuiteArgument,
    output: OutFolder,
    more: TasksArgument = None,
    tasks: TasksOption = None,
    protocols: ProtocolsOption = None,
    quality: QualityOption = None,
    seeds: SeedsOption = 3,
    split: SplitOption = "test",
    as_stored: StoredOption = False,
    threads: ThreadsOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> None:
    """Run every task of a suite, and write submissions and a leaderboard.

    Goes on where an earlier run of the same settings was stopped.
    """
    from linkage.challenge.command import run_challenge_command

    run_challenge_command(
        suite,
        output,
        tasks=[*(tasks or []), *(more or [])],
        protocols=protocols or [],
        quality=quality,
        seeds=seeds,
        split=split,
        as_stored=as_stored,
        threads=threads,
        force=force,
        quiet=quiet,
        verbose=verbose,
        debug=debug,
    )


@app.command("warm-up")
def warm_up(threads: ThreadsOption = None, debug: DebugOption = False) -> None:
    """Compile all there is to compile, so that the first run need not."""
    from linkage.warm_up import run_warm_up

    run_warm_up(threads)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exits with 0 if all went well, 1 on an error, 2 where the usage or the configuration is at
    fault, 130 if interrupted. Errors are printed without a traceback unless ``--debug`` is given.

    Args:
        arguments: Without the program's name; those of the process if not given.

    """
    given = sys.argv[1:] if arguments is None else arguments
    share_memory()
    leave_out_scikit_learn()
    try:
        app(args=given, prog_name="linkage")
    except LinkageError as error:
        if "--debug" in given:
            raise
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        raise SystemExit(130) from None
    except MemoryError as error:
        if "--debug" in given:
            raise
        typer.echo("error: out of memory. Try --quality fast, or a machine with more.", err=True)
        raise SystemExit(1) from error
    except Exception as error:
        if "--debug" in given:
            raise
        text = f"{type(error).__name__}: {error}"
        typer.echo(
            f"error: this should not have happened ({text}).\n"
            "  Please report it with the output of the same command with --debug.",
            err=True,
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
