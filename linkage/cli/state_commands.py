"""The commands on a state: their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linkage.cli.run_options import RunOptions
from linkage.cli.shared_options import shared_options

__all__ = ["add_state_commands"]

_State = Annotated[Path, typer.Argument(metavar="STATE", help="File given with --state to a run.")]


def add_state_commands(app: typer.Typer) -> None:
    """Add ``decide``, ``update`` and ``changes`` to an application."""
    app.command()(decide)
    app.command()(update)
    app.command()(changes)


@shared_options(only=("force", "quiet", "safe_csv", "debug"))
def decide(
    state: _State,
    options: RunOptions,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Records; of --split and --merge also clusters."),
    ] = None,
    same: Annotated[bool, typer.Option("--same", help="Two records are the same.")] = False,
    different: Annotated[bool, typer.Option("--different", help="They are not.")] = False,
    split: Annotated[
        bool,
        typer.Option(
            "--split", help="These records leave their cluster; a cluster falls apart whole."
        ),
    ] = False,
    merge: Annotated[bool, typer.Option("--merge", help="These come together.")] = False,
    undo: Annotated[int | None, typer.Option(metavar="N", help="Undo this decision.")] = None,
    read_from: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="left_id, right_id, answer[, definition, who, when, why].",
        ),
    ] = None,
    write_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Decisions that hold, as CSV.")
    ] = None,
    definition: Annotated[
        str | None, typer.Option(metavar="NAME", help="Match definition (the strictest).")
    ] = None,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides.")] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="The reason.")] = None,
) -> None:
    """Decide that records are the same or different, whatever their scores."""
    from linkage.cli.state import run_decide

    given = {"same": same, "different": different, "split": split, "merge": merge}
    run_decide(
        state,
        ids or [],
        options,
        verbs=[name for name, wanted in given.items() if wanted],
        undo=undo,
        read_from=read_from,
        write_to=write_to,
        definition=definition,
        who=who,
        why=why,
    )


@shared_options(only=("quiet", "verbose", "debug"))
def update(
    state: _State,
    options: RunOptions,
    new: Annotated[
        Path | None,
        typer.Argument(metavar="[NEW]", help="Rows that are new, or replace those of their id."),
    ] = None,
    delete: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Ids of rows that are no more.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    max_changed: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Refuse where more than this share of the ids of clusters would change.",
        ),
    ] = None,
) -> None:
    """Bring new, changed and deleted rows into a state, at a cost in proportion to them."""
    from linkage.cli.state import run_update

    run_update(state, new, delete, options, dry_run=dry_run, max_changed=max_changed)


@shared_options(only=("force", "quiet", "safe_csv", "debug"))
def changes(
    state: _State,
    options: RunOptions,
    since: Annotated[
        int | None,
        typer.Option(metavar="RUN", help="Events after this run (of the latest); 0 lists all."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="CSV or Parquet file to write."),
    ] = None,
) -> None:
    """List what changed in the clusters: created, grew, merged, split, moved, retired."""
    from linkage.cli.state import run_changes

    run_changes(state, since, output, options)
