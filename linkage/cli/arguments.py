"""The arguments and options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CatalogArgument",
    "ColumnsOption",
    "ConfigOption",
    "DebugOption",
    "EncodingOption",
    "ForceOption",
    "HtmlOption",
    "IdOption",
    "IgnoreOption",
    "JsonOption",
    "LabelsOption",
    "LeftArgument",
    "ModelFolder",
    "ModelOption",
    "OptionalLeft",
    "OptionalRight",
    "OutFolder",
    "PrecisionOption",
    "ProtocolsOption",
    "QualityOption",
    "QuietOption",
    "RecallOption",
    "ReportOption",
    "ResumeOption",
    "RightArgument",
    "SeedOption",
    "SeedsOption",
    "SplitOption",
    "StoredOption",
    "SuiteArgument",
    "TasksArgument",
    "TasksOption",
    "ThreadsOption",
    "ValidationOption",
    "VerboseOption",
]

_INPUT, _TASK, _RUN = "Input", "What to find", "Run"

CatalogArgument = Annotated[Path, typer.Argument(metavar="CATALOG", help="CSV or Parquet file.")]
LeftArgument = Annotated[Path, typer.Argument(metavar="LEFT", help="CSV or Parquet file.")]
RightArgument = Annotated[Path, typer.Argument(metavar="RIGHT", help="The table to link it with.")]
OptionalLeft = Annotated[
    Path | None,
    typer.Argument(
        metavar="[LEFT]", help="CSV or Parquet file; not needed if the labels hold the records."
    ),
]
OptionalRight = Annotated[
    Path | None, typer.Argument(metavar="[RIGHT]", help="The table it is linked with, if any.")
]
OutFolder = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Results folder.")]

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="TOML.", rich_help_panel=_TASK),
]
LabelsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]FILE",
        help="Pairs (left_id, right_id, label), groups (labeling_set_id, label) or clusters "
        "(id, cluster_id) to learn from; of the strictest match definition, or of the one named; "
        "may be repeated.",
        rich_help_panel=_TASK,
    ),
]
ValidationOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]FILE",
        help="More labels, not learned from, that choose the threshold.",
        rich_help_panel=_TASK,
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Use a trained model.", rich_help_panel=_TASK),
]
ModelFolder = Annotated[Path, typer.Option("--model", metavar="DIR", help="The model's folder.")]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Also find variants: rows that match once this column is ignored; may be repeated.",
        rich_help_panel=_TASK,
    ),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(metavar="P", help="Aim at this precision.", rich_help_panel=_TASK),
]
RecallOption = Annotated[
    float | None,
    typer.Option(metavar="R", help="Aim at this recall.", rich_help_panel=_TASK),
]
IdOption = Annotated[
    str | None,
    typer.Option("--id", metavar="COLUMN", help='Unique ids ("id").', rich_help_panel=_INPUT),
]
EncodingOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help='Of CSV files ("utf-8").', rich_help_panel=_INPUT),
]
QualityOption = Annotated[
    str | None,
    typer.Option(metavar="auto|fast|balanced|best", help="Evidence used.", rich_help_panel=_RUN),
]
SeedOption = Annotated[int | None, typer.Option(metavar="N", rich_help_panel=_RUN)]
ThreadsOption = Annotated[
    int | None, typer.Option(metavar="N", help="All cores if not given.", rich_help_panel=_RUN)
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace earlier results.", rich_help_panel=_RUN)
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on where a killed run with this output was; keep its stages for the next.",
        rich_help_panel=_RUN,
    ),
]
ColumnsOption = Annotated[
    bool,
    typer.Option(
        "--with-columns", help="The catalog's columns in clusters.csv.", rich_help_panel=_RUN
    ),
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page to look at.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ReportOption = Annotated[
    bool, typer.Option("--no-report", help="Without report.html.", rich_help_panel=_RUN)
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors.", rich_help_panel=_RUN)
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Every step.", rich_help_panel=_RUN)
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Tracebacks for errors.", rich_help_panel=_RUN)
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
