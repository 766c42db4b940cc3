"""The commands and their arguments. A command imports what it runs when it is called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from linkage.cli.arguments import (
    CatalogArgument,
    DefinitionOption,
    GoldenOutput,
    GoldenTruthOption,
    HtmlOption,
    JsonOption,
    LeftArgument,
    ModelFolder,
    MovedCatalogOption,
    OptionalLeft,
    OptionalRight,
    OutFolder,
    PinsOption,
    ProtocolsOption,
    ResultsArgument,
    RightArgument,
    SeedsOption,
    ShopOption,
    SplitOption,
    StoredOption,
    SuiteArgument,
    TasksArgument,
    TasksOption,
    TruthDefinitionOption,
    TruthOption,
)
from linkage.cli.classify import classify_app
from linkage.cli.run_options import RunOptions
from linkage.cli.shared_options import shared_options
from linkage.cli.state_commands import add_state_commands
from linkage.cli.terminal_text import say
from linkage.cli.termination import Terminated, ends_in_order, flushed_output
from linkage.errors import LinkageError, shorten
from linkage.models.tree_library import leave_out_scikit_learn
from linkage.runtime import collect_garbage_seldom, share_memory
from linkage.version import __version__

__all__ = ["app", "main"]

#: Exit code of a run that the keyboard stopped: 128 and the number of SIGINT.
_INTERRUPTED = 130
_STOPPED = "interrupted: stopped before the end."

app = typer.Typer(
    name="linkage",
    help="Match product catalogs: find the offers that are one product, in one or two tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(classify_app, name="classify")


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
@shared_options(only=("id_column", "encoding", "delimiter", "skip_rows", "force", "debug"))
def profile(
    catalog: CatalogArgument,
    options: RunOptions,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a configuration to edit."),
    ] = None,
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each column holds; write a configuration to edit."""
    from linkage.cli.profile import run_profile

    run_profile(catalog, output, html, options, as_json=as_json)


@app.command()
@shared_options(without=("right_id",))
def dedupe(catalog: CatalogArgument, output: OutFolder, options: RunOptions) -> None:
    """Find the offers of one catalog that are one product."""
    from linkage.cli.commands import run_match

    run_match(catalog, None, output, options)


@app.command()
@shared_options()
def link(left: LeftArgument, right: RightArgument, output: OutFolder, options: RunOptions) -> None:
    """Find the offers of two catalogs that are one product."""
    from linkage.cli.commands import run_match

    run_match(left, right, output, options)


@app.command()
@shared_options(first=("ignore",), without=("right_id",))
def group(catalog: CatalogArgument, output: OutFolder, options: RunOptions) -> None:
    """Group the variants of a catalog: what matches once the --ignore columns are ignored."""
    from linkage.cli.commands import run_group

    run_group(catalog, output, options)


@app.command()
@shared_options(
    first=("labels", "validation"),
    without=("model", "resume", "with_columns", "no_report", "safe_csv", "state"),
)
def train(
    model: ModelFolder,
    options: RunOptions,
    left: OptionalLeft = None,
    right: OptionalRight = None,
) -> None:
    """Train a model and save it."""
    from linkage.cli.commands import run_train

    run_train(left, right, model, options)


@app.command()
@shared_options(
    only=(
        "id_column", "right_id", "encoding", "delimiter", "skip_rows",
        "threads", "force", "quiet", "verbose", "debug", "safe_csv",
    )
)  # fmt: skip
def score(
    left: LeftArgument,
    pairs: Annotated[Path, typer.Option(metavar="FILE", help="left_id, right_id of the pairs.")],
    model: ModelFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="CSV or Parquet file to write.")
    ],
    options: RunOptions,
    right: OptionalRight = None,
) -> None:
    """Score exactly the pairs of a file."""
    from linkage.cli.commands import run_score

    run_score(left, right, pairs, model, output, options)


@app.command()
@shared_options(only=("id_column", "encoding", "debug"))
def evaluate(
    folder: ResultsArgument,
    truth: TruthOption,
    options: RunOptions,
    definition: TruthDefinitionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the results of a run with the truth."""
    from linkage.cli.evaluate import run_evaluate

    run_evaluate(folder, truth, definition, options, as_json=as_json)


@app.command()
@shared_options(only=("force", "quiet", "verbose", "debug"))
def explain(
    folder: ResultsArgument,
    first: Annotated[
        str, typer.Argument(metavar="ID", help="A record (in a linkage also left:ID, right:ID).")
    ],
    options: RunOptions,
    second: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Another one; without it the first one's clusters."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page that opens by itself.")
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write plain data.")] = None,
    catalog: MovedCatalogOption = None,
) -> None:
    """Show why two records match or not, or what is in a record's cluster."""
    from linkage.cli.explain import run_explain

    run_explain(folder, first, second, options, catalogs=catalog or [], html=html, json=json)


@app.command()
@shared_options(only=("config", "encoding", "force", "safe_csv", "quiet", "verbose", "debug"))
def golden(
    folder: ResultsArgument,
    options: RunOptions,
    output: GoldenOutput = None,
    definition: DefinitionOption = None,
    pins: PinsOption = None,
    shop: ShopOption = None,
    truth: GoldenTruthOption = None,
    catalog: MovedCatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the records of each cluster together into one; export them to a shop."""
    from linkage.cli.golden import run_golden

    run_golden(
        folder,
        options,
        output=output,
        definition=definition,
        pins=pins,
        shop=shop,
        truths=truth or [],
        catalogs=catalog or [],
        as_json=as_json,
    )


@app.command()
@shared_options(only=("quality", "threads", "force", "quiet", "verbose", "debug"))
def challenge(
    suite: SuiteArgument,
    output: OutFolder,
    options: RunOptions,
    more: TasksArgument = None,
    tasks: TasksOption = None,
    protocols: ProtocolsOption = None,
    seeds: SeedsOption = 3,
    split: SplitOption = "test",
    as_stored: StoredOption = False,
) -> None:
    """Run every task of a suite, and write submissions and a leaderboard.

    Goes on where an earlier run of the same settings was stopped.
    """
    from linkage.cli.challenge import run_challenge_command

    run_challenge_command(
        suite,
        output,
        options,
        tasks=[*(tasks or []), *(more or [])],
        protocols=protocols or [],
        seeds=seeds,
        split=split,
        as_stored=as_stored,
    )


@app.command("warm-up")
@shared_options(only=("threads", "debug"))
def warm_up(options: RunOptions) -> None:
    """Compile the engine's kernels on all cores, so that the first run need not."""
    from linkage.cli.warm_up import run_warm_up

    run_warm_up(options.threads)


add_state_commands(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exits with 0 if all went well, 1 on an error, 2 where the usage or the configuration is at
    fault, 130 if interrupted, 143 or 129 if ended by SIGTERM or SIGHUP. Errors are printed
    without a traceback unless ``--debug`` is given.

    Args:
        arguments: Without the program's name; those of the process if not given.

    """
    given = sys.argv[1:] if arguments is None else arguments
    share_memory()
    collect_garbage_seldom()
    leave_out_scikit_learn()
    try:
        with ends_in_order(), flushed_output():
            app(args=given, prog_name="linkage")
    except LinkageError as error:
        if "--debug" in given:
            raise
        say(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except Terminated as end:
        say(f"ended by {end.signal}", err=True)
        raise
    except KeyboardInterrupt:
        say(_STOPPED, err=True)
        raise SystemExit(_INTERRUPTED) from None
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # as typer ends
            say(_STOPPED, err=True)
        raise
    except OSError as error:
        if "--debug" in given:
            raise
        place = "" if error.filename is None else f"{shorten(str(error.filename))}: "
        say(f"error: {place}{error.strerror or error}.", err=True)
        raise SystemExit(1) from None
    except MemoryError as error:
        if "--debug" in given:
            raise
        say("error: out of memory. Try --quality fast, or a machine with more.", err=True)
        raise SystemExit(1) from error
    except Exception as error:
        if "--debug" in given:
            raise
        text = f"{type(error).__name__}: {error}"
        say(
            f"error: this should not have happened ({text}).\n"
            "  Please report it with the output of the same command with --debug.",
            err=True,
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
