"""The arguments of commands, and options of one or two of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CatalogArgument",
    "DefinitionOption",
    "GoldenOutput",
    "GoldenTruthOption",
    "HtmlOption",
    "JsonOption",
    "LeftArgument",
    "ModelFolder",
    "MovedCatalogOption",
    "OptionalLeft",
    "OptionalRight",
    "OutFolder",
    "PinsOption",
    "ProtocolsOption",
    "ResultsArgument",
    "RightArgument",
    "SeedsOption",
    "ShopOption",
    "SplitOption",
    "StoredOption",
    "SuiteArgument",
    "TasksArgument",
    "TasksOption",
    "TruthDefinitionOption",
    "TruthOption",
]

_TASK = "What to find"  # panel of --help
_FILE = "CSV, JSON Lines or Parquet file; - for standard input."

CatalogArgument = Annotated[Path, typer.Argument(metavar="CATALOG", help=_FILE)]
LeftArgument = Annotated[Path, typer.Argument(metavar="LEFT", help=_FILE)]
RightArgument = Annotated[Path, typer.Argument(metavar="RIGHT", help="The table to link it with.")]
OptionalLeft = Annotated[
    Path | None,
    typer.Argument(
        metavar="[LEFT]",
        help="The catalog; not needed if the labels hold the records.",
    ),
]
OptionalRight = Annotated[
    Path | None, typer.Argument(metavar="[RIGHT]", help="The table it is linked with, if any.")
]
OutFolder = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Results folder.")]

ModelFolder = Annotated[Path, typer.Option("--model", metavar="DIR", help="The model's folder.")]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page to look at.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

ResultsArgument = Annotated[Path, typer.Argument(metavar="OUT", help="Results folder of a run.")]
MovedCatalogOption = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Where the catalog is now; the left table first."),
]
GoldenOutput = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Folder of golden records; with --as a file."
    ),
]
DefinitionOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only of this match definition; with --as the parents'."),
]
PinsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Values that a person set: cluster_id, attribute, value; and who, why, definition.",
    ),
]
ShopOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="shopify|woocommerce|google", help="Write the file that a shop imports."
    ),
]
TruthOption = Annotated[
    list[str],
    typer.Option(
        metavar="[NAME=]FILE",
        help="Clusters (id, entity_id), all matches (left_id, right_id), or a split of labelled "
        "pairs (left_id, right_id, label). With several match definitions NAME=FILE for each.",
    ),
]
TruthDefinitionOption = Annotated[
    str | None,
    typer.Option("--definition", "--match", metavar="NAME", help="Of a --truth without a name."),
]
GoldenTruthOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]FILE",
        help="True values (id or cluster_id, and attributes): print the accuracy of each.",
    ),
]

SuiteArgument = Annotated[
    Path, typer.Argument(metavar="SUITE", help="Folder of task folders, or one task's folder.")
]
TasksArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[TASK]...", help="Only these tasks.")
]
TasksOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TASK", help="Only these; repeated or with commas.", rich_help_panel=_TASK
    ),
]
ProtocolsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Only these, such as pair-split or end-to-end-no-labels; all that a task's files "
        "allow if not given.",
        rich_help_panel=_TASK,
    ),
]
SeedsOption = Annotated[
    int, typer.Option(metavar="N", help="Runs of each labelled pair split.", rich_help_panel=_TASK)
]
SplitOption = Annotated[
    str,
    typer.Option(metavar="test|valid", help="The split that is judged.", rich_help_panel=_TASK),
]
StoredOption = Annotated[
    bool,
    typer.Option(
        "--as-stored",
        help="Learn from pairs of the judged split too, where train or valid hold them.",
        rich_help_panel=_TASK,
    ),
]
