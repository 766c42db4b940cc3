"""What ``linkage decide``, ``linkage update`` and ``linkage changes`` do."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from linkage.cli.commands import set_up_messages
from linkage.cli.plain_console import PlainConsole
from linkage.cli.progress import StepDisplay
from linkage.cli.run_inputs import named_inputs, refuse_other_suffix
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.errors import ConfigError, InputError, shorten
from linkage.io.decision_tables import DIFFERENT, SAME, decision_table
from linkage.io.destination.claims import claim_files
from linkage.io.output import write_csv, write_file, write_table
from linkage.io.reading import read_plain_table
from linkage.state.catalog_state import CatalogState
from linkage.state.changes import changes, latest_match
from linkage.state.deciding import pairs_of_clusters
from linkage.state.decisions import add_decisions, read_decisions, undo_decision
from linkage.state.run_records import begin_run

if TYPE_CHECKING:
    import duckdb

__all__ = ["run_changes", "run_decide", "run_update"]

#: Events that the terminal shows; a file has all.
_SHOWN_EVENTS = 50
_SHOWN_RECORDS = 4
#: Characters of a line where there is no terminal.
_WIDTH = 160
_VERBS = ("same", "different", "split", "merge")


def run_decide(
    path: Path,
    ids: Sequence[str],
    options: RunOptions,
    *,
    verbs: Sequence[str],
    undo: int | None,
    read_from: Path | None,
    write_to: Path | None,
    definition: str | None,
    who: str | None,
    why: str | None,
) -> None:
    """Write decisions into a state, or out of it."""
    actions = [*verbs, *(name for name, value in
               (("undo", undo), ("import", read_from), ("export", write_to))
               if value is not None)]  # fmt: skip
    if len(actions) != 1:
        raise ConfigError(
            f"give one of --same, --different, --split, --merge, --undo, --import and --export, "
            f"got {' and '.join('--' + one for one in actions) or 'none'}.",
            where="command line",
        )
    if (actions[0] in _VERBS) != bool(ids):
        need = "needs ids" if actions[0] in _VERBS else "takes no ids"
        raise ConfigError(f"--{actions[0]} {need}.", where="command line")
    state = CatalogState.at(path)
    if write_to is not None:
        _export(state, write_to, options)
        return
    with state.reading():  # refuses what is no state before it is locked
        pass
    if read_from is not None:
        table = read_plain_table(read_from)
    with state.writing() as connection:
        run = begin_run(connection, "decide", _records(connection))
        if undo is not None:
            undo_decision(connection, undo, run)
            text = f"undone: decision {undo}"
        else:
            if read_from is not None:
                made = decision_table(table, str(read_from))
            elif actions[0] in ("split", "merge"):
                made = pairs_of_clusters(connection, ids, actions[0], definition)
            else:
                made = _one_pair(ids, SAME if actions[0] == "same" else DIFFERENT)
            for name, value in (("definition", definition), ("who", who), ("why", why)):
                if value is not None:
                    made[name] = made[name].where(made[name].notna(), value)
            numbers = add_decisions(connection, made, run)
            text = _summary(numbers, len(made))
    if not options.quiet:
        say(f"{text}\nDecisions hold from the next run with this state on.")


def run_changes(path: Path, since: int | None, output: Path | None, options: RunOptions) -> None:
    """List the events of a state after a run, in the terminal or into a file."""
    if output is not None:
        refuse_other_suffix(output)
    with claim_files(output, force=options.force, inputs=named_inputs(state=path)):
        with CatalogState.at(path).reading() as connection:
            latest = latest_match(connection)
            found = changes(connection, since)
        if output is not None:
            _write_changes(found, output, options)
    counts = found["kind"].value_counts()
    whole = ", ".join(f"{counts[kind]:,} {kind}" for kind in counts.index) or "no events"
    after = f"after run {since}" if since is not None else f"of run {latest}"
    if output is None:
        _print_changes(found)
    if not options.quiet:
        say(f"{after}: {whole}" + (f"\nchanges: {output}" if output is not None else ""))


def run_update(
    state: Path,
    new: Path | None,
    delete: Path | None,
    options: RunOptions,
    *,
    dry_run: bool,
    max_changed: float | None,
) -> None:
    """Bring a delta into a state, and list what changed."""
    from linkage.linker import Linker

    if new is None and delete is None:
        raise ConfigError("give NEW, --delete FILE or both.", where="command line")
    set_up_messages(options)
    with StepDisplay(quiet=options.quiet, verbose=options.verbose) as display:
        done = Linker.update(
            state,
            new,
            delete=delete,
            dry_run=dry_run,
            max_changed=max_changed,
            progress=display,
        )
    _print_changes(done.changes)
    if options.quiet:
        return
    rows = (
        f"{done.new:,} new, {done.changed:,} changed and {done.deleted:,} deleted records"
        + (f"; {done.unchanged:,} rows as they were" if done.unchanged else "")
        + (f"; {done.unknown:,} ids to delete are not there" if done.unknown else "")
    )
    ids = f"{done.moved:,} of {done.clusters:,} ids of clusters ended or lost records to others"
    end = f"run {done.run} of {state.name}" if done.run is not None else "nothing was written"
    say(f"{rows}\n{ids}\n{end}")


def _write_changes(found: pd.DataFrame, output: Path, options: RunOptions) -> None:
    if output.suffix.lower() == ".csv":
        lists = found["records"].map(lambda ids: "" if ids is None else " ".join(map(str, ids)))
        found = found.assign(records=lists)
    writer = write_table(found, output, safe=options.safe_csv)
    write_file(output, writer, force=options.force)


def _print_changes(found: pd.DataFrame) -> None:
    if not len(found):
        return
    shown = Table(show_edge=False)
    for name in ("run", "definition", "kind", "old id", "new id", "records", "cause"):
        shown.add_column(name, overflow="fold")
    for one in found.head(_SHOWN_EVENTS).to_dict("records"):
        ids = [] if one["records"] is None else list(one["records"])
        text = ", ".join(shorten(i, 24).strip("'\"") for i in ids[:_SHOWN_RECORDS])
        if len(ids) > _SHOWN_RECORDS:
            text += f" and {len(ids) - _SHOWN_RECORDS:,} more"
        cells = [one["run"], one["definition"], one["kind"], one["old_id"], one["new_id"], text]
        shown.add_row(*("" if cell is None else str(cell) for cell in cells), _cause(one))
    PlainConsole(width=None if sys.stdout.isatty() else _WIDTH).print(shown)
    if len(found) > _SHOWN_EVENTS:
        say(f"... and {len(found) - _SHOWN_EVENTS:,} more: -o FILE.csv writes them all.")


def _cause(one: Mapping[Hashable, Any]) -> str:
    """The cause of an event as a phrase."""
    cause = str(one["cause"])
    if pd.notna(one["decision"]):
        by = f" ({one['who']})" if one["who"] is not None else ""
        return f"{cause}{by}: decision {one['decision']}"
    if pd.notna(one["score"]):
        cause += f": {one['left_id']} and {one['right_id']}, {one['score']:.3f}"
    return cause


def _export(state: CatalogState, output: Path, options: RunOptions) -> None:
    with claim_files(output, force=options.force, inputs=named_inputs(state=state.path)):
        with state.reading() as connection:
            found = read_decisions(connection)
        write_file(output, write_csv(found, safe=options.safe_csv), force=options.force)
    if not options.quiet:
        say(f"{len(found):,} decisions: {output}")


def _one_pair(ids: Sequence[str], answer: str) -> pd.DataFrame:
    if len(ids) != 2:
        raise InputError(f"--{answer} needs two ids of records, got {len(ids)}.")
    row = {"left_id": [ids[0]], "right_id": [ids[1]], "answer": [answer]}
    return decision_table(pd.DataFrame(row), "command line")


def _records(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("SELECT count(*) FROM record WHERE retired_run IS NULL").fetchall()
    return int(rows[0][0])


def _summary(numbers: Sequence[int], given: int) -> str:
    known = f"; {given - len(numbers):,} were decided before" if len(numbers) < given else ""
    if not numbers:
        return f"nothing new{known}"
    span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"decided: {len(numbers):,} pairs (decision {span}){known}"
