"""The commands of ``linkage classify``, and what they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkage.cli.arguments import CatalogArgument, JsonOption
from linkage.cli.run_options import RunOptions
from linkage.cli.shared_options import shared_options

if TYPE_CHECKING:
    import pandas as pd

    from linkage.classify.classifier import Classifier

__all__ = ["classify_app"]

_READING = ("id_column", "encoding", "delimiter", "skip_rows")
_RUNNING = ("threads", "force", "quiet", "verbose", "debug")

classify_app = typer.Typer(
    help="Learn the value of a column, such as a product type, and predict it.",
    no_args_is_help=True,
)

ClassifierFolder = Annotated[
    Path, typer.Option("--model", metavar="DIR", help="The classifier's folder.")
]
TableFile = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="CSV or Parquet file to write.")
]


@classify_app.command()
@shared_options(only=("config", *_READING, "quality", "seed", *_RUNNING))
def train(
    catalog: CatalogArgument,
    target: Annotated[str, typer.Option(metavar="COLUMN", help="The column to predict.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="MODEL", help="Folder of the classifier.")
    ],
    options: RunOptions,
) -> None:
    """Learn to predict a column of a catalog, and save what was learned."""
    from linkage.classify.classifier import Classifier
    from linkage.cli.commands import set_up_messages
    from linkage.cli.progress import StepDisplay
    from linkage.cli.run_inputs import named_inputs
    from linkage.cli.terminal_text import say
    from linkage.io.destination.claims import claim_folder
    from linkage.io.destination.folder_kinds import CLASSIFIER
    from linkage.io.inputs import read_catalog

    set_up_messages(options)
    config = options.to_config()
    inputs = named_inputs(catalog=catalog, configuration=options.config)
    with (
        options.naming_the_file(),
        claim_folder(output, force=options.force, kind=CLASSIFIER, inputs=inputs),
        StepDisplay(quiet=options.quiet, verbose=options.verbose) as display,
    ):
        display("read", None)
        table = read_catalog(catalog, config, config.catalog.id)
        model = Classifier(config, display).fit(table, target)
        display("write", None)
        model.save(output, force=options.force)
    if not options.quiet:
        assert model.fitted_ is not None
        figures = model.fitted_.held_out
        say(f"{table.num_rows:,} records, {len(model.classes):,} classes")
        say(f"out of fold: {_line(figures)}")
        say(f"model: {output}")


@classify_app.command()
@shared_options(only=(*_READING, *_RUNNING, "safe_csv"))
def predict(
    catalog: CatalogArgument,
    model: ClassifierFolder,
    output: TableFile,
    options: RunOptions,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="A column for each class, too.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="What each attribute contributes, too.")
    ] = False,
) -> None:
    """Predict the class of each row: its id, class and probability."""
    from linkage.cli.commands import set_up_messages
    from linkage.cli.run_inputs import named_inputs, refuse_other_suffix
    from linkage.cli.terminal_text import say
    from linkage.io.destination.claims import claim_files
    from linkage.io.output import write_file, write_table

    set_up_messages(options)
    refuse_other_suffix(output)
    with claim_files(
        output, force=options.force, inputs=named_inputs(catalog=catalog, model=model)
    ):
        classifier, table = _loaded(model, catalog, options)
        found: pd.DataFrame = classifier.predict(table, probabilities=probabilities)
        if explain:
            why = classifier.explain(table).drop(columns="class").add_prefix("contribution: ")
            found = found.join(why.reset_index(drop=True))
        writer = write_table(found, output, safe=options.safe_csv)
        write_file(output, writer, force=options.force)
    if not options.quiet:
        say(f"{len(found):,} records, {found['class'].nunique():,} classes: {output}")


@classify_app.command()
@shared_options(only=(*_READING, "threads", "quiet", "verbose", "debug"))
def evaluate(
    catalog: CatalogArgument,
    model: ClassifierFolder,
    options: RunOptions,
    as_json: JsonOption = False,
) -> None:
    """Compare predictions with the classes that a catalog has."""
    from linkage.cli.commands import set_up_messages
    from linkage.cli.terminal_text import say
    from linkage.io.output import plain_json

    set_up_messages(options)
    classifier, table = _loaded(model, catalog, options)
    figures = classifier.evaluate(table)
    if as_json:
        say(json.dumps(plain_json(figures), indent=2))
        return
    unseen = int(figures["unseen"])
    say(f"{figures['rows']:,} rows: {_line(figures)}")
    for level in figures.get("levels", ()):
        say(
            f"level {int(level['level'])}: accuracy {level['accuracy']:.1%} of "
            f"{int(level['rows']):,} rows"
        )
    if unseen:
        say(f"{unseen:,} rows are of classes that the model does not know")


def _loaded(model: Path, catalog: Path, options: RunOptions) -> tuple[Classifier, Any]:
    """The classifier, with the options that concern the run alone, and the catalog."""
    from linkage.classify.classifier import Classifier
    from linkage.io.inputs import read_catalog

    classifier = Classifier.load(model)
    classifier.config = options.over(classifier.config)
    return classifier, read_catalog(catalog, classifier.config, classifier.config.catalog.id)


def _line(figures: dict[str, Any]) -> str:
    """Accuracy, macro F1 and log loss in one line."""
    loss = figures.get("log_loss")
    shown = "" if loss is None else f", log loss {loss:.3f}"
    return f"accuracy {figures['accuracy']:.1%}, macro F1 {figures['macro_f1']:.1%}{shown}"
